#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Machines that are not fit for a benchmark, each in one way, and one that is: preflight names what
# is wrong, and nothing else. `preflight.sh PART`: before, run, or missing.
. "$(dirname "$0")/lib.sh"
machine "$@"
here=$(dirname "$0")
schema=$here/../../contrib/schema/muxdiag-preflight.schema.json

# Of the machine that the tests run on, which they cannot mend.
NOISE='busy steal governor clock-source free-memory processor-quota memory-quota congestion-control'

# A muxd with sanitizers in it is not what its users run, and is told so.
! grep -aqE '__[at]san_init|__ubsan_handle' "$MUXD" || NOISE="$NOISE server-build"

# Where there is one processor, tool and server do share it.
[ "$(nproc)" -gt 1 ] || NOISE="$NOISE processors"

# `preflight [COMMAND…] -- ARG…`: the JSON report in $work/out.
preflight()
{
	set_up=
	while [ "$1" != -- ]; do
		set_up="$set_up $1"
		shift
	done
	shift
	status=0
	# Word splitting is wanted.
	# shellcheck disable=SC2086
	bare $set_up "$work/muxdiag" preflight --json "$@" >"$work/out" 2>"$work/err" || status=$?
	no_hang preflight "$@"
	expect_harmless
	expect_schema
}

expect_schema()
{
	/usr/bin/python3 - "$schema" "$work/out" <<-'END' || fail 'the JSON breaks the schema'
	import json, sys
	try:
	    import jsonschema
	except ImportError:
	    sys.exit(0)
	schema, report = (json.load(open(path)) for path in sys.argv[1:])
	jsonschema.validators.validator_for(schema)(schema).validate(report)
	END
}

# The ids of what will break or distort the load, without the noise.
wrong()
{
	report "' '.join(sorted(f['id'] for f in report['findings']
		if f['fitness'] in ('warning', 'fail') and f['id'] not in '$NOISE'.split()))"
}

show()
{
	say "muxdiag ended with status $status and said:"
	report "[f'{f[\"fitness\"]} {f[\"id\"]}: {f[\"title\"]} | {f[\"prediction\"]} | {f[\"evidence\"]}'
		for f in report['findings'] + (report['run'] or {'findings': []})['findings']
		if f['fitness'] != 'ok']" 2>/dev/null || cat "$work/out"
	cat "$work/err"
}

# `quiet ID…`: those that are not noise.
quiet()
{
	for id; do
		case " $NOISE " in
		*" $id "*) ;;
		*) printf '%s ' "$id" ;;
		esac
	done | sed 's/ $//'
}

expect_wrong()
{
	got=$(wrong)
	# Word splitting is wanted.
	# shellcheck disable=SC2086
	[ "$got" = "$(quiet $1)" ] || {
		show
		fail "wrong are: $got
expected: $1"
	}
}

# `expect_said ID TEXT`: in the finding's prediction, title or evidence.
expect_said()
{
	report "json.dumps([f for f in report['findings'] if f['id'] == '$1'], ensure_ascii=False)" |
		grep -qF -e "$2" || {
		show
		fail "$1 does not say: $2"
	}
}

slow()
{
	/usr/bin/python3 "$here/slow_server.py" "$@" &
	server=$!
	await 'the slow server to listen' listens "$1"
}

listens()
{
	ss -Hltn "sport = :$1" | grep -q .
}

end()
{
	kill "$server" 2>/dev/null || true
	wait "$server" 2>/dev/null || true
}

serve_alone()
{
	serve "$@"
	server=$!
}

# --- before a run --------------------------------------------------------------------------------

ENOUGH='-c 100 -n 1000000 --tool ab'

check_good()
{
	say 'A machine that is fit'
	serve_alone
	# shellcheck disable=SC2086
	preflight -- $ENOUGH http://localhost:8000/password
	expect_wrong ''
	expect_report "report['check']['status']" ok
	# shellcheck disable=SC2086
	preflight -- -k $ENOUGH http://127.0.0.1:8000/password
	expect_wrong ''
	muxdiag preflight -q -c 100 http://localhost:8000/ >"$work/out" 2>"$work/err" || true
	[ "$(wc -l <"$work/out")" = 1 ] || fail 'more than the first sentence'
	end
}

