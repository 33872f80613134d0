#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sets of every kind, asked by key: each case drops ::1 by exactly one rule that hangs on a set, and
# muxdiag has to name that rule, live and replayed. What must not match stands before it.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs_firewall nft
serve

# `dropped_by RULE CASE`: rule RULE of chain `deciding` drops what goes to ::1, and nothing else is
# in doubt. The table is on stdin.
dropped_by()
{
	say "case: $2"
	nft -f - || fail "nft does not take: $2"
	rm -rf "$work/bundle"
	run_check --json --record "$work/bundle" localhost:8000
	expect_report 'report["findings"][0]["title"]' \
		"rule $1 of inet t deciding (hook output) drops packets to ::1"
	expect_report '[e["stages"][s]["passes"] for e in report["endpoints"]
		if e["address"] == "::1" and e["name"] == "localhost"
		for s in ("output", "input")]' 'no
yes'
	expect_report '{e["stages"][s]["passes"] for e in report["endpoints"]
		if e["family"] == "ipv4" for s in ("output", "input")}' "{'yes'}"
	expect_report 'report["gaps"]' ''
	expect_report '[f["inferred"] for f in report["findings"]]' False
	mv "$work/out" "$work/live"
	run_check --json --replay "$work/bundle" localhost:8000
	cmp "$work/live" "$work/out" || fail "another answer when replayed: $2"
	nft flush ruleset
}

dropped_by 2 'sets and intervals' <<'END'
table inet t {
	set other { type inet_service; elements = { 22, 80 }
	}
	set ports { type inet_service; flags interval; auto-merge; elements = { 100-200, 7999-8001, 9000 }
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		tcp dport @other drop
		ip6 daddr ::1 tcp dport @ports drop
		ip6 daddr ::1 tcp dport @ports drop
	}
}
END

dropped_by 3 'anonymous sets, inverted and not' <<'END'
table inet t {
	chain deciding {
		type filter hook output priority filter; policy accept;
		tcp dport { 1, 2, 3 } drop
		tcp sport != { 7000-8999, 32768-65535 } drop
		ip6 daddr { ::1, fe80::/10 } tcp dport != { 22, 80 } tcp dport { 8000, 8001 } drop
	}
}
END

dropped_by 1 'a verdict map that leads to a chain, and that to another' <<'END'
table inet t {
	chain deciding {
		tcp dport 8000 drop
	}
	map second { type ipv6_addr : verdict; flags interval; elements = { ::/64 : goto deciding }
	}
	chain first {
		ip6 daddr vmap @second
	}
	chain out {
		type filter hook output priority filter; policy accept;
		tcp dport vmap { 22 : drop, 8000 : jump first }
	}
}
END

dropped_by 2 'concatenations, with intervals and without' <<'END'
table inet t {
	set exact { type ipv6_addr . inet_service; elements = { ::1 . 80, ::2 . 8000 }
	}
	set ranges { type ipv6_addr . inet_service; flags interval; elements = { ::/120 . 7000-9000 }
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		ip6 daddr . tcp dport @exact drop
		ip6 daddr . tcp dport @ranges drop
		ip6 daddr . tcp dport @ranges drop
	}
}
END

dropped_by 2 'a map to data' <<'END'
table inet t {
	chain deciding {
		ip daddr 127.0.0.0/8 return
		meta mark 7 drop
	}
	map marks { type inet_service : mark; elements = { 80 : 1, 8000 : 7 }
	}
	map next { type mark : verdict; elements = { 1 : accept, 7 : jump deciding }
	}
	chain out {
		type filter hook output priority filter; policy accept;
		meta mark set tcp dport map @marks
		meta mark vmap @next
	}
}
END

dropped_by 2 'catch-all elements' <<'END'
table inet t {
	chain deciding {
		tcp dport != 8000 accept
		drop
	}
	map known { type inet_service : verdict; elements = { 8000 : continue, * : drop }
	}
	map rest { type ipv6_addr : verdict; elements = { ::2 : accept, * : jump deciding }
	}
	chain out {
		type filter hook output priority filter; policy accept;
		tcp sport 8000 accept
		tcp dport vmap @known
		ip6 daddr vmap @rest
	}
}
END

dropped_by 1 'timeouts, and expressions on elements' <<'END'
table inet t {
	set alive { type inet_service; flags timeout; elements = { 8000 timeout 1h }
	}
	set counted { type ipv6_addr; counter; elements = { ::1 }
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		tcp dport @alive ip6 daddr @counted drop
	}
}
END

dropped_by 1 'a map to objects' <<'END'
table inet t {
	counter hits {
	}
	map counters { type inet_service : counter; elements = { 8000 : "hits" }
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		meta nfproto ipv6 counter name tcp dport map @counters drop
	}
}
END

long_a=$(printf '%0230d' 0 | tr 0 a)
long_b=$(printf '%0230d' 0 | tr 0 b)
dropped_by 3 'long names and keys' <<END
table inet t {
	set $long_a { type ipv6_addr . ipv6_addr; elements = { ::1 . ::2 }
	}
	set $long_b { type ipv6_addr . ipv6_addr; elements = { ::1 . ::1 }
	}
	chain deciding {
		type filter hook output priority filter; policy accept;
		tcp sport 8000 accept
		ip6 saddr . ip6 daddr @$long_a drop
		ip6 saddr . ip6 daddr @$long_b drop
	}
}
END
