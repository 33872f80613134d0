#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# contrib/bug-report of a machine full of addresses and names: redacted, none of them is left in any
# form, the findings are the same, and the same key gives the same report.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs python3
needs_firewall ip6tables-nft
report=$(dirname "$0")/../../contrib/bug-report

host_name payroll7
ip link add net0 type veth peer name net1 2>/dev/null || skip 'this kernel makes no veth here'
ip link set net1 up
ip link set net0 address 52:54:00:ab:cd:ef up
ip addr add 172.23.45.67/24 dev net0
ip addr add 2001:db8:77:5::9/64 dev net0 nodad
ip route add 172.29.0.0/16 via 172.23.45.1
etc hosts <<-'END'
	127.0.0.1 localhost
	172.23.45.67 payroll7.secretcorp.example payroll7
	2001:db8:77:5::9 payroll7
	# 172.23.45.99 oldname
END
etc resolv.conf 'search secretcorp.example' 'nameserver 172.23.45.53'
nft -f - <<-'END'
	table inet guard {
		chain outgoing {
			type filter hook output priority filter;
			ip saddr 172.23.45.0/24 ip daddr 172.23.45.67 tcp dport 8000 counter drop comment "ask wilma"
			ip6 daddr 2001:db8:77:5::/64 tcp dport 8000 drop
		}
	}
END
iptables-legacy -A OUTPUT -d 172.23.45.0/24 -p tcp --dport 8001 -j DROP 2>/dev/null ||
	say 'SKIPPED the legacy tables: there are none'
serve
run_report()
{
	env -i PATH="$PATH" MUXDIAG="$work/muxdiag" https_proxy=http://wilma:p@ss@172.23.45.8:3128 \
		ASAN_OPTIONS="$ASAN_OPTIONS" "$report" "$@" ||
		fail "bug-report $*: status $?"
}

run_report -o "$work/plain.tar.gz" payroll7:8000 >"$work/said"
for name in one two; do
	mkdir "$work/$name"
	tar -xzf "$work/plain.tar.gz" -C "$work/$name"
	run_report --redact --key "$work/key" --from "$work/$name/muxdiag-report/bundle" \
		-o "$work/$name.tar.gz" >"$work/said"
	[ "$(wc -l <"$work/said")" = 1 ] || {
		cat "$work/said"
		fail 'something was left out, or is found otherwise'
	}
	rm -rf "${work:?}/$name"
	mkdir "$work/$name"
	tar -xzf "$work/$name.tar.gz" -C "$work/$name"
done
diff -r "$work/one" "$work/two" || fail 'the same key gives another report'
[ "$(stat -c %a "$work/one.tar.gz")" = 600 ] || fail 'others may read it'

/usr/bin/python3 - "$work/one" <<-'END' || fail 'it is not redacted'
	import ipaddress, os, sys
	texts = ["payroll7", "secretcorp", "wilma", "p@ss", "oldname"]
	addresses = ["172.23.45.67", "172.23.45.53", "172.23.45.8", "172.23.45.99", "172.23.45.0",
	             "172.23.45.255", "2001:db8:77:5::9", "2001:db8:77:5::"]
	secrets = [text.encode() for text in texts + addresses]
	secrets += [ipaddress.ip_address(text).packed for text in addresses]
	secrets += [bytes.fromhex("525400abcdef"), b"172.23.45", bytes([172, 29, 0, 0]),
	            ipaddress.ip_address("fe80::5054:ff:feab:cdef").packed]
	bad = 0
	for folder, _, files in os.walk(sys.argv[1]):
	    for name in files:
	        path = os.path.join(folder, name)
	        with open(path, "rb") as file:
	            data = path.encode() + file.read()
	        for secret in secrets:
	            if secret in data:
	                print(f"{path} has {secret!r}")
	                bad = 1
	sys.exit(bad)
END
grep -q 'drops packets' "$work/one/muxdiag-report/report.txt" || fail 'the finding is lost'
grep -A2 '^Why' "$work/one/muxdiag-report/report.txt"
