#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`muxdiag check --format html` of every recorded machine, held against the JSON of the same.

The page is well-formed, loads nothing, and has every headline, recommendation, finding, piece of
evidence, command, client, address and gap. MUXDIAG names the program.
"""
import json
import os
import pathlib
import subprocess
import sys
import xml.etree.ElementTree as tree

SCENARIOS = sorted((pathlib.Path(__file__).parent / "scenarios").glob("*/bundle"))
LOADING = {"script", "img", "iframe", "object", "embed", "base", "video", "audio"}

failures = []


def expect(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *what)


def check(bundle, how):
    target = bundle.parent / "target"
    words = target.read_text().split() if target.exists() else []
    return subprocess.run([os.environ["MUXDIAG"], "check", "--format", how, "--replay", bundle,
                           *words], capture_output=True, text=True, timeout=60)


def texts(report):
    """What must be readable."""
    yield report["headline"]
    for used in report["recommendations"]:
        yield from (used["use"], used["why"])
    for finding in report["findings"]:
        yield from (finding["id"], finding["title"], finding["hit"])
        for evidence in finding["evidence"]:
            yield from (evidence["source"], evidence["text"])
        for fix in finding["fixes"]:
            yield fix["title"]
            yield from fix["commands"]
            yield from fix["lasting"]
            yield from fix["diff"]
    for client in report["clients"]:
        yield from (client["title"], client["text"], client["says"])
    for endpoint in report["endpoints"]:
        yield endpoint["text"]
        for stage in endpoint["stages"].values():
            yield stage["text"]
    for gap in report["gaps"]:
        yield from (gap["source"], gap["text"])


def hold(name, page, report):
    root = tree.fromstring(page.stdout)
    shown = "".join(root.itertext())
    for text in texts(report):
        expect(text is None or text in shown, name, "not shown:", text)
    for element in root.iter():
        tag = element.tag.split("}")[-1]
        expect(tag not in LOADING, name, "loads:", tag)
        for key, value in element.attrib.items():
            expect(not key.startswith("on") and key != "src", name, "runs or loads:", key)
            expect(key != "href" or value == "data:,", name, "refers to:", value)
    expect("url(" not in shown and "@import" not in shown, name, "the style loads something")
    drawn = [element for element in root.iter() if element.get("class") == "muxpath-frame"]
    expect(len(drawn) <= 1, name, "more than one drawing")
    return bool(drawn)


def main():
    n_drawn = 0
    for bundle in SCENARIOS:
        name = bundle.parent.name
        page, facts = check(bundle, "html"), check(bundle, "json")
        expect(page.returncode == facts.returncode and page.stderr == facts.stderr, name,
               "ends otherwise than JSON:", page.returncode, page.stderr)
        try:
            n_drawn += hold(name, page, json.loads(facts.stdout))
        except tree.ParseError as error:
            expect(False, name, error)
    print(f"{len(SCENARIOS)} pages, {n_drawn} with a drawing")
    expect(SCENARIOS and n_drawn > len(SCENARIOS) / 2, "too few drawings")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
