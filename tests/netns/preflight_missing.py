#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes sources away from the recording of a preflight that found nothing wrong, one by one and as
other machines lack them, and replays it: nothing crashes, and nothing is accused for want of a
source. `preflight_missing.py MUXDIAG FOLDER`; prints what failed."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

# Of the machine that the tests run on, which they cannot mend.
NOISE = {"busy", "steal", "governor", "clock-source", "free-memory", "processor-quota", "memory-quota",
         "congestion-control", "server-build", "run-client", "run-steal", "run-throttled",
         "run-processors"}
if len(os.sched_getaffinity(0)) == 1:
    NOISE.add("processors")


class Recording:
    """A copy of the recording, to be changed."""

    def __init__(self, source):
        self.folder = tempfile.mkdtemp(dir=os.path.dirname(os.path.abspath(source)))
        # Nothing is written into a file that is there, so that links are enough.
        shutil.copytree(source, self.folder, dirs_exist_ok=True, copy_function=os.link)
        with open(self.path("manifest.json"), encoding="utf-8") as file:
            self.manifest = json.load(file)
        os.remove(self.path("manifest.json"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def entries(self, pattern):
        return [entry for entry in self.manifest["entries"] if re.fullmatch(pattern, entry["name"])]

    def files(self, pattern):
        return [entry for entry in self.entries(pattern) if "file" in entry]

    def drop(self, pattern):
        gone = self.entries(pattern)
        self.manifest["entries"] = [entry for entry in self.manifest["entries"] if entry not in gone]
        return self

    def fail(self, pattern, error):
        for entry in self.entries(pattern):
            entry.pop("file", None)
            entry["error"] = errno.errorcode[error]
        return self

    def put(self, name, text):
        self.drop(re.escape(name))
        os.makedirs(os.path.dirname(self.path("new/" + name)), exist_ok=True)
        with open(self.path("new/" + name), "w", encoding="utf-8") as file:
            file.write(text)
        self.manifest["entries"].append({"name": name, "file": "new/" + name})
        return self

    def edit(self, pattern, old, new):
        for entry in self.files(pattern):
            with open(self.path(entry["file"]), encoding="utf-8") as file:
                self.put(entry["name"], re.sub(old, new, file.read()))
        return self


def replay(program, recording):
    """Returns what is accused, or None when the program failed."""
    with open(recording.path("manifest.json"), "w", encoding="utf-8") as file:
        json.dump(recording.manifest, file)
    run = subprocess.run([program, "preflight", "--json", "--replay", recording.folder],
                         capture_output=True, check=False, timeout=30)
    if run.returncode == 64 and b"holds no preflight" in run.stderr:
        return set()
    if run.returncode not in (0, 1, 2, 3) or run.stderr:
        print(f"status {run.returncode}: {run.stderr.decode(errors='replace')[:2000]}")
        return None
    report = json.loads(run.stdout)
    found = report["findings"] + (report["run"] or {"findings": []})["findings"]
    return {f"{finding['id']} ({finding['title']})" for finding in found
            if finding["fitness"] in ("warning", "fail") and finding["id"] not in NOISE}


def other_machines():
    """What a recording of another kind of machine would have in it, and what it lacks."""
    cpus = r"process/[^/]+/status"
    yield "no /sys, as in some containers", lambda r: r.drop("file/sys/.*").fail(
        "preflight/hardware", errno.ENOENT)
    yield "hidepid=2, without privilege", lambda r: r.drop("process/[0-9]+/.*").put("processes", "")
    yield "no conntrack", lambda r: r.fail("sysctl/net/netfilter/.*", errno.ENOENT).edit(
        "preflight/reach", r"conntrack_(before|with)=\S+", r"conntrack_\1=-1")
    yield "no PSI", lambda r: r.fail("file/proc/pressure/.*", errno.ENOENT)
    yield "no control groups", lambda r: r.fail("process/[^/]+/quota", errno.ENOENT)
    yield "control groups of version 1", lambda r: r.put(
        "process/self/quota",
        "path=/ file=cpu.cfs_quota_us text=-1\npath=/ file=cpu.cfs_period_us text=100000\n"
        "path=/ file=cpu.stat text=nr_periods%200%0Anr_throttled%200%0Athrottled_time%200\n"
        "path=/ file=memory.limit_in_bytes text=9223372036854771712\n"
        "path=/ file=memory.usage_in_bytes text=1000\npath=/ file=pids.max text=max\n")
    yield "64 processors", lambda r: r.put(
        "file/sys/devices/system/cpu/online", "0-63\n").edit(
            cpus, r"Cpus_allowed_list:.*", "Cpus_allowed_list:\t0-63")
    yield "5000 processors", lambda r: r.put(
        "file/sys/devices/system/cpu/online", "0-4999\n").edit(
            cpus, r"Cpus_allowed_list:.*", "Cpus_allowed_list:\t0-4999")
    yield "a file of frequencies", lambda r: r.put(
        "file/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n").put(
            "file/sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference", "default\n")
    yield "no /proc/sys", lambda r: r.fail("sysctl/.*", errno.ENOENT)
    yield "no names of services", lambda r: r.fail("file/etc/(nsswitch|gai|host)[.]conf",
                                                   errno.ENOENT).drop("name-services")
    yield "no netlink", lambda r: r.fail("netlink/.*|nft/.*|xtables/.*", errno.EPERM)
    yield "a server that is gone", lambda r: r.drop("processes")
    yield "nothing of the run", lambda r: r.drop("run/.*")
    yield "only the summary of the run", lambda r: r.drop("run/(before|after|output).*")


def main(program, source):
    whole = Recording(source)
    expected = replay(program, whole)
    names = [entry["name"] for entry in whole.manifest["entries"]]
    shutil.rmtree(whole.folder)
    if expected != set():
        print(f"with all sources: {expected}")
        return 1
    changes = [(f"{how} {name}", change) for name in names for how, change in (
        ("without", lambda r, n=name: r.drop(re.escape(n))),
        ("denied", lambda r, n=name: r.fail(re.escape(n), errno.EACCES)))]
    bad = 0
    for title, change in changes + list(other_machines()):
        recording = change_recording(source, change)
        found = replay(program, recording)
        shutil.rmtree(recording.folder)
        if found != set():
            print(f"{title}: {', '.join(sorted(found or ['failed']))}")
            bad += 1
    print(f"{len(changes)} changes of {len(names)} sources, {bad} failed")
    return bad != 0


def change_recording(source, change):
    recording = Recording(source)
    change(recording)
    return recording


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