check_descriptors()
{
	say 'Too few descriptors for the tool, and for the server'
	serve_alone
	preflight prlimit --nofile=64:64 -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong client-descriptors
	expect_said client-descriptors 'Too many open files'
	expect_status 2
	prlimit --pid "$server" --nofile=80:80
	preflight -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong server-descriptors
	end
}

check_queues()
{
	say 'A limit of the kernel, and a backlog of the server'
	before=$(cat /proc/sys/net/core/somaxconn)
	echo 16 >/proc/sys/net/core/somaxconn
	serve_alone
	preflight -- -c 1000 -n 1000000 http://localhost:8000/
	expect_wrong 'backlog somaxconn'
	expect_said backlog '983 of the first 1000 connects take 1 s or more'
	expect_said somaxconn 'sysctl -w net.core.somaxconn=4096'
	end
	echo "$before" >/proc/sys/net/core/somaxconn
	slow 8001 5 1
	preflight -- -c 200 -n 1000000 --tool ab http://127.0.0.1:8001/
	expect_wrong 'backlog development-server'
	expect_said backlog '194 of the first 200 connects'
	expect_said backlog 'Connection reset by peer (104)'
	expect_status 2
	preflight -- -c 6 -n 1000000 --tool ab http://127.0.0.1:8001/
	expect_wrong development-server
	end
}

check_ports()
{
	say 'Few ports, and many of them in TIME_WAIT'
	before=$(cat /proc/sys/net/ipv4/ip_local_port_range)
	serve_alone
	echo '40000 40099' >/proc/sys/net/ipv4/ip_local_port_range
	preflight -- -k -c 200 -n 1000000 http://127.0.0.1:8000/
	expect_wrong port-range
	expect_said port-range 'Cannot assign requested address (99)'
	echo '40000 40299' >/proc/sys/net/ipv4/ip_local_port_range
	leave_time_wait 200
	preflight -- -k -c 20 -n 1000000 http://127.0.0.1:8000/
	expect_wrong time-wait
	end
	echo '40000 41999' >/proc/sys/net/ipv4/ip_local_port_range
	slow 8001 512 0 patient
	echo 0 >/proc/sys/net/ipv4/tcp_tw_reuse
	preflight -- -c 20 -n 1000000 http://127.0.0.1:8001/
	expect_wrong 'development-server port-range time-wait-reuse'
	expect_said port-range 'for a minute'
	echo 2 >/proc/sys/net/ipv4/tcp_tw_reuse
	preflight -- -c 20 -n 200 http://127.0.0.1:8001/
	expect_wrong 'development-server run-length'
	end
	echo "$before" >/proc/sys/net/ipv4/ip_local_port_range
}

# `leave_time_wait N`: connections to port 8000 that the client closed first.
leave_time_wait()
{
	/usr/bin/python3 -c '
import socket, sys
for _ in range(int(sys.argv[1])):
    with socket.create_connection(("127.0.0.1", 8000)) as client:
        client.shutdown(socket.SHUT_WR)
        while client.recv(4096):
            pass
' "$1"
}

check_firewall()
{
	say 'Rules that limit, log, and follow connections'
	needs_firewall nft
	serve_alone
	nft -f - <<-END
	table inet guard {
		chain incoming {
			type filter hook input priority filter; policy accept;
			tcp dport 8000 limit rate over 100000/second drop
			tcp dport 8000 log prefix "limit accept "
		}
	}
	END
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8000/
	expect_wrong 'log-rule rate-limit'
	expect_said rate-limit 'limit rate over 100000/second'
	nft delete table inet guard
	nft add table inet guard
	nft add chain inet guard incoming '{ type filter hook input priority filter; policy accept; }'
	nft add rule inet guard incoming tcp dport 9 limit rate 1/second accept
	nft add rule inet guard incoming ct state established accept comment '"log limit"'
	rm -rf "$work/record"
	preflight -- --record "$work/record" -c 100 -n 10000 --tool ab http://127.0.0.1:8000/
	expect_wrong ''
	expect_said conntrack 'conntrack follows the load'
	nft delete table inet guard
	many_rules
	queue_rule
	end
	full_conntrack
}

