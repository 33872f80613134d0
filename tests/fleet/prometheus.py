#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The dashboards and alerts of contrib/prometheus, beside the metrics that the programs really print.

Needs python3-yaml; what wants promtool is left out, and said, where there is none.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    print("SKIPPED: there is no python3-yaml")
    sys.exit(77)

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(TESTS, "http"))
from lifetimes import serving  # noqa: E402
from service import ask  # noqa: E402

FOLDER = os.path.join(TESTS, "..", "contrib", "prometheus")
BUNDLE = os.path.join(TESTS, "scenarios", "firewall-output-drop", "bundle")
TOOLS = os.path.join(TESTS, "..", "build", "tools")
PROMTOOL = shutil.which("promtool", path=os.environ["PATH"] + os.pathsep + TOOLS)
OURS = re.compile(r"\b(?:muxdiag|muxd|process)_[a-z_]+")
# Prometheus adds these when it scrapes.
SCRAPED = {"instance", "job"}
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
BUILT_IN = {"__rate_interval": "5m", "__range": "1h", "__url_time_range": ""}


def read(name):
    with open(os.path.join(FOLDER, name), encoding="utf-8") as file:
        return file.read()


def printed():
    """What both programs print."""
    with serving(os.environ["MUXD"]) as server:
        ask(server, "/password")
        muxd = ask(server, "/metrics")[1]
    run = subprocess.run([os.environ["MUXDIAG"], "check", "--format", "prometheus", "--replay", BUNDLE],
                         stdout=subprocess.PIPE, text=True, check=False)
    assert run.returncode <= 3, f"muxdiag ended with {run.returncode}"
    return muxd, run.stdout


def labels_of(text):
    """Metric → its labels."""
    known = {}
    for line in text.splitlines():
        found = re.match(r"([a-z_]+)(?:\{(.*)\})? \S+$", line)
        if found:
            known.setdefault(found[1], set()).update(
                re.findall(r'([a-z_]+)="(?:[^"\\]|\\.)*"', found[2] or ""))
    return known


def expressions(board):
    for panel in board["panels"]:
        for target in panel.get("targets", []):
            yield f"{board['uid']}: {panel['title']}", target["expr"]


def check_expression(where, text, known):
    names = OURS.findall(text)
    assert names, f"{where} has none of our metrics: {text}"
    for name in names:
        assert name in known, f"{where}: nobody prints {name}"
    for name, matchers in re.findall(r"([a-z_]+)\{([^}]*)\}", text):
        asked = set(re.findall(r"([a-z_]+)\s*(?:=~|!~|!=|=)", matchers))
        assert asked <= known[name] | SCRAPED, f"{where}: {name} has no {asked - known[name]}"
    every = set.union(SCRAPED, {"le"}, *(known[name] for name in names))
    for listed in re.findall(r"\b(?:by|on)\s*\(([^)]*)\)", text):
        asked = set(re.findall(r"\w+", listed))
        assert asked <= every, f"{where}: there is no {asked - every}"


