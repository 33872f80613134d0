#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Names that only a name server could answer, and a name server that takes every question and never
# answers: the deadline holds, the answer says what was waited for, and nothing is left behind.
. "$(dirname "$0")/lib.sh"
machine "$@"

# The neighbour is known, so no ARP fails, and nobody is behind the cable.
ip link add cable type veth peer name nobody || skip 'this kernel makes no veth here'
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

# `waits TARGET MS [OPTION…]`: what getaddrinfo would say is not known, and was waited for until the
# deadline, not a moment less. (Not a moment more is the watchdog's.)
waits()
{
	target=$1
	ms=$2
	shift 2
	say "$target, $ms ms"
	run_check --json "$@" "$target"
	expect_status 2 3
	[ "$(survivors)" = 0 ] || fail "$(survivors) processes outlive the check of $target"
	# "No" would be a guess: it is still out.
	expect_report '{n["resolves"] for n in report["names"] if n["of_target"]}' "{'unknown'}"
	expect_report '{g["source"] for g in report["gaps"]}' "{'getaddrinfo'}"
	expect_report "[float(re.search(r'no answer after ([0-9.]+) ms', g['text'])[1]) >= $ms
		for g in report['gaps']]" True
}

waits localhost 1000
waits localhost:8000 1000
waits debian5:8000 1000
waits no-such-name:8000 1000
waits localhost:8000 200 --timeout 200
