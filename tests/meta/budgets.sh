#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Functions of at most 60 lines and 5 parameters, files of at most 800 lines.
set -eu
cd "$(dirname "$0")/../.."
if ! ctags --version 2>/dev/null | grep -q Universal; then
	echo 'SKIPPED: universal-ctags is not installed'
	exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
find diag server include tests -name '*.[ch]' | sort >"$work/files"

ctags -L "$work/files" --languages=C --langmap=C:.c.h --kinds-C=f --fields=+neS -o - \
	--output-format=u-ctags | awk -F '\t' '
	/^!_TAG/ { next }
	{
		line = end = 0
		signature = ""
		for (i = 4; i <= NF; i++) {
			if ($i ~ /^line:/)
				line = substr($i, 6)
			else if ($i ~ /^end:/)
				end = substr($i, 5)
			else if ($i ~ /^signature:/)
				signature = substr($i, 11)
		}
		n++
		if (end - line + 1 > 60) {
			print $2 ":" line ": " $1 "() has " end - line + 1 " lines (60)"
			bad = 1
		}
		# A comma inside a parameter, as of a function pointer, counts for nobody here.
		gsub(/\([^()]*\)[^()]*\([^()]*\)/, "", signature)
		if (gsub(/,/, "", signature) > 4) {
			print $2 ":" line ": " $1 "() has more than 5 parameters"
			bad = 1
		}
	}
	END {
		if (n == 0) {
			print "FAILED: ctags found no function"
			bad = 1
		}
		exit bad
	}' || touch "$work/bad"

while read -r file; do
	lines=$(wc -l <"$file")
	if [ "$lines" -gt 800 ]; then
		echo "$file has $lines lines (800)"
		touch "$work/bad"
	fi
done <"$work/files"
[ ! -e "$work/bad" ]
