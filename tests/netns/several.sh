#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines with two and three things wrong: each is found, what would help most comes first, and
# nothing else is accused. `several.sh NAME…` tries some of them, `several.sh` all.
. "$(dirname "$0")/lib.sh"

# Each function makes a machine and says in $found which causes are to be found, in that order.

and_server_on_ipv4_drop_ipv6()
{
	drop_ipv6 ip6tables-nft
	serve --listen 0.0.0.0:8000
	found='firewall-output-drop firewall-input-drop listener-ipv4-only'
}

and_only_ipv6_named_drop_ipv6()
{
	etc hosts '127.0.1.1 debian5' '::1 localhost'
	drop_ipv6 ip6tables-nft
	serve
	found='hosts-localhost-one-family firewall-output-drop firewall-input-drop'
}

and_only_ipv6_named_server_on_ipv4()
{
	etc hosts '127.0.1.1 debian5' '::1 localhost'
	serve --listen 0.0.0.0:8000
	found='hosts-localhost-one-family listener-ipv4-only'
}

and_nobody_listens_drop_ipv6()
{
	drop_ipv6 ip6tables-nft
	found='no-listener firewall-output-drop firewall-input-drop'
}

and_nobody_listens_proxy()
{
	environment=http_proxy=http://127.0.0.1:9
	found='no-listener proxy-captures-localhost'
}

and_no_hosts_link_down()
{
	hosts_commented
	serve
	ip link set lo down
	found='loopback-down hosts-localhost-missing'
}

and_no_hosts_server_on_ipv6()
{
	hosts_commented
	serve --listen '[::1]:8000'
	found='hosts-localhost-missing listener-ipv6-only'
}

and_ipv6_disabled_rejects_ipv4()
{
	serve
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	needs_firewall nft
	nft 'add table ip r; add chain ip r i { type filter hook input priority 0; }
		add rule ip r i tcp dport 8000 reject with tcp reset'
	found='ipv6-disabled firewall-reject'
}

and_prohibited_ipv6_drops_ipv4()
{
	serve
	ip -6 rule add pref 1 lookup local
	ip -6 rule del pref 0
	ip -6 rule add pref 0 to ::1 prohibit
	needs_firewall nft
	nft 'add table ip d; add chain ip d o { type filter hook output priority 0; }
		add rule ip d o oif lo tcp dport 8000 drop'
	found='route-prohibit firewall-output-drop'
}

and_server_elsewhere_drop_ipv6()
{
	drop_ipv6 nft-ip6
	serve --listen 127.0.0.2:8000
	found='listener-other-address firewall-output-drop firewall-input-drop'
}

and_three_of_names_server_and_firewall()
{
	etc hosts '127.0.1.1 debian5' '::1 localhost' '# 127.0.0.1 localhost'
	drop_ipv6 ip6tables-legacy
	serve --listen 127.0.0.1:8000
	found='hosts-localhost-one-family firewall-output-drop firewall-input-drop listener-ipv4-only'
}

# --- all of them ---------------------------------------------------------------------------------

machines=$(sed -nE 's/^(and_[a-z0-9_]+)\(\).*/\1/p' "$0")

one_machine()
{
	environment=
	"$1"
	status=0
	# Word splitting is wanted.
	# shellcheck disable=SC2086
	bare ${environment:+env $environment} "$work/muxdiag" check --json localhost:8000 \
		>"$work/out" 2>"$work/err" || status=$?
	got=$(report '" ".join(dict.fromkeys(f["id"] for f in report["findings"]
		if f["severity"] != "info"))')
	[ "$got" = "$found" ] || fail "found: $got
expected: $found
$(report 'report["headline"]')"
	case $status in
	1 | 2) ;;
	*) fail "status $status" ;;
	esac
}

if [ "${MUX_INSIDE:-}" = yes ]; then
	machine "$@"
	one_machine "$@"
	exit
fi
[ -n "$(namespace_command)" ] || no_namespaces
[ $# -gt 0 ] || {
	# Word splitting is wanted.
	# shellcheck disable=SC2086
	set -- $machines
}
bad=0
for name; do
	status=0
	(machine "$name") >"${log:=$(mktemp)}" 2>&1 || status=$?
	case $status in
	0) ;;
	77) say "$name: $(tail -n 1 "$log")" ;;
	*)
		say "--- $name"
		cat "$log"
		bad=1
		;;
	esac
done
rm -f "$log"
say "$# machines"
exit "$bad"
