# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A machine of its own for a script: fresh net, mount, uts and pid namespaces and a private copy of
# /etc. Everything a script starts or mounts goes with its pid namespace. Source this, then call
# `machine "$@"` before anything else: it runs the script again inside, or skips it (77) saying
# why. Inside, lo is up, the host is called debian5, /etc/hosts is Debian's, and looking for a name
# server fails at once. MUXDIAG and MUXD are the programs under test.
#
# As root no user namespace is needed; otherwise one is made, in which there is only one user: what
# needs two asks has_nobody.

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH LC_ALL=C
set -eu

# Far beyond every deadline of muxdiag, and of a sanitizer's: it tells hanging from slow.
WATCHDOG_S=30

say()
{
	printf '%s\n' "$*"
}

skip()
{
	say "SKIPPED: $*"
	exit 77
}

fail()
{
	say "FAILED: $*" >&2
	exit 1
}

# The command that makes namespaces here and runs its arguments in them; empty when none does. The
# user namespace comes first and gets its map: the kernel asks that map whose /proc/net/ip*_tables_*
# are at the moment the network namespace is made (xt_proto_init()).
namespace_command()
{
	namespaces='unshare --net --mount --uts --pid --fork --kill-child --mount-proc --'
	for command in "$namespaces" "unshare --user --map-root-user -- $namespaces"; do
		# Word splitting is wanted.
		# shellcheck disable=SC2086
		if $command true 2>/dev/null; then
			say "$command"
			return
		fi
	done
}

no_namespaces()
{
	skip "this kernel gives user $(id -un) no namespaces of its own"
}

namespaces()
{
	if [ "${MUX_INSIDE:-}" = yes ]; then
		unset MUX_INSIDE
		return
	fi
	: "${MUXDIAG:?names no program}" "${MUXD:?names no program}"
	command=$(namespace_command)
	[ -n "$command" ] || no_namespaces
	# shellcheck disable=SC2086
	MUX_INSIDE=yes exec $command "$0" "$@"
}

needs()
{
	for program; do
		command -v "$program" >/dev/null || skip "$program is not installed"
	done
}

# `needs_firewall ip6tables-nft|ip6tables-legacy|nft`: here and now; a kernel may lack its half.
needs_firewall()
{
	needs "$1"
	case $1 in
	nft) set -- nft list tables ;;
	*) set -- "$1" -S ;;
	esac
	"$@" >/dev/null 2>&1 || skip "$1 does not work with this kernel"
}

# Waits for a state: `await WHAT COMMAND…` looks again and again until COMMAND succeeds.
await()
{
	what=$1
	shift
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 1000 ] || fail "waited in vain for $what"
		sleep 0.02
	done
}

# --- the machine ---------------------------------------------------------------------------------

machine()
{
	namespaces "$@"
	work=$(mktemp -d)
	trap 'leave $?' EXIT
	chmod 755 "$work"
	mkdir -m 1777 "$work/sanitizer"
	mkdir "$work/etc"
	# Without root some files are not ours to read; none of them is needed.
	cp -dR /etc/. "$work/etc" 2>/dev/null || true
	touch "$work/etc/muxdiag-test"
	mount --bind "$work/etc" /etc
	# Where a user cannot reach the build, e.g. below /root, it still reaches this.
	cp "$MUXDIAG" "$work/muxdiag"
	ip link set lo up
	export XTABLES_LOCKFILE="$work/xtables.lock"
	ASAN_OPTIONS=exitcode=99:log_path=$work/sanitizer/found
	UBSAN_OPTIONS=$ASAN_OPTIONS
	# c-ares reads the byte before a line that begins with NUL (CVE-2024-25629), which is where
	# TSan's heap begins: that it dies of it in its own process is not ours to fail for.
	TSAN_OPTIONS=$ASAN_OPTIONS:handle_segv=0
	export ASAN_OPTIONS UBSAN_OPTIONS TSAN_OPTIONS
	rm -f /etc/gai.conf
	host_name debian5
	hosts_intact
	etc host.conf 'multi on'
	etc nsswitch.conf 'hosts: files dns'
	# No route leads there from these namespaces: ENETUNREACH at once.
	etc resolv.conf 'nameserver 192.0.2.53'
}

