#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# C is formatted as .clang-format says.
set -eu
cd "$(dirname "$0")/../.."
command -v clang-format >/dev/null || {
	echo 'SKIPPED: clang-format is not installed'
	exit 77
}
bad=$(find diag server include tests -name '*.[ch]' | sort | while read -r file; do
	clang-format --dry-run --Werror "$file" 2>/dev/null || echo "clang-format -i $file"
done)
[ -z "$bad" ] || {
	echo "$bad"
	exit 1
}
