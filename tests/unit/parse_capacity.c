/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of /proc, /sys and control groups, and what a preflight and a run recorded. */
#include "parse_room.h"

#include <stdio.h>
#include <sys/socket.h>

#include <muxdiag/muxdiag.h>

#include "parse/capacity.h"

static void put(struct mux_bundle *bundle, const char *name, const char *text)
{
	assert_int_equal(bundle_put(bundle, name, slice_of(text)), 0);
}

static struct mux_bundle *make_bundle(void)
{
	struct mux_bundle *bundle = bundle_new();

	assert_non_null(bundle);
	put(bundle, "preflight/load", "concurrency=1000 requests=500000 keepalive=1 tool=ab\n");
	put(bundle, "file/proc/sys/fs/file-nr", "827\t0\t2466177\n");
	put(bundle, "file/proc/self/net/sockstat",
	    "sockets: used 17\nTCP: inuse 1 orphan 0 tw 28 alloc 3 mem 77\nUDP: inuse 0 mem 0\n");
	put(bundle, "file/proc/self/net/packet",
	    "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n"
	    "00000000afa8b006 3      3    0003   1     1 0      0      1\n"
	    "00000000afa8b007 3      3    0003   0     1 0      0      2\n"
	    "00000000afa8b008 3      3    0003   2     1 0      0      3\n"
	    "00000000afa8b009 3      3    0800   1     1 0      0      4\n");
	put(bundle, "file/proc/loadavg", "6.45 6.28 4.36 5/131 13436\n");
	put(bundle, "file/proc/stat", "cpu  100 20 30 400 50 0 7 9 0 0\ncpu0 1 2 3\n");
	put(bundle, "file/proc/meminfo",
	    "MemTotal:       1000 kB\nMemFree: 1 kB\nMemAvailable:    500 kB\n");
	put(bundle, "file/proc/pressure/cpu",
	    "some avg10=53.93 avg60=68.68 avg300=66.07 total=1\n"
	    "full avg10=0.50 avg60=0.00 avg300=0.00 total=0\n");
	put(bundle, "file/sys/devices/system/cpu/online", "0-3,8\n");
	put(bundle, "process/self/limits",
	    "Limit                     Soft Limit           Hard Limit           Units\n"
	    "Max processes             unlimited            unlimited            processes\n"
	    "Max open files            1024                 4096                 files\n");
	put(bundle, "process/self/status",
	    "Name:\tx\nTracerPid:\t7\nThreads:\t3\nCpus_allowed:\t3\nCpus_allowed_list:\t0-1\n");
	put(bundle, "process/self/open-files", "12");
	put(bundle, "process/self/quota",
	    "path=/a/b file=cpu.max text=max%20100000\n"
	    "path=/a/b file=memory.max text=max\n"
	    "path=/a file=cpu.max text=50000%20100000\n"
	    "path=/a file=cpu.stat text=nr_periods%205%0Anr_throttled%203%0Athrottled_usec%2099\n"
	    "path=/a file=memory.max text=1000\n"
	    "path=/a file=memory.current text=600\n"
	    "path=/a file=pids.max text=100\npath=/a file=pids.current text=90\n"
	    "path=/ file=cpu.max text=60000%20100000\n"
	    "path=/ file=pids.max text=50\npath=/ file=pids.current text=30\n");
	put(bundle, "destinations",
	    "address=127.0.0.1 in_use=3 time_wait=40 at_least=1\naddress=x in_use=1\n");
	return bundle;
}