# What a sanitizer found in any process, also in one that nobody listens to, fails the script.
leave()
{
	umount -l /etc 2>/dev/null || true
	if cat "$work/sanitizer"/* >&2 2>/dev/null; then
		set -- 99
	fi
	rm -rf "$work"
	exit "$1"
}

# `etc FILE LINE…` writes a file of the private /etc; without lines it takes stdin.
etc()
{
	[ -e /etc/muxdiag-test ] || fail "/etc is not the test's own"
	file=/etc/$1
	shift
	rm -rf "$file"
	if [ $# = 0 ]; then
		cat >"$file"
	else
		printf '%s\n' "$@" >"$file"
	fi
}

host_name()
{
	hostname "$1"
	etc hostname "$1"
}

# The two machines that muxdiag was first written for, both called debian5.
hosts_intact()
{
	etc hosts <<-'END'
	127.0.0.1       localhost
	127.0.1.1       debian5
	# The following lines are desirable for IPv6 capable hosts
	::1     localhost ip6-localhost ip6-loopback
	ff02::1 ip6-allnodes
	ff02::2 ip6-allrouters
	END
}

hosts_commented()
{
	etc hosts <<-'END'
	# 127.0.0.1       localhost
	# 127.0.1.1       debian5
	# The following lines are desirable for IPv6 capable hosts
	# ::1     localhost ip6-localhost ip6-loopback
	# ff02::1 ip6-allnodes
	# ff02::2 ip6-allrouters
	END
}

hosts_only_name_left()
{
	etc hosts <<-'END'
	# 127.0.0.1       localhost
	127.0.1.1       debian5
	# The following lines are desirable for IPv6 capable hosts
	# ::1     localhost ip6-localhost ip6-loopback
	# ff02::1 ip6-allnodes
	# ff02::2 ip6-allrouters
	END
}

# `drop_ipv6 BACKEND`: policy DROP on input, forward and output, as each tool leaves it.
drop_ipv6()
{
	case $1 in
	ip6tables-nft | ip6tables-legacy)
		needs_firewall "$1"
		for chain in INPUT FORWARD OUTPUT; do
			"$1" -P "$chain" DROP
		done
		;;
	nft-ip6) drop_policies ip6 '' ;;
	nft-inet) drop_policies inet 'meta nfproto ipv4 accept' ;;
	nft-inet-both) drop_policies inet '' ;;
	*) fail "no backend $1" ;;
	esac
}

# `drop_policies FAMILY RULE`: a native nftables table whose three chains begin with RULE.
drop_policies()
{
	needs_firewall nft
	nft -f - <<-END
	table $1 guard {
		chain incoming {
			type filter hook input priority filter; policy drop;
			$2
		}
		chain forwarded {
			type filter hook forward priority filter; policy drop;
			$2
		}
		chain outgoing {
			type filter hook output priority filter; policy drop;
			$2
		}
	}
	END
}

# `neighbour OURS THEIRS`: a link eth0 with our address to another machine with its own, on which
# nobody listens; both with the length of their prefix.
neighbour()
{
	unshare --net sleep "$WATCHDOG_S" &
	neighbour=$!
	await 'another namespace' other_namespace "$neighbour"
	# The same link-local address every time, and at once.
	ip link add eth0 address 02:00:00:00:00:01 type veth peer name theirs netns "$neighbour"
	sysctl -qw net.ipv6.conf.eth0.accept_dad=0
	ip address add "$1" dev eth0
	ip link set eth0 up
	nsenter --target "$neighbour" --net ip address add "$2" dev theirs
	nsenter --target "$neighbour" --net ip link set theirs up
}

other_namespace()
{
	[ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]
}

# --- programs ------------------------------------------------------------------------------------

# `serve [OPTION…]`: muxd, once it listens on all it was told to; on port 8000 of all addresses.
serve()
{
	[ $# -gt 0 ] || set -- --port 8000
	: >"$work/muxd.log"
	"$MUXD" --quiet --workers 1 "$@" >"$work/muxd.log" 2>&1 &
	await 'muxd to listen' listens_or_dies "$!"
}

# `name_server [--silent] [NAME=ADDRESS…]`: on 127.0.0.1, knows these names and no others.
name_server()
{
	/usr/bin/python3 "$(dirname "$0")/../../netns/name_server.py" "$work/named" "$@" &
	await 'the name server' test -e "$work/named"
	etc resolv.conf 'nameserver 127.0.0.1'
}

listens_or_dies()
{
	kill -0 "$1" 2>/dev/null || fail "muxd ended: $(cat "$work/muxd.log")"
	grep -q '^muxd: listening on' "$work/muxd.log"
}

# Does anybody listen on port 8000?
answers()
{
	ss -Hltn 'sport = :8000' | grep -q .
}

has_nobody()
{
	setpriv --reuid 65534 --regid 65534 --clear-groups true 2>/dev/null || return 1
}

# Runs a program in an environment that no proxy variable reaches; not for ever.
bare()
{
	env -i PATH="$PATH" LC_ALL=C ASAN_OPTIONS="$ASAN_OPTIONS" UBSAN_OPTIONS="$UBSAN_OPTIONS" \
		TSAN_OPTIONS="$TSAN_OPTIONS" timeout -s KILL "$WATCHDOG_S" "$@"
}

muxdiag()
{
	bare "$work/muxdiag" "$@"
}

muxdiag_as_nobody()
{
	bare setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all -- \
		"$work/muxdiag" "$@"
}

# The end of a recipe: runs the command it was given on the machine it made, or a shell.
enter()
{
	[ $# -gt 0 ] || set -- sh
	"$@"
}

# --- what came out -------------------------------------------------------------------------------

# `run_check ARG…`: the check's output in $work/out, its complaints in $work/err, its exit status in
# $status.
run_check()
{
	status=0
	muxdiag check "$@" >"$work/out" 2>"$work/err" || status=$?
	no_hang check "$@"
}

run_check_as_nobody()
{
	status=0
	muxdiag_as_nobody check "$@" >"$work/out" 2>"$work/err" || status=$?
	no_hang check "$@"
}

no_hang()
{
	[ "$status" != 137 ] || fail "muxdiag $* hangs"
}

show()
{
	say "muxdiag ended with status $status and said:"
	cat -v "$work/out" "$work/err"
}

expect_status()
{
	case " $* " in
	*" $status "*) ;;
	*)
		show
		fail "status $status, expected: $*"
		;;
	esac
	[ "$status" = 64 ] || [ ! -s "$work/err" ] || {
		show
		fail "something on stderr"
	}
}

# `expect TEXT…`: each is somewhere in the output.
expect()
{
	for text; do
		grep -qF -e "$text" "$work/out" || {
			show
			fail "not said: $text"
		}
	done
}

expect_no()
{
	for text; do
		! grep -qF -e "$text" "$work/out" || {
			show
			fail "said: $text"
		}
	done
}

# `report PYTHON-EXPRESSION`: of the JSON report in $work/out, as text; a list one item a line.
report()
{
	/usr/bin/python3 -c '
import json, re, sys
report = json.load(open(sys.argv[1]))
value = eval(sys.argv[2])
print("\n".join(map(str, value)) if isinstance(value, list) else value)
' "$work/out" "$1"
}

# `expect_report EXPRESSION VALUE`
expect_report()
{
	got=$(report "$1")
	[ "$got" = "$2" ] || {
		show
		fail "$1 is: $got
expected: $2"
	}
}

# No byte that moves a terminal: valid UTF-8, nothing of the control or format categories.
expect_harmless()
{
	/usr/bin/python3 -c '
import sys, unicodedata
for path in sys.argv[1:]:
    text = open(path, "rb").read().decode("utf-8")
    bad = {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c != "\n"}
    if bad:
        sys.exit(f"{path}: {sorted(bad)!r}")
' "$work/out" "$work/err" || {
		show
		fail "control characters reach the terminal"
	}
}
