# SPDX-License-Identifier: GPL-2.0-or-later
"""The oracle program as an object, and how it comes to be."""

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent


class OracleError(Exception):
    pass


def build(directory):
    """Compiles the oracle where no build system did."""
    program = Path(directory) / "oracle"
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "libmnl", "libnftables"],
                           check=True, capture_output=True, text=True).stdout.split()
    sources = sorted(str(path) for path in (HERE / "oracle").glob("*.c"))
    subprocess.run([os.environ.get("CC", "cc"), "-std=c17", "-D_GNU_SOURCE", "-O1", "-g",
                    *sources, "-o", str(program), *flags], check=True)
    return str(program)


class Oracle:
    """One process and one namespace for a whole batch. `work` is a directory of its own."""

    def __init__(self, listeners, other_uid):
        self.work = tempfile.mkdtemp(prefix="differential-")
        program = os.environ.get("ORACLE") or build(self.work)
        environment = dict(os.environ, XTABLES_LOCKFILE=f"{self.work}/xtables.lock")
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True, errors="surrogateescape", env=environment)
        self.listeners, self.other_uid = listeners, other_uid
        for number, (protocol, port) in enumerate(listeners):
            for family in (4, 6):
                uid = f" {other_uid}" if other_uid and number == len(listeners) - 1 else ""
                self.ask(f"listen {protocol} {family} {port}{uid}")

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        shutil.rmtree(self.work)

    def say(self, line):
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        answer = self.process.stdout.readline()
        if not answer:
            raise EOFError(self.process.wait())
        return answer.rstrip("\n")

    def ask(self, line):
        answer = self.say(line)
        if answer.startswith("error"):
            raise OracleError(f"{line}: {answer}")
        return answer

    def fresh(self):
        self.ask("fresh")

    def load_text(self, backend, text):
        path = f"{self.work}/rules"
        with open(path, "w") as file:
            file.write(text)
        self.ask(f"load {backend} {path}")

    def load(self, case):
        """Flushes, then loads all of a case. Raises OracleError where something is refused."""
        self.ask("flush")
        for document in case.documents:
            if hasattr(document, "path"):
                self.ask(f"load {document.backend} {document.path}")
            else:
                self.load_text(document.backend, document.text())

    def run(self, command, stdin_text):
        """Runs a command in the namespace. Returns status, stdout, stderr."""
        paths = [f"{self.work}/{name}" for name in ("in", "out", "err")]
        with open(paths[0], "w") as file:
            file.write(stdin_text)
        status = int(self.ask(" ".join(["run", *paths, *command])).split()[1])
        return (status, *(open(path, errors="backslashreplace").read() for path in paths[1:]))

    def probe(self, probe):
        return self.ask(f"probe {probe.line()}")

    def probe_all(self, case):
        """The kernel's line for each probe, by name."""
        lines = {}
        for number, probe in enumerate(case.probes):
            if case.stateful and number:
                self.load(case)
            lines[probe.name] = self.probe(probe)
        return lines


def repair(oracle, case):
    """Leaves out the rules that nft or iptables refuse, found by the line they complain of.
    Returns whether it loads now."""
    for _ in range(20):
        try:
            oracle.load(case)
            return True
        except OracleError as error:
            if not leave_out(case, str(error)) and not leave_out_owners(case):
                return False
    return False


def leave_out_owners(case):
    """In a user namespace there is one uid, and xtables refuses to name another."""
    found = False
    for document in case.documents:
        for part in document.parts():
            owners = [rule for rule in part if isinstance(rule, str) and "-m owner" in rule]
            for rule in owners:
                part.remove(rule)
                found = True
    return found


def leave_out(case, message):
    """Removes what the message complains of."""
    found = re.search(r"load (\S+) \S+: error .*?(?::|[Ll]ine:? )(\d+)", message)
    if not found:
        return False
    backend, number = found[1], int(found[2])
    for document in case.documents:
        lines = document.text().split("\n")
        if document.backend != backend or number > len(lines):
            continue
        line = lines[number - 1].strip()
        for part in document.parts():
            if line in part:
                part.remove(line)
                return True
    return False
