#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The Kubernetes manifests, without a cluster.

    manifest.py check FILE...                       what a container may do, and what it must not
    manifest.py run FILE CONTAINER ROOT VOLUMES [NAME=VALUE...]
        becomes that container in the folder ROOT, with its volumes from VOLUMES/<name>, its user,
        capabilities and environment; in a mount namespace of its own

Exit status of check: 0, 1, or 77 without python3-yaml.
"""
import os
import subprocess
import sys

try:
    import yaml
except ImportError:
    print("SKIPPED: there is no python3-yaml")
    sys.exit(77)

# Containers that may have a capability, and which.
CAPABLE = {"muxdiag": ["NET_ADMIN"]}


def load(path):
    with open(path, encoding="utf-8") as file:
        return list(yaml.safe_load_all(file))


def pod_of(document):
    spec = document["spec"]
    if "template" in spec:
        assert spec["selector"]["matchLabels"].items() <= \
            spec["template"]["metadata"]["labels"].items(), "the selector selects nothing"
        spec = spec["template"]["spec"]
    return spec


def containers_of(pod):
    return pod.get("initContainers", []) + pod["containers"]


def context_of(pod, container):
    """What the container may do: what the pod says, and what it says itself."""
    return pod.get("securityContext", {}) | container["securityContext"]


def check_container(pod, container):
    context = context_of(pod, container)
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"]["drop"] == ["ALL"]
    assert context["capabilities"].get("add", []) == CAPABLE.get(container["name"], [])
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert "privileged" not in context
    assert context.get("runAsNonRoot") is True or container["name"] in CAPABLE
    assert container["resources"]["limits"].keys() == {"cpu", "memory"}
    assert all(isinstance(word, str) for word in
               container["command"] + container.get("args", [])), "a word is no string"
    mounted = [mount["name"] for mount in container.get("volumeMounts", [])]
    assert set(mounted) == {volume["name"] for volume in pod.get("volumes", [])}
    for variable in container.get("env", []):
        assert isinstance(variable["value"], str)
    for volume in pod.get("volumes", []):
        writable = [mount["name"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
        assert volume["name"] == "textfile" or volume["name"] not in writable


def check(paths):
    for path in paths:
        for document in load(path):
            pod = pod_of(document)
            assert pod["automountServiceAccountToken"] is False
            names = [container["name"] for container in containers_of(pod)]
            assert len(set(names)) == len(names)
            for container in containers_of(pod):
                try:
                    check_container(pod, container)
                except (AssertionError, KeyError) as error:
                    sys.exit(f"{path}: {container['name']}: {error!r}")


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True)


def run(path, name, root, volumes, *changed):
    for document in load(path):
        pod = pod_of(document)
        for container in containers_of(pod):
            if container["name"] == name:
                become(pod, container, root, volumes, changed)
    sys.exit(f"{path} has no container {name}")


def become(pod, container, root, volumes, changed):
    context = context_of(pod, container)
    if context["readOnlyRootFilesystem"]:
        mount("--rbind", root, root)
        mount("-o", "remount,bind,ro", root)
    for volume in container.get("volumeMounts", []):
        place = root + volume["mountPath"]
        mount("--bind", os.path.join(volumes, volume["name"]), place)
        if volume.get("readOnly"):
            mount("-o", "remount,bind,ro", place)
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    environment |= {variable["name"]: variable["value"] for variable in container.get("env", [])}
    environment |= dict(change.split("=", 1) for change in changed)
    kept = ["+" + name.lower() for name in context["capabilities"].get("add", [])]
    user, group = str(context["runAsUser"]), str(context["runAsGroup"])
    os.execvpe("chroot", ["chroot", root, "/usr/bin/setpriv", "--no-new-privs", "--inh-caps=-all",
                          "--bounding-set=" + ",".join(["-all", *kept]), "--clear-groups",
                          "--regid", group, "--reuid", user, "--",
                          *container["command"], *container.get("args", [])], environment)


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "check":
        check(sys.argv[2:])
    elif len(sys.argv) > 5 and sys.argv[1] == "run":
        run(*sys.argv[2:])
    else:
        sys.exit(__doc__)


main()
