# SPDX-License-Identifier: GPL-2.0-or-later
"""Real rulesets with the kernel's verdict recorded: truth.jsonl.gz beside the folders it names, a
line for each case (the format is told in that folder's README)."""

import gzip
import json
from pathlib import Path

from compare import Line
from ruleset import Case, File, Probe


def documents(folder, row):
    found = []
    for name in row["files"]:
        path = folder / row["case"].split("/")[0] / name
        if row["backend"] == "nft":
            backend = "nft"
        else:
            program = "ip6tables" if ".v6." in name else "iptables"
            backend = program + ("-nft" if row["backend"] == "iptnft" else "-legacy")
        found.append(File(backend, str(path)))
    return found


def place(terminal):
    handle = terminal.get("handle", terminal.get("num"))
    if terminal["type"] == "policy":
        # The log of legacy TRACE calls a rule without matches "policy" too.
        handle = f"policy|{terminal['num']}" if "num" in terminal else "policy"
    return (terminal["family"], terminal["table"], terminal["chain"], str(handle))


def truth(probe, backend):
    """The recorded answer as a Line."""
    terminal = probe["terminal"]
    result = {"answered": "connected", "error": probe.get("errno")}.get(probe["result"],
                                                                        probe["result"])
    if terminal["verdict"] == "accept":
        # The log of legacy rules does not tell of NAT that finds no address and drops.
        lost = backend == "legacy" and result not in ("connected", "ECONNREFUSED")
        return Line("UNKNOWN" if lost else "ACCEPT", ("-",) * 4, result, "")
    return Line(terminal["verdict"].upper(), place(terminal), result, terminal["pkt"])


def cases(folder):
    """Yields each Case with the recorded Lines by probe, and the interfaces it needs."""
    folder = Path(folder).resolve()
    with gzip.open(folder / "truth.jsonl.gz", "rt") as file:
        for text in file:
            row = json.loads(text)
            if not row["loaded"]:
                continue
            probes = [Probe(p["id"], p["proto"], p["fam"], p["sport"], p["dport"])
                      for p in row["probes"]]
            case = Case(row["id"], documents(folder, row), probes, bool(row["stateful"]))
            yield case, {p["id"]: truth(p, row["backend"]) for p in row["probes"]}, row.get("ifaces", [])
