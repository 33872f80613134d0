# SPDX-License-Identifier: GPL-2.0-or-later
"""Random nftables rulesets as people write them. Only what a loopback flow can meet: hooks other
than forward, ports that probes use, addresses of lo and some that never match.

Never synproxy, dup, fwd, queue: on lo they can keep a machine busy for good."""

import re

from ruleset import Chain, Nft, Table

PORTS = [22, 53, 80, 443, 5432, 8080, 8443, 9999]
MARKS = ["0x0", "0x1", "0x2", "0x10", "0xff"]
# None of conntrack's (-400, -200), of the legacy tables' and iptables-nft's, or of NAT's own: which
# of two chains of one priority comes first cannot be read from the kernel.
PRIORITIES = [-450, -350, -310, -290, -250, -210, -190, -160, -140, -120, -90, -50, -10, -5, 5, 10,
              20, 40, 60, 90, 110, 150, 200, 300, 400]
HOOKS = {
    "ip": ["prerouting", "input", "output", "postrouting"],
    "ip6": ["prerouting", "input", "output", "postrouting"],
    "inet": ["prerouting", "input", "output", "postrouting", "ingress"],
    "netdev": ["ingress", "egress"],
}
REJECT_HOOKS = {"input", "output", "prerouting"}


class NftGenerator:
    def __init__(self, rng, tier):
        self.rng, self.tier = rng, tier
        self.used = set()  # (hook, priority) already taken, in any family
        # Few cases, since each of their probes needs the rules anew.
        self.with_state = tier >= 4 and self.chance(8)
        self.stateful = False

    # --- little helpers ---

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def port(self):
        return self.rng.choice(PORTS)

    def weighted(self, table):
        """A function out of [(tier it belongs to, weight, function)]."""
        rows = [(weight, function) for tier, weight, function in table if tier <= self.tier]
        weights, functions = zip(*rows)
        return self.rng.choices(functions, weights)[0]

    def port_range(self):
        low = self.pick(1, 20, 50, 80, 443, 1024, 5000, 8000, 20000)
        return f"{low}-{self.rng.choice([p for p in (100, 1023, 8443, 9999, 65535) if p > low])}"

    # --- matches: each returns text, or "" where it does not apply ---

    def m_port(self):
        proto = self.pick("tcp", "tcp", "tcp", "udp")
        return self.pick(
            f"{proto} dport {self.port()}", f"{proto} dport {self.port()}",
            f"{proto} dport != {self.port()}", f"{proto} dport {self.port_range()}",
            f"{proto} dport != {self.port_range()}",
            f"{proto} dport {self.pick('<', '>=', '>', '<=')} {self.pick(80, 443, 1024, 20000)}",
            f"{proto} sport {self.port()}", f"{proto} sport {self.port_range()}",
            f"{proto} sport >= 20000",
            f"meta l4proto {proto} th dport {self.port()}",
            f"meta l4proto {proto} @th,16,16 {self.port()}",
            f"meta l4proto {proto} @th,16,16 & 0xfff0 == {self.port() & 0xfff0}")

    def m_flags(self):
        return "tcp flags " + self.pick(
            "syn", "ack", "rst", "& (syn | ack) == syn", "& (fin | syn | rst | ack) == syn",
            "& (syn | ack) == (syn | ack)", "& rst == rst", "& (syn | rst) == 0x0",
            "& (fin | syn) == (fin | syn)", "psh", "& syn != 0x0", "!= syn")

    def four(self):
        return self.pick("127.0.0.1", "127.0.0.1", "127.0.0.0/8", "127.0.0.0/10", "10.0.0.0/8",
                         "192.168.0.0/16", "127.0.0.2", "127.0.0.0-127.0.0.10", "203.0.113.5",
                         "126.255.255.255-127.0.0.1")

    def six(self):
        return self.pick("::1", "::1", "::/64", "fe80::/10", "2001:db8::/32", "::2", "::/127",
                         "::-::ff", "fd00::5")

    def m_address(self, version):
        word, address = ("ip", self.four()) if version == 4 else ("ip6", self.six())
        side = self.pick("saddr", "daddr")
        if version == 4 and self.chance(15):
            return f"ip {side} & 255.0.0.0 == {self.pick('127.0.0.0', '10.0.0.0')}"
        return f"{word} {side} {self.pick('', '', '!= ')}{address}"

    def m_ip(self, version):
        if version == 4:
            return "ip " + self.pick(
                "protocol tcp", "protocol udp", "protocol icmp", "protocol != tcp", "ttl 64",
                "ttl > 1", "ttl 1", "ttl != 64", "version 4", "hdrlength 5", "dscp cs0",
                "dscp ef", "length > 1000", "length < 20", "length 20-1400",
                "frag-off & 0x1fff != 0x0")
        return "ip6 " + self.pick(
            "nexthdr tcp", "nexthdr udp", "nexthdr ipv6-icmp", "nexthdr != tcp", "hoplimit 64",
            "hoplimit > 1", "hoplimit 1", "version 6", "dscp cs0", "dscp ef", "length > 1000")

    def m_icmp(self, version):
        return "icmp type " + self.pick("echo-request", "echo-reply", "destination-unreachable",
                                        "!= echo-request") if version == 4 else \
            "icmpv6 type " + self.pick("echo-request", "echo-reply", "destination-unreachable",
                                       "!= echo-request", "nd-neighbor-solicit")

    def m_interface(self):
        side = {"ingress": "iif", "egress": "oif", "prerouting": "iif", "input": "iif",
                "output": "oif", "postrouting": "oif"}.get(self.hook, "iif")
        if self.chance(10):
            side = self.pick("iif", "oif")
        return self.pick(f'{side} "lo"', f'{side}name "lo"', f'{side}name "l*"',
                         f'{side}name "eth0"', f'{side}name "eth*"', f'{side}name != "lo"',
                         f'{side} != "lo"', f"{side}type loopback", f"{side}type ether")

    def m_meta(self):
        proto = self.pick("tcp", "udp", "icmp", "ipv6-icmp")
        rows = [f"meta l4proto {proto}", f"meta l4proto != {proto}",
                f"meta skuid {self.pick('0', '33', '!= 0', '!= 33', '0-10', '>= 33')}",
                f"meta skgid {self.pick('0', '33', '!= 0')}",
                f"meta mark {self.pick('', '!= ')}{self.rng.choice(MARKS)}",
                f"meta mark & 0xf {self.pick('==', '!=')} {self.pick('0x1', '0x0')}"]
        if self.family == "inet":
            rows += [f"meta nfproto {self.pick('ipv4', 'ipv6')}"] * 3
        if self.family in ("inet", "netdev"):
            rows += [f"meta protocol {self.pick('ip', 'ip6')}"] * 2
        return self.rng.choice(rows)

    def m_ct(self):
        if self.family == "netdev" or self.hook == "ingress":
            return ""
        rows = ["state established", "state established,related", "state new", "state invalid",
                "state new,established", "state related", "state != new", "state untracked",
                "direction original", "direction reply"]
        if self.tier >= 2:
            rows += ["status confirmed", "status seen-reply", "mark 0x0", "mark 0x1", "mark != 0x0",
                     f"original proto-dst {self.port()}", "original protocol tcp",
                     "protocol tcp", "state { established, related }", "state { new, untracked }",
                     "status dnat", "status snat"]
        if self.tier >= 4:
            rows += ["zone 0", "status assured", f"reply proto-src {self.port()}"]
        text = self.rng.choice(rows)
        if "original p" in text or "reply p" in text:
            # Elsewhere nft wants the protocol that both stand for.
            return f"meta l4proto tcp ct {text}" if "proto-" in text else f"ct {text}"
        return f"ct {text}"

    def ports_set(self):
        ports = sorted(self.rng.sample(PORTS, self.rng.randint(2, 5)))
        return "{ " + ", ".join(map(str, ports)) + " }"

    def m_set(self, version):
        address = "ip daddr" if version == 4 else "ip6 daddr"
        local, other = ("127.0.0.1", "10.0.0.0/8") if version == 4 else ("::1", "fd00::/8")
        proto = self.pick("tcp", "tcp", "udp")
        return self.pick(
            f"{proto} dport {self.ports_set()}", f"{proto} dport {self.ports_set()}",
            f"{proto} dport != {self.ports_set()}", f"{proto} sport {self.ports_set()}",
            f"{proto} dport {{ 20-80, 443, 8000-9000 }}", f"{proto} dport != {{ 1-100, 20000-65535 }}",
            "meta l4proto { tcp, udp }", "meta l4proto != { tcp, icmp }",
            f"{address} {{ {local}, {other} }}",
            f"{address} != {{ {local}, {other} }}",
            f"{address} . tcp dport {{ {local} . 22, {local} . {self.port_range()}, {other} . 80 }}",
            f"meta l4proto . th dport {{ tcp . {self.port()}, udp . 53 }}",
            'iifname { "lo", "eth0" }', 'oifname != { "lo", "eth*" }',
            "tcp flags { syn, syn | ack }", "meta mark { 0x1, 0x10 }", "meta mark { 0x1-0xf }")

    def m_named_set(self, version):
        table, number = self.table, len(self.table.objects)
        name = f"set{number}"
        if version == 4:
            address, local, other = "ipv4_addr", "127.0.0.1", "192.168.0.0/16"
        else:
            address, local, other = "ipv6_addr", "::1", "2001:db8::/32"
        word = "ip" if version == 4 else "ip6"
        many = ", ".join(str(p) for p in self.rng.sample(range(10000, 19999), 300))
        kind, elements, match = self.pick(
            ("type inet_service;", self.ports_set()[2:-2], "tcp dport"),
            ("type inet_service; flags interval;", "1-79, 443, 8000-9000", "tcp dport"),
            ("type inet_service; flags interval; auto-merge;", "20-60, 50-90", "udp dport"),
            ("type inet_service;", f"{many}, {self.port()}", "tcp dport"),
            ("type inet_service; flags timeout; timeout 1h;", "22, 80 timeout 2h", "tcp dport"),
            (f"type {address};", local, f"{word} saddr"),
            (f"type {address}; flags interval;", f"{local}, {other}", f"{word} daddr"),
            (f"type {address}; flags interval;", other, f"{word} daddr"),
            (f"type {address} . inet_service;", f"{local} . 22, {local} . 443",
             f"{word} daddr . tcp dport"),
            (f"type {address} . inet_service; flags interval;",
             f"{local} . 1-79, {other} . 80, {local} . 8000-9000", f"{word} daddr . tcp dport"),
            ("type inet_proto . inet_service;", "tcp . 22, udp . 53, tcp . 9999",
             "meta l4proto . th dport"),
            ("type ifname;", '"lo", "eth0"', self.pick("iifname", "oifname")),
            ("type mark;", "0x1, 0xff", "meta mark"),
            ("type inet_service;", "", "tcp dport"))
        body = f"elements = {{ {elements} }};" if elements else ""
        table.objects.append(f"set {name} {{ {kind} {body} }}")
        return f"{match} {self.pick('', '', '!= ')}@{name}"

    def m_rare(self, version):
        side = "iif" if self.hook not in ("output", "postrouting", "egress") else "oif"
        rows = ["meta pkttype host", "meta pkttype != host", "meta length > 2000",
                "meta length < 20", "meta cgroup 0", f'{side}group default', f"{side}group 7",
                "meta rtclassid 0", "meta priority 0:0", "tcp option maxseg exists",
                "tcp option sack-perm exists", "tcp option maxseg size 1-100",
                "tcp doff 5-15", "tcp ackseq 0", "udp length > 1400", "tcp window > 0"]
        if version == 6:
            rows += ["exthdr hbh missing", "exthdr frag exists"]
        if self.family != "netdev" and self.hook != "ingress":
            rows += ["fib daddr type local", "fib saddr type local", "fib daddr type != local",
                     "rt classid 0"]
            if self.hook in ("prerouting", "input"):
                rows += ["fib saddr . iif oif missing", 'fib saddr . iif oifname "lo"',
                         "socket transparent 0", "socket wildcard 1"]
            if self.hook == "prerouting":
                rows += ["fib saddr . iif oif exists"]
        if self.hook == "ingress":
            rows += ["ether type ip", "ether type ip6", "ether saddr 00:00:00:00:00:00"]
        return self.rng.choice(rows)

    def m_stateful(self):
        self.stateful = True
        return self.pick("limit rate 5/second", "limit rate over 5/second", "limit rate 10/minute",
                         "limit rate 1/hour burst 10 packets", "quota over 10 mbytes",
                         "quota until 1 mbytes", "numgen inc mod 2 0",
                         "meta l4proto tcp jhash tcp sport mod 2 0",
                         "ct count over 100" if self.family != "netdev" and self.hook != "ingress"
                         else "limit rate 100/second")

    def match(self, version):
        return self.weighted([
            (1, 30, self.m_port), (1, 7, self.m_flags), (1, 12, lambda: self.m_address(version)),
            (1, 5, lambda: self.m_ip(version)), (1, 5, lambda: self.m_icmp(version)),
            (1, 14, self.m_interface), (1, 12, self.m_meta), (1, 15, self.m_ct),
            (2, 16, lambda: self.m_set(version)), (2, 10, lambda: self.m_named_set(version)),
            (4, 9, lambda: self.m_rare(version))])()

    # --- statements ---

    def s_mark(self):
        rows = [f"meta mark set {self.rng.choice(MARKS)}", "meta mark set meta mark | 0x10",
                "meta mark set meta mark & 0xf"]
        if self.tier >= 2:
            rows.append("meta mark set tcp dport map { 22 : 0x1, 80 : 0x2, 443-9999 : 0x10 }")
        if self.tier >= 4 and self.family != "netdev" and self.hook != "ingress":
            rows += ["ct mark set 0x1", "ct mark set meta mark", "meta mark set ct mark"]
        return self.rng.choice(rows)

    def s_rare(self, version):
        rows = ["ip ttl set 60" if version == 4 else "ip6 hoplimit set 60",
                "ip dscp set cs1" if version == 4 else "ip6 dscp set cs1", "meta priority set 1:1",
                'log prefix "odd: " level info', "counter"]
        if self.family != "netdev" and self.hook != "ingress" and self.priority < -200 and \
                self.hook in ("prerouting", "output"):
            rows += ["notrack"] * 3
        return self.rng.choice(rows)

    def reject(self):
        if self.family == "inet":
            with_ = self.pick("", " with icmpx port-unreachable", " with icmpx admin-prohibited",
                              " with icmpx host-unreachable", " with icmpx no-route")
        elif self.family == "ip":
            with_ = self.pick("", " with icmp port-unreachable", " with icmp admin-prohibited",
                              " with icmp host-unreachable", " with icmp net-unreachable",
                              " with icmp prot-unreachable")
        else:
            with_ = self.pick("", " with icmpv6 port-unreachable", " with icmpv6 no-route",
                              " with icmpv6 admin-prohibited", " with icmpv6 addr-unreachable")
        if self.chance(30):
            return "meta l4proto tcp reject with tcp reset"
        return "reject" + with_

    def verdict(self, callees):
        kind = self.rng.choices(["accept", "drop", "jump", "goto", "return", "none", "reject"],
                                [30, 12, 22, 7, 8, 14, 7])[0]
        if kind in ("jump", "goto"):
            return f"{kind} {self.rng.choice(callees)}" if callees else "accept"
        if kind == "reject":
            return self.reject() if self.tier >= 2 and self.may_reject else "drop"
        return {"none": "", "return": "return"}.get(kind, kind)

    def simple_verdict(self, callees):
        rows = ["accept", "accept", "accept", "drop"]
        if callees:
            rows += [f"jump {self.rng.choice(callees)}", f"goto {self.rng.choice(callees)}"]
        return self.rng.choice(rows + ["return", "continue"])

    def vmap(self, version, callees):
        def verdict():
            return self.simple_verdict(callees)

        ports = self.rng.sample(PORTS, 4)
        body = f"{ports[0]} : {verdict()}, {ports[1]} : {verdict()}, {ports[2]} : {verdict()}"
        catch = self.pick("", "", f", * : {verdict()}")
        local = "127.0.0.1" if version == 4 else "::1"
        word = "ip" if version == 4 else "ip6"
        if self.chance(30):
            name = f"map{len(self.table.objects)}"
            flags, elements = self.pick(
                ("", body + catch),
                (" flags interval;", f"1-79 : {verdict()}, 80 : {verdict()}, 443-9000 : {verdict()}"))
            self.table.objects.append(
                f"map {name} {{ type inet_service : verdict;{flags} elements = {{ {elements} }}; }}")
            return f"tcp dport vmap @{name}"
        rows = [f"tcp dport vmap {{ {body}{catch} }}",
                f"tcp dport vmap {{ 1-79 : {verdict()}, 80-443 : {verdict()}, 8080 : {verdict()} }}",
                f"meta l4proto vmap {{ tcp : {verdict()}, udp : {verdict()} }}",
                f'iifname vmap {{ "lo" : {verdict()}, "eth0" : drop }}',
                f"{word} daddr vmap {{ {local} : {verdict()} }}",
                f"{word} daddr . tcp dport vmap {{ {local} . {ports[0]} : {verdict()}, "
                f"{local} . {ports[1]} : {verdict()} }}",
                f"meta mark vmap {{ 0x1 : {verdict()}, 0x0 : {verdict()} }}"]
        if self.family != "netdev" and self.hook != "ingress":
            rows += [f"ct state vmap {{ established : {verdict()}, related : accept, "
                     f"invalid : {verdict()} }}"] * 2
        return self.rng.choice(rows)

    # --- rules and chains ---

    def rule(self, callees):
        version = {"ip": 4, "ip6": 6}.get(self.family) or self.pick(4, 6)
        if self.tier >= 2 and self.chance(9):
            return self.vmap(version, callees)
        words = [self.match(version) for _ in range(self.rng.choices([0, 1, 2, 3],
                                                                     [4, 50, 35, 11])[0])]
        action = self.verdict(callees)
        if self.with_state and self.chance(8):
            # A bucket's level cannot be read: few of them decide.
            words.append(self.m_stateful())
            action = action if self.chance(20) else ""
        if self.chance(25):
            words.append("counter")
        if self.tier >= 2 and self.chance(6):
            words.append(self.s_mark())
        if self.tier >= 2 and self.chance(2):
            words.append('log prefix "seen "')
        if self.tier >= 4 and self.chance(5):
            words.append(self.s_rare(version))
        words.append(action)
        text = " ".join(word for word in words if word) or "counter"
        return text + (' comment "as it was"' if self.chance(3) else "")

    def nat_rule(self, hook):
        match = self.pick("", self.m_port(), "tcp dport " + self.ports_set(), 'oifname "lo"')
        if hook == "output":
            action = self.pick("accept", "drop", "return",
                               f"meta l4proto tcp redirect to :{self.port()}")
        else:
            action = self.pick("accept", "drop", "return", "masquerade", 'oifname "eth0" masquerade')
        return f"{match} {action}".strip()

    def fill(self, chain, callees, n):
        while len(chain.rules) < n:
            rule = self.rule(callees)
            if clashes(rule):
                continue
            chain.rules.append(rule)

    def base_chain(self, family, hook):
        free = [p for p in PRIORITIES if (hook, p) not in self.used]
        if not free:
            return None
        self.priority = self.rng.choice(free)
        self.used.add((hook, self.priority))
        self.hook = hook
        self.may_reject = hook in REJECT_HOOKS
        device = ' device "lo"' if hook in ("ingress", "egress") else ""
        policy = "drop" if self.chance(11) else "accept"
        kind = "route" if self.tier >= 4 and hook == "output" and family != "netdev" and \
            self.chance(15) else "filter"
        return Chain(f"{hook}_{len(self.table.chains)}",
                     f"type {kind} hook {hook}{device} priority {self.priority}; policy {policy};")

    def nat_chain(self, hook):
        priority = -100 if hook == "output" else 100
        if (hook, "nat") in self.used:
            return
        self.used.add((hook, "nat"))
        self.hook, self.priority, self.may_reject = hook, priority, False
        chain = Chain(f"nat_{hook}", f"type nat hook {hook} priority {priority}; policy accept;")
        for _ in range(self.rng.randint(1, 3)):
            rule = self.nat_rule(hook)
            if not clashes(rule):
                chain.rules.append(rule)
        self.table.chains.append(chain)

    def user_chains(self):
        """Chains to call; those named quiet_ hold nothing that only some hooks allow."""
        chains = []
        self.priority = 0
        for number in range(self.rng.randint(0, 4)):
            quiet = self.family == "netdev" or self.chance(40)
            self.hook = "any"
            self.may_reject = not quiet
            chain = Chain(f"{'quiet' if quiet else 'user'}_{number}")
            callees = [c.name for c in chains if not quiet or c.name.startswith("quiet")]
            self.fill(chain, callees, self.rng.randint(1, 4))
            chains.append(chain)
        self.table.chains += chains
        return chains

    def add_table(self, number):
        self.family = self.rng.choices(["inet", "ip", "ip6", "netdev"],
                                       [50, 20, 20, 10 if self.tier >= 2 else 0])[0]
        options = ["flags dormant"] if self.chance(3) and self.family != "netdev" else []
        self.table = Table(self.family, f"t{number}", options)
        callable_chains = self.user_chains()
        hooks = HOOKS[self.family] if self.tier >= 2 else HOOKS[self.family][:4]
        for _ in range(self.rng.randint(1, 4 if self.family != "netdev" else 2)):
            weights = [{"input": 4, "output": 4, "prerouting": 2, "postrouting": 2}.get(h, 1)
                       for h in hooks]
            chain = self.base_chain(self.family, self.rng.choices(hooks, weights)[0])
            if chain is None:
                continue
            callees = [c.name for c in callable_chains
                       if self.may_reject or c.name.startswith("quiet")]
            if self.hook == "ingress" or self.family == "netdev":
                callees = [] if self.family == "inet" else callees
            self.fill(chain, callees, self.rng.randint(1, 6))
            self.table.chains.append(chain)
        if self.tier >= 4 and self.family in ("ip", "ip6", "inet") and self.chance(20):
            self.nat_chain(self.pick("output", "output", "postrouting"))
        return self.table

    def document(self):
        nft = Nft()
        for number in range(self.rng.choices([1, 2, 3], [55, 33, 12])[0]):
            nft.tables.append(self.add_table(number))
        return nft


TRANSPORTS = [r"\btcp (dport|sport|flags|option|doff|window|ackseq)|l4proto tcp|reset",
              r"\budp (dport|sport|length)|l4proto udp", r"\bicmp |protocol icmp",
              r"\bicmpv6 |ipv6-icmp"]
NETWORKS = [r"\bip |\bicmp |nfproto ipv4", r"\bip6 |\bicmpv6 |ipv6-icmp|nfproto ipv6|exthdr"]


def clashes(rule):
    """Whether a rule asks for two protocols at once: most of these nft refuses, and none matches
    anything. What slips through is left out when nft complains."""
    return any(sum(bool(re.search(pattern, rule)) for pattern in patterns) > 1
               for patterns in (TRANSPORTS, NETWORKS))
