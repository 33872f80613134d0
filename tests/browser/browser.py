# SPDX-License-Identifier: GPL-2.0-or-later
"""Chromium without a window, as the tests of pages use it."""
import shutil
import sys

import axe

try:
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service
except ImportError:
    print("SKIPPED: python3-selenium is not installed")
    sys.exit(77)

AXE = "axe.run(document).then(arguments[arguments.length - 1]);"


class Browser:
    def __init__(self):
        if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
            print("SKIPPED: chromium or chromium-driver is not installed")
            sys.exit(77)
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu",
                         "--disable-dev-shm-usage", "--disable-background-networking"):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(service=Service(shutil.which("chromedriver")),
                                       options=options)
        self.driver.set_script_timeout(60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.driver.quit()

    def show(self, url, width=1200, height=900, scheme="light"):
        """Opens a page in a window of that size, for somebody who likes it dark or light."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {
            "features": [{"name": "prefers-color-scheme", "value": scheme}]})
        self.driver.get(url)

    def complaints(self):
        """What the console has said since this was last asked."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.driver.execute_script(
            "const root = document.scrollingElement; return root.scrollWidth - innerWidth;")

    def barriers(self):
        """What keeps people out, as axe-core finds it; None where axe-core was not fetched."""
        script = axe.script()
        if script is None:
            return None
        self.driver.execute_script(script)
        found = self.driver.execute_async_script(AXE)
        return [f"{fault['id']}: {fault['help']}: {node['html'][:120]}"
                for fault in found["violations"] for node in fault["nodes"]]
