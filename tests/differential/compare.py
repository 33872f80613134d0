# SPDX-License-Identifier: GPL-2.0-or-later
"""What muxdiag says, against what the kernel did."""

import collections

Line = collections.namedtuple("Line", "verdict place result note")
DIES = ("DROP", "REJECT")


def parse(text):
    """A line of the oracle or of `muxdiag path --batch`: name, Line. The place is
    (family, table, chain, handle); the note is all behind the result."""
    fields = text.rstrip("\n").split("\t")
    words = fields[0].split(" ")
    if len(fields) < 2 or len(words) != 6:
        raise ValueError(f"not an answer: {text!r}")
    return words[0], Line(words[1], tuple(words[2:6]), fields[1], " ".join(fields[2:]))


def parse_all(text):
    return dict(parse(line) for line in text.splitlines() if line)


def same_place(said, kernel):
    """Where the kernel left several candidates they stand as A|B, or as ? where none is known."""
    return all(k == "?" or s in k.split("|") for s, k in zip(said, kernel))


def judge(said, kernel):
    """One of: right, unknown, unmeasured, verdict, rule, result. Two verdicts that differ are the
    worst, then two places, then what connect() gives."""
    if kernel.verdict == "UNKNOWN":
        return "unmeasured"
    if said.verdict == "UNKNOWN":
        return "unknown"
    if said.verdict != kernel.verdict and not (
            "?" in kernel.place and said.verdict in DIES and kernel.verdict in DIES):
        return "verdict"
    if kernel.verdict in DIES and not same_place(said.place, kernel.place):
        return "rule"
    return "right" if said.result == kernel.result else "result"


class Score:
    """Counts, and the table that is printed of them. Probes that are accepted are counted apart: to
    say ACCEPT always is right for most of what people publish."""

    COLUMNS = ("right", "result", "rule", "verdict", "unknown", "unmeasured")

    def __init__(self):
        self.counts = {kind: collections.Counter() for kind in ("ACCEPT", "DROP", "REJECT",
                                                                 "UNKNOWN")}
        self.reasons = collections.Counter()
        self.tcp = collections.Counter()
        self.missing = 0

    def add(self, protocol, said, kernel):
        outcome = judge(said, kernel)
        self.counts[kernel.verdict][outcome] += 1
        if outcome == "unknown":
            self.reasons[said.note or " ".join(said.place)] += 1
        if protocol == "tcp" and outcome in ("right", "rule", "result"):
            self.tcp[said.result == kernel.result] += 1
        return outcome

    def merge(self, other):
        """Adds what another process has counted."""
        for kind, counts in other.counts.items():
            self.counts[kind].update(counts)
        self.reasons.update(other.reasons)
        self.tcp.update(other.tcp)
        self.missing += other.missing

    def total(self, outcome):
        return sum(counts[outcome] for counts in self.counts.values())

    def wrong(self):
        """Answers that must not be: a wrong verdict, a wrong rule, or none at all."""
        return self.total("verdict") + self.total("rule") + self.missing

    def table(self):
        lines = [f"{'kernel says':12}" + "".join(f"{c:>12}" for c in self.COLUMNS)]
        for kind, counts in self.counts.items():
            if sum(counts.values()):
                lines.append(f"{kind:12}" + "".join(f"{counts[c]:12}" for c in self.COLUMNS))
        lines.append(f"{'all':12}" + "".join(f"{self.total(c):12}" for c in self.COLUMNS))
        every = sum(self.total(c) for c in self.COLUMNS)
        lines.append("right but for the connect result: `result`; wrong deciding rule: `rule`; "
                     "wrong verdict: `verdict`")
        if every:
            lines.append(f"unknown: {100 * self.total('unknown') / every:.2f} % of {every} probes")
        if sum(self.tcp.values()):
            lines.append(f"connect result right in {100 * self.tcp[True] / sum(self.tcp.values()):.2f} "
                         f"% of {sum(self.tcp.values())} decided TCP probes")
        if self.missing:
            lines.append(f"no answer: {self.missing} probes")
        lines += [f"  unknown {n:6}  {reason}" for reason, n in self.reasons.most_common(30)]
        return "\n".join(lines)
