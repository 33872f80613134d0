#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What `muxdiag summarize` counts, beside what Python counts in the same files, and what it says of
files that are broken, hostile or not there.

Exit status: 0 passed, 1 failed.
"""
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

TESTS = pathlib.Path(__file__).resolve().parent.parent
SCHEMA = TESTS.parent / "contrib/schema/muxdiag-summary.schema.json"
SEVERITIES = ["info", "unknown", "warning", "critical"]
STATUSES = ["ok", "warning", "unknown", "fails"]
N_HOSTS = 200


def run(*arguments, given=None):
    """Exit status, standard output, lines of standard error."""
    # A sanitizer's complaint must not look like an answer.
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "ASAN_OPTIONS": "exitcode=99"}
    done = subprocess.run([os.environ["MUXDIAG"], "summarize", *map(str, arguments)], check=False,
                          input=given or b"", capture_output=True, env=environment, timeout=100)
    return done.returncode, done.stdout.decode(), done.stderr.decode().splitlines()


def summary_of(*arguments, given=None):
    status, output, complaints = run("--json", *arguments, given=given)
    assert status <= 3, f"ended with {status}: {complaints}"
    summary = json.loads(output)
    assert summary["exit_status"] == status
    assert [f"muxdiag: not read: {one['source']}: {one['text']}" for one in summary["unread"]] \
        == complaints
    return summary


def equal(what, got, wanted):
    assert got == wanted, f"{what}: {got!r}, not {wanted!r}"


def scenarios():
    return {path.parent.name: json.loads(path.read_text())
            for path in sorted(TESTS.glob("scenarios/*/expect.json"))}


def check_counts(summary, reports):
    """The summary is that of these reports, by host."""
    causes = {}
    for host, report in reports.items():
        for finding in report["findings"]:
            cause = causes.setdefault(finding["id"], {"hosts": set(), "severity": "info"})
            cause["hosts"].add(host)
            cause["severity"] = max(cause["severity"], finding["severity"], key=SEVERITIES.index)
    equal("hosts", [host["name"] for host in summary["hosts"]], sorted(reports))
    for host in summary["hosts"]:
        report = reports[host["name"]]
        equal(host["name"], (host["status"], host["n_causes"]),
              (report["status"], len({finding["id"] for finding in report["findings"]})))
    statuses = [report["status"] for report in reports.values()]
    equal("statuses", summary["n_of_status"], {name: statuses.count(name) for name in STATUSES})
    equal("status", summary["status"], max(statuses, key=STATUSES.index))
    equal("causes", {cause["id"]: (set(cause["hosts"]), cause["severity"])
                     for cause in summary["causes"]},
          {name: (cause["hosts"], cause["severity"]) for name, cause in causes.items()})
    order = [-cause["n_hosts"] for cause in summary["causes"]]
    equal("the order of causes", order, sorted(order))


def make_fleet(folder, sources):
    """Many hosts: a file each, folders of them, and files of many; returns the reports by host."""
    chance = random.Random(4)
    reports = {}
    for number in range(N_HOSTS):
        report = json.loads(json.dumps(chance.choice(sources)))
        host = report["machine"]["host_name"] = f"host{number:03}.example"
        reports[host] = report
        indent = chance.choice([None, 2])
        text = json.dumps(report, indent=indent, ensure_ascii=chance.random() < 0.5) + "\n"
        if number % 3 == 0:
            place = folder / "many.jsonl"
        elif number % 3 == 1:
            place = folder / f"rack{number % 7}" / f"{number}.json"
        else:
            place = folder / f"{number}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("a") as file:
            file.write(text)
    (folder / "README").write_text("no result, and not taken for one")
    return reports


def test_many_hosts(work):
    folder = work / "fleet"
    reports = make_fleet(folder, list(scenarios().values()))
    summary = summary_of(folder)
    check_counts(summary, reports)
    equal("unread", summary["unread"], [])
    validate(summary)
    stream = b"".join(path.read_bytes() for path in sorted(folder.rglob("*.json*")))
    check_counts(summary_of("-", given=stream), reports)
    check_text(folder, summary)


def check_text(folder, summary):
    _, text, _ = run(folder)
    rows = [line.split(maxsplit=3) for line in text.splitlines()[3:]]
    equal("the table", [(row[0], row[1], int(row[2])) for row in rows if row[0] != "(no"],
          [(cause["id"], cause["severity"], cause["n_hosts"]) for cause in summary["causes"]])
    top = summary["causes"][0]
    equal("the first row", rows[0][3], ", ".join(sorted(top["hosts"])[:4]) + ", …")
    _, text, _ = run("-v", folder)
    assert ", ".join(sorted(top["hosts"])) + "\n" in text, "-v does not name every host"
    assert run("-q", folder)[1] == text.splitlines()[0] + "\n", "-q is not the first line"


def replayed(bundle):
    """What the check says of the recorded target, which is not always the scenario's."""
    done = subprocess.run([os.environ["MUXDIAG"], "check", "--json", "--replay", bundle],
                          check=False, capture_output=True, timeout=100)
    return json.loads(done.stdout)


