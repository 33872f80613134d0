#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that look odd and are well: none may be accused of anything, as root or as nobody, and
# localhost:8000 works. `healthy.sh NAME…` tries some of them, `healthy.sh` all.
. "$(dirname "$0")/lib.sh"

# --- names: a function name_x makes the machine --------------------------------------------------

name_redhat_hosts()
{
	etc hosts '127.0.0.1 localhost localhost.localdomain localhost4 localhost4.localdomain4' \
		'::1 localhost localhost.localdomain localhost6 localhost6.localdomain6' \
		'127.0.1.1 debian5'
}

name_carriage_returns()
{
	printf '127.0.0.1 localhost\r\n127.0.1.1 debian5\r\n::1 localhost\r\n' | etc hosts
}

name_no_final_newline()
{
	printf '127.0.0.1 localhost\n127.0.1.1 debian5\n::1 localhost' | etc hosts
}

name_tabs_and_capitals()
{
	printf '  127.0.0.1\t\tLOCALHOST # me\n127.0.1.1\tDebian5\n::1\tLocalHost\n' | etc hosts
}

name_commented_copies()
{
	hosts_intact
	printf '# 127.0.0.1 localhost\n#::1 localhost\n# 10.0.0.9 debian5\n' >>/etc/hosts
}

name_advertisements_blocked()
{
	hosts_intact
	seq -f '0.0.0.0 advertisement%.0f.example' 5000 >>/etc/hosts
}

name_foreign_faults()
{
	hosts_intact
	printf 'nonsense\n300.1.2.3 printer\n10.0.0.7\n10.0.0.8 nas.\n' >>/etc/hosts
}

name_own_address()
{
	ip link add lan0 type veth peer name wall || skip 'this kernel makes no veth here'
	ip link set wall up
	ip link set lan0 up
	ip address add 192.168.7.5/24 dev lan0
	sed -i 's/^127.0.1.1 .*/192.168.7.5 debian5.example debian5/' /etc/hosts
}

name_domain_name()
{
	sed -i 's/^127.0.1.1 .*/127.0.1.1 debian5.example.org debian5/' /etc/hosts
	etc resolv.conf 'nameserver 192.0.2.53' 'search example.org corp.example.org' 'options ndots:2'
}

name_no_resolv_conf()
{
	rm -f /etc/resolv.conf /etc/host.conf
}

name_no_nsswitch()
{
	rm -f /etc/nsswitch.conf
}

name_desktop_nsswitch()
{
	etc nsswitch.conf 'passwd: files' \
		'hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns'
}

name_myhostname_without_hosts()
{
	[ -e /lib/"$(uname -m)"-linux-gnu/libnss_myhostname.so.2 ] ||
		skip 'libnss-myhostname is not installed'
	rm -f /etc/hosts
	# Go's own resolver does not ask myhostname: that this client fails is the truth.
	may_end=1
	etc nsswitch.conf 'hosts: files myhostname dns'
}

name_ipv4_preferred()
{
	etc gai.conf 'precedence ::ffff:0:0/96  100'
}

name_policy_written_out()
{
	etc gai.conf 'precedence ::1/128 50' 'precedence ::/0 40' 'precedence 2002::/16 30' \
		'precedence ::/96 20' 'precedence ::ffff:0:0/96 10'
}

# --- links, addresses, routes --------------------------------------------------------------------

machine_of_ipv4()
{
	sysctl -qw net.ipv6.conf.all.disable_ipv6=1
	etc hosts '127.0.0.1 localhost' '127.0.1.1 debian5'
}

machine_of_other_links()
{
	ip link add lan0 type veth peer name wall || skip 'this kernel makes no veth here'
	ip link set wall up
	sysctl -qw net.ipv6.conf.lan0.disable_ipv6=1
	ip link set lan0 up
	ip address add 10.9.8.7/8 dev lan0
	ip route add default via 10.0.0.1 dev lan0
}

machine_of_small_packets()
{
	ip link set lo mtu 1500
}

machine_of_marked_routes()
{
	ip rule add fwmark 7 lookup 77 pref 100
	ip route add blackhole default table 77
	ip -6 rule add fwmark 7 lookup 77 pref 100
	ip -6 route add blackhole default table 77
}

machine_of_strict_paths()
{
	sysctl -qw net.ipv4.conf.all.rp_filter=1 net.ipv4.conf.lo.rp_filter=1
}

machine_of_few_ports()
{
	sysctl -qw net.ipv4.ip_local_port_range='40000 40200' net.ipv4.tcp_abort_on_overflow=1
}

machine_of_no_dead_ends()
{
	ip -6 route add unreachable 2001:db8::/32 dev lo
	ip route add blackhole 203.0.113.0/24
}

