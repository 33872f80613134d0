#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# ApacheBench's two commands against muxd: nothing fails, and every answer has its length.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs ab
ulimit -n 4096 2>/dev/null || skip "ab -c 1000 needs more than $(ulimit -n) open files"
serve --listen '*:8000' --listen '*:8080'

# `bench URL LENGTH REQUESTS CONCURRENCY`
bench()
{
	ab -q -n "$3" -c "$4" "$1" >"$work/ab" 2>&1 || {
		cat "$work/ab"
		fail "ab could not finish: $1"
	}
	for line in "^Complete requests: *$3\$" '^Failed requests: *0$' \
		"^Document Length: *$2 bytes\$"; do
		grep -q "$line" "$work/ab" || {
			cat "$work/ab"
			fail "no line like $line about $1"
		}
	done
	! grep -q '^Non-2xx' "$work/ab" || fail "answers other than 200 from $1"
}

bench http://localhost:8000/ 5 1000 100
bench http://127.0.0.1:8080/password 1301 50000 1000
