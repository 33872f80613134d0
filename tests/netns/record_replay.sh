#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What root recorded says the same in nobody's hands, elsewhere: a copy of the folder, another
# machine's /etc, no network at all.
. "$(dirname "$0")/lib.sh"
machine "$@"
hosts_only_name_left
drop_ipv6 ip6tables-nft
serve

# `same NAME COMMAND…`: prints exactly what the recording run printed, and ends as it ended.
same()
{
	name=$1
	shift
	got=0
	"$@" >"$work/replayed" 2>&1 || got=$?
	cmp "$work/out" "$work/replayed" || {
		diff "$work/out" "$work/replayed" || true
		fail "$name: another answer"
	}
	[ "$got" = "$status" ] || fail "$name: status $got instead of $status"
}

replay_elsewhere()
{
	unshare --net --mount sh -c '
		mount -t tmpfs none /etc
		exec "$@"' sh "$@"
}

for options in '' --json -v; do
	rm -rf "$work/bundle" "$work/copy"
	# shellcheck disable=SC2086
	run_check $options --record "$work/bundle" localhost:8000
	expect_status 2
	cp -R "$work/bundle" "$work/copy"
	chmod -R a=rX "$work/copy"
	# shellcheck disable=SC2086
	same "replay $options" replay_elsewhere env -i "$work/muxdiag" check $options \
		--replay "$work/copy" localhost:8000
	has_nobody || {
		say "SKIPPED nobody: there is no second user in a user namespace"
		continue
	}
	# shellcheck disable=SC2086
	same "replay $options as nobody" replay_elsewhere setpriv --reuid 65534 --regid 65534 \
		--clear-groups env -i "$work/muxdiag" check $options --replay "$work/copy" \
		localhost:8000
done

# --- folders that are no recording --------------------------------------------------------------

refused()
{
	say "refused: $1"
	run_check --replay "$2" localhost:8000 </dev/null
	case $status in
	0 | 1 | 2 | 3 | 99) fail "$1 was taken for a recording" ;;
	esac
	[ -s "$work/err" ] || fail "$1 was refused without a word"
	expect_harmless
}

mkdir "$work/empty"
refused 'a folder that is not there' "$work/no-such-folder"
refused 'an empty folder' "$work/empty"
refused 'a file' "$work/muxdiag"
run_check --record "$work/copy" localhost:8000
case $status in
0 | 1 | 2 | 3 | 99) fail 'a recording was overwritten' ;;
esac
