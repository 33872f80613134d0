#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# One capability is enough for the nftables: muxdiag with CAP_NET_ADMIN as a file capability, or given
# by whoever starts it, says for nobody what it says for root. Legacy tables have their names in a file
# of root's, for which no capability is given away that would open all files: root without any other
# capability reads it.
. "$(dirname "$0")/lib.sh"
machine "$@"
has_nobody || skip 'there is no second user in a user namespace'
needs setcap setpriv
needs_firewall ip6tables-nft
ip6tables-nft -A OUTPUT -p tcp --dport 8000 -j DROP
serve

as_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
}

# `says WORDS COMMAND...`: the text has these words.
says()
{
	words=$1
	shift
	"$@" >"$work/said" 2>&1 || true
	grep -qF -- "$words" "$work/said" || {
		cat "$work/said"
		fail "this does not say '$words': $*"
	}
}

rule='dropped by rule 1 of ip6 filter OUTPUT'
says "$rule" "$work/muxdiag" check -v localhost:8000
says 'as root muxdiag names the rule' as_nobody "$work/muxdiag" check -v localhost:8000

cp "$work/muxdiag" "$work/capable"
setcap cap_net_admin+ep "$work/capable" || skip 'this file system keeps no capabilities'
says "$rule" as_nobody "$work/capable" check -v localhost:8000
says 'is dropped on output by rule 1' as_nobody "$work/capable" trace '[::1]:8000'

says "$rule" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +net_admin \
	--ambient-caps +net_admin "$work/muxdiag" check -v localhost:8000

needs_firewall ip6tables-legacy
ip6tables-nft -F
nft delete table ip6 filter
ip6tables-legacy -A OUTPUT -p tcp --dport 8000 -j DROP
says '/proc/net/ip6_tables_names' as_nobody "$work/capable" check -v localhost:8000
says "$rule" setpriv --inh-caps -all,+net_admin --bounding-set -all,+net_admin \
	"$work/muxdiag" check -v localhost:8000
