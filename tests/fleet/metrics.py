#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `muxdiag check --format prometheus` prints of every scenario, beside the JSON of the same.

Without promtool what that says is left out, and said.
Exit status: 0 passed, 1 failed.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent
TOOLS = TESTS.parent / "build" / "tools"
PROMTOOL = shutil.which("promtool", path=f"{os.environ['PATH']}:{TOOLS}")
SAMPLE = re.compile(r'muxdiag_check_([a-z_]+)\{((?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*",?)+)\} (-?[0-9.]+)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\\n]|\\[\\"n])*)"')
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


def muxdiag(*arguments):
    run = subprocess.run([os.environ["MUXDIAG"], "check", *arguments], capture_output=True,
                         stdin=subprocess.DEVNULL, check=False, text=True)
    assert run.returncode <= 3 and not run.stderr, f"ended with {run.returncode}: {run.stderr}"
    return run.stdout


def parse(text):
    """Samples, as {(metric, labels): value}; fails for what the collector would refuse."""
    samples, families, family = {}, set(), None
    assert text.endswith("\n"), "the last line has no end"
    for line in text.splitlines():
        if line.startswith("# HELP muxdiag_check_"):
            family = line.split()[2].removeprefix("muxdiag_check_")
            assert family not in families, f"{family} is in two places"
            families.add(family)
            continue
        if line.startswith("# TYPE "):
            assert line == f"# TYPE muxdiag_check_{family} gauge", line
            continue
        found = SAMPLE.fullmatch(line)
        assert found and found[1] == family, f"no sample of {family}: {line}"
        labels = {name: re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], value)
                  for name, value in LABEL.findall(found[2])}
        key = found[1], frozenset(labels.items())
        assert key not in samples, f"twice: {line}"
        samples[key] = float(found[3])
    return samples


def expected(report):
    """The same samples, from the JSON."""
    samples = {}

    def add(metric, value, **labels):
        key = metric, frozenset({"target": report["target"], **labels}.items())
        samples[key] = min(samples.get(key, value), value)

    add("status", report["exit_status"])
    add("ok", int(report["status"] == "ok"))
    add("gaps", len(report["gaps"]))
    for finding in report["findings"]:
        add("finding", 1, id=finding["id"], severity=finding["severity"])
    for endpoint in report["endpoints"]:
        if endpoint["works"] != "unknown":
            add("endpoint_works", int(endpoint["works"] == "yes"),
                **{key: endpoint[key] for key in ("name", "address", "family")})
    for client in report["clients"]:
        if client["works"] != "unknown":
            add("client_works", int(client["works"] == "yes"), client=client["name"])
            add("client_seconds", client["after_ms"] / 1000, client=client["name"])
    machine = report["machine"]
    add("timestamp_seconds", machine["time_unix_s"])
    add("info", 1, version=report["muxdiag_version"], kernel=machine["kernel"],
        hostname=machine["host_name"])
    return samples


def check(folder):
    bundle = ("--replay", str(folder / "bundle"))
    text = muxdiag("--format", "prometheus", *bundle)
    got, wanted = parse(text), expected(json.loads(muxdiag("--json", *bundle)))
    assert got == wanted, f"not the JSON's: {set(got.items()) ^ set(wanted.items())}"
    if PROMTOOL:
        run = subprocess.run([PROMTOOL, "check", "metrics"], input=text, capture_output=True,
                             text=True, check=False)
        assert run.returncode == 0, f"promtool: {run.stdout}{run.stderr}"


def main():
    folders = sorted(path.parent for path in TESTS.glob("scenarios/*/bundle"))
    assert folders, "there is no scenario"
    for folder in folders:
        try:
            check(folder)
        except AssertionError as error:
            print(f"FAILED {folder.name}: {error}")
            return 1
    print(f"{len(folders)} scenarios" + ("" if PROMTOOL else "; SKIPPED promtool, it is not there"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