# --- servers -------------------------------------------------------------------------------------

server_of_both_loopbacks()
{
	serve --listen 127.0.0.1:8000 --listen '[::1]:8000' --listen 127.0.1.1:8000
}

server_of_two_wildcards()
{
	sysctl -qw net.ipv6.bindv6only=1
	serve --listen 0.0.0.0:8000 --listen '[::]:8000'
}

server_among_many()
{
	/usr/bin/python3 -c '
import socket, time
kept = [socket.create_server(("127.0.0.1", 20000 + i)) for i in range(300)]
open("/etc/muxdiag-test", "w").write("listening")
time.sleep(60)' &
	await '300 listeners' grep -q listening /etc/muxdiag-test
}

server_in_the_middle_of_ports()
{
	sysctl -qw net.ipv4.ip_local_port_range='1024 65535'
}

# --- firewalls -----------------------------------------------------------------------------------

firewall_empty_chains()
{
	needs_firewall nft
	nft 'add table inet a; add chain inet a i { type filter hook input priority 0; }
		add chain inet a o { type route hook output priority -150; policy accept; }
		add table ip6 unused; add chain ip6 unused regular'
}

firewall_drops_all_but_loopback()
{
	drop_policies inet 'meta iif lo accept; meta oif lo accept'
}

firewall_of_ip6tables()
{
	drop_ipv6 ip6tables-nft
	ip6tables-nft -A INPUT -i lo -j ACCEPT
	ip6tables-nft -A OUTPUT -o lo -j ACCEPT
}

firewall_of_legacy_tables()
{
	drop_ipv6 ip6tables-legacy
	ip6tables-legacy -A INPUT -i lo -j ACCEPT
	ip6tables-legacy -A OUTPUT -o lo -j ACCEPT
}

firewall_of_established()
{
	needs_firewall nft
	nft -f - <<-'END'
	table inet guard {
		chain incoming {
			type filter hook input priority filter; policy drop;
			ct state established,related accept
			ct state invalid drop
			iif lo accept
			ip6 nexthdr icmpv6 accept
			tcp dport 22 limit rate 10/minute accept
		}
		chain outgoing {
			type filter hook output priority filter; policy drop;
			ct state established,related accept
			oif lo accept
			udp dport 53 accept
		}
	}
	END
}

firewall_of_another_user()
{
	needs_firewall nft
	nft 'add table inet u; add chain inet u o { type filter hook output priority 0; }
		add rule inet u o meta skuid 12345 drop; add rule inet u o meta skgid 12345 reject'
}

firewall_of_another_port()
{
	needs_firewall nft
	nft 'add table inet p; add chain inet p i { type filter hook input priority 0; }
		add rule inet p i tcp dport != { 22, 80, 8000 } iif != lo drop
		add rule inet p i tcp dport 8001-8999 reject with tcp reset'
}

firewall_counts_and_logs()
{
	needs_firewall nft
	nft 'add table inet c; add chain inet c o { type filter hook output priority 0; }
		add rule inet c o counter; add rule inet c o oif lo counter log prefix "lo: "
		add rule inet c o limit rate 1/hour counter'
}

firewall_without_tracking()
{
	needs_firewall nft
	nft 'add table inet r; add chain inet r o { type filter hook output priority raw; }
		add chain inet r i { type filter hook prerouting priority raw; }
		add rule inet r o oif lo notrack; add rule inet r i iif lo notrack'
}

firewall_of_many_rules()
{
	needs_firewall nft
	{
		echo 'add table inet m'
		echo 'add chain inet m i { type filter hook input priority 0; }'
		seq -f 'add rule inet m i ip saddr 10.0.0.0/8 tcp dport %.0f drop' 2000
	} | nft -f -
}

firewall_redirects_elsewhere()
{
	needs_firewall nft
	nft 'add table ip n; add chain ip n o { type nat hook output priority -100; }
		add rule ip n o ip daddr != 127.0.0.0/8 tcp dport 8000 redirect to :9
		add rule ip n o tcp dport 80 redirect to :8000'
}

# What these programs load first, in which loopback is let through; the rest of theirs is not met.
firewall_of_ufw()
{
	drop_ipv6 ip6tables-nft
	ip6tables-nft-restore --noflush <<-'END'
	*filter
	:ufw6-before-input - [0:0]
	:ufw6-before-output - [0:0]
	:ufw6-logging-deny - [0:0]
	-A INPUT -j ufw6-before-input
	-A OUTPUT -j ufw6-before-output
	-A ufw6-before-input -i lo -j ACCEPT
	-A ufw6-before-input -m rt --rt-type 0 -j DROP
	-A ufw6-before-input -m conntrack --ctstate INVALID -j ufw6-logging-deny
	-A ufw6-before-input -m conntrack --ctstate INVALID -j DROP
	-A ufw6-before-output -o lo -j ACCEPT
	COMMIT
	END
}

