#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The pure rooms do no I/O and keep no state. `purity.sh OBJECT…` looks at what their objects take
# from elsewhere, which must be on the list below, and at the data they could change.
set -eu
[ $# -gt 0 ] || {
	echo 'usage: purity.sh OBJECT…' >&2
	exit 64
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# One extended regular expression a line. What is not here needs a reason to be, and no reason lets
# in files, sockets, the clock, the environment, printing or ending.
cat >"$work/allowed" <<'END'
mem(cpy|move|set|cmp|chr|rchr|mem)|rawmemchr
str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|str|spn|cspn|pbrk|cpy|ncpy|dup|ndup|error_r)
stpcpy|strtou?ll?|__isoc23_strtou?ll?
strerror|strerrordesc_np|strerrorname_np|gai_strerror
malloc|calloc|realloc|reallocarray|free
v?snprintf|__v?snprintf_chk
__(mem|str|stp)[a-z]*_chk
qsort|bsearch
inet_(ntop|pton|aton)|[hn]to[hn][ls]
__ctype_b_loc|__ctype_tolower_loc|__ctype_toupper_loc|tolower|toupper
__errno_location
__stack_chk_fail
__assert_fail
_GLOBAL_OFFSET_TABLE_
in6addr_(any|loopback)
ares_strerror
mnl_(attr|nlmsg|nlattr)_[a-z0-9_]+
json_(array|object|string|stringn|integer|real|true|false|null|boolean|delete|dumps|dumpb|loadb)[a-z_]*
jansson_[a-z_]+
__(asan|ubsan|tsan|sanitizer)_[a-z0-9_]+
END

# --- what they use -------------------------------------------------------------------------------

nm -u -P "$@" | awk 'NF > 1 && $2 ~ /^[Uuwv]$/ { print $1 }' | sort -u >"$work/used"
nm -g --defined-only -P "$@" | awk 'NF > 1 && $2 ~ /^[A-Z]$/ { print $1 }' | sort -u >"$work/own"
comm -23 "$work/used" "$work/own" | grep -vxE -f "$work/allowed" >"$work/bad" || true
if ! [ -s "$work/used" ]; then
	echo 'FAILED: the objects use nothing at all; is this the right list?'
	exit 1
fi

bad=0
while read -r symbol; do
	bad=1
	for object; do
		if nm -u -P "$object" | grep -q "^$symbol "; then
			echo "$object uses $symbol"
		fi
	done
done <"$work/bad"

# --- what they could change ----------------------------------------------------------------------

# Tables that the loader relocates and then write-protects are fine. A sanitizer adds data.
if grep -qE '^__(asan|ubsan|tsan)_' "$work/used"; then
	echo 'built with a sanitizer: writable data is not looked at'
else
	for object; do
		objdump -t "$object" | awk -v object="$object" '
			$0 ~ / O (\.data|\.bss|\.tdata|\.tbss|\*COM\*)(\.|\t)/ && $0 !~ /\.data\.rel\.ro/ {
				print object " keeps " $NF
			}'
	done >"$work/state"
	if [ -s "$work/state" ]; then
		cat "$work/state"
		bad=1
	fi
fi
exit "$bad"
