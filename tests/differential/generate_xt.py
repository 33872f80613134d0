# SPDX-License-Identifier: GPL-2.0-or-later
"""Random rules of iptables and ip6tables, to be loaded as nftables or as legacy tables.

Never TEE, NFQUEUE or SYNPROXY; TRACE would join the oracle's own trace."""

from generate_nft import PORTS
from ruleset import Restore, XtTable

HOOKS = {
    "filter": ["INPUT", "FORWARD", "OUTPUT"],
    "mangle": ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"],
    "raw": ["PREROUTING", "OUTPUT"],
    "security": ["INPUT", "FORWARD", "OUTPUT"],
    "nat": ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"],
}


class XtGenerator:
    def __init__(self, rng, tier, family, backend):
        self.rng, self.tier, self.family = rng, tier, family
        self.backend = ("iptables-" if family == 4 else "ip6tables-") + backend
        self.with_state = tier >= 4 and self.chance(8)
        self.stateful = False

    def pick(self, *choices):
        return self.rng.choice(choices)

    def chance(self, percent):
        return self.rng.random() * 100 < percent

    def port(self):
        return self.rng.choice(PORTS)

    def ports(self):
        return ",".join(map(str, sorted(self.rng.sample(PORTS, self.rng.randint(2, 4)))))

    def negation(self):
        return "! " if self.chance(15) else ""

    # --- matches ---

    def m_port(self):
        proto = self.pick("tcp", "tcp", "udp")
        no = self.negation()
        return f"-p {proto} " + self.pick(
            f"-m {proto} {no}--dport {self.port()}", f"-m {proto} {no}--sport {self.port()}",
            f"-m {proto} {no}--dport {self.pick('1:1023', '1024:65535', '50:9000', ':100')}",
            f"-m {proto} --sport 20000:65535",
            f"-m multiport {no}--dports {self.ports()}", f"-m multiport --sports {self.ports()}",
            f"-m multiport --ports {self.ports()}", f"-m multiport --dports 20:80,443,8000:9000",
            "")

    def m_flags(self):
        return "-p tcp -m tcp " + self.pick(
            "--syn", "! --syn", "--tcp-flags SYN,RST SYN", "--tcp-flags SYN,ACK SYN,ACK",
            "--tcp-flags FIN,SYN,RST,ACK SYN", "! --tcp-flags FIN,SYN,RST,ACK SYN",
            "--tcp-flags RST RST", "--tcp-flags SYN,FIN SYN,FIN", "--tcp-option 2",
            "--tcp-option 200")

    def m_icmp(self):
        if self.family == 4:
            return "-p icmp" + self.pick("", " -m icmp --icmp-type 8", " -m icmp --icmp-type 0",
                                         " -m icmp --icmp-type 3/3", " -m icmp ! --icmp-type 8")
        return "-p ipv6-icmp" + self.pick("", " -m icmp6 --icmpv6-type 128",
                                          " -m icmp6 --icmpv6-type 129",
                                          " -m icmp6 --icmpv6-type 1/4",
                                          " -m icmp6 ! --icmpv6-type 128")

    def m_address(self):
        address = self.pick("127.0.0.1", "127.0.0.0/8", "10.0.0.0/8", "203.0.113.7") \
            if self.family == 4 else self.pick("::1", "::/64", "fe80::/10", "2001:db8::7")
        if self.chance(20):
            span = "127.0.0.1-127.0.0.9" if self.family == 4 else "::1-::9"
            return f"-m iprange {self.negation()}--{self.pick('src', 'dst')}-range {span}"
        return f"{self.negation()}{self.pick('-s', '-d')} {address}"

    def m_interface(self):
        inward = self.chain in ("PREROUTING", "INPUT")
        if self.chain == "user":
            inward = self.chance(50)
        return f"{self.negation()}{'-i' if inward else '-o'} {self.pick('lo', 'lo', 'l+', 'eth0', 'eth+')}"

    def m_state(self):
        if self.chance(25):
            return f"-m state {self.negation()}--state {self.pick('NEW', 'ESTABLISHED', 'RELATED,ESTABLISHED', 'INVALID')}"
        no = self.negation()
        return "-m conntrack " + self.pick(
            f"{no}--ctstate NEW", f"{no}--ctstate RELATED,ESTABLISHED", f"{no}--ctstate INVALID",
            f"{no}--ctstate ESTABLISHED", f"{no}--ctstate NEW,ESTABLISHED", "--ctstate UNTRACKED",
            "--ctstate DNAT", "--ctdir ORIGINAL", "--ctdir REPLY", "--ctproto 6", "--ctproto 17",
            "--ctstatus CONFIRMED", "--ctstatus SEEN_REPLY", "--ctstatus ASSURED",
            f"--ctproto 6 --ctorigdstport {self.port()}",
            f"--ctorigsrc {'127.0.0.1' if self.family == 4 else '::1'}")

    def m_owner(self):
        if self.chain not in ("OUTPUT", "POSTROUTING"):
            return ""
        return "-m owner " + self.negation() + self.pick("--uid-owner 0", "--uid-owner 33",
                                                         "--gid-owner 0", "--uid-owner 0-40")

    def m_other(self):
        ttl = "-m ttl --ttl-" if self.family == 4 else "-m hl --hl-"
        return self.pick(
            f"{ttl}eq 64", f"{ttl}lt 5", f"{ttl}gt 60", "-m length --length 1000:65535",
            "-m length --length 0:1500", "-m length ! --length 0:10",
            "-m pkttype --pkt-type unicast", "-m pkttype ! --pkt-type unicast",
            "-m addrtype --dst-type LOCAL", "-m addrtype --src-type LOCAL",
            "-m addrtype ! --dst-type LOCAL", f"-m mark {self.negation()}--mark 0x1",
            "-m mark --mark 0x0/0xf", "-m connmark --mark 0x1", "-m connmark ! --mark 0x1",
            '-m comment --comment "what it is for"', "-m dscp --dscp 0x00", "-m dscp ! --dscp 0x00",
            "-m helper --helper ftp")

    def m_rare(self):
        inward = self.chain == "PREROUTING"
        rows = ["-p tcp -m tcpmss --mss 1:100", "-p tcp -m tcpmss --mss 1000:65535",
                "-m u32 --u32 \"0>>28=4\"", "-m u32 --u32 \"0>>28=6\"",
                "-m string --string nowhere --algo bm", "-m physdev --physdev-is-bridged",
                "-m cpu ! --cpu 63", "-m socket", "-m connbytes --connbytes 100000: "
                "--connbytes-dir both --connbytes-mode bytes",
                "-m time --timestart 00:00 --timestop 23:59:59 --kerneltz"]
        if inward:
            rows += ["-m rpfilter", "-m rpfilter --invert"]
        if not inward:
            rows.remove("-m socket")
        return self.rng.choice(rows)

    def m_stateful(self):
        self.stateful = True
        return self.pick("-m limit --limit 5/sec", "-m limit --limit 10/min --limit-burst 20",
                         "-m connlimit --connlimit-above 100",
                         "-m hashlimit --hashlimit-upto 5/sec --hashlimit-name one",
                         "-m recent --name seen --rcheck --seconds 60",
                         "-m recent --name seen --set",
                         "-m statistic --mode nth --every 2 --packet 0")

    def match(self):
        rows = [(28, self.m_port), (8, self.m_flags), (6, self.m_icmp), (10, self.m_address),
                (14, self.m_interface), (18, self.m_state), (6, self.m_owner), (14, self.m_other)]
        if self.tier >= 4:
            rows.append((6, self.m_rare))
        weights, functions = zip(*rows)
        return self.rng.choices(functions, weights)[0]()

    # --- targets ---

    def reject(self, matches):
        if "-p tcp" in matches and "! -p" not in matches and self.chance(40):
            return "-j REJECT --reject-with tcp-reset"
        kinds = ["icmp-port-unreachable", "icmp-host-prohibited", "icmp-admin-prohibited",
                 "icmp-net-unreachable", "icmp-proto-unreachable"] if self.family == 4 else \
            ["icmp6-port-unreachable", "icmp6-adm-prohibited", "icmp6-no-route",
             "icmp6-addr-unreachable"]
        return f"-j REJECT --reject-with {self.rng.choice(kinds)}"

    def target(self, table, matches, callees):
        kind = self.rng.choices(["ACCEPT", "DROP", "jump", "goto", "RETURN", "none", "REJECT",
                                 "mark", "LOG"], [28, 12, 22, 6, 9, 7, 9, 8, 3])[0]
        if kind in ("jump", "goto"):
            flag = "-j" if kind == "jump" else "-g"
            return f"{flag} {self.rng.choice(callees)}" if callees else "-j ACCEPT"
        if kind == "REJECT" and table == "filter":
            return self.reject(matches)
        if kind == "mark" and table == "mangle":
            return self.pick("-j MARK --set-xmark 0x1/0xffffffff", "-j MARK --set-xmark 0x10/0x10",
                             "-j CONNMARK --set-xmark 0x1/0xffffffff", "-j CONNMARK --save-mark",
                             "-j CONNMARK --restore-mark")
        if kind == "mark" and table == "raw" and self.tier >= 4:
            return self.pick("-j CT --notrack", "-j NOTRACK")
        if kind == "LOG":
            return '-j LOG --log-prefix "seen "'
        if kind in ("none", "mark"):
            return ""
        return f"-j {kind if kind != 'REJECT' else 'DROP'}"

    def nat_target(self):
        if self.chain == "OUTPUT" and self.chance(40):
            return f"-p tcp -m tcp --dport {self.port()}", f"-j REDIRECT --to-ports {self.port()}"
        if self.chain == "POSTROUTING" and self.chance(40):
            return self.m_interface(), "-j MASQUERADE"
        return self.m_port(), self.pick("-j ACCEPT", "-j RETURN")

    # --- rules and tables ---

    def rule(self, table, chain, callees):
        if table == "nat" and self.chain != "user":
            matches, target = self.nat_target()
            return f"-A {chain} {matches} {target}"
        words = [self.match() for _ in range(self.rng.choices([0, 1, 2, 3], [6, 50, 34, 10])[0])]
        # -p, -s, -d, -i and -o may stand once.
        seen, kept = set(), []
        for word in words:
            keys = {w for w in word.split() if w in ("-p", "-s", "-d", "-i", "-o")}
            keys |= {word.split("-m ", 1)[1].split()[0]} if "-m " in word else set()
            if word and not keys & seen:
                kept.append(word)
                seen |= keys
        matches = " ".join(kept)
        target = self.target(table, matches, callees)
        if self.with_state and self.chance(8):
            matches = f"{matches} {self.m_stateful()}"
            target = target if self.chance(20) else ""
        return " ".join(f"-A {chain} {matches} {target}".split())

    def table(self, name):
        hooks = HOOKS[name]
        table = XtTable(name, {hook: "DROP" if name != "nat" and self.chance(9) else "ACCEPT"
                               for hook in hooks})
        for number in range(self.rng.randint(0, 4) if name != "nat" else 0):
            self.chain = "user"
            chain = f"user{number}"
            for _ in range(self.rng.randint(1, 4)):
                table.rules.append(self.rule(name, chain, list(table.chains)))
            table.chains.append(chain)
        for hook in hooks:
            if hook == "FORWARD":
                continue
            self.chain = hook
            for _ in range(self.rng.randint(0, 5 if name == "filter" else 2)):
                table.rules.append(self.rule(name, hook, table.chains))
        return table

    def document(self):
        document = Restore(self.backend)
        names = ["filter"] if self.chance(90) else []
        names += [name for name in ("mangle", "raw") if self.chance(35)]
        if self.chance(6):
            names.append("security")
        if self.tier >= 4 and self.chance(15):
            names.append("nat")
        document.tables = [self.table(name) for name in names or ["filter"]]
        return document
