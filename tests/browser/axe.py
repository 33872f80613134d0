#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""axe-core, which finds what keeps people out of a page. Debian has no package of it.

Usage: axe.py      fetches it, as contrib/setup does
"""
import hashlib
import io
import os
import pathlib
import sys
import tarfile
import urllib.request

VERSION = "4.10.3"
URL = f"https://registry.npmjs.org/axe-core/-/axe-core-{VERSION}.tgz"
SHA512 = ("5e6edba515e70d25f6604d9815f064d859c5d1ea7ab661bbc4f87c88779ef0c2"
          "1cae0abbeb636471ef39e9d62d2582e4b88a1866f19f4ecfcf6d986275e4dc12")
PLACE = pathlib.Path(__file__).parents[2] / "build" / "tools" / f"axe-{VERSION}.min.js"


def script():
    """Returns axe-core as text, or None where it was not fetched."""
    return PLACE.read_text(encoding="utf-8") if PLACE.exists() else None


def fetch():
    with urllib.request.urlopen(URL, timeout=60) as answer:
        packed = answer.read()
    if hashlib.sha512(packed).hexdigest() != SHA512:
        raise SystemExit(f"axe.py: {URL}: not the file that it was")
    with tarfile.open(fileobj=io.BytesIO(packed)) as package:
        text = package.extractfile("package/axe.min.js").read()
    PLACE.parent.mkdir(parents=True, exist_ok=True)
    # Never half a file, even of two at once.
    part = PLACE.with_suffix(f".{os.getpid()}")
    part.write_bytes(text)
    part.replace(PLACE)


if __name__ == "__main__":
    if script() is None:
        try:
            fetch()
        except OSError as error:
            sys.exit(f"axe.py: {URL}: {error}")
