#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs inside one machine: asks muxdiag what each client will meet, then lets the clients try.

    measure.py MUXDIAG MADE LONGEST_S

Prints JSON: {"model": {name: row of the report's clients}, "real": {name: outcome}}. What Java and Go
need was compiled into MADE. A client that has not ended after LONGEST_S seconds is ended."""

import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import time

from programs import COMMANDS, FAILURES

HOST, PORT = "localhost", 8000
AT_ONCE = 40


def environment(made):
    kept = {name: value for name, value in os.environ.items() if "proxy" in name.lower()}
    return {"PATH": f"{made}:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C", "HOME": made, **kept}


def try_client(name, made, longest_s):
    program, command, welcome = COMMANDS[name]
    arguments = [made if part == "{made}" else part for part in command(HOST, PORT)]
    if shutil.which(program) is None:
        return {"skipped": f"{program} is not installed"}
    if shutil.which(arguments[0], path=environment(made)["PATH"]) is None:
        return {"skipped": f"{arguments[0]} was not built"}
    started = time.monotonic()
    try:
        result = subprocess.run(arguments, env=environment(made), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                timeout=longest_s, cwd="/")
    except subprocess.TimeoutExpired:
        return {"ended": False, "ms": int((time.monotonic() - started) * 1000)}
    text = result.stdout.decode("utf-8", "backslashreplace")
    works = result.returncode == 0 or any(words in text for words in welcome)
    works = works and FAILURES.get(name, "\0") not in text
    return {"ended": True, "works": works, "status": result.returncode, "text": text[-4000:],
            "ms": int((time.monotonic() - started) * 1000)}


def main(muxdiag, made, longest_s):
    check = subprocess.run([muxdiag, "check", f"{HOST}:{PORT}", "--json"], capture_output=True,
                           stdin=subprocess.DEVNULL)
    report = json.loads(check.stdout)
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        tries = {name: pool.submit(try_client, name, made, float(longest_s))
                 for name in COMMANDS}
    json.dump({"model": {row["name"]: row for row in report["clients"]},
               "real": {name: future.result() for name, future in tries.items()}}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
