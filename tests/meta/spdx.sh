#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Sources and scripts say their licence in one of their first three lines.
set -eu
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Ours is what git has or would take; without git, everything outside of the build folders.
if git ls-files -z --cached --others --exclude-standard >"$work/all" 2>/dev/null; then
	:
else
	find . -type d \( -name .git -o -name build \) -prune -o -type f -print0 >"$work/all"
fi
[ -s "$work/all" ] || {
	echo 'FAILED: no file was found'
	exit 1
}

# shellcheck disable=SC2016
xargs -0 sh -c '
	for file; do
		[ -f "$file" ] || continue
		case $file in
		*/bundle/* | */corpus/* | */regression/*) continue ;;
		*.c | *.h | *.def | *.sh | *.py | *.cmake | *.in | */CMakeLists.txt | CMakeLists.txt) ;;
		*) [ "$(head -c 2 "$file" | tr -d "\0")" = "#!" ] || continue ;;
		esac
		head -n 3 "$file" | grep -q "SPDX-License-Identifier: GPL-2.0-or-later" ||
			echo "$file has no SPDX line"
	done' sh <"$work/all" >"$work/bad"
cat "$work/bad"
[ ! -s "$work/bad" ]