firewall_of_firewalld()
{
	needs_firewall nft
	nft -f - <<-'END'
	table inet firewalld {
		chain filter_PREROUTING {
			type filter hook prerouting priority filter + 10; policy accept;
			icmpv6 type { nd-router-advert, nd-neighbor-solicit } accept
			meta nfproto ipv6 fib saddr . mark . iif oif missing drop
		}
		chain filter_INPUT {
			type filter hook input priority filter + 10; policy accept;
			ct state { established, related } accept
			ct status dnat accept
			iifname "lo" accept
			ct state invalid drop
			reject with icmpx admin-prohibited
		}
		chain filter_OUTPUT {
			type filter hook output priority filter + 10; policy accept;
			ct state { established, related } accept
			oifname "lo" accept
			ip6 daddr { ::/96, ::ffff:0.0.0.0/96, 2002::/24 } reject with icmpv6 addr-unreachable
		}
	}
	END
}

firewall_of_docker()
{
	needs_firewall iptables-nft
	iptables-nft-restore <<-'END'
	*nat
	:DOCKER - [0:0]
	-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
	-A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER
	-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
	-A DOCKER -i docker0 -j RETURN
	-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8001 -j DNAT --to-destination 172.17.0.2:80
	COMMIT
	*filter
	:FORWARD DROP [0:0]
	:DOCKER-USER - [0:0]
	-A FORWARD -j DOCKER-USER
	-A DOCKER-USER -j RETURN
	COMMIT
	END
}

# A VPN's kill switch that spares loopback.
firewall_of_mullvad()
{
	needs_firewall nft
	nft -f - <<-'END'
	table inet mullvad {
		chain output {
			type filter hook output priority filter; policy drop;
			oif "lo" accept
			ct mark 0x00000f41 accept
			reject
		}
		chain input {
			type filter hook input priority filter; policy drop;
			iif "lo" accept
			ct state established,related accept
		}
	}
	END
}

firewall_of_wireguard()
{
	needs_firewall ip6tables-nft
	ip6tables-nft -A OUTPUT ! -o wg0 -m mark ! --mark 0xca6c \
		-m addrtype ! --dst-type LOCAL -j REJECT
}

firewall_of_fail2ban()
{
	needs_firewall nft
	nft 'add table inet f2b-table; add set inet f2b-table banned { type ipv4_addr; }
		add element inet f2b-table banned { 192.0.2.7, 198.51.100.9 }
		add chain inet f2b-table f2b-chain { type filter hook input priority -1; }
		add rule inet f2b-table f2b-chain ip saddr @banned reject with icmp port-unreachable'
}

# --- clients -------------------------------------------------------------------------------------

client_of_a_proxy()
{
	environment='http_proxy=http://proxy.example:3128 https_proxy=http://proxy.example:3128
		no_proxy=localhost,127.0.0.1,::1,debian5'
}

client_of_a_proxy_for_others()
{
	environment='ftp_proxy=http://proxy.example:21'
}

# --- all of them ---------------------------------------------------------------------------------

machines=$(sed -nE 's/^((name|machine|server|firewall|client)_[a-z0-9_]+)\(\).*/\1/p' "$0")

in_environment()
{
	# Word splitting is wanted.
	# shellcheck disable=SC2086
	"$1" ${environment:+env $environment} "$work/muxdiag" check --json "$2" \
		>"$work/out" 2>"$work/err" || status=$?
}

as_nobody()
{
	bare setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all -- "$@"
}

# `expect_well STATUS…`: nothing above an information, and one of these answers.
expect_well()
{
	found=$(report '[f["title"] for f in report["findings"] if f["severity"] != "info"]')
	[ -z "$found" ] || fail "$1 is accused: $found"
	shift
	case " $* " in
	*" $status "*) ;;
	*) fail "status $status: $(report 'report["headline"]')" ;;
	esac
}

one_machine()
{
	environment= may_end=0
	"$1"
	case $1 in
	server_of_*) ;;
	*) serve ;;
	esac
	for target in localhost:8000 debian5:8000 localhost; do
		# Where nothing is sent, no server is known that would clear a doubt.
		if [ "$target" = localhost ]; then wanted='0 1 3'; else wanted="0 $may_end"; fi
		status=0
		in_environment bare "$target"
		# shellcheck disable=SC2086
		expect_well "$target" $wanted
		has_nobody || continue
		status=0
		in_environment as_nobody "$target"
		# shellcheck disable=SC2086
		expect_well "$target" $wanted
	done
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
