#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The machines that muxdiag was first written for. `debian5.sh BACKEND` tries one way to drop all
# IPv6 with each form of /etc/hosts, as root and without privilege; `debian5.sh healthy` none.
. "$(dirname "$0")/lib.sh"

# What the drop is called: family, table and chain, and the hook.
place_of()
{
	case $1 in
	ip6tables-*) echo 'ip6 filter OUTPUT' ;;
	nft-ip6) echo 'ip6 guard outgoing' ;;
	nft-inet*) echo 'inet guard outgoing' ;;
	esac
}

lines_are_named()
{
	case $1 in
	hosts_intact) expect_no '/etc/hosts:' ;;
	hosts_commented | hosts_only_name_left)
		expect 'commented out in lines 1 and 4' '/etc/hosts:1' '/etc/hosts:4'
		;;
	esac
}

# localhost works over IPv4 as long as it stands for an address; the host name, where it is left.
answer_is_right()
{
	uses='http://debian5:8000/
http://127.0.0.1:8000/'
	case $1 in
	hosts_intact) expect_status 1 ;;
	hosts_only_name_left) expect_status 2 ;;
	hosts_commented)
		expect_status 2
		uses='http://127.0.0.1:8000/'
		;;
	esac
	expect_report '[r["use"] for r in report["recommendations"]]' "$uses"
}

one_machine()
{
	"$2"
	drop_ipv6 "$1"
	serve
	run_check localhost:8000
	expect "the policy of $(place_of "$1")" 'hook output' 'policy drop'
	lines_are_named "$2"
	expect_harmless
	run_check --json localhost:8000
	answer_is_right "$2"

	has_nobody || {
		say "SKIPPED $2 without privilege: there is no second user in a user namespace"
		return
	}
	run_check_as_nobody localhost:8000
	expect 'IPv6 packets to ::1 are dropped on their way out of this machine' 'nftables'
	lines_are_named "$2"
	run_check_as_nobody --json localhost:8000
	answer_is_right "$2"
	expect_report '[f["inferred"] for f in report["findings"] if f["id"] == "firewall-output-drop"]' \
		True
}

healthy()
{
	serve
	run_check localhost:8000
	expect_status 0
	[ "$(wc -l <"$work/out")" = 1 ] || {
		show
		fail 'more than one line about a healthy machine'
	}
}

[ $# -gt 0 ] || fail "usage: debian5.sh healthy|BACKEND"
if [ "$1" = healthy ] || [ $# = 2 ]; then
	machine "$@"
	if [ "$1" = healthy ]; then healthy; else one_machine "$@"; fi
	exit
fi
[ -n "$(namespace_command)" ] || no_namespaces
for hosts in hosts_intact hosts_commented hosts_only_name_left; do
	say "$1, $hosts"
	"$0" "$1" "$hosts"
done
