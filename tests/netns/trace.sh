#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# muxdiag trace against real firewalls: the kernel's account of one packet beside the evaluation's,
# nothing left behind, nothing else touched. `trace.sh nft|legacy|table`.
. "$(dirname "$0")/lib.sh"
machine "$@"
schema=$(dirname "$0")/../../contrib/schema/muxdiag-trace.schema.json

# `run_trace ARG…`: as run_check. What it says beforehand is in $work/announced.
run_trace()
{
	status=0
	muxdiag trace "$@" >"$work/out" 2>"$work/all" || status=$?
	no_hang trace "$@"
	grep '^muxdiag: adding the nftables table inet muxdiag-trace-' "$work/all" \
		>"$work/announced" || true
	grep -v '^muxdiag: adding ' "$work/all" >"$work/err" || true
}

# `side PACKET HOOK evaluated|kernel KEY`, of the JSON in $work/out
side()
{
	report "[h['$3']['$4'] for p in report['packets'] if p['name'] == '$1' for h in p['hooks'] if h['hook'] == '$2'][0]"
}

expect_side()
{
	got=$(side "$1" "$2" "$3" "$4")
	[ "$got" = "$5" ] || {
		show
		fail "$4 of $1 on $2, $3: $got instead of $5"
	}
}

# Both say the same everywhere, or one of them does not know.
expect_agreement()
{
	expect_report "[h['difference'] for p in report['packets'] for h in p['hooks'] if h['agree'] == 'no']" ''
}

expect_schema()
{
	/usr/bin/python3 - "$schema" "$work/out" <<-'END' || fail 'the JSON breaks the schema'
	import json, sys
	try:
	    import jsonschema
	except ImportError:
	    sys.exit("SKIPPED the schema: python3-jsonschema is not installed" and 0)
	schema, report = (json.load(open(path)) for path in sys.argv[1:])
	jsonschema.validators.validator_for(schema)(schema).validate(report)
	END
}

# The rules of everybody, without what a packet counts up.
rules()
{
	nft -s -a list ruleset
	for family in ip ip6; do
		while read -r table; do
			"${family}tables-legacy-save" -t "$table" | grep -v '^#' | sed 's/\[.*\]//'
		done <"/proc/net/${family}_tables_names"
	done
}

# `unchanged COMMAND…`
unchanged()
{
	rules >"$work/before"
	"$@"
	rules >"$work/after"
	cmp "$work/before" "$work/after" || {
		diff "$work/before" "$work/after" || true
		fail "$* changed the rules"
	}
	cat /proc/net/ip6_tables_names >"$work/names"
}

# --- nftables ------------------------------------------------------------------------------------

accepted()
{
	for target in '[::1]:8000' 127.0.0.1:8000; do
		unchanged run_trace --json "$target"
		expect_status 0
		expect_schema
		expect_agreement
		expect_report 'report["status"]' arrives
		expect_report '[p["name"] + p["arrived"] for p in report["packets"]]' "requestyes
answeryes
ackyes"
		[ -s "$work/announced" ] || fail 'it did not say what it adds'
	done
	run_trace localhost:8000 --family 4
	expect_status 0
	expect 'tcp 127.0.0.1:8000: every packet arrives.'
	run_trace --proto icmp ::1
	expect_status 0
	expect 'echo request' 'echo reply'
	run_trace -q --proto icmp 127.0.0.1
	expect_status 0
	run_trace '[::1]:9'
	expect_status 0
	expect 'refusal (RST)' 'nobody listens there'
	run_trace --proto udp 127.0.0.1:9
	expect_status 0
	expect 'refusal (ICMP error)'
	ip addr add 198.51.100.7/32 dev lo
	run_trace 198.51.100.7:8000
	expect_status 0
	expect 'every packet arrives'
	ip addr del 198.51.100.7/32 dev lo
}

# Nothing leaves a machine that has no such address.
unsent()
{
	ip addr del ::1/128 dev lo
	run_trace '[::1]:8000'
	expect_status 2
	expect 'no packet is sent: cannot assign requested address'
	ip addr add ::1/128 dev lo
}

# `handle_of CHAIN TEXT`
handle_of()
{
	nft -a list chain inet guard "$1" | sed -n "s/.*$2.*# handle //p"
}

