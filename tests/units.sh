#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The systemd units, as they are installed: what systemd says of them, how exposed they are, and what
# they start: muxd on sockets of others, and the script that keeps the last answers.
set -eu
: "${MUXDIAG:?names no program}" "${MUXD:?names no program}" "${MUX_BUILD:?the build folder}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail()
{
	echo "FAILED: $*"
	exit 1
}

quietly()
{
	"$@" >"$work/output" 2>&1 || {
		cat "$work/output"
		fail "$*"
	}
}

quietly cmake --install "$MUX_BUILD" --prefix "$work/installed"
units=$work/installed/lib/systemd/system
# They name the prefix they were configured for, where nothing is installed.
prefix=$(sed -n 's/^CMAKE_INSTALL_PREFIX:PATH=//p' "$MUX_BUILD/CMakeCache.txt")
sed -i "s|^\(ExecStart=\)$prefix/|\1$work/installed/|" "$units"/*.service

if command -v systemd-analyze >/dev/null; then
	quietly systemd-analyze verify --man=no "$units"/muxd.socket "$units"/muxd.service \
		"$units"/muxdiag-check.timer "$units"/muxdiag-check.service
	[ ! -s "$work/output" ] || {
		cat "$work/output"
		fail 'systemd-analyze verify has something to say'
	}
	# In tenths: muxd at most 1.5; the check is root, for one capability, in the machine's network.
	quietly systemd-analyze security --no-pager --offline=true --threshold=15 "$units/muxd.service"
	grep 'Overall exposure' "$work/output"
	quietly systemd-analyze security --no-pager --offline=true --threshold=20 \
		"$units/muxdiag-check.service"
	grep 'Overall exposure' "$work/output"
else
	echo 'SKIPPED what systemd says of the units: there is no systemd-analyze'
fi

# --- the last answers are kept ---------------------------------------------------------------------

keep=$work/installed/libexec/muxdiag/keep
mkdir "$work/kept" "$work/bin"
cat >"$work/bin/muxdiag" <<-'END'
	#!/bin/sh
	[ "$*" = 'check --json localhost:8000' ] || exit 64
	echo '{"status": "fails"}'
	exit "${STATUS:-2}"
END
chmod +x "$work/bin/muxdiag"
sed -i "s|^PATH=[^:]*:|PATH=$work/bin:|" "$keep"

# kept STATUS: how it ends.
kept()
{
	status=0
	"$keep" "$work/kept" "${COUNT:-3}" localhost:8000 || status=$?
	[ "$status" = "$1" ] || fail "keep ends with $status, not $1"
}

for time in 1 2 3 4; do
	echo old >"$work/kept/check-2020010${time}T000000Z.json"
done
touch "$work/kept/check-mine.json"
kept 2
[ "$(find "$work/kept" -name 'check-*Z.json' | wc -l)" = 3 ] || fail 'not three are kept'
[ -f "$work/kept/check-20200104T000000Z.json" ] || fail 'a newer one is gone'
[ -f "$work/kept/check-mine.json" ] || fail 'what is not its own is gone'
grep -q '"fails"' "$work/kept/last.json" || fail 'last.json is not the last'
STATUS=70 kept 70
grep -q '"fails"' "$work/kept/last.json" || fail 'a failure replaces an answer'
[ -z "$(find "$work/kept" -name '*.new')" ] || fail 'half an answer is left'
COUNT=0 kept 64 2>/dev/null

# --- muxd on a socket of systemd's ------------------------------------------------------------------

if ! command -v systemd-socket-activate >/dev/null; then
	echo 'SKIPPED the socket activation: there is no systemd-socket-activate'
	exit 0
fi
# It waits for the first client before it starts muxd.
systemd-socket-activate --listen="$work/socket" --setenv=NOTIFY_SOCKET="$work/notify" \
	--setenv=WATCHDOG_USEC=1000000 "$work/installed/sbin/muxd" --quiet >"$work/log" 2>&1 &
activator=$!
trap 'kill -KILL "$activator" 2>/dev/null || true; rm -rf "$work"' EXIT
"$(dirname "$0")/activated.py" "$work" "$activator" || {
	cat "$work/log"
	fail 'muxd does not do what a service manager expects'
}
wait "$activator" || fail "muxd ended with $?"
