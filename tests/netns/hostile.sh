#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Bad arguments, bad files and bad names: one clear line or a normal answer, never a hang, never a
# crash, and never a byte of somebody else's that moves the terminal.
. "$(dirname "$0")/lib.sh"
machine "$@"
serve

# --- arguments -----------------------------------------------------------------------------------

usage_error()
{
	status=0
	muxdiag "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
	expect_status 64
	expect_harmless
	[ ! -s "$work/out" ] || {
		show
		fail "bad usage, but something on stdout: muxdiag $*"
	}
	[ "$(wc -l <"$work/err")" = 1 ] || {
		show
		fail "bad usage is not told in one line: muxdiag $*"
	}
}

repeat()
{
	printf "%${2}s" '' | tr ' ' "$1"
}

label63=$(repeat a 63)
usage_error --no-such-option
usage_error no-such-command
usage_error check --no-such-option
usage_error check --timeout never
usage_error check --timeout 0
usage_error check --port 65536
usage_error explain no-such-cause
usage_error explain --no-such-option
usage_error explain "$(printf 'a\033[31m')"
usage_error check --port 0
usage_error check --port 8000 localhost:8001
usage_error check --record a --replay b
usage_error check --format no-such-format
usage_error check --replay
usage_error check one two
usage_error check ''
usage_error check localhost:
usage_error check localhost:0
usage_error check localhost:65536
usage_error check localhost:99999999999999999999
usage_error check localhost:http
usage_error check localhost:-1
usage_error check '[::1'
usage_error check '[::1]:0'
usage_error check 'ftp://localhost/'
usage_error check "$label63.$label63.$label63.$(repeat a 62)" # 254 bytes
usage_error check "$(repeat a 64)"
usage_error check "$(printf 'local\033[31mhost')"
usage_error check "$(printf 'local\nhost')"
usage_error check "$(printf 'local\177host')"
usage_error check "$(printf 'local\302\233host')"
usage_error "$(printf -- '--\033[31m')"

# An answer that does not reach its reader is none.
status=0
muxdiag check localhost >/dev/full 2>"$work/err" || status=$?
: >"$work/out"
[ "$status" = 70 ] && [ -s "$work/err" ] || {
	show
	fail 'a full disk was not noticed'
}

# --- files ---------------------------------------------------------------------------------------

# Whatever /etc/hosts is, there is an answer, and it speaks of the file.
answers()
{
	say "/etc/hosts: $1"
	run_check localhost:8000
	expect_status 0 1 2 3
	expect_harmless
	run_check --json localhost:8000
	expect_status 0 1 2 3
	expect '/etc/hosts'
}

rm /etc/hosts
mkfifo /etc/hosts
answers 'a FIFO'

rm /etc/hosts
ln -s hosts /etc/hosts
answers 'a symbolic link to itself'

rm /etc/hosts
mknod /etc/hosts c 1 5 2>/dev/null || ln -s /dev/zero /etc/hosts
answers 'endless'

rm /etc/hosts
mkdir /etc/hosts
answers 'a directory'

rmdir /etc/hosts
answers 'absent'

head -c 65536 "$MUXDIAG" | etc hosts
answers 'binary'

{
	head -c 104857600 /dev/zero | tr '\0' '#'
	echo
} | etc hosts
answers 'one line of 100 MB'

yes '# 10.0.0.1 a-name-that-nobody-asks-for' | head -c 104857600 | etc hosts
answers '100 MB of comments'

hosts_intact
if has_nobody; then
	chmod 000 /etc/hosts
	run_check_as_nobody localhost:8000
	expect_status 0 1 2 3
	expect '/etc/hosts' 'Permission denied'
	expect_harmless
	chmod 644 /etc/hosts
else
	say 'SKIPPED /etc/hosts of mode 000: there is no second user in a user namespace'
fi

# The others, all at once.
for file in nsswitch.conf resolv.conf host.conf gai.conf hostname; do
	rm -f "/etc/$file"
	mkfifo "/etc/$file"
done
run_check localhost:8000
expect_status 0 1 2 3
for file in nsswitch.conf resolv.conf host.conf gai.conf hostname; do
	rm "/etc/$file"
	head -c 65536 "$MUXDIAG" | etc "$file"
done
run_check localhost:8000
expect_status 0 1 2 3
expect_harmless
etc nsswitch.conf 'hosts: files dns'
etc resolv.conf 'nameserver 192.0.2.53'
rm /etc/host.conf /etc/gai.conf /etc/hostname

# --- names ---------------------------------------------------------------------------------------

evil=$(printf 'e\033[31mv\033]0;x\007\302\233il')

# Says it all in every form, and nothing of it raw.
harmless()
{
	for options in '' -v --json '-v --json' -q; do
		# shellcheck disable=SC2086
		run_check $options localhost:8000
		expect_status 0 1 2 3
		expect_harmless
	done
}

printf '# 127.0.0.1 localhost %s\n127.0.0.1 %s\n::1 x localhost,\033[2J\n' "$evil" "$evil" | etc hosts
etc resolv.conf "search $evil" 'nameserver 192.0.2.53' "options $evil"
etc nsswitch.conf "hosts: files $evil dns"
harmless

hosts_intact
etc nsswitch.conf 'hosts: files dns'
# Only root of the machine may: hostname(1) refuses such a name.
(printf '%s' "$evil" >/proc/sys/kernel/hostname) 2>/dev/null || true
ip link add "$(printf 'v\033[1m')" type veth peer name plain || true
harmless

# A rule that decides, in a chain whose name is as bad as its comment.
for backend in ip6tables-nft ip6tables-legacy; do
	if ! "$backend" -S >/dev/null 2>&1; then
		say "SKIPPED $backend: it does not work here"
		continue
	fi
	"$backend" -N "$(printf 'e\033[31mvil')"
	"$backend" -A "$(printf 'e\033[31mvil')" -m comment --comment "$evil" -j DROP
	"$backend" -A OUTPUT -j "$(printf 'e\033[31mvil')"
	harmless
	"$backend" -F OUTPUT
done
printf 'table inet guard {
	chain outgoing {
		type filter hook output priority 0
		drop comment "%s"
	}
}\n' "$evil" | nft -f -
harmless
nft flush ruleset

# The server is called what it likes, the proxy is where it likes.
cp "$MUXD" "$work/$evil"
: >"$work/muxd.log"
"$work/$evil" --quiet --listen 127.0.0.2:8001 >"$work/muxd.log" &
await 'the other muxd' listens_or_dies "$!"
run_check -v localhost:8001
expect_status 2
expect_harmless
status=0
env http_proxy="$evil" no_proxy="$evil" HOSTALIASES="$evil" RES_OPTIONS="$evil" LOCALDOMAIN="$evil" \
	"$work/muxdiag" check -v localhost:8000 >"$work/out" 2>"$work/err" || status=$?
expect_status 0 1 2 3
expect_harmless