# A hundred are bearable, one more is not.
many_rules()
{
	say 'Many rules'
	{
		echo 'table inet guard { chain outgoing { type filter hook output priority filter;'
		for port in $(seq 100); do
			echo "tcp dport $port drop"
		done
		printf '}\n}\n'
	} | nft -f -
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8000/
	expect_wrong ''
	expect_said rules '100 rules on its way out, 0 on its way in'
	nft add rule inet guard outgoing tcp dport 101 drop
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8000/
	expect_wrong rules
	nft delete table inet guard
}

queue_rule()
{
	say 'A rule that asks a program'
	iptables-legacy -A INPUT -p tcp --dport 8000 -j NFQUEUE --queue-bypass 2>/dev/null || {
		say 'skipped: there is no iptables-legacy with NFQUEUE here'
		return
	}
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8000/
	expect_wrong queue-rule
	expect_said queue-rule 'iptables-legacy -t filter -I INPUT 1 -i lo -j ACCEPT'
	iptables-legacy -F INPUT
}

# The limit is that of the whole machine: a recording is changed, not the machine.
full_conntrack()
{
	say 'A conntrack table that is nearly full'
	file=$work/record/sysctl/net/netfilter/nf_conntrack_max
	[ -f "$file" ] || {
		say 'skipped: this kernel does not show nf_conntrack_max'
		return
	}
	echo 5000 >"$file"
	preflight -- --replay "$work/record"
	expect_wrong conntrack
	expect_said conntrack 'nf_conntrack: table full'
	expect_status 2
}

check_processors()
{
	say 'One processor for both, and a share of it'
	serve_alone
	taskset -acp 0 "$server" >/dev/null
	preflight taskset -c 0 -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong processors
	end
	check_quota
}

# A control group is no namespace: it is removed again, whatever happens.
check_quota()
{
	group=
	for controller in /sys/fs/cgroup/cpu /sys/fs/cgroup; do
		[ -e "$controller/cgroup.procs" ] || continue
		group=$(mktemp -d "$controller/muxdiag-test-XXXXXX" 2>/dev/null) && break
	done
	[ -n "$group" ] || {
		say 'skipped: no control group may be made here'
		return
	}
	trap 'status=$?; rmdir "$group"; leave "$status"' EXIT
	if { echo '20000 100000' >"$group/cpu.max" ||
		echo 20000 >"$group/cpu.cfs_quota_us"; } 2>/dev/null; then
		serve_alone
		printf 'echo 0 >%s/cgroup.procs\nexec "$@"\n' "$group" >"$work/in-group"
		preflight sh "$work/in-group" -- -c 100 -n 1000000 http://localhost:8000/
		expect_said processor-quota '0.20 processors'
		expect_report "[f['fitness'] for f in report['findings']
			if f['id'] == 'processor-quota'][0]" warning
		end
	else
		say 'skipped: this control group limits no processor time'
	fi
	rmdir "$group"
	trap 'leave $?' EXIT
}

# Opens what tcpdump -i lo does.
capture()
{
	/usr/bin/python3 -c '
import signal, socket
ALL = 3
watch = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL))
watch.bind(("lo", ALL))
signal.pause()
' &
	capturer=$!
	await 'the capture' grep -qE ' 0003 +1 ' /proc/net/packet
}

check_reach()
{
	say 'A server on one family, a proxy variable, a small MTU, a capture'
	serve_alone --listen 127.0.0.1:8000
	preflight -- -c 100 -n 1000000 --tool ab http://localhost:8000/
	expect_wrong address-order
	end
	serve_alone
	preflight env http_proxy=http://127.0.0.1:3128 -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong proxy
	preflight env http_proxy=http://127.0.0.1:3128 -- -c 100 -n 1000000 --tool ab \
		http://localhost:8000/
	expect_wrong ''
	ip link set lo mtu 1500
	preflight -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong loopback-device
	ip link set lo mtu 65536
	capture
	preflight -- -c 100 -n 1000000 http://localhost:8000/
	expect_wrong observers
	kill "$capturer"
	preflight -- -c 100 -n 50 http://localhost:8000/
	expect_wrong fewer-requests
	preflight -- -c 100 -n 1000000 http://localhost:8000/nothing-here
	expect_wrong response-status
	end
}

