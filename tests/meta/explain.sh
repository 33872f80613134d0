#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `muxdiag explain` lists every cause and has at least three paragraphs on each, in lines that fit
# a terminal; an id that is none is told so.
set -eu
cd "$(dirname "$0")/../.."
bad=0
complain()
{
	echo "$*"
	bad=1
}

ids=$(sed -nE 's/^CAUSE\(([a-z0-9_]+)\).*/\1/p' diag/causes/causes.def | tr _ -)
listed=$("$MUXDIAG" explain | cut -d' ' -f1)
[ "$ids" = "$listed" ] || complain 'muxdiag explain does not list the causes of causes.def'
for id in $ids; do
	text=$("$MUXDIAG" explain "$id")
	case $text in
	"$id: "*) ;;
	*) complain "explain $id begins with something else" ;;
	esac
	paragraphs=$(printf '%s\n' "$text" | grep -c '^$') || :
	[ "$paragraphs" -ge 3 ] || complain "explain $id has $paragraphs paragraphs"
	[ -z "$(printf '%s\n' "$text" | sed 1d | grep -E '^.{81,}$')" ] ||
		complain "explain $id has lines that are too long"
done
status=0
"$MUXDIAG" explain no-such-cause >/dev/null 2>&1 || status=$?
[ "$status" = 64 ] || complain "an unknown cause gives $status instead of 64"
exit "$bad"
