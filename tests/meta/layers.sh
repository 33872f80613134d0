#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Includes point up the flow only: base → parse, netfilter → evaluate → causes, preflight → render,
# and fleet beside them. gather knows base and evaluate/needs.h, only muxdiag.c, paths.c, preflight.c
# and trace.c know gather, and neither the public headers nor the server know a room.
set -eu
cd "$(dirname "$0")/../.."
rooms='base|parse|netfilter|evaluate|causes|preflight|fleet|render|gather'

# "file room included" for every quoted include of a room.
find diag server include -name '*.[ch]' -print0 | xargs -0 grep -HE "^[[:space:]]*#[[:space:]]*include" |
	sed -nE "s,^([^:]+):[^\"<]*[\"<](\.\./)*(diag/)?(($rooms)/[^\">]+)[\">].*,\1 \5 \4,p" |
	awk '
	BEGIN {
		may["base"] = " base "
		may["parse"] = " base parse "
		may["netfilter"] = " base netfilter "
		may["evaluate"] = " base parse netfilter evaluate "
		may["causes"] = " base netfilter evaluate causes "
		may["preflight"] = " base netfilter evaluate preflight "
		may["fleet"] = " base fleet "
		may["render"] = " base render "
		may["gather"] = " base gather "
	}
	{
		n++
		split($1, part, "/")
		room = part[1] == "diag" && $1 ~ /^diag\/[^\/]+\// ? part[2] : part[1]
	}
	room == "gather" && $3 == "evaluate/needs.h" { next }
	room in may && index(may[room], " " $2 " ") { next }
	room == "diag" && ($2 != "gather" || $1 ~ /^diag\/(muxdiag|paths|preflight|trace)[.]c$/) { next }
	{
		print $1 " may not include " $3
		bad = 1
	}
	END {
		if (n == 0) {
			print "FAILED: no include was found at all"
			bad = 1
		}
		exit bad
	}'
