#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `check --watch` says what changed on the machine and what it did to localhost; `check --until ok`
# waits for a server.
. "$(dirname "$0")/lib.sh"
machine "$@"
needs_firewall ip6tables-nft
# A watcher lives as long as its half of this script.
WATCHDOG_S=120

# --- while the machine changes -------------------------------------------------------------------

# `watch [AS]`: the watching program's words go to $work/watched.
watch()
{
	: >"$work/watched"
	"${1:-muxdiag}" check --watch localhost:8000 >>"$work/watched" 2>&1 &
	watcher=$!
	said 'localhost:8000 is fine: ::1 and 127.0.0.1 both connect'
}

said()
{
	say "waiting for: $1"
	await "the words: $1" grep -qF -e "$1" "$work/watched"
}

# What is said from now on.
forget()
{
	: >"$work/watched"
}

serve
watch
forget
ip6tables-nft -P OUTPUT DROP
said 'changed: nftables, by ip6tables'
said 'localhost:8000 works over 127.0.0.1 but not over ::1'
said '+ the policy of ip6 filter OUTPUT (hook output) drops packets to ::1'
forget
ip6tables-nft -P OUTPUT ACCEPT
said '- the policy of ip6 filter OUTPUT (hook output) drops packets to ::1'
said 'localhost:8000 is fine'
forget
ip6tables-nft -A INPUT -p tcp --dport 9 -j ACCEPT
said 'changed: nftables, by ip6tables'
said 'the answer is the same'

say 'A file that is written, and one that is replaced'
forget
hosts_commented
said 'changed: /etc/hosts'
said 'localhost:8000 fails'
forget
printf '127.0.0.1 localhost\n::1 localhost\n' >/etc/hosts.new
mv /etc/hosts.new /etc/hosts
said 'changed: /etc/hosts'
said 'localhost:8000 is fine'

say 'Addresses, links, rules'
forget
ip address del ::1/128 dev lo
said 'address ::1 is gone'
said 'localhost:8000 works over 127.0.0.1 but not over ::1'
ip address add ::1/128 dev lo
said 'address ::1 is there'
forget
ip rule add pref 9999 from 192.0.2.1 lookup main
said 'policy rules'
forget
ip link set lo down
said 'link lo is down'
said 'localhost:8000 fails'
ip link set lo up
kill -TERM "$watcher" 2>/dev/null || true
wait "$watcher" 2>/dev/null || true

if has_nobody; then
	say 'Nobody is not told of nftables, and is told so'
	chmod a+rx "$work"
	watch muxdiag_as_nobody
	said 'nftables announces its changes to root only (Operation not permitted)'
	forget
	ip6tables-nft -P INPUT DROP
	said 'changed: something that announces nothing'
	ip6tables-nft -P INPUT ACCEPT
	kill -TERM "$watcher" 2>/dev/null || true
	wait "$watcher" 2>/dev/null || true
fi

# --- until it works ------------------------------------------------------------------------------

say 'A server that comes later'
: >"$work/waiting"
"$work/muxdiag" check --until ok --deadline 25 localhost:8001 >"$work/until" 2>"$work/waiting" &
waiter=$!
await 'the first look' grep -qF 'waiting (0 of 25 s): localhost:8001 fails: nobody listens' \
	"$work/waiting"
serve --listen '*:8001'
wait "$waiter" || fail "--until ok ended with status $?"
grep -qF 'localhost:8001 is fine' "$work/until" || fail "--until ok said: $(cat "$work/until")"
[ "$(wc -l <"$work/waiting")" = 1 ] || fail "it repeats itself: $(cat "$work/waiting")"

say 'One that never comes'
status=0
muxdiag check --until ok --deadline 1 localhost:8002 >"$work/out" 2>/dev/null || status=$?
[ "$status" = 2 ] || fail "status $status, expected: 2"
grep -qF 'localhost:8002 fails: nobody listens' "$work/out" || fail "said: $(cat "$work/out")"

say 'For one client'
ip6tables-nft -P OUTPUT DROP
status=0
muxdiag check --until ok --deadline 1 --client ab localhost:8000 >"$work/out" 2>/dev/null ||
	status=$?
[ "$status" = 2 ] || fail "status $status, expected: 2"
muxdiag check --until ok --deadline 5 --client curl localhost:8000 >"$work/out" 2>/dev/null ||
	fail 'curl does not need ::1'
