#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The drawing of `muxdiag path --svg` as a browser shows it: recorded machines, wide and narrow.

Every text is inside its box and large enough to be read, the page need not be scrolled sideways,
each width gets its layout, and of two runs the drawing is the same. MUXDIAG names the program.
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as tree

from browser import Browser

SCENARIOS = pathlib.Path(__file__).parents[1] / "scenarios"
# What each must show, and the exit status.
MACHINES = {
    "healthy": (0, ["PASSES", "no rules", "SYN/ACK back"]),
    "no-listener": (0, ["NOBODY LISTENS", "RST back"]),
    "firewall-output-drop": (2, ["DROPPED", "PASSES", "ip6 filter OUTPUT", "policy", "DROP",
                                 "never reached", "SYN/ACK, never sent"]),
    "firewall-reject": (2, ["REJECTED", "REJECT"]),
    "firewall-reply-drop": (2, ["DROPPED", "accept", "SYN/ACK back"]),
    "firewall-rate-limit": (0, ["PASSES"]),
    "firewall-unreadable": (3, ["NOT KNOWN", "SYN/ACK back, perhaps"]),
}
# Width of the window, and the layout that belongs to it. A telephone has 360.
WIDTHS = {1400: "mp-wide", 1000: "mp-wide", 999: "mp-narrow", 360: "mp-narrow"}
LEAST_PIXELS = {"mp-wide": 10.5, "mp-narrow": 11}

LOOK = """
const shown = [...document.querySelectorAll('.muxpath > svg')]
    .filter(layout => getComputedStyle(layout).display !== 'none');
const faults = [], texts = [];
for (const text of shown[0].querySelectorAll('text')) {
    const box = text.getBBox(), frame = text.ownerSVGElement;
    const width = frame === shown[0] ? frame.viewBox.baseVal.width : frame.width.baseVal.value;
    const height = frame === shown[0] ? frame.viewBox.baseVal.height : frame.height.baseVal.value;
    const pixels = parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a;
    texts.push(text.textContent);
    if (box.x < 0 || box.y < 0 || box.x + box.width > width || box.y + box.height > height)
        faults.push(`sticks out of its box: ${text.textContent}`);
    if (pixels < arguments[0])
        faults.push(`${pixels} pixels: ${text.textContent}`);
}
const root = document.documentElement;
if (root.scrollWidth > window.innerWidth)
    faults.push(`${root.scrollWidth} pixels wide`);
return {layouts: shown.map(layout => layout.getAttribute('class')), faults, texts,
        ground: getComputedStyle(root).backgroundColor};
"""

failures = []


def expect(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *what)


def draw(name):
    command = [os.environ["MUXDIAG"], "path", "--svg", "--replay", SCENARIOS / name / "bundle",
               "localhost:8000"]
    runs = [subprocess.run(command, capture_output=True, timeout=30) for _ in range(2)]
    expect(runs[0].stdout == runs[1].stdout, name, "another drawing the second time")
    expect(runs[0].returncode == MACHINES[name][0], name, "exit status", runs[0].returncode)
    root = tree.fromstring(runs[0].stdout)
    children = [child.tag.split("}")[1] for child in root]
    expect(children == ["title", "desc", "style", "svg", "svg"], name, children)
    return runs[0].stdout


def look(browser, name, page, width, scheme):
    browser.show(page, width=width, scheme=scheme)
    seen = browser.driver.execute_script(LOOK, LEAST_PIXELS[WIDTHS[width]])
    where = f"{name}, {width} pixels, {scheme}:"
    expect(seen["layouts"] == [WIDTHS[width]], where, seen["layouts"])
    for fault in seen["faults"]:
        expect(False, where, fault)
    for text in MACHINES[name][1]:
        expect(text in seen["texts"], where, "not shown:", text)
    return seen["ground"]


def main():
    with tempfile.TemporaryDirectory() as work, Browser() as browser:
        for name in MACHINES:
            path = pathlib.Path(work, f"{name}.svg")
            path.write_bytes(draw(name))
            for width in WIDTHS:
                grounds = {look(browser, name, path.as_uri(), width, scheme)
                           for scheme in ("light", "dark")}
                expect(len(grounds) == 2, name, "is the same in the dark", grounds)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
