#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# C is formatted as .clang-format says.
set -eu
cd "$(dirname "$0")/../.."
command -v clang-format >/dev/null || {
	echo 'SKIPPED: clang-format is not installed'
	exit 77
}
bad=$(find diag server include tests -name '*.[ch]' -print0 |
	xargs -0 clang-format --dry-run 2>&1 |
	sed -nE 's/^([^: ]+):[0-9]+:.*/clang-format -i \1/p' | sort -u)
[ -z "$bad" ] || {
	echo "$bad"
	exit 1
}
