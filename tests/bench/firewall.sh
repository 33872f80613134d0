#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What large rulesets cost, as ratios of one run, each with its goal; nothing here fails.
# usage: firewall.sh BENCH_FIREWALL; MUXDIAG and MUXD as for every script. Use a release build.
. "$(dirname "$0")/../netns/lib.sh"
machine "$@"
bench=$1
needs nft awk

load()
{
	awk "$@" >"$work/rules" </dev/null
	nft -f "$work/rules"
}

# The largest resident set of a check, in KiB; and what 1 KiB a rule and 8 MiB would be.
memory()
{
	say "memory: muxdiag check $("$bench" memory "$work/muxdiag" check localhost:8000) KiB" \
		"(goal: $(($1 + 8192)) KiB), nft list $("$bench" memory nft list ruleset) KiB"
}

say '--- 10 000 rules in one chain (goal: 1.6 x the bare dump)'
load 'BEGIN {
	print "table ip6 t {\nchain out {\ntype filter hook output priority 0; policy accept;"
	for (i = 0; i < 10000; i++)
		printf "ip6 saddr fd00::%x tcp dport %d counter accept\n", i + 1, 9000 + i
	print "}\n}"
}'
"$bench" compare 21 nft list ruleset
memory 10000
say "evaluation alone (goal: 5 million rules per second): $("$bench" rate)"
nft flush ruleset

say '--- the same, of simple rules'
load 'BEGIN {
	print "table inet t {\nchain out {\ntype filter hook output priority 0; policy accept;"
	for (i = 0; i < 10000; i++)
		printf "tcp dport %d accept\n", 9000 + i
	print "}\n}"
}'
"$bench" compare 21 nft list ruleset
memory 10000
say "evaluation alone (goal: 5 million rules per second): $("$bench" rate)"
nft flush ruleset

say '--- 100 chains of 1000 rules, five of which are reached (goal: 0.1 x nft list ruleset)'
load 'BEGIN {
	print "table ip6 t {"
	for (c = 0; c < 100; c++) {
		printf "chain c%d {\n", c
		for (i = 0; i < 1000; i++)
			printf "ip6 saddr fd00::%x tcp dport %d counter accept\n", i + 1, 9000 + i
		print "}"
	}
	print "chain out {\ntype filter hook output priority 0; policy accept;"
	for (c = 0; c < 100; c++)
		printf "tcp dport %d jump c%d\n", c % 20 == 0 ? 8000 : 1000 + c, c
	print "}\n}"
}'
"$bench" compare 3 nft list ruleset
memory 100000
nft flush ruleset

say '--- a set of a million elements (goal: 50 ms)'
load 'BEGIN {
	print "table ip6 t {\nset s { type ipv6_addr; elements = {"
	for (i = 0; i < 1000000; i++)
		printf "fd00::%x:%x,\n", i / 65536, i % 65536
	print "}\n}"
	print "chain out {\ntype filter hook output priority 0; policy accept;"
	print "ip6 saddr @s drop\n}\n}"
}'
"$bench" compare 11 "$work/muxdiag" check localhost:8000
