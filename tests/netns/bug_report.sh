#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# contrib/bug-report of a machine full of addresses and names: redacted, none of them is left in any
# form, the findings are the same, and the same key gives the same report; and of a preflight there.
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
		comment "wilma asked"
		set spoken { type inet_service; comment "by wilma"; elements = { 8001 }; }
		chain outgoing {
			comment "of wilma"
			type filter hook output priority filter;
			tcp dport @spoken log prefix "wilma: "
			ip saddr 172.23.45.0/24 ip daddr 172.23.45.67 tcp dport 8000 counter drop comment "ask wilma"
			ip6 daddr 2001:db8:77:5::/64 tcp dport 8000 drop
		}
	}
END
{ iptables-legacy -A OUTPUT -d 172.23.45.0/24 -p tcp --dport 8001 -j DROP &&
	iptables-legacy -A OUTPUT -p tcp --dport 8001 -m comment --comment 'ask wilma' \
		-j LOG --log-prefix 'wilma '; } 2>/dev/null || say 'SKIPPED the legacy tables: there are none'
ip6tables-nft -A OUTPUT -p tcp --dport 8001 -m comment --comment 'wilma too' \
	-j LOG --log-prefix 'wilma ' 2>/dev/null || say 'SKIPPED LOG of ip6tables-nft'
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


# A server that says much, and a preflight with a run of it.
/usr/bin/python3 -c '
import socket
head = b"HTTP/1.0 200 OK\r\nServer: Werkzeug/2 on 172.23.45.67\r\nSet-Cookie: wilma=1\r\n"
body = b"wilma at 172.23.45.67"
with socket.create_server(("172.23.45.67", 8002), backlog=64) as server:
    while True:
        client, _ = server.accept()
        with client:
            if client.recv(65536):
                client.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
' &
await 'the talkative server' sh -c "ss -Hltn 'sport = :8002' | grep -q ."
set -- -c 4 -n 400 http://payroll7:8002/wilma
if command -v ab >/dev/null; then
	set -- "$@" -- ab -q -c 4 -n 400 http://payroll7:8002/wilma
fi
env -i PATH="$PATH" ASAN_OPTIONS="$ASAN_OPTIONS" "$work/muxdiag" preflight --record "$work/fit" "$@" \
	>"$work/said" 2>&1 || [ $? -le 3 ] || {
	cat "$work/said"
	fail 'no preflight'
}
grep -rqF wilma "$work/fit/preflight" || fail 'the preflight has nothing to redact'
run_report --redact --key "$work/key" --from "$work/fit" -o "$work/fit.tar.gz" >"$work/said"
[ "$(wc -l <"$work/said")" = 1 ] || {
	cat "$work/said"
	fail 'of the preflight something was left out, or is found otherwise'
}
mkdir "$work/one/fit"
tar -xzf "$work/fit.tar.gz" -C "$work/one/fit"
grep -q 'Server: Werkzeug' "$work/one/fit/muxdiag-report/preflight.txt" || fail 'the Server field is lost'
! command -v ab >/dev/null ||
	grep -q 'within' "$work/one/fit/muxdiag-report/bundle/run/output" || fail 'the percentiles are lost'

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
