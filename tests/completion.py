#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the Tab key completes, in a real shell: completion.py bash|zsh|fish.

What there is to complete is taken from the help of the programs under test. A word that lacks its
last letters is completed by bash and zsh on a terminal of their own; fish is asked.
Exit status: 0 all is completed, 1 something is not, 77 there is no such shell.
"""
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
FOLDER = os.path.join(ROOT, "contrib", "completion")
PATIENCE = 20
START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"],
             "bind 'set enable-bracketed-paste off'; . {0}/muxdiag.bash; . {0}/muxd.bash"),
    "zsh": (["zsh", "-f", "-i"],
            "unsetopt zle_bracketed_paste prompt_sp; fpath=({0} $fpath); autoload -U compinit; "
            "compinit -u -d {1}/dump; bindkey -e; unsetopt auto_remove_slash"),
}


def output(*command):
    run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    return run.stdout + run.stderr


def options(text):
    """Long options of a help, each with its argument or an empty string."""
    found = re.findall(r"^ +(?:-., )?(--[a-z-]+)(?: (\S+))?  ?", text, re.M)
    return found + [("--help", ""), ("--version", "")] * ("--help, --version" in text)


def wanted():
    """Lines that must be completed: what is typed, and what becomes of it."""
    commands = re.findall(r"^  ([a-z]+) ", output("muxdiag", "--help"), re.M)
    clients = re.sub(r"(?s).*it knows ", "", output("muxdiag", "check", "--client", "?"))
    causes = [line.split()[0] for line in output("muxdiag", "explain").splitlines()]
    assert len(commands) > 2 and len(causes) > 9 and len(clients) > 99, (commands, causes, clients)
    words = [("muxdiag ", commands)]
    for command in commands:
        found = options(output("muxdiag", command, "--help"))
        words.append((f"muxdiag {command} ", [name for name, _ in found]))
        for name, argument in found:
            if "|" in argument and len(argument) > 3:
                words.append((f"muxdiag {command} {name} ", argument.split("|")))
    words.append(("muxdiag check --client ", clients.strip().split(", ")))
    words.append(("muxdiag explain ", causes))
    words.append(("muxd ", [name for name, _ in options(output("muxd", "--help"))]))
    words.append(("muxd --mux ", ["exact", "seed"]))
    lines = [(head + cut(word, group), head + word)
             for head, group in words for word in group if cut(word, group)]
    return lines + [
        ("muxdiag check --client=node-h", "muxdiag check --client=node-http"),
        ("muxdiag check loc", "muxdiag check localhost"),
        ("muxdiag check --json loc", "muxdiag check --json localhost"),
        ("muxdiag check --root-dir /usr/sha", "muxdiag check --root-dir /usr/share/"),
        ("muxdiag summarize --json /etc/nsswi", "muxdiag summarize --json /etc/nsswitch.conf"),
        ("muxd --quiet --access-log /etc/nsswi", "muxd --quiet --access-log /etc/nsswitch.conf"),
    ]


def cut(word, others):
    """The shortest beginning that only this word has, but at least two letters; or None."""
    for length in range(2, len(word)):
        if not any(other != word and other.startswith(word[:length]) for other in others):
            return word[:length]
    return None


class Terminal:
    """A shell that is typed at."""

    def __init__(self, shell, work):
        command, start = START[shell]
        pid, self.fd = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", HOME=work, PS1="", HISTFILE="/dev/null")
            os.execvp(command[0], command)
        self.pid, self.text = pid, ""
        self.type(start.format(FOLDER, work) + "\n")
        self.type("echo sta''rted\n")
        self.expect("started")

    def type(self, text):
        os.write(self.fd, text.encode())

    def expect(self, pattern):
        while not (found := re.search(pattern, self.text)):
            ready, _, _ = select.select([self.fd], [], [], PATIENCE)
            assert ready, f"no {pattern!r} in {self.text!r}"
            self.text += os.read(self.fd, 65536).decode(errors="replace")
        self.text = self.text[found.end():]
        return found

    def complete(self, line):
        """What the Tab key makes of a line: echoed, with two brackets that were not typed so."""
        self.type(line + "\t")
        self.type("\x05 ']'\x01echo '['")
        self.type("\n")
        found = self.expect(r"\r\n\[ ?(.*?) +\]\r\n")
        return found[1]

    def close(self):
        os.close(self.fd)
        os.waitpid(self.pid, 0)


def complete_fish(line):
    start = f"source {FOLDER}/muxdiag.fish; source {FOLDER}/muxd.fish; "
    said = output("fish", "--no-config", "-c", start + f"complete -C '{line}'")
    head = line[:line.rindex(" ") + 1]
    found = [head + candidate.split("\t")[0] for candidate in said.splitlines()]
    return found[0] if len(found) == 1 else f"{len(found)}: {found}"


def main():
    shell = sys.argv[1]
    if shutil.which(shell) is None:
        print(f"SKIPPED: there is no {shell}")
        return 77
    count = bad = 0
    with tempfile.TemporaryDirectory() as work:
        for program in ("MUXDIAG", "MUXD"):
            os.symlink(os.environ[program], os.path.join(work, program.lower()))
        os.environ["PATH"] = work + ":" + os.environ["PATH"]
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = work
        terminal = None if shell == "fish" else Terminal(shell, work)
        complete = complete_fish if terminal is None else terminal.complete
        for typed, whole in wanted():
            count += 1
            got = complete(typed)
            if got != whole:
                print(f"{typed} became {got!r}, not {whole!r}")
                bad += 1
        if terminal:
            terminal.close()
    print(f"{shell}: {count - bad} of {count} completed")
    return 1 if bad or not count else 0


if __name__ == "__main__":
    sys.exit(main())
