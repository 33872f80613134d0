#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The Kubernetes manifests: what they allow, and their very commands, each as the user and with the
# capabilities, volumes and read-only files that the manifest gives it, on a machine of its own.
. "$(dirname "$0")/../netns/lib.sh"
fleet=$(cd "$(dirname "$0")" && pwd)
manifests=$fleet/../../contrib/kubernetes
if [ -z "${MUX_INSIDE:-}" ]; then
	"$fleet/manifest.py" check "$manifests/daemonset.yml" "$manifests/wait.yml" || exit
fi
machine "$@"
has_nobody || skip 'there is no second user in a user namespace'
needs setpriv chroot
needs_firewall ip6tables-nft

# --- what the image has: a Debian with the packages ------------------------------------------------

image=$work/image
mkdir -p "$image/bin" "$image/sbin" "$image/libexec/muxdiag"
cp "$MUXDIAG" "$image/bin/muxdiag"
cp "$MUXD" "$image/sbin/muxd"
cp "$fleet/../../contrib/prometheus/textfile" "$image/libexec/muxdiag"

# `container NAME MANIFEST CONTAINER [NAME=VALUE...]` starts it; its mounts go with it.
container()
{
	name=$1 manifest=$manifests/$2
	shift 2
	root=$work/root-$name
	mkdir -p "$root/usr" "$root/etc" "$root/dev" "$root/proc" "$root/tmp" "$root/textfile"
	for link in bin sbin lib lib32 lib64; do
		[ ! -L "/$link" ] || cp -P "/$link" "$root"
	done
	container=$1
	shift
	# shellcheck disable=SC2016
	unshare --mount --propagation private -- sh -ec '
		image=$1 root=$2
		shift 2
		mount -t overlay overlay -o "lowerdir=$image:/usr" "$root/usr"
		for folder in etc dev proc; do
			mount --rbind "/$folder" "$root/$folder"
		done
		mount -o remount,bind,ro "$root/etc"
		exec "$@"' sh "$image" "$root" "$fleet/manifest.py" run "$manifest" "$container" "$root" \
		"$work/volumes" "$@" >"$work/log-$name" 2>&1 &
}

# `ended STATUS PID NAME`
ended()
{
	status=0
	wait "$2" || status=$?
	[ "$status" = "$1" ] || {
		cat "$work/log-$3"
		fail "$3 ended with $status"
	}
}

mkdir -p "$work/volumes/textfile"
unshare --mount -- mount -t overlay overlay -o "lowerdir=$image:/usr" "$work/volumes/textfile" ||
	skip 'this kernel lays no files over others here'

# --- the DaemonSet: metrics of the node -------------------------------------------------------------

# A hosts file of the node that is not that of the image, and rules that only the capability shows.
echo '127.0.0.1 localhost debian5' >"$work/volumes/hosts"
ip6tables-nft -A OUTPUT -p tcp --dport 8000 -j DROP
serve
server=$!
container node daemonset.yml muxdiag TARGET=localhost:8000
node=$!
metrics=$work/volumes/textfile/muxdiag-localhost_8000.prom
await 'the metrics of the node' test -s "$metrics"
grep -E '^muxdiag_check_finding.*id="hosts-localhost-one-family"' "$metrics" ||
	fail "it has not read the hosts file of the node: $(cat "$metrics")"
grep -qx 'muxdiag_check_gaps{target="localhost:8000"} 0' "$metrics" ||
	fail "it could not look at everything: $(cat "$metrics")"
promtool=$(command -v promtool || echo "$fleet/../../build/tools/promtool")
[ ! -x "$promtool" ] || "$promtool" check metrics <"$metrics" || fail 'promtool complains'
kill -TERM "$node"
ended 0 "$node" node
[ ! -s "$work/log-node" ] || fail "it complains: $(cat "$work/log-node")"

# --- the pod that waits ------------------------------------------------------------------------------

kill "$server"
ended 0 "$server" muxd
ip6tables-nft -F OUTPUT
container wait wait.yml wait-for-localhost
waits=$!
await 'it to wait' grep -qsx muxdiag "/proc/$waits/comm"
container server wait.yml server
server=$!
ended 0 "$waits" wait
answers || fail 'it has not waited'
container program wait.yml program
ended 0 $! program
kill -TERM "$server"
ended 0 "$server" server