static void test_machine(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	const struct mux_listeners none = {.n_sockets = 0};
	struct arena *arena = arena_new();
	struct mux_capacity capacity;

	(void)state;
	assert_int_equal(parse_capacity(bundle, &none, arena, &capacity), 0);
	assert_int_equal(capacity.load.concurrency, 1000);
	assert_int_equal(capacity.load.requests, 500000);
	assert_true(capacity.load.keepalive);
	assert_string_equal(capacity.load.tool, "ab");
	assert_int_equal(capacity.files_used, 827);
	assert_int_equal(capacity.files_max, 2466177);
	assert_int_equal(capacity.time_wait, 28);
	assert_int_equal(capacity.tcp_pages, 77);
	assert_int_equal(capacity.n_packet_sockets, 2);
	assert_true(capacity.load1 > 6.44 && capacity.load1 < 6.46);
	assert_int_equal(capacity.threads, 131);
	assert_int_equal(capacity.cpu_time.total, 616);
	assert_int_equal(capacity.cpu_time.idle, 450);
	assert_int_equal(capacity.cpu_time.steal, 9);
	assert_int_equal(capacity.memory_total, 1024000);
	assert_int_equal(capacity.memory_available, 512000);
	assert_true(capacity.cpu_pressure.some10 > 53.9 && capacity.cpu_pressure.some10 < 54);
	assert_int_equal(capacity.n_online, 5);
	assert_int_equal(capacity.online.bits[0], 0x10f);
	assert_int_equal(capacity.memory_pressure.source.presence, MUX_NOT_ASKED);
	assert_int_equal(capacity.destinations.n, 1);
	assert_int_equal(capacity.destinations.list[0].time_wait, 40);
	assert_true(capacity.destinations.list[0].at_least);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void test_process(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	const struct mux_listeners none = {.n_sockets = 0};
	struct arena *arena = arena_new();
	struct mux_capacity capacity;

	(void)state;
	assert_int_equal(parse_capacity(bundle, &none, arena, &capacity), 0);
	assert_int_equal(capacity.self.limits.open_files, 1024);
	assert_true(capacity.self.limits.processes == MUX_UNLIMITED);
	assert_int_equal(capacity.self.status.threads, 3);
	assert_int_equal(capacity.self.status.tracer, 7);
	assert_int_equal(capacity.self.status.n_cpus, 2);
	assert_int_equal(capacity.self.open_files, 12);
	/* The least of all limits, with what that group counts. */
	assert_true(capacity.self_quota.cpus > 0.49 && capacity.self_quota.cpus < 0.51);
	assert_slice(capacity.self_quota.cpu_path, "/a");
	assert_int_equal(capacity.self_quota.throttled, 3);
	assert_int_equal(capacity.self_quota.throttled_us, 99);
	assert_int_equal(capacity.self_quota.memory_max, 1000);
	assert_int_equal(capacity.self_quota.memory_now, 600);
	assert_int_equal(capacity.self_quota.pids_max, 100);
	assert_int_equal(capacity.self_quota.pids_now, 90);
	assert_slice(capacity.self_quota.pids_path, "/a");
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void test_hardware(void **state)
{
	static const char text[] =
		"supply=AC type=Mains online=1\nsupply=BAT0 type=Battery\n"
		"idle=state0 latency_us=0 disabled=0 name=POLL\nidle=state1 latency_us=99 "
		"disabled=1\n"
		"weakness=meltdown text=Mitigation:%20PTI\ndriver=intel_idle governor=menu\nx=y\n";
	struct arena *arena = arena_new();
	struct mux_hardware hardware = {.n_supplies = 0};

	(void)state;
	parse_hardware(slice_of(text), arena, &hardware);
	assert_false(arena_failed(arena));
	assert_int_equal(hardware.n_supplies, 2);
	assert_slice(hardware.supplies[0].type, "Mains");
	assert_int_equal(hardware.supplies[0].online, 1);
	assert_int_equal(hardware.supplies[1].online, -1);
	assert_int_equal(hardware.n_idle_states, 2);
	assert_slice(hardware.idle_states[0].name, "POLL");
	assert_slice(hardware.idle_states[1].name, "state1");
	assert_int_equal(hardware.idle_states[1].latency_us, 99);
	assert_true(hardware.idle_states[1].disabled);
	assert_int_equal(hardware.n_weaknesses, 1);
	assert_slice(hardware.weaknesses[0].text, "Mitigation: PTI");
	assert_slice(hardware.idle_driver, "intel_idle");
	assert_slice(hardware.idle_governor, "menu");
	arena_free(arena);
}

static void test_build(void **state)
{
	static const char text[] = "library=libasan.so program=\nargument=--reload program=python\n"
				   "terminal=2\nrandom=/dev/urandom\nunread=environ error=13\n";
	struct arena *arena = arena_new();
	struct mux_build build = {.n_words = 0};

	(void)state;
	parse_build(slice_of(text), arena, &build);
	assert_false(arena_failed(arena));
	assert_int_equal(build.n_words, 2);
	assert_slice(build.words[0].kind, "library");
	assert_slice(build.words[1].word, "--reload");
	assert_slice(build.words[1].program, "python");
	assert_true(build.terminal);
	assert_slice(build.random, "/dev/urandom");
	assert_int_equal(build.unread, 13);
	arena_free(arena);
}

static void test_percentiles(void **state)
{
	static const char text[] =
		"Connect:  50%  9\n"
		"Percentage of the requests served within a certain time (ms)\n"
		"  50%    286\n  98%   1034\n 100%   1534 (longest request)\n\nend 7\n";
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_run run;

	(void)state;
	put(bundle, "run/output", text);
	assert_int_equal(parse_run(bundle, arena, &run), 0);
	assert_int_equal(run.n_percentiles, 3);
	assert_true(run.percentiles[1].percent > 97.9 && run.percentiles[1].percent < 98.1);
	assert_int_equal(run.percentiles[2].ms, 1534);
	mux_bundle_free(bundle);
	bundle = bundle_new();
	put(bundle, "run/output",
	    "Percentage of the requests served within\n  50%    286\n  98%   285\n");
	assert_int_equal(parse_run(bundle, arena, &run), 0);
	assert_int_equal(run.n_percentiles, 0);
	mux_bundle_free(bundle);
	arena_free(arena);
}

static void test_old_quota(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_quota quota = {.cpus = 0};

	(void)state;
	put(bundle, "quota",
	    "path=/x file=cpu.cfs_quota_us text=25000\n"
	    "path=/x file=cpu.cfs_period_us text=100000\n"
	    "path=/x file=cpu.stat text=nr_throttled%204%0Athrottled_time%205000\n"
	    "path=/ file=cpu.cfs_quota_us text=-1\n"
	    "path=/ file=cpu.cfs_period_us text=100000\n"
	    "path=/m file=memory.limit_in_bytes text=9223372036854771712\n");
	parse_quota(bundle, "quota", arena, &quota);
	assert_true(quota.cpus > 0.24 && quota.cpus < 0.26);
	assert_int_equal(quota.throttled, 4);
	assert_int_equal(quota.throttled_us, 5);
	assert_true(quota.memory_max == MUX_UNLIMITED);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void test_damage(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	const struct mux_listeners none = {.n_sockets = 0};
	struct arena *arena = arena_new();
	struct mux_capacity capacity;

	(void)state;
	put(bundle, "file/proc/sys/fs/file-nr", "many");
	put(bundle, "file/proc/stat", "cpu  1 2 3\n");
	put(bundle, "file/proc/meminfo", "MemTotal: 99999999999999999999 kB\n");
	put(bundle, "process/self/limits", "");
	put(bundle, "file/sys/devices/system/cpu/online", "3-1,99999\n");
	put(bundle, "preflight/load", "concurrency=-1 tool=0123456789012345678901234567890123\n");
	assert_int_equal(parse_capacity(bundle, &none, arena, &capacity), 0);
	assert_int_equal(capacity.file_nr_source.error, EBADMSG);
	assert_int_equal(capacity.cpu_time.source.error, EBADMSG);
	assert_int_equal(capacity.memory_source.error, EBADMSG);
	assert_int_equal(capacity.self.limits.source.error, EBADMSG);
	assert_int_equal(capacity.n_online, 0);
	assert_int_equal(capacity.load.concurrency, 0);
	assert_string_equal(capacity.load.tool, "");
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* --- requests ------------------------------------------------------------------------------ */

#define OK_HEAD "HTTP/1.1%20200%20OK%0D%0AServer:%20muxd%0D%0AConnection:%20close%0D%0A%0D%0A"

static const char reach_bytes[] =
	"address=127.0.0.1 conntrack_before=4 conntrack_with=5 error=0\n"
	"kind=new number=1 error=0 head=" OK_HEAD " bytes=153 us=100 server_closed=1\n"
	"kind=kept number=1 error=104 head= bytes=0 us=7 server_closed=0\n"
	"baseline=kept us=5,1,4,2,3\n";

static int parse_reach_alone(struct mux_slice bytes, struct arena *arena)
{
	struct mux_reach reach = {.error = 0};

	return parse_reach(bytes, arena, &reach);
}

static void test_reach(void **state)
{
	struct mux_reach reach = {.error = 0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_reach(slice_of(reach_bytes), arena, &reach), 0);
	assert_int_equal(reach.address.family, AF_INET);
	assert_int_equal(reach.conntrack_with, 5);
	assert_int_equal(reach.n_requests, 2);
	assert_int_equal(reach.requests[0].status, 200);
	assert_int_equal(reach.requests[0].body, 153 - 52);
	assert_slice(reach.requests[0].server, "muxd");
	assert_true(reach.requests[0].server_closed);
	assert_false(reach.requests[0].keeps);
	assert_int_equal(reach.requests[1].error, 104);
	assert_int_equal(reach.requests[1].status, 0);
	assert_int_equal(reach.n_baseline, 5);
	assert_true(reach.baseline_kept);
	assert_int_equal(reach.least_us, 1);
	assert_int_equal(reach.median_us, 3);
	assert_int_equal(reach.p99_us, 5);
	arena_free(arena);
	check_prefixes(slice_of(reach_bytes), parse_reach_alone, 1);
	check_no_memory(slice_of(reach_bytes), parse_reach_alone);
}

/* --- a run --------------------------------------------------------------------------------- */

static void test_run(void **state)
{
	static const char conntrack[] = "entries  found drop early_drop insert_failed\n";
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	char text[200];
	struct mux_run run;

	(void)state;
	put(bundle, "run/summary",
	    "us=1000000 samples=9 queue=6 backlog=5 queue_us=7 ticks=100 command=a%20b status=104 "
	    "cpu_us=900000\n");
	put(bundle, "run/before/netstat",
	    "TcpExt: ListenOverflows ListenDrops Same\nTcpExt: 5 7 1\nIpExt: ListenDrops\nIpExt: "
	    "1\n");
	put(bundle, "run/after/netstat",
	    "TcpExt: New ListenOverflows ListenDrops Same\nTcpExt: 9 6 9 1\nIpExt: ListenDrops\n"
	    "IpExt: 1\n");
	snprintf(text, sizeof(text), "%s0001 00 0000000a 00 01\n0001 00 01 00 00\n", conntrack);
	put(bundle, "run/before/nf_conntrack", text);
	snprintf(text, sizeof(text), "%s0001 00 0000000b 00 01\n0001 00 01 01 00\n", conntrack);
	put(bundle, "run/after/nf_conntrack", text);
	put(bundle, "run/before/softnet", "0001 00000000 0001\n0002 00000001 0\n");
	put(bundle, "run/after/softnet", "0001 00000010 0001\n0002 00000001 0\n");
	put(bundle, "run/before/server-stat", "7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 10 20 0 0\n");
	put(bundle, "run/after/server-stat", "7 (a) b) S 1 1 1 0 -1 0 0 0 0 0 11 25 0 0\n");
	assert_int_equal(parse_run(bundle, arena, &run), 0);
	assert_int_equal(run.source.presence, MUX_PRESENT);
	assert_int_equal(run.n_counters, 2);
	assert_slice(run.counters[0].group, "TcpExt");
	assert_slice(run.counters[0].name, "ListenOverflows");
	assert_int_equal(run.counters[0].after - run.counters[0].before, 1);
	assert_int_equal(run.counters[1].after - run.counters[1].before, 2);
	assert_int_equal(run.conntrack_drops, 2);
	assert_int_equal(run.backlog_drops, 16);
	assert_int_equal(run.server_ticks, 6);
	assert_false(run.server_ended);
	assert_slice(run.command, "a b");
	assert_int_equal(run.command_status, 104);
	assert_int_equal(bundle_put_error(bundle, "run/after/server-stat", ENOENT), 0);
	assert_int_equal(parse_run(bundle, arena, &run), 0);
	assert_true(run.server_ended);
	assert_int_equal(run.server_ticks, -1);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static int parse_both(const struct mux_bundle *bundle, struct arena *arena)
{
	const struct mux_listeners none = {.n_sockets = 0};
	struct mux_capacity capacity;
	struct mux_run run;
	int error = parse_capacity(bundle, &none, arena, &capacity);

	return error != 0 ? error : parse_run(bundle, arena, &run);
}

static void test_no_memory(void **state)
{
	struct mux_bundle *bundle = make_bundle();

	(void)state;
	put(bundle, "preflight/reach", reach_bytes);
	put(bundle, "run/before/snmp", "Tcp: OutRsts\nTcp: 1\n");
	put(bundle, "run/after/snmp", "Tcp: OutRsts\nTcp: 2\n");
	check_no_memory_bundle(bundle, parse_both);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machine),	    cmocka_unit_test(test_process),
		cmocka_unit_test(test_hardware),    cmocka_unit_test(test_build),
		cmocka_unit_test(test_percentiles), cmocka_unit_test(test_old_quota),
		cmocka_unit_test(test_damage),	    cmocka_unit_test(test_reach),
		cmocka_unit_test(test_run),	    cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