dropped_by_rule()
{
	nft -f - <<-'END'
	table inet guard {
		chain incoming {
			type filter hook input priority filter; policy accept;
			ct state established accept
			tcp dport 8000 jump web
		}
		chain web {
			ip6 daddr ::1 drop comment "no web"
		}
	}
	END
	unchanged run_trace --json '[::1]:8000'
	expect_status 2
	expect_schema
	expect_agreement
	for who in evaluated kernel; do
		expect_side request input "$who" fate dropped
		expect_side request input "$who" chain web
		expect_side request input "$who" handle "$(handle_of web 'no web')"
		expect_side request output "$who" fate accepted
	done
	run_trace -v '[::1]:8000'
	expect 'the request (SYN) is dropped on input by rule 1 of inet guard web' 'jump web'
	run_trace 127.0.0.1:8000
	expect_status 0
	nft delete table inet guard
}

dropped_by_policy()
{
	drop_policies ip6 ''
	unchanged run_trace --json '[::1]:8000'
	expect_status 2
	expect_agreement
	for who in evaluated kernel; do
		expect_side request output "$who" fate dropped
		expect_side request output "$who" policy True
		expect_side request output "$who" chain outgoing
	done
	nft delete table ip6 guard
}

reply_dropped()
{
	nft -f - <<-'END'
	table inet guard {
		chain outgoing {
			type filter hook output priority filter; policy accept;
			tcp sport 8000 drop
		}
	}
	END
	unchanged run_trace --json '[::1]:8000'
	expect_status 2
	expect_agreement
	expect_side request input kernel fate accepted
	expect_side answer output kernel fate dropped
	expect_side answer output evaluated fate dropped
	run_trace '[::1]:8000'
	expect 'the answer (SYN/ACK) is dropped on output by rule 1 of inet guard outgoing'
	nft delete table inet guard
}

rejected()
{
	nft -f - <<-'END'
	table inet guard {
		chain incoming {
			type filter hook input priority filter; policy accept;
			tcp dport 8000 reject
		}
	}
	END
	unchanged run_trace --json '[::1]:8000'
	expect_status 2
	expect_agreement
	expect_side request input evaluated fate rejected
	expect_side request input kernel fate dropped
	expect_side refusal input kernel fate accepted
	run_trace 127.0.0.1:8000
	expect 'is rejected on input' 'refusal (ICMP error)'
	nft delete table inet guard
}

# nat rewrites ports half-way; drops on the way through lo itself are reported, too.
elsewhere()
{
	nft -f - <<-'END'
	table ip guard {
		chain outgoing {
			type nat hook output priority -100; policy accept;
			tcp dport 81 redirect to :8000
		}
	}
	END
	run_trace --json 127.0.0.1:81
	expect_status 0
	expect_agreement
	expect_side request input kernel fate accepted
	nft delete table ip guard
	nft -f - <<-'END' || return 0
	table netdev guard {
		chain lo {
			type filter hook ingress device lo priority 0; policy accept;
			tcp dport 8000 drop
		}
	}
	END
	run_trace --json '[::1]:8000'
	expect_status 2
	expect_agreement
	expect_side request egress kernel fate accepted
	expect_side request ingress kernel fate dropped
	nft delete table netdev guard
}

hostile_names()
{
	nft -f - <<-'END'
	table inet guard {
		chain incoming {
			type filter hook input priority filter; policy accept;
			tcp dport 8000 drop comment "]0;owned"
		}
	}
	END
	run_trace -v '[::1]:8000'
	expect_status 2
	expect_harmless
	nft delete table inet guard
}

# --- legacy tables -------------------------------------------------------------------------------

bracketed()
{
	"$1" -t "$2" -A "$3" -p tcp --dport 8000 -j DROP
	unchanged run_trace --json "$4"
	expect_status 2
	expect_schema
	expect_agreement
	expect_side request "$5" evaluated fate dropped
	expect_side request "$5" kernel fate vanished
	expect_side request "$5" kernel table "$2"
	expect_side request "$5" kernel chain "$3"
	run_trace "$4"
	expect "(legacy)" "(last seen at priority"
	"$1" -t "$2" -F
	run_trace "$4"
	expect_status 0
}

legacy()
{
	needs_firewall ip6tables-legacy
	needs_firewall iptables-legacy
	bracketed ip6tables-legacy filter OUTPUT '[::1]:8000' output
	bracketed ip6tables-legacy mangle POSTROUTING '[::1]:8000' postrouting
	bracketed ip6tables-legacy raw PREROUTING '[::1]:8000' prerouting
	bracketed iptables-legacy filter INPUT 127.0.0.1:8000 input
	bracketed iptables-legacy security INPUT 127.0.0.1:8000 input
	ip6tables-legacy -P OUTPUT DROP
	run_trace '[::1]:8000'
	expect_status 2
	expect 'the policy of ip6 filter OUTPUT (legacy)'
}

