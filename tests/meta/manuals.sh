#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The programs and their manuals say the same: every command, option, exit status, cause, function
# and source is in both. `manuals.sh PAGE`: the page of causes, which the build makes.
set -eu
causes=$(realpath "${1:?the page of causes}")
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# same WHAT A B: two sorted lists.
same()
{
	[ -s "$2" ] || {
		echo "FAILED: the program names no $1"
		bad=1
	}
	diff -U 0 --label "$1, the program" --label "$1, the manual" "$2" "$3" || bad=1
}

# The long options of a help on stdin.
helped()
{
	sed -nE 's/^  --help, --version$/help\nversion/p; t; s/^ +(-., )?--([a-z-]+).*/\2/p' | sort -u
}

# The long options of the lists in a page.
described()
{
	sed -nE '/^\.It Fl/{s/\\-/-/g;s/^\.It Fl //;s/Fl //g;p;}' "$1" | tr ' ,' '\n\n' |
		sed -n 's/^-\([a-z-]*\)$/\1/p' | sort -u
}

# The numbers in the part of a page about the exit status.
statuses()
{
	sed -n '/^\.Sh EXIT STATUS/,/^\.Sh [^E]/s/^\.It \([0-9]*\)$/\1/p' "$1" | sort -u
}

# The numbers a help lists behind "Exit status:".
helped_statuses()
{
	sed -n '/^Exit status:/,$p' | tr ' :' '\n\n' | grep -xE '[0-9]+' | sort -u
}

"$MUXDIAG" --help | sed -nE 's/^  ([a-z]+) .*/\1/p' | sort >"$work/commands"
sed -n 's/^\.Ss muxdiag \([a-z]*\)$/\1/p' diag/man/muxdiag.1 | sort >"$work/described"
same 'commands of muxdiag' "$work/commands" "$work/described"

while read -r command; do
	"$MUXDIAG" "$command" --help
done <"$work/commands" >"$work/help"
helped <"$work/help" >"$work/options"
described diag/man/muxdiag.1 >"$work/described"
same 'options of muxdiag' "$work/options" "$work/described"
while read -r command; do
	"$MUXDIAG" "$command" --help | helped_statuses
done <"$work/commands" | sort -u >"$work/exits"
statuses diag/man/muxdiag.1 >"$work/described"
same 'exit statuses of muxdiag' "$work/exits" "$work/described"

"$MUXD" --help >"$work/help"
helped <"$work/help" >"$work/options"
described server/muxd.8 >"$work/described"
same 'options of muxd' "$work/options" "$work/described"
helped_statuses <"$work/help" >"$work/exits"
statuses server/muxd.8 >"$work/described"
same 'exit statuses of muxd' "$work/exits" "$work/described"

"$MUXDIAG" explain | sed 's/ .*//' | sort >"$work/causes"
sed -n 's/^\.Ss //p' "$causes" | sort >"$work/described"
same 'causes' "$work/causes" "$work/described"

sed -nE 's/^MUX_API .*[ *](mux_[a-z0-9_]+)\(.*/\1/p' include/muxdiag/*.h | sort >"$work/functions"
sed -nE 's/^\.F[no] (mux_[a-z0-9_]+).*/\1/p' diag/man/libmuxdiag.3 | sort >"$work/described"
same 'functions' "$work/functions" "$work/described"
sed -n '/^\.Sh DESCRIPTION/,$p' diag/man/libmuxdiag.3 |
	grep -oE 'mux_[a-z_]+' | sort -u >"$work/explained"
comm -23 "$work/functions" "$work/explained" | sed 's/$/ is not described in libmuxdiag(3)/' |
	grep . && bad=1

# Names of sources as the page writes them: with Ar around what is filled in.
sed -nE 's/^(RECORDS|NETLINK|SOCKOPT|BYTES)\("([^"]*)"\).*/\2/p' diag/gather/sources.def |
	sed 's/<[a-z]*>/*/g' | sort >"$work/sources"
sed -nE 's/^\.It Pa //p' diag/man/muxdiag-snapshot.5 |
	sed 's/\\-/-/g; s/ Ns Ar [a-z]*/*/g; s/ Ns Pa //g; s/ Ns //g; s/ , /\n/g' |
	grep -v '^\(file\|sysctl\)/\*$' | sort >"$work/described"
same 'sources' "$work/sources" "$work/described"

if ! command -v mandoc >/dev/null; then
	echo 'SKIPPED the style of the manuals: mandoc is not installed'
else
	for page in diag/man/*.[1-8] server/*.8 "$causes"; do
		# Which other manuals are installed here is not about this one.
		mandoc -T lint "$page" 2>&1 | grep -v 'referenced manual not found\|mandoc.db' || true
	done >"$work/lint"
	cat "$work/lint"
	[ ! -s "$work/lint" ] || bad=1
fi
exit "$bad"
