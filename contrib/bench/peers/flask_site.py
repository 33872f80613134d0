# SPDX-License-Identifier: GPL-2.0-or-later
"""The password page as a first Flask site has it: the development server, started as it comes."""
import logging
import secrets
import sys

from flask import Flask

ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$"
site = Flask(__name__)
# A line on the terminal for every request would be half of what is measured.
logging.getLogger("werkzeug").setLevel(logging.ERROR)


def password():
    return "".join(secrets.choice(ALPHABET) for _ in range(12))


@site.route("/password")
def page():
    return "[" + " ".join(password() for _ in range(100)) + "]"


site.run("127.0.0.1", int(sys.argv[1]))
