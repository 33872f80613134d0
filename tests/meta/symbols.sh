#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The library shows what its headers declare, and nothing else: `symbols.sh LIBRARY` compares the
# visible symbols of libmuxdiag (.a or .so) with the functions declared MUX_API.
set -eu
library=${1:?usage: symbols.sh LIBRARY}
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sed -nE 's/^MUX_API .*[ *](mux_[a-z0-9_]+)\(.*/\1/p' include/muxdiag/*.h | sort >"$work/declared"
case $library in
*.a) table=--symbols ;;
*) table=--dyn-syms ;;
esac
# Num: Value Size Type Bind Visibility Section Name
readelf -W "$table" "$library" |
	awk '$5 ~ /^(GLOBAL|WEAK)$/ && $6 == "DEFAULT" && $7 ~ /^[0-9A-Z]+$/ && $7 != "UND" {
		sub(/@.*/, "", $8)
		print $8
	}' | grep -vE '^(__(asan|ubsan|tsan|odr_asan|sanitizer)|DW\.ref)' | sort -u >"$work/visible" || true

if [ ! -s "$work/declared" ]; then
	echo 'FAILED: no function is declared MUX_API; has the style of the headers changed?'
	exit 1
fi
diff -U 0 --label declared --label visible "$work/declared" "$work/visible"
