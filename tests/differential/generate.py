# SPDX-License-Identifier: GPL-2.0-or-later
"""A random case: rulesets and the probes to send through them. The same seed and number give the
same case on every machine.

Tiers: 1 payload, meta, ct, bitwise, ranges, jumps, policies; 2 also sets, maps, rejects, marks,
netdev; 3 also xtables, through nftables and legacy; 4 everything."""

import random

from generate_nft import NftGenerator
from generate_xt import XtGenerator
from ruleset import Case, Probe

# What listens in the namespace; the last belongs to another user where there is one.
LISTENERS = [("tcp", port) for port in (22, 80, 443, 5432, 8080)] + [("udp", 53), ("tcp", 8443)]
OTHER_UID = 33
FIRST_SOURCE, LAST_SOURCE = 20000, 64999
PROBES = 8


def probes(rng, number):
    """Source ports run through their whole range before one comes again."""
    made = []
    for position in range(PROBES):
        family = rng.choice((4, 6))
        protocol = rng.choices(["tcp", "udp", "icmp"], [70, 18, 12])[0]
        port = {"tcp": rng.choice((22, 80, 443, 5432, 8080, 8443, 9999)),
                "udp": rng.choice((53, 53, 53, 443)), "icmp": 0}[protocol]
        span = LAST_SOURCE - FIRST_SOURCE + 1
        source = FIRST_SOURCE + (number * PROBES + position) % span
        made.append(Probe(f"{number}.{position}", protocol, family, source, port))
    return made


def generate(seed, number, tier):
    rng = random.Random(f"{seed}/{number}/{tier}")
    documents, stateful = [], False
    kind = "nft"
    if tier >= 3:
        kind = rng.choices(["nft", "xt", "both"], [50, 30, 20])[0]
    if kind in ("nft", "both"):
        generator = NftGenerator(rng, tier)
        documents.append(generator.document())
        stateful |= generator.stateful
    if kind in ("xt", "both"):
        backend = rng.choice(("nft", "nft", "legacy"))
        for family in rng.choice(((4,), (6,), (4, 6))):
            generator = XtGenerator(rng, tier, family, backend)
            documents.append(generator.document())
            stateful |= generator.stateful
    rng.shuffle(documents)
    return Case(f"{seed}/{number}", documents, probes(rng, number), stateful)
