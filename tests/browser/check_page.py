#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Opens /check in Chromium and holds what it shows against what is true of the machine.

Usage: check_page.py SITUATION      made by tests/netns/check_page.sh; see the functions below
Exit status: 0 as it should be, 1 not, 77 no Chromium or selenium.
Where axe-core was fetched (contrib/setup test), it looks for what keeps people out of the page.
"""
import os
import re
import signal
import subprocess
import sys

# First: without selenium it says so and ends.
from browser import Browser
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # seconds for what should come; nothing waits for them to pass
NAMES = ["localhost", "127.0.0.1", "[::1]", "debian5"]
# What the browser says by itself of requests that failed, whoever made them.
OF_THE_BROWSER = re.compile(r"Failed to load resource|has been blocked by CORS policy")
NOBODY_FOR_LONG = r"nobody: no answer within 3 s: dropped or slow"
NOBODY_AT_ONCE = r"nobody: failed after [\d.]+ ms: refused"

READ_PAGE = """
const text = (element) => element.innerText.trim();
return {
    answer: text(document.getElementById("answer")),
    self: text(document.getElementById("self")),
    rows: Object.fromEntries([...document.querySelectorAll("#rows tr")].map((row) => [
        row.dataset.name, [...row.children].map(text).concat(row.dataset.kind)])),
    whys: [...document.querySelectorAll("section.why")].map((section) => ({
        of: text(section.querySelector("h2")).split(", "),
        text: text(section),
        causes: [...section.querySelectorAll("dt")].map(text),
        run: text(section.querySelector(".run")),
    })),
    notes: [...document.querySelectorAll("p.why")].map(text).join("\\n"),
};
"""

# Reads an address as a page of another origin would: its text, or that it may not.
READ_ACROSS = """
const [url, done] = arguments;
fetch(url).then((answer) => answer.text()).then(done, (error) => done("FORBIDDEN " + error.name));
"""


def expect(true, what, seen):
    if not true:
        raise SystemExit(f"FAILED: {what}; seen: {seen}")


class Visitor(Browser):
    """Somebody with a browser on that machine."""

    def open(self, address):
        """Opens the page and waits until it has asked everybody; what it shows then."""
        self.driver.get(f"http://{address}/check")
        self.wait()
        page = self.driver.execute_script(READ_PAGE)
        for complaint in self.complaints():
            expect(OF_THE_BROWSER.search(complaint), "nothing on the console", complaint)
        expect(not self.barriers(), "nothing that keeps people out", self.barriers())
        return page

    def try_again(self):
        """Presses the button; what the page shows then."""
        self.driver.find_element("id", "again").click()
        self.wait()
        return self.driver.execute_script(READ_PAGE)

    def wait(self):
        state = "return document.querySelector('main').dataset.state"
        WebDriverWait(self.driver, PATIENCE).until(
            lambda driver: driver.execute_script(state) == "done")

    def read_across(self, url):
        return self.driver.execute_async_script(READ_ACROSS, url)


def expect_row(page, name, who, after=r"[\d.]+ ms"):
    """Who answered at the name, and after how long."""
    row = page["rows"].get(name, ["", "no such row", ""])
    expect(re.fullmatch(who, row[1]), f"{name}: {who}", row)
    expect(re.fullmatch(after, row[2]), f"{name} after {after}", row)


def expect_why(page, name, sentence, causes):
    """What is said of a name: a part of it, and the ids of the causes."""
    found = [why for why in page["whys"] if f"{name}:8000" in why["of"]]
    expect(len(found) == 1, f"one explanation of {name}", page["whys"])
    expect(sentence in found[0]["text"], f"{name}: {sentence}", found)
    expect(found[0]["causes"] == causes, f"{name} because of {causes}", found)
    expect(found[0]["run"].endswith("muxdiag check localhost:8000"), "what to run", found)


def healthy(browser):
    """All four names lead to one server, on all addresses."""
    for name in NAMES:
        page = browser.open(f"{name}:8000")
        for row in NAMES:
            expect_row(page, row, "this server")
        expect(page["answer"] == "All 4 reach this server. Use http://debian5:8000/",
               "the answer", page)
        expect(page["whys"] == [] and page["notes"] == "", "nothing to explain", page)
    own = browser.driver.execute_script("return fetch('/healthz').then((a) => a.text())").strip()
    expect(page["self"] == own and re.fullmatch(r"muxd/\S+ \S+", own), "the server's id", page)
    # From debian5:8000, the last one, to another origin.
    across = "http://localhost:8000"
    with_id = f"{across}/healthz?instance={own.split()[1]}"
    expect(browser.read_across(with_id).strip() == own, "read by who knows the id", with_id)
    for path in ("/password", "/healthz", "/healthz?instance=1-2", "/check", "/", "/metrics"):
        expect(browser.read_across(across + path) == "FORBIDDEN TypeError",
               "unreadable for other origins", path)
    expect(browser.try_again()["answer"] == page["answer"], "the same again", page)


def dropped(browser):
    """What goes to port 8000 of ::1 is dropped."""
    for name in "localhost", "127.0.0.1":
        page = browser.open(f"{name}:8000")
        expect_row(page, "127.0.0.1", "this server")
        expect_row(page, "localhost", "this server")
        expect_row(page, "debian5", "this server")
        expect_row(page, "[::1]", NOBODY_FOR_LONG, "")
        expect_why(page, "[::1]", "IPv4 works, and over IPv6 not even a refusal came",
                   ["firewall-output-drop", "firewall-input-drop"])
        expect(page["answer"] == "[::1]:8000 does not reach this server. "
               "Use http://debian5:8000/", "the answer", page)


def other(browser):
    """On ::1 somebody else has the port, who allows nobody to read."""
    page = browser.open("127.0.0.1:8000")
    expect_row(page, "127.0.0.1", "this server")
    for name in "[::1]", "localhost":  # which Chromium takes for ::1 first
        expect_row(page, name, "another program answered")
        expect_why(page, name, "Another program has this port", ["listener-per-family-differs"])
    expect(page["answer"].endswith("Use http://127.0.0.1:8000/"), "the answer", page)


def ipv4(browser):
    """muxd listens on 127.0.0.1 only."""
    page = browser.open("localhost:8000")
    expect_row(page, "127.0.0.1", "this server")
    expect_row(page, "localhost", "this server")
    expect_row(page, "[::1]", NOBODY_AT_ONCE, "")
    expect_why(page, "[::1]", "IPv6 was refused at once",
               ["listener-ipv4-only", "ipv6-disabled", "firewall-reject"])
    expect_row(page, "debian5", NOBODY_AT_ONCE, "")
    expect(page["answer"].endswith("Use http://127.0.0.1:8000/"), "the answer", page)


def away(browser):
    """The page comes from an address of the internet, and Chromium keeps it from loopback."""
    page = browser.open("203.0.113.7:8000")
    expect_row(page, "203.0.113.7", "this server")
    expect_row(page, "127.0.0.1", NOBODY_AT_ONCE + ", or forbidden by the browser", "")
    expect_why(page, "127.0.0.1", "the browser has not even asked", ["no-listener"])
    expect("the browser's own machine" in page["notes"] and "Local Network Access" in
           page["notes"], "the doubts", page)


def hostile(browser):
    """The host is called what would end an attribute and begin a script."""
    page = browser.open("localhost:8000")
    expect_row(page, "\"><script>alert('&')</script>", "not tried: no URL can have this name", "")
    expect_row(page, "localhost", "this server")
    scripts = browser.driver.execute_script("return document.scripts.length")
    expect(scripts == 1, "one script", scripts)


def gone(browser):
    """The server ends after it has served the page, and another one starts in its place."""
    page = browser.open("localhost:8000")
    before = page["self"]
    os.kill(int(os.environ["MUXD_PID"]), signal.SIGTERM)
    WebDriverWait(browser.driver, PATIENCE).until(lambda _: browser.try_again()["rows"] == {})
    expect(browser.try_again()["answer"] == "This server does not answer any more.",
           "no answer", page)
    with subprocess.Popen([os.environ["MUXD"], "--quiet", "--port", "8000"]) as server:
        WebDriverWait(browser.driver, PATIENCE).until(lambda _: browser.try_again()["rows"] != {})
        page = browser.try_again()
        server.terminate()
    expect(page["answer"].startswith("All 4 reach this server."), "the new server", page)
    expect(page["self"] != before, "another id", page)


def main():
    situations = {one.__name__: one
                  for one in (healthy, dropped, other, ipv4, away, hostile, gone)}
    try:
        with Visitor() as browser:
            situations[sys.argv[1]](browser)
    except WebDriverException as error:
        raise SystemExit(f"FAILED: {error}") from error


if __name__ == "__main__":
    main()
