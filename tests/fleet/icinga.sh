#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# check_muxdiag: each status, the line as a plugin has to write it, and what people type.
set -eu
: "${MUXDIAG:?names no program}"
tests=$(cd "$(dirname "$0")/.." && pwd)
plugin=$tests/../contrib/icinga/check_muxdiag
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin" "$work/fake"
ln -s "$MUXDIAG" "$work/bin/muxdiag"

fail()
{
	echo "FAILED: $*"
	exit 1
}

# says STATUS PATTERN ARGUMENT...: one line, all of which the extended pattern describes.
says()
{
	expected=$1 pattern=$2 status=0
	shift 2
	PATH=$programs:$PATH "$plugin" "$@" >"$work/said" 2>/dev/null || status=$?
	cat "$work/said"
	[ "$status" = "$expected" ] || fail "ends with $status, not $expected"
	[ "$(wc -l <"$work/said")" = 1 ] || fail 'not one line'
	grep -qxE "$pattern" "$work/said" || fail "not: $pattern"
}

time=' \| time=[0-9]+\.[0-9]{3}s;;;0'
programs=$work/bin
for case in 0:OK:healthy-no-port 1:WARNING:firewall-output-drop 2:CRITICAL:accept-queue-full \
	3:UNKNOWN:firewall-unreadable; do
	scenario=$tests/scenarios/${case##*:}
	status=${case%%:*} word=${case#*:}
	headline=$(head -n 1 "$scenario/expect.txt" | sed 's/[][\.*^$+?(){}|]/\\&/g')
	says "$status" "MUXDIAG ${word%:*} - $headline$time" -- --replay "$scenario/bundle"
done
says 3 "MUXDIAG UNKNOWN - .*\\\\x7c.*$time" 'a|b'
says 3 "MUXDIAG UNKNOWN - .*port.*$time" -H localhost -p 70000
says 3 'MUXDIAG UNKNOWN - -t takes .*' -t 61x
says 3 'MUXDIAG UNKNOWN - -x is not .*' -x

# What it is started with, and what a program may say at worst.
cat >"$work/fake/muxdiag" <<-'END'
	#!/bin/sh
	printf '%s' "$TEXT" "$*"
	exit "$STATUS"
END
chmod +x "$work/fake/muxdiag"
programs=$work/fake
export STATUS=0 TEXT=
says 0 "MUXDIAG OK - check -q --timeout 5000 --port 80 ::1$time" -H ::1 -p 80 -t 5
says 0 "MUXDIAG OK - check -q localhost:8000$time" localhost:8000
says 0 "MUXDIAG OK - check -q --client ab localhost$time" -- --client ab localhost
# shellcheck disable=SC2016
STATUS=2 TEXT='%s \n $(x) `y` a|b;c|d=1;;; '
says 2 "MUXDIAG CRITICAL - %s \\\\n \\$\\(x\\) \`y\` a\\\\x7cb;c\\\\x7cd=1;;; check -q$time"
TEXT="first
second "
says 2 "MUXDIAG CRITICAL - first$time"
for STATUS in 4 64 70 77 139; do
	says 3 "MUXDIAG UNKNOWN - .*$time"
done

cat >"$work/fake/muxdiag" <<-'END'
	#!/bin/sh
	kill -KILL $$
END
says 3 "MUXDIAG UNKNOWN - muxdiag ended with 137 .*$time"

# Where date(1) has no fractions there is no time.
cat >"$work/fake/date" <<-'END'
	#!/bin/sh
	echo 17000000%N
END
chmod +x "$work/fake/date"
says 3 'MUXDIAG UNKNOWN - [^|]*'
mkdir "$work/none"
for program in sh sed date; do
	ln -s "$(command -v "$program")" "$work/none"
done
status=0
PATH=$work/none "$plugin" >"$work/said" || status=$?
[ "$status" = 3 ] || fail "without muxdiag it ends with $status"
grep -qx 'MUXDIAG UNKNOWN - there is no muxdiag in PATH' "$work/said" || fail "$(cat "$work/said")"