def check_layout(board):
    panels = board["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels), "two panels have the same id"
    taken = {}
    for panel in panels:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24 and place["h"] > 0, f"{panel['title']} is too wide"
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                other = taken.setdefault((x, y), panel["title"])
                assert other == panel["title"], f"{panel['title']} lies on {other}"


def check_references(board, uids):
    """Data sources, variables, links and columns are there."""
    variables = {variable["name"] for variable in board["templating"]["list"]}
    for variable in board["templating"]["list"]:
        assert variable["type"] == "datasource" or variable["datasource"] == SOURCE, variable["name"]
    for panel in board["panels"]:
        if panel["type"] == "row":
            continue
        assert panel["targets"], f"{panel['title']} asks nothing"
        refs = [target["refId"] for target in panel["targets"]]
        assert len(set(refs)) == len(refs), f"{panel['title']}: two queries have the same refId"
        for holder in [panel, *panel["targets"]]:
            assert holder["datasource"] == SOURCE, panel["title"]
        columns = set()
        for change in panel.get("transformations", []):
            columns |= set(change["options"]["renameByName"].values())
            columns |= set(change["options"]["indexByName"])
        columns |= {target["legendFormat"] for target in panel["targets"]}
        for override in panel["fieldConfig"]["overrides"]:
            assert override["matcher"]["options"] in columns, f"{panel['title']}: {override['matcher']}"
    text = json.dumps(board)
    used = set(re.findall(r"\$\{?(\w+)", text)) - {"__data", "__all"} - BUILT_IN.keys()
    assert used <= variables, f"no variable is called {used - variables}"
    assert variables <= used, f"{variables - used} is not used"
    assert set(re.findall(r'"/d/(\w+)', text)) <= uids, "a link leads nowhere"


def substituted(text):
    for name, value in BUILT_IN.items():
        text = text.replace("$" + name, value)
    return re.sub(r"\$\w+", ".*", text)


def promtool(*arguments, given=None):
    run = subprocess.run([PROMTOOL, *arguments], input=given, capture_output=True, text=True,
                         check=False)
    assert run.returncode == 0, f"promtool {' '.join(arguments)}:\n{run.stdout}{run.stderr}"
    # `check metrics` ends with 0 for some of what it dislikes.
    assert "metrics" not in arguments or not run.stderr, run.stderr


def check_with_promtool(boards, outputs):
    for output in outputs:
        promtool("check", "metrics", given=output)
    promtool("check", "rules", os.path.join(FOLDER, "rules.yml"))
    promtool("test", "rules", os.path.join(FOLDER, "rules.test.yml"))
    rules = [{"record": f"expression_{number}", "expr": substituted(text)} for number, text in
             enumerate(text for board in boards for _, text in expressions(board))]
    with tempfile.TemporaryDirectory() as work:
        shutil.copy(os.path.join(FOLDER, "rules.yml"), work)
        for name, text in (("boards.yml", yaml.dump({"groups": [{"name": "boards", "rules": rules}]})),
                           ("prometheus.yml", re.search("```yaml\n(.*?)```", read("README.md"),
                                                        re.DOTALL)[1])):
            with open(os.path.join(work, name), "w", encoding="utf-8") as file:
                file.write(text)
        promtool("check", "rules", os.path.join(work, "boards.yml"))
        promtool("check", "config", os.path.join(work, "prometheus.yml"))


def check_textfile():
    """The file is replaced as a whole, and only by an answer."""
    script = os.path.join(FOLDER, "textfile")
    with tempfile.TemporaryDirectory() as work:
        programs, directory = os.path.join(work, "bin"), os.path.join(work, "-textfile")
        os.mkdir(programs)
        os.mkdir(directory)
        fake = os.path.join(programs, "muxdiag")
        with open(fake, "w", encoding="utf-8") as file:
            file.write('#!/bin/sh\n[ "$1 $2 $3 $4" = "check --format prometheus --" ] || exit 64\n'
                       'printf "%s\\n" "$5"\nexit "$STATUS"\n')
        os.chmod(fake, 0o755)

        def run(target, status):
            return subprocess.run(
                [script, "-textfile", target], check=False, cwd=work,
                env={"PATH": programs + os.pathsep + os.environ["PATH"], "STATUS": str(status)}).returncode

        def kept():
            texts = {}
            for name in os.listdir(directory):
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    texts[name] = file.read()
            return texts

        for status in range(4):
            assert run("localhost:8000", status) == 0
        assert kept() == {"muxdiag-localhost_8000.prom": "localhost:8000\n"}, kept()
        assert run("../../-x\n/$(y)", 2) == 0
        assert set(kept()) == {"muxdiag-localhost_8000.prom", "muxdiag-.._..__x____y_.prom"}, kept()
        for status in (64, 70, 139):
            assert run("localhost:8000", status) == status
        assert len(kept()) == 2, "what is no answer leaves something behind"


def main():
    muxd, muxdiag = outputs = printed()
    known = labels_of(muxd) | labels_of(muxdiag)
    boards = [json.loads(read(name)) for name in sorted(os.listdir(FOLDER)) if name.endswith(".json")]
    rules = yaml.safe_load(read("rules.yml"))
    asked = [(rule["alert"], rule["expr"]) for group in rules["groups"] for rule in group["rules"]]
    for board in boards:
        check_layout(board)
        check_references(board, {board["uid"] for board in boards})
        asked += expressions(board)
        asked += [(f"{board['uid']}: ${variable['name']}", variable["query"]["query"])
                  for variable in board["templating"]["list"] if variable["type"] == "query"]
    for where, text in asked:
        check_expression(where, text, known)
    unused = {name for name in known if name.startswith(("muxd", "muxdiag"))} - {
        name for _, text in asked for name in OURS.findall(text)}
    assert not unused, f"nothing shows {unused}"
    check_textfile()
    print(f"{len(asked)} expressions, {len(known)} metrics")
    if PROMTOOL is None:
        print("SKIPPED what promtool says: it is not there")
    else:
        check_with_promtool(boards, outputs)


main()
