#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A ruleset that is replaced again and again while it is read: what is reported was one ruleset, or
# it is said that it moved. And reading leaves the machine as it was.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs_firewall nft
serve

# --- reading makes nothing -----------------------------------------------------------------------

# Asking the kernel for a legacy table makes it (xt_find_table_lock()).
tables()
{
	cat /proc/net/ip_tables_names /proc/net/ip6_tables_names 2>/dev/null
}
before=$(tables)
run_check localhost:8000
expect_status 0
[ "$(tables)" = "$before" ] || fail "the check made legacy tables: $(tables)"

# --- reading a moving ruleset --------------------------------------------------------------------

# Both rulesets drop what goes to port 8000 of ::1; the rules of one with the sets of the other drop
# nothing. The many rules keep the kernel busy for more than one datagram.
ruleset()
{
	say 'table inet t'
	say 'delete table inet t'
	say 'table inet t {'
	say "set a { type inet_service; elements = { $1 }"
	say '}'
	say "set b { type inet_service; elements = { $2 }"
	say '}'
	say 'chain out {'
	say 'type filter hook output priority filter; policy accept;'
	seq 1 300 | sed 's/.*/tcp dport & drop/'
	say "ip6 daddr ::1 tcp dport @$3 drop"
	say '}'
	say '}'
}
ruleset 8000 9000 a >"$work/first"
ruleset 9000 8000 b >"$work/second"
nft -f "$work/first"

# Ends with this script's namespace, or when it is told.
move()
{
	while [ ! -e "$work/stop" ]; do
		nft -f "$work/second"
		nft -f "$work/first"
	done
}
move &
mover=$!

moved=0
for _ in 1 2 3 4 5 6 7 8; do
	run_check --json localhost:8000
	report 'next(e["stages"]["output"]["text"] for e in report["endpoints"]
		if e["address"] == "::1")' >"$work/text"
	case $(cat "$work/text") in
	'dropped by rule 301 of inet t out: '*) ;;
	*)
		# Then what a probe met may stand instead of a rule, as long as it is said why.
		report '[gap["text"] for gap in report["gaps"]]' | grep -q 'changed while' || {
			show
			fail "a ruleset that never was: $(cat "$work/text")"
		}
		moved=$((moved + 1))
		;;
	esac
done
touch "$work/stop"
wait "$mover"
say "of 8 readings $moved were said to have met a moving ruleset"

# Once it stands still it is read.
run_check --json localhost:8000
expect 'dropped by rule 301 of inet t out'