check_build()
{
	say 'Servers that are built or started for debugging'
	slow_as env FLASK_DEBUG=1 /usr/bin/python3
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong 'development-server server-build'
	expect_said server-build 'FLASK_DEBUG=1'
	end
	slow_as /usr/bin/python3 -X dev
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong 'development-server server-build'
	expect_said server-build '-X dev'
	no_secrets
	end
	mkdir -p "$work/target/debug"
	cp "$MUXD" "$work/target/debug/muxd"
	"$work/target/debug/muxd" --quiet --workers 1 --port 8000 >"$work/muxd.log" 2>&1 &
	server=$!
	await 'muxd to listen' listens 8000
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8000/
	expect_said server-build '/target/debug/'
	end
	slow_as sh -c 'exec 9</dev/urandom; exec "$@"' sh /usr/bin/python3
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong development-server
	expect_said random-source /dev/urandom
	end
}

# `slow_as COMMAND…`: the command starts the slow server.
slow_as()
{
	SECRET=wilma "$@" "$here/slow_server.py" 8001 4096 0 &
	server=$!
	await 'the slow server to listen' listens 8001
}

# Only words that mean something are kept of a server's command line and environment.
no_secrets()
{
	rm -rf "$work/record"
	preflight -- --record "$work/record" -c 100 -n 1000000 http://127.0.0.1:8001/
	! grep -rqE 'wilma|slow_server' "$work/record/process" ||
		fail 'the recording has a secret of the server'
}

# `instead PATH`: standard input stands in its place until `restore PATH`; fails where there is none.
instead()
{
	[ -f "$1" ] || return 1
	copy=$work/instead-$(basename "$1")
	cat >"$copy"
	mount --bind "$copy" "$1"
}

# Folders of /sys in whose place are others, made by hand.
check_hardware()
{
	say 'A machine on its battery, with few threads, that traces itself'
	slow 8001 4096 0
	if [ -d /sys/class/power_supply ]; then
		mkdir -p "$work/supply/AC" "$work/supply/BAT0"
		echo Mains >"$work/supply/AC/type"
		echo 1 >"$work/supply/AC/online"
		echo Battery >"$work/supply/BAT0/type"
		mount --bind "$work/supply" /sys/class/power_supply
		preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
		expect_wrong development-server
		echo 0 >"$work/supply/AC/online"
		preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
		expect_wrong 'development-server power-supply'
		umount /sys/class/power_supply
	fi
	echo 100 | instead /proc/sys/kernel/threads-max
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong 'development-server process-quota'
	expect_said process-quota "can't start new thread"
	umount /proc/sys/kernel/threads-max
	echo 0 | instead /proc/sys/kernel/randomize_va_space
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong development-server
	expect_said address-layout always
	umount /proc/sys/kernel/randomize_va_space
	if mount -t tmpfs none /sys/kernel/tracing 2>/dev/null; then
		echo function >/sys/kernel/tracing/current_tracer
		preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
		expect_wrong 'development-server observers'
		umount /sys/kernel/tracing
	fi
	end
	check_threads
}

# As check_quota: a control group is no namespace.
check_threads()
{
	group=
	for controller in /sys/fs/cgroup/pids /sys/fs/cgroup; do
		[ -e "$controller/cgroup.procs" ] || continue
		group=$(mktemp -d "$controller/muxdiag-test-XXXXXX" 2>/dev/null) && break
	done
	[ -n "$group" ] || {
		say 'skipped: no control group may be made here'
		return
	}
	trap 'status=$?; kill "$server" 2>/dev/null; wait; rmdir "$group"; leave "$status"' EXIT
	if echo 50 >"$group/pids.max" 2>/dev/null; then
		slow 8001 4096 0
		echo "$server" >"$group/cgroup.procs"
		preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
		expect_wrong 'development-server process-quota'
		expect_said process-quota 'pids.max leaves room for 49 more threads'
		preflight -- -c 48 -n 1000000 http://127.0.0.1:8001/
		expect_wrong development-server
		end
	else
		say 'skipped: this control group limits no threads'
	fi
	rmdir "$group"
	trap 'leave $?' EXIT
}

# Says nothing, ever, to what it accepts.
hang()
{
	/usr/bin/python3 -c '
import socket
with socket.create_server(("127.0.0.1", 8001)) as server:
    kept = []
    while True:
        kept.append(server.accept())
' &
	server=$!
	await 'the server that hangs' listens 8001
}

