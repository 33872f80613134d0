# SPDX-License-Identifier: GPL-2.0-or-later
"""Rulesets in the style of the programs that make most of them, in styles/: NAME.nft, or
NAME.v4.restore and NAME.v6.restore, which are loaded through iptables-nft and as legacy tables."""

import random
from pathlib import Path

from generate import probes
from ruleset import Case, File

ROUNDS = 4


def backends(path):
    if path.suffix == ".nft":
        return ["nft"]
    program = "ip6tables" if ".v6." in path.name else "iptables"
    return [program + "-nft", program + "-legacy"]


def cases(folder):
    """Yields each ruleset with some rounds of probes; those that count packets need it anew."""
    for path in sorted(Path(folder).iterdir()):
        stateful = "limit" in path.read_text() or "recent" in path.read_text()
        for backend in backends(path):
            rng = random.Random(f"{path.name}/{backend}")
            sent = [probe for number in range(ROUNDS) for probe in probes(rng, number)]
            yield Case(f"{path.name}/{backend}", [File(backend, str(path))], sent, stateful)