# --- our own table -------------------------------------------------------------------------------

tables()
{
	nft list tables | grep -c muxdiag-trace
}

# Stops a trace while its table is there, and kills it; a trace that was too fast is tried again.
killed()
{
	ip6tables-nft -A INPUT -p tcp --dport 8000 -j DROP
	tries=0
	caught=no
	while [ "$caught" = no ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail 'no trace was caught in the act'
		"$work/muxdiag" trace '[::1]:8000' >/dev/null 2>&1 &
		tracer=$!
		while kill -0 "$tracer" 2>/dev/null; do
			[ "$(tables)" = 0 ] || {
				kill -STOP "$tracer" && caught=yes
				break
			}
		done
		[ "$(tables)" = 1 ] || caught=no
		if [ "$caught" = yes ]; then
			nft delete table inet "muxdiag-trace-$tracer" 2>/dev/null &&
				fail 'anybody can delete the table'
			nft list table inet "muxdiag-trace-$tracer" | grep -q owner ||
				fail 'nobody owns the table'
		fi
		kill -KILL "$tracer" 2>/dev/null || true
		wait "$tracer" 2>/dev/null || true
	done
	[ "$(tables)" = 0 ] || fail 'the table outlives its owner'
	ip6tables-nft -F INPUT
}

at_the_same_time()
{
	for i in 1 2 3 4; do
		muxdiag trace --json '[::1]:8000' >"$work/out.$i" 2>/dev/null &
		eval "pid$i=\$!"
	done
	for i in 1 2 3 4; do
		status=0
		eval "wait \$pid$i" || status=$?
		cp "$work/out.$i" "$work/out"
		: >"$work/err"
		expect_status 0
		expect_agreement
		expect_report '[p["arrived"] for p in report["packets"]]' "yes
yes
yes"
	done
	[ "$(tables)" = 0 ] || fail 'tables are left'
}

without_permission()
{
	status=0
	bare setpriv --bounding-set=-net_admin --inh-caps=-net_admin "$work/muxdiag" trace \
		'[::1]:8000' >"$work/out" 2>"$work/err" || status=$?
	[ "$status" = 77 ] || fail "status $status without CAP_NET_ADMIN"
	grep -q 'CAP_NET_ADMIN.*sudo' "$work/err" || fail 'it does not say what to do'
	[ ! -s "$work/out" ] || fail 'it printed something'
	has_nobody || {
		say 'SKIPPED nobody: there is no second user in a user namespace'
		return
	}
	status=0
	bare setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=+net_admin \
		--ambient-caps=+net_admin "$work/muxdiag" trace '[::1]:8000' >"$work/out" \
		2>/dev/null || status=$?
	: >"$work/err"
	case $status in
	0) ;;
	*) expect_status 0 ;;
	esac
}

replayed()
{
	ip6tables-nft -P OUTPUT DROP
	run_trace --json --record "$work/bundle" '[::1]:8000'
	expect_status 2
	cp "$work/out" "$work/live"
	ip6tables-nft -P OUTPUT ACCEPT
	run_trace --json --replay "$work/bundle"
	expect_status 2
	[ ! -s "$work/announced" ] || fail 'a replay adds something'
	cmp "$work/live" "$work/out" || fail 'the recording says something else'
	run_check --record "$work/check" localhost:8000
	run_trace --replay "$work/check"
	expect_status 64
	grep -q 'no trace' "$work/err" || fail 'what is wrong with the recording is not said'
}

wrong_usage()
{
	for arguments in '' localhost '192.0.2.1:80' '--proto sctp localhost:80' \
		'--family 5 localhost:80' 'no-such-host.invalid:80'; do
		# shellcheck disable=SC2086
		run_trace $arguments
		expect_status 64
	done
}

needs_firewall nft
serve
case $1 in
nft)
	accepted
	dropped_by_rule
	dropped_by_policy
	reply_dropped
	rejected
	elsewhere
	hostile_names
	unsent
	;;
legacy)
	legacy
	;;
table)
	needs_firewall ip6tables-nft
	killed
	at_the_same_time
	without_permission
	replayed
	wrong_usage
	;;
esac
