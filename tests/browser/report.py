#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The HTML report as a browser shows it: clicked through, wide and narrow, dark and light.

Nothing on the console, no request but for the file, nothing wider than the window, every fold opens
and closes, and axe-core finds nothing that keeps people out. MUXDIAG names the program.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from browser import Browser

SCENARIOS = pathlib.Path(__file__).parents[1] / "scenarios"
# What is to be seen without opening anything.
MACHINES = {
    "healthy": ["Works", "127.0.0.1"],
    "debian5-hosts-commented": ["Fails", "/etc/hosts:1", "http://127.0.0.1:8000/",
                                "ip6 filter OUTPUT", "DROP", "never reached"],
    "firewall-reject": ["REJECT"],
    "firewall-unreadable": ["Not known", "EPERM"],
    "no-listener": ["NOBODY LISTENS"],
}
WIDTHS = [360, 1200]  # a telephone, a window

failures = []


def expect(holds, *what):
    if not holds:
        failures.append(what)
        print("FAILED:", *what)


def write_report(name, folder):
    page = folder / f"{name}.html"
    with open(page, "wb") as out:
        subprocess.run([os.environ["MUXDIAG"], "check", "--format", "html", "--replay",
                        SCENARIOS / name / "bundle"], stdout=out, timeout=60, check=False)
    return page.as_uri()


def requests(browser):
    """The addresses that were asked for since this was last called."""
    for entry in browser.driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            yield message["params"]["request"]["url"]


def look(browser, where):
    for complaint in browser.complaints():
        expect(False, where, "on the console:", complaint)
    expect(browser.overflow() <= 0, where, browser.overflow(), "pixels too wide")


def click_through(browser, where):
    """Opens what is folded, and folds what was open."""
    folds = browser.driver.find_elements("css selector", "details")
    for fold in folds:
        was_open = fold.get_property("open")
        inside = fold.find_element("css selector", ":scope > :not(summary)")
        expect(inside.is_displayed() == was_open, where, "a fold that hides nothing")
        fold.find_element("css selector", "summary").click()
        expect(fold.get_property("open") != was_open, where, "a fold that stays as it is")
        expect(inside.is_displayed() != was_open, where, "a fold that does not unfold")
        if was_open:
            fold.find_element("css selector", "summary").click()
    return len(folds)


def visit(browser, name, page, width, scheme):
    where = f"{name}, {width} pixels, {scheme}:"
    browser.show(page, width=width, scheme=scheme)
    look(browser, where)
    shown = browser.driver.find_element("tag name", "body").text
    for text in MACHINES[name]:
        expect(text in shown, where, "not shown:", text)
    n_folds = click_through(browser, where)
    expect(n_folds > 1, where, "folds:", n_folds)
    look(browser, where)
    barriers = browser.barriers()
    for barrier in barriers or []:
        expect(False, where, barrier)
    for url in requests(browser):
        expect(url in (page, "data:,"), where, "asked for", url)
    ground = browser.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
    return ground, barriers is not None


def main():
    with tempfile.TemporaryDirectory() as folder, Browser() as browser:
        for name in MACHINES:
            page = write_report(name, pathlib.Path(folder))
            seen = {scheme: [visit(browser, name, page, width, scheme) for width in WIDTHS]
                    for scheme in ("light", "dark")}
            expect(seen["light"][0][0] != seen["dark"][0][0], name, "dark is as light")
    if not seen["light"][0][1]:
        print("not looked for barriers: axe-core is not there (contrib/setup test fetches it)")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
