#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `muxdiag path` on a machine: the rule it names, live and replayed, and what it says of bad input.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs_firewall nft
serve

# `run_path STATUS ARGUMENT…`: into $work/out.
run_path()
{
	expected=$1
	shift
	status=0
	muxdiag path "$@" >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = "$expected" ] || {
		show
		fail "path $*: exit status $status, expected $expected"
	}
}

# `says TEXT`: the last output holds it.
says()
{
	grep -qF -- "$1" "$work/out" "$work/err" || {
		show
		fail "it does not say: $1"
	}
}

run_path 0 localhost:8000
says '[::1]:8000 over tcp: nothing is in the way; connect() succeeds'
says '127.0.0.1:8000 over tcp: nothing is in the way; connect() succeeds'

nft -f - <<'END'
table inet t {
	set ports { type inet_service; elements = { 22, 8000 }
	}
	chain more {
		meta mark 7 accept
		meta skuid 33 accept
		ip6 daddr ::1 tcp dport @ports counter drop comment "here"
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		udp dport 53 reject
		jump more
	}
}
END

run_path 2 --record "$work/bundle" localhost:8000
says '[::1]:8000 over tcp: the SYN is dropped by rule 3 of inet t more (hook output); connect() times out'
says 'comment "here"'
says '<== the SYN dies here'
says '127.0.0.1:8000 over tcp: nothing is in the way'
cp "$work/out" "$work/live"
run_path 2 --replay "$work/bundle" localhost:8000
cmp "$work/live" "$work/out" || fail 'another answer when replayed'
run_path 0 --family 4 localhost:8000
run_path 0 --mark 7 --source-port 40000 '[::1]:8000'
run_path 0 --mark 7 '[::1]:8000'
says "assuming that the client's port is 50000; --source-port asks about another"
nft add element inet t ports '{ 50000 }'
run_path 2 --mark 7 '[::1]:8000'
says 'the SYN/ACK is dropped by rule 3 of inet t more (hook output)'
nft delete element inet t ports '{ 50000 }'
run_path 0 --mark 7 --source-port 50001 '[::1]:8000'
run_path 0 --uid 33 --source-port 40000 '[::1]:8000'
run_path 0 --proto icmp localhost
run_path 2 --proto udp '127.0.0.1:53'
says 'the query is rejected by rule 1 of inet t deciding'
run_path 2 -v '[::1]:8000'
says '- not meta mark 0x7'
run_path 2 --json --replay "$work/bundle" localhost:8000
cp "$work/out" "$work/live"
run_path 2 --json --replay "$work/bundle" localhost:8000
cmp "$work/live" "$work/out" || fail 'another JSON the second time'

run_path 2 --svg --replay "$work/bundle" localhost:8000
says '<svg xmlns="http://www.w3.org/2000/svg"'
says '<g class="mp-row mp-die"><title>inet t more rule 3, handle '
says '>DROP</text>'
/usr/bin/python3 -c 'import sys, xml.etree.ElementTree as tree; tree.parse(sys.argv[1])' "$work/out" ||
	fail 'the drawing is no XML'
run_path 64 --svg --json localhost:8000
printf 'a tcp 6 40000 8000\n\nb tcp 4 40001 8000\n' >"$work/lines"
run_path 0 --batch <"$work/lines"
says 'a DROP inet t more '
says "b ACCEPT - - - -	connected"
for line in 'x tcp' 'x sctp 4 1 1' 'x tcp 5 1 1' 'x tcp 4 70000 1' 'x tcp 4 1 -1' 'x tcp 4 1 1 1'; do
	printf 'a tcp 6 40000 8000\n%s\n' "$line" >"$work/lines"
	run_path 64 --batch <"$work/lines"
	says 'line 2: '
done
run_path 64 localhost
run_path 64 --nonsense localhost:8000
