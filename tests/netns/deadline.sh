#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that only a name server could answer, and a name server that takes every question and never
# answers: the deadline holds, the answer says what was waited for, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
machine "$@"

# The neighbour is known, so no ARP fails, and nobody is behind the cable.
ip link add cable type veth peer name nobody
ip link set cable up
ip link set nobody up
ip address add 192.0.2.1/24 dev cable
ip neighbour add 192.0.2.53 lladdr 02:00:00:00:00:53 dev cable
etc hosts '# nothing left'
etc resolv.conf 'nameserver 192.0.2.53' 'options timeout:30 attempts:5'
serve

# What is left of muxdiag in this pid namespace, zombies too.
survivors()
{
	cat /proc/[0-9]*/comm 2>/dev/null | grep -c '^muxdiag$' || true
}

for target in localhost localhost:8000 debian5:8000 no-such-name:8000; do
	say "$target"
	run_check --json "$target"
	expect_status 2 3
	[ "$(survivors)" = 0 ] || fail "$(survivors) processes outlive the check of $target"
	# "No" would be a guess: it is still out.
	expect_report '{n["resolves"] for n in report["names"] if n["of_target"]}' "{'unknown'}"
	expect_report 'sorted({g["source"] for g in report["gaps"]})' getaddrinfo
	expect "no answer after" "${target%:8000}"
done

# A shorter deadline is a shorter deadline: the same answer comes.
run_check --timeout 300 --json localhost:8000
expect_status 2 3
[ "$(survivors)" = 0 ] || fail "$(survivors) processes outlive the short check"