check_silence()
{
	say 'A server that accepts and hangs'
	hang
	preflight -- -c 100 -n 1000000 http://127.0.0.1:8001/
	expect_wrong ''
	expect_status 1
	expect_report "report['check']['findings'][0]['id']" slow-answer
	expect_report "[f['fitness'] for f in report['findings'] if f['id'] == 'response-status'][0]" \
		unknown
	expect_said response-status 'no answer within'
	report "report['headline']" | grep -q 'it is not known whether' || fail 'the headline knows'
	end
}

# --- a run ---------------------------------------------------------------------------------------

# Each of the 20 connections of ab loses a SYN now and then.
lose_syns()
{
	nft -f - 2>/dev/null <<-'END' || {
		table ip guard {
			chain incoming {
				type filter hook input priority filter;
				tcp dport 8000 tcp flags syn / syn,ack numgen inc mod 100 0 drop
			}
		}
	END
		say 'skipped: this nftables counts no packets'
		return
	}
	say 'A machine that loses every hundredth SYN'
	serve_alone
	preflight -- http://127.0.0.1:8000/ -- ab -q -n 4000 -c 20 http://127.0.0.1:8000/
	expect_report "[f['fitness'] for f in report['run']['findings'] if f['id'] == 'run-tail'][0]" \
		warning
	expect_report "'waited for a timer of 1000 ms' in [f['title']
		for f in report['run']['findings'] if f['id'] == 'run-tail'][0]" True
	nft delete table ip guard
	end
}

check_run()
{
	needs ab
	say 'A server that is too slow: foreseen before, explained after'
	slow 8000 5 2
	preflight -- http://127.0.0.1:8000/ -- \
		ab -q -s 2 -n 600 -c 200 http://127.0.0.1:8000/
	expect_report "report['load']" \
		"{'concurrency': 200, 'requests': 600, 'keepalive': False, 'tool': 'ab'}"
	expect_said backlog '194 of the first 200 connects take 1 s or more'
	expect_report "report['run']['status']" fails
	expect_report "[f['fitness'] for f in report['run']['findings']
		if f['id'] == 'run-accept-queue'][0]" fail
	expect 'ListenOverflows +'
	grep -q ApacheBench "$work/err" || fail "ab's own output is lost"
	end
	lose_syns
	say 'A server that is not'
	serve_alone
	: >"$work/err"
	status=0
	muxdiag preflight -c 20 -n 2000 --tool ab http://127.0.0.1:8000/ -- \
		ab -q -n 2000 -c 20 http://127.0.0.1:8000/ >"$work/out" 2>"$work/err" || status=$?
	expect 'Complete requests:      2000' 'the run of '
	expect_no 'run-accept-queue' 'run-command'
	muxdiag preflight -c 20 -n 20 http://127.0.0.1:8000/ -- sh -c 'exit 7' >"$work/out" \
		2>"$work/err" || status=$?
	expect 'sh ended with status 7'
	expect_status 2
	say 'A run that is started elsewhere'
	: >"$work/err"
	"$work/muxdiag" preflight --watch-run -c 20 -n 20 http://127.0.0.1:8000/ >"$work/out" \
		2>"$work/err" &
	watcher=$!
	await 'the counting' grep -q 'counting; start the load' "$work/err"
	kill -TERM "$watcher"
	wait "$watcher" || true
	expect 'the run of '
	end
}

# What is not there, or not to be read, accuses nobody.
check_missing()
{
	say 'Sources that are missing, one by one, and as on other machines'
	serve_alone
	set -- -c 20 -n 1000000 --record "$work/whole" http://localhost:8000/password
	if command -v ab >/dev/null; then
		set -- "$@" -- ab -q -n 2000 -c 20 http://localhost:8000/password
	fi
	muxdiag preflight "$@" >"$work/out" 2>&1 || true
	/usr/bin/python3 "$here/preflight_missing.py" "$work/muxdiag" "$work/whole" >"$work/said" ||
		{ cat "$work/said" && fail 'a missing source accuses, or breaks it'; }
	cat "$work/said"
	end
}

case ${1:-before} in
before)
	check_good
	check_descriptors
	check_queues
	check_ports
	check_firewall
	check_processors
	check_reach
	check_build
	check_hardware
	check_silence
	;;
run) check_run ;;
missing) check_missing ;;
*) fail "no part $1" ;;
esac
