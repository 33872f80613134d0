# SPDX-License-Identifier: GPL-2.0-or-later
"""Rulesets as values: what generators make, the driver prints and the shrinker takes apart."""


class Chain:
    """`head` is the text of a base chain's type line, or None."""

    def __init__(self, name, head=None):
        self.name, self.head, self.rules = name, head, []


class Table:
    """A table of nftables; `objects` are sets, maps and stateful objects as text."""

    def __init__(self, family, name, options=()):
        self.family, self.name, self.options = family, name, list(options)
        self.objects, self.chains = [], []

    def text(self):
        lines = [f"table {self.family} {self.name} {{"]
        lines += [f"\t{option};" for option in self.options]
        # Forward references are fine inside one transaction, but a vmap's targets are looked up
        # as the text is read: chains first, then what names them.
        lines += [f"\tchain {chain.name} {{ }}" for chain in self.chains if chain.head is None]
        lines += [f"\t{text}" for text in self.objects]
        for chain in self.chains:
            lines.append(f"\tchain {chain.name} {{")
            if chain.head:
                lines.append(f"\t\t{chain.head}")
            lines += [f"\t\t{rule}" for rule in chain.rules]
            lines.append("\t}")
        return "\n".join(lines + ["}"])

    def parts(self):
        """Every list of which an element can be left out, the largest first."""
        return [self.chains, self.options, self.objects] + [c.rules for c in self.chains]


class Nft:
    backend = "nft"

    def __init__(self):
        self.tables = []

    def text(self):
        return "\n".join(table.text() for table in self.tables) + "\n"

    def parts(self):
        return [self.tables] + [part for table in self.tables for part in table.parts()]


class XtTable:
    """A table of iptables; `policies` maps built-in chains, `chains` are the user's own."""

    def __init__(self, name, policies):
        self.name, self.policies, self.chains, self.rules = name, policies, [], []

    def text(self):
        lines = [f"*{self.name}"]
        lines += [f":{name} {policy} [0:0]" for name, policy in self.policies.items()]
        lines += [f":{name} - [0:0]" for name in self.chains]
        return "\n".join(lines + self.rules + ["COMMIT"])

    def parts(self):
        return [self.rules, self.chains]


class Restore:
    """What iptables-restore or ip6tables-restore reads; backend names the program's stem."""

    def __init__(self, backend):
        self.backend, self.tables = backend, []

    def text(self):
        return "\n".join(table.text() for table in self.tables) + "\n"

    def parts(self):
        return [self.tables] + [part for table in self.tables for part in table.parts()]


class File:
    """A ruleset that is not ours, loaded as it stands."""

    def __init__(self, backend, path):
        self.backend, self.path = backend, path

    def parts(self):
        return []


class Probe:
    def __init__(self, name, protocol, family, source, port):
        self.name, self.protocol, self.family = name, protocol, family
        self.source, self.port = source, port

    def line(self):
        return f"{self.name} {self.protocol} {self.family} {self.source} {self.port}"


class Case:
    """Rulesets to load in this order, and the probes to send through them. With `stateful`, what
    one probe does changes what the next one meets: each needs the rules anew."""

    def __init__(self, name, documents, probes, stateful=False):
        self.name, self.documents, self.probes = name, documents, probes
        self.stateful = stateful

    def text(self):
        return "".join(f"# load {document.backend}\n{document.text()}"
                       for document in self.documents)
