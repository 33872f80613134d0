#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What muxd's page /check shows in Chromium, on machines where localhost works, and where it does not.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs chromium chromedriver

# Its profile goes with the machine.
export HOME="$work" TMPDIR="$work"

page()
{
	say "$1: $2"
	status=0
	timeout -s KILL 200 /usr/bin/python3 "$(dirname "$0")/../browser/check_page.py" "$1" \
		>"$work/page" 2>&1 || status=$?
	[ "$status" = 0 ] || cat "$work/page" >&2
	[ "$status" != 77 ] || exit 77
	[ "$status" = 0 ] || fail "$1"
}

# The sockets of those who end are gone when nobody answers any more.
silence()
{
	kill "$@"
	wait "$@" || true
}

nobody_answers()
{
	! answers
}

restart()
{
	silence "$muxd"
	await 'the port to be free' nobody_answers
	serve "$@"
	muxd=$!
}

other_answers()
{
	ss -Hltn 'sport = :8000 and src [::1]' | grep -q .
}

serve
muxd=$!
page healthy 'four names, one server'

needs_firewall ip6tables-nft
ip6tables-nft -A OUTPUT -d ::1 -p tcp --dport 8000 -j DROP
page dropped '::1 is silent'
ip6tables-nft -F OUTPUT

ip link add muxtest0 type veth peer name muxtest1
ip addr add 203.0.113.7/24 dev muxtest0
ip link set muxtest0 up
ip link set muxtest1 up
page away 'a page that is not of this machine'
ip link del muxtest0

restart --listen 127.0.0.1:8000
page ipv4 'nobody listens on ::1'

/usr/bin/python3 -m http.server --bind ::1 8000 >"$work/other" 2>&1 &
other=$!
await 'the other server' other_answers
page other 'a Python has ::1'
silence "$other"

"$MUXD" --quiet --listen '[::1]:8000' >"$work/other" 2>&1 &
other=$!
await 'the other muxd' other_answers
page other 'another muxd has ::1'
silence "$other"

/usr/bin/python3 -c 'import socket; socket.sethostname("\"><script>alert(\x27&\x27)</script>")'
restart
page hostile 'a host name that would be a script'
hostname debian5

restart
export MUXD_PID="$muxd"
page gone 'the server goes, and another one comes'