def test_snapshots(_work):
    bundles = [TESTS / "scenarios" / name / "bundle" for name in scenarios()]
    summary = summary_of("--by-file", *bundles)
    check_counts(summary, {str(bundle): replayed(bundle) for bundle in bundles})
    # They all call themselves the same: one host.
    equal("hosts", summary_of(*bundles)["n_hosts"], 1)


def test_older_results(work):
    report = scenarios()["firewall-output-drop"]
    healthy = scenarios()["healthy"]
    healthy["machine"] = dict(report["machine"], time_unix_s=report["machine"]["time_unix_s"] + 1)
    folder = work / "kept"
    folder.mkdir()
    (folder / "check-1.json").write_text(json.dumps(healthy))
    (folder / "check-2.json").write_text(json.dumps(report))
    (folder / "last.json").symlink_to("check-1.json")
    status, text, complaints = run(folder)
    equal("what is said", (status, complaints), (0, []))
    host = report["machine"]["host_name"]
    assert text.startswith("1 host: 1 is ok\n") and text.endswith(f"told apart): {host}\n"), text
    check_counts(summary_of("--by-file", folder),
                 {"check-1": healthy, "check-2": report, "last": healthy})


def test_hostile_files(work):
    folder = work / "hostile"
    inner = folder / "a" / "b"
    inner.mkdir(parents=True)
    report = scenarios()["healthy"]
    good = json.dumps(report)
    (folder / "good.json").write_text(good)
    (folder / "cut.json").write_text(good[:-9])
    (folder / "binary.json").write_bytes(bytes(range(256)) * 9)
    (folder / "empty.json").write_text("")
    (folder / "other.json").write_text('{"findings": []}')
    (folder / "esc\x1b[2J.json").write_text("[]")
    (inner / "round").symlink_to(folder)
    (inner / "round.json").symlink_to("round.json")
    (inner / "gone.json").symlink_to("/nowhere/at/all")
    os.mkfifo(inner / "pipe.json")
    (inner / "snapshot").mkdir()
    (inner / "snapshot" / "manifest.json").write_text('{"format": 99}')
    (inner / ".hidden.json").write_text("[]")
    deep = folder.joinpath(*["d"] * 20)
    deep.mkdir(parents=True)
    summary = summary_of(folder)
    equal("hosts", summary["n_hosts"], 1)
    equal("status", summary["status"], "unknown")
    said = {one["source"].removeprefix(f"{folder}/"): one["text"] for one in summary["unread"]}
    wanted = {
        "cut.json": "ends in the middle", "binary.json": "no JSON object",
        "empty.json": "no result in it", "other.json": "not what `muxdiag check --json`",
        "esc\\x1b[2J.json": "no JSON object", "a/b/round": "a link to a folder",
        "a/b/round.json": "symbolic links", "a/b/gone.json": "No such file",
        "a/b/pipe.json": "no regular file", "a/b/snapshot": "not of format 1",
        "/".join(["d"] * 16): "too deeply",
    }
    equal("what was not read", sorted(said), sorted(wanted))
    for source, text in wanted.items():
        assert text in said[source], f"{source}: {said[source]}"


def test_nothing_to_read(work):
    (work / "empty").mkdir()
    for arguments, said in (((), "what is to be summarized"), (("--top",), "unknown option"),
                            ((work / "gone",), "No such file"), (("--", "-q"), "No such file"),
                            ((work / "empty",), "neither a snapshot nor")):
        status, _, complaints = run(*arguments)
        equal(f"the status for {arguments}", status, 64)
        assert said in complaints[0], complaints
    # What is there counts all the same.
    report = scenarios()["healthy"]
    status, _, complaints = run("-", work / "gone", given=json.dumps(report).encode())
    equal("the status", (status, len(complaints)), (3, 1))


def validate(summary):
    try:
        import jsonschema
    except ImportError:
        print("SKIPPED the schema: there is no python3-jsonschema")
        return
    jsonschema.validate(summary, json.loads(SCHEMA.read_text()))


def main():
    tests = [(name, test) for name, test in globals().items() if name.startswith("test_")]
    failed = 0
    for name, test in tests:
        with tempfile.TemporaryDirectory() as work:
            try:
                test(pathlib.Path(work))
                print(f"ok {name}")
            except AssertionError as error:
                failed += 1
                print(f"FAILED {name}: {error}")
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    sys.exit(main())
