#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What muxd says at start: the URLs that work, host name first, and a warning for each that does not.
. "$(dirname "$0")/lib.sh"
machine "$@"

status=0

# `announce OPTION…`: starts muxd and waits until it has said everything: a URL was named, and the
# child that names them is gone.
announce()
{
	: >"$work/out"
	"$MUXD" --workers 1 "$@" >"$work/out" 2>"$work/err" &
	muxd=$!
	await 'a URL' grep -q '^muxd: use' "$work/out"
	await 'the end of the diagnosis' no_children "$muxd"
}

no_children()
{
	[ -z "$(cat "/proc/$1/task/$1/children")" ]
}

stop()
{
	kill "$muxd"
	wait "$muxd" || fail "muxd ended with status $?"
}

# `expect_uses URL…`: exactly these are recommended, in this order.
expect_uses()
{
	sed -n 's/^muxd: use \([^ ]*\) .*/\1/p' "$work/out" >"$work/uses"
	printf '%s\n' "$@" | cmp -s - "$work/uses" || {
		show
		fail "not recommended, in this order: $*"
	}
}

say 'a healthy machine'
announce --port 8000
expect_uses http://debian5:8000/ http://localhost:8000/ http://127.0.0.1:8000/ 'http://[::1]:8000/'
expect_no warning
stop

say 'IPv4 only, by option'
announce --listen '127.0.0.1:8000' --listen '127.0.1.1:8000'
expect_uses http://debian5:8000/ http://127.0.0.1:8000/
expect 'muxd: warning: localhost port 8000 over ::1 will not work: '
stop

say 'two ports, each on all addresses'
announce --port 8000 --port 8080
expect 'http://127.0.0.1:8000/' 'http://127.0.0.1:8080/'
stop

# Beside one that is not: when that one has said everything, so would this one have.
say 'nothing when quiet'
"$MUXD" --workers 1 --quiet --port 9000 >"$work/quiet" 2>&1 &
quiet=$!
announce --port 8000
stop
printf 'muxd: listening on 0.0.0.0:9000\nmuxd: listening on [::]:9000\n' | cmp - "$work/quiet" ||
	fail "it said: $(cat "$work/quiet")"
muxd=$quiet
stop

say 'ended while it still looks'
: >"$work/out"
"$MUXD" --workers 1 >"$work/out" 2>"$work/err" &
muxd=$!
await 'muxd to listen' grep -q '^muxd: listening on' "$work/out"
stop

say 'all IPv6 dropped'
drop_ipv6 ip6tables-nft
announce --port 8000
expect_uses http://debian5:8000/ http://127.0.0.1:8000/
expect 'muxd: warning: localhost port 8000 over ::1 will not work: '
expect_harmless
stop

say 'and no name left'
hosts_commented
announce --port 8000
expect_uses http://127.0.0.1:8000/
expect 'muxd: warning: the name localhost will not work: '
expect_harmless
stop
