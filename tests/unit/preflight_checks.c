/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each check on a machine that is fit, and on one that is spoilt in just that way: right at its
 * threshold, and one beyond it. */
#include "preflight_room.h"

#include <errno.h>

#include "base/arena.h"

/* --- one thing that is wrong --------------------------------------------------------------- */

/* Spoils the machine; with `enough` it stays just good enough. */
typedef void spoil(struct room *room, bool enough);

static void backlog(struct room *room, bool enough)
{
	room->listeners[1].backlog = enough ? 999 : 998;
}

static void abort_on_overflow(struct room *room, bool enough)
{
	room_sysctl(room, "net/core/somaxconn", "4096");
	room->sysctls[room->fixture.snapshot.n_sysctls++] = (struct mux_sysctl){
		room_present(), "net/ipv4/tcp_abort_on_overflow", slice_of("1")};
	backlog(room, enough);
}

static void slow_server(struct room *room, bool enough)
{
	room->capacity.reach.median_us = 1000;
	room->server.status.threads = 1;
	backlog(room, enough);
}

static void accept_queue(struct room *room, bool enough)
{
	/* The fixture's check has one connection that may not have been accepted yet. */
	room->fixture.snapshot.probes = room->fixture.probes;
	room->fixture.snapshot.n_probes = 1;
	room->listeners[1].queued = enough ? 1 : 2;
}

static void somaxconn(struct room *room, bool enough)
{
	room->listeners[1].backlog = 10;
	room_sysctl(room, "net/core/somaxconn", enough ? "999" : "998");
}

static void server_descriptors(struct room *room, bool enough)
{
	room->server.limits.open_files = 1000 + 64 + 10 - !enough;
}

static void client_descriptors(struct room *room, bool enough)
{
	room->capacity.self.limits.open_files = 1020 - !enough;
}

static void system_descriptors(struct room *room, bool enough)
{
	room->capacity.files_max = 1000 + 2000 + enough;
}

static void few_ports(struct room *room, bool enough)
{
	room_sysctl(room, "net/ipv4/ip_local_port_range", enough ? "40000\t40999" : "40000\t40998");
}

static void reserved_ports(struct room *room, bool enough)
{
	room_sysctl(room, "net/ipv4/ip_local_port_range", "40000\t41009");
	room_sysctl(room, "net/ipv4/ip_local_reserved_ports",
		    enough ? "80,40000-40009" : "80,40000-40009,41000,50000");
}

/* 16 666 connections a second, which ab can make, and 1000 at once. */
static void client_closes(struct room *room, bool enough)
{
	room->requests[0].server_closed = false;
	room_sysctl(room, "net/ipv4/ip_local_port_range", enough ? "30000\t47665" : "30000\t47664");
}

static void no_reuse(struct room *room, bool enough)
{
	room->requests[0].server_closed = false;
	room_sysctl(room, "net/ipv4/tcp_tw_reuse", "0");
	room->capacity.load.requests = enough ? 28232 : 28233;
}

static void time_wait(struct room *room, bool enough)
{
	room->destination.time_wait = 14000;
	room->destination.in_use = enough ? 116 : 117;
}

static void reuse(struct room *room, bool enough)
{
	room->requests[0].server_closed = enough;
	room_sysctl(room, "net/ipv4/tcp_timestamps", "0");
}

static void response_status(struct room *room, bool enough)
{
	room->requests[0].status = enough ? 204 : 404;
}

static void redirection(struct room *room, bool enough)
{
	room->requests[0].status = enough ? 299 : 302;
}

static void no_response(struct room *room, bool enough)
{
	room->requests[0].error = enough ? 0 : 104;
}

static void silence(struct room *room, bool enough)
{
	room->requests[0].error = enough ? 0 : ETIMEDOUT;
	room->requests[0].elapsed_us = 50000;
}

static void response_length(struct room *room, bool enough)
{
	room->requests[1].body = enough ? 1301 : 1302;
}

static void keepalive(struct room *room, bool enough)
{
	room->capacity.load.keepalive = true;
	room->requests[3].error = enough ? 0 : 32;
}

static void development_server(struct room *room, bool enough)
{
	room->requests[0].server = slice_of(enough ? "nginx/1.22" : "Werkzeug/2.2 Python/3.11");
}

static void several_servers(struct room *room, bool enough)
{
	room->listeners[0].pid = 43;
	room->listeners[0].command = slice_of(enough ? "python3" : "node");
}

static void address_order(struct room *room, bool enough)
{
	if (!enough)
		room->fixture.candidates[0].works = MUX_NO;
}

static void conntrack(struct room *room, bool enough)
{
	room->capacity.reach.conntrack_with++;
	room->fixture.evaluation.firewall_readable = false;
	room->capacity.load.requests = 10000;
	room_sysctl(room, "net/netfilter/nf_conntrack_max", enough ? "10011" : "10010");
}

static void processor_quota(struct room *room, bool enough)
{
	room->capacity.server_quota.source = room_present();
	room->capacity.server_quota.cpus = enough ? 4 : 3.9;
}

static void processors(struct room *room, bool enough)
{
	room->capacity.self.status.cpus.bits[0] = 1;
	room->capacity.self.status.n_cpus = 1;
	room->server.status.cpus.bits[0] = enough ? 2 : 1;
	room->server.status.n_cpus = 1;
}

static void busy(struct room *room, bool enough)
{
	room->capacity.cpu_pressure.some10 = enough ? 4.9 : 5;
}

static void busy_without_pressure(struct room *room, bool enough)
{
	room->capacity.cpu_pressure.source.presence = MUX_ABSENT;
	room->capacity.load1 = enough ? 1 : 1.01;
}

static void steal(struct room *room, bool enough)
{
	room->capacity.cpu_time.steal = enough ? 999 : 1000;
}

static void governor(struct room *room, bool enough)
{
	if (!enough)
		room->capacity.governor.text = slice_of("powersave");
}

static void clock_source(struct room *room, bool enough)
{
	room->capacity.clocksource.text = slice_of(enough ? "kvm-clock" : "hpet");
}

static void free_memory(struct room *room, bool enough)
{
	room->capacity.memory_available = room->capacity.memory_total / 10 - !enough;
}

static void memory_pressure(struct room *room, bool enough)
{
	room->capacity.memory_pressure.some10 = enough ? 0.9 : 1;
}

static void memory_quota(struct room *room, bool enough)
{
	room->capacity.server_quota.source = room_present();
	room->capacity.server_quota.memory_now = 1000;
	room->capacity.server_quota.memory_max = 1000 + 1000 * 65536 - !enough;
}

static void tcp_memory(struct room *room, bool enough)
{
	room->capacity.tcp_pages = 250000 - enough;
}

static void mtu(struct room *room, bool enough)
{
	room->capacity.lo_mtu = enough ? 65536 : 65535;
}

static void qdisc(struct room *room, bool enough)
{
	room->capacity.lo_qdisc = slice_of(enough ? "noqueue" : "netem");
}

static void fewer_requests(struct room *room, bool enough)
{
	room->capacity.load.requests = enough ? 1000 : 999;
}

static void run_length(struct room *room, bool enough)
{
	room->capacity.load.requests = enough ? 200000 : 99999;
}

static void observers(struct room *room, bool enough)
{
	room->server.status.tracer = enough ? 0 : 77;
}

static void capture(struct room *room, bool enough)
{
	room->capacity.n_packet_sockets = enough ? 0 : 1;
}

static void kernel_tracer(struct room *room, bool enough)
{
	room->capacity.tracer =
		(struct mux_line_file){room_present(), slice_of(enough ? "nop" : "function")};
}

static void server_build(struct room *room, bool enough)
{
	static const struct mux_build_word words[] = {
		{{"library", 7}, {"libasan.so", 10}, {NULL, 0}},
		/* Not of base/build.def: what a recording says of it is not believed. */
		{{"argument", 8}, {"--reload", 8}, {"ruby", 4}},
	};

	room->capacity.server_build.source = room_present();
	room->capacity.server_build.words = enough ? &words[1] : words;
	room->capacity.server_build.n_words = enough ? 1 : 2;
}

static void power_supply(struct room *room, bool enough)
{
	static struct mux_power_supply supplies[] = {
		{{"BAT0", 4}, {"Battery", 7}, -1},
		{{"AC", 2}, {"Mains", 5}, 0},
		{{"ucsi", 4}, {"USB", 3}, 0},
	};

	supplies[2].online = enough;
	room->capacity.hardware.source = room_present();
	room->capacity.hardware.supplies = supplies;
	room->capacity.hardware.n_supplies = 3;
}

/* A server with a thread for each connection. */
static void process_quota(struct room *room, bool enough)
{
	room->requests[0].server = slice_of("SimpleHTTP/0.6");
	room->capacity.server_quota.source = room_present();
	room->capacity.server_quota.pids_now = 100;
	room->capacity.server_quota.pids_max = 1100 + enough;
}

static void threads_max(struct room *room, bool enough)
{
	room->requests[0].server = slice_of("SimpleHTTP/0.6");
	room->capacity.threads = 500;
	room_sysctl(room, "kernel/threads-max", enough ? "1501" : "1500");
}

static const struct {
	const char *id;
	spoil *spoil;
	enum mux_fitness fitness;
	const char *prediction; /* a part of it; NULL = any */
	const char *also;	/* what is wrong with it; NULL = nothing */
} wrongs[] = {
	{"backlog", backlog, MUX_FIT_WARNING, "1 of the first 1000 connects take 1 s or more",
	 NULL},
	{"backlog", abort_on_overflow, MUX_FIT_FAIL, "tcp_abort_on_overflow", NULL},
	{"backlog", slow_server, MUX_FIT_FAIL, "Connection reset by peer (104)", NULL},
	{"accept-queue", accept_queue, MUX_FIT_WARNING, NULL, NULL},
	{"somaxconn", somaxconn, MUX_FIT_WARNING, "1 of 1000 connections", "backlog"},
	{"server-descriptors", server_descriptors, MUX_FIT_FAIL, "after 1063 connections", NULL},
	{"client-descriptors", client_descriptors, MUX_FIT_FAIL, "Too many open files (24)", NULL},
	{"system-descriptors", system_descriptors, MUX_FIT_FAIL, "in system", NULL},
	{"port-range", few_ports, MUX_FIT_FAIL, "after 999", NULL},
	{"port-range", reserved_ports, MUX_FIT_FAIL, "after 999", NULL},
	{"port-range", client_closes, MUX_FIT_WARNING, "17665 requests a second", NULL},
	{"port-range", no_reuse, MUX_FIT_FAIL, "after 28232 requests",
	 "time-wait-reuse run-length"},
	{"time-wait", time_wait, MUX_FIT_WARNING, NULL, NULL},
	{"time-wait-reuse", reuse, MUX_FIT_WARNING, "for a minute", "port-range"},
	{"response-status", response_status, MUX_FIT_FAIL, NULL, NULL},
	{"response-status", redirection, MUX_FIT_WARNING, NULL, NULL},
	{"response-status", no_response, MUX_FIT_FAIL, NULL, NULL},
	{"response-status", silence, MUX_FIT_UNKNOWN, "20000 requests a second", NULL},
	{"response-length", response_length, MUX_FIT_WARNING, "failed (Length)", NULL},
	{"keepalive", keepalive, MUX_FIT_FAIL, "each request opens a connection", NULL},
	{"development-server", development_server, MUX_FIT_WARNING, NULL, NULL},
	{"several-servers", several_servers, MUX_FIT_WARNING, NULL, NULL},
	{"address-order", address_order, MUX_FIT_WARNING, "::1", NULL},
	{"conntrack", conntrack, MUX_FIT_FAIL, "after 10000 connections", "run-length"},
	{"processor-quota", processor_quota, MUX_FIT_WARNING, "100 ms", NULL},
	{"processors", processors, MUX_FIT_WARNING, NULL, NULL},
	{"busy", busy, MUX_FIT_WARNING, NULL, NULL},
	{"busy", busy_without_pressure, MUX_FIT_WARNING, NULL, NULL},
	{"steal", steal, MUX_FIT_WARNING, NULL, NULL},
	{"governor", governor, MUX_FIT_WARNING, NULL, NULL},
	{"clock-source", clock_source, MUX_FIT_WARNING, NULL, NULL},
	{"free-memory", free_memory, MUX_FIT_WARNING, NULL, NULL},
	{"free-memory", memory_pressure, MUX_FIT_WARNING, NULL, NULL},
	{"memory-quota", memory_quota, MUX_FIT_WARNING, NULL, NULL},
	{"tcp-memory", tcp_memory, MUX_FIT_WARNING, NULL, NULL},
	{"loopback-device", mtu, MUX_FIT_WARNING, NULL, NULL},
	{"loopback-device", qdisc, MUX_FIT_WARNING, NULL, NULL},
	{"fewer-requests", fewer_requests, MUX_FIT_FAIL, "ab refuses", NULL},
	{"run-length", run_length, MUX_FIT_WARNING, NULL, NULL},
	{"observers", observers, MUX_FIT_WARNING, NULL, NULL},
	{"observers", capture, MUX_FIT_WARNING, NULL, NULL},
	{"observers", kernel_tracer, MUX_FIT_WARNING, NULL, NULL},
	{"server-build", server_build, MUX_FIT_WARNING, NULL, NULL},
	{"power-supply", power_supply, MUX_FIT_WARNING, NULL, NULL},
	{"process-quota", process_quota, MUX_FIT_WARNING, "can't start new thread",
	 "development-server"},
	{"process-quota", threads_max, MUX_FIT_WARNING, NULL, "development-server"},
};

enum { N_WRONGS = sizeof(wrongs) / sizeof(wrongs[0]) };

static const struct mux_fitness_finding *judge(struct room *room, size_t i, bool enough)
{
	room_init(room);
	wrongs[i].spoil(room, enough);
	room_judge(room, false);
	return room_find(room, wrongs[i].id);
}

static void test_thresholds(void **state)
{
	struct room room;
	size_t i;

	(void)state;
	for (i = 0; i < N_WRONGS; i++) {
		const struct mux_fitness_finding *finding = judge(&room, i, true);

		print_message("%s\n", wrongs[i].id);
		assert_non_null(finding);
		assert_true(finding->fitness <= MUX_FIT_INFO);
		room_done(&room);
		finding = judge(&room, i, false);
		assert_non_null(finding);
		assert_int_equal(finding->fitness, wrongs[i].fitness);
		assert_true(finding->n_evidence != 0);
		assert_true(finding->prediction[0] != '\0');
		if (wrongs[i].prediction != NULL)
			assert_non_null(strstr(finding->prediction, wrongs[i].prediction));
		room_done(&room);
	}
}

/* Nothing else is said to be wrong, but what must be with it. */
static void test_nothing_else(void **state)
{
	struct room room;
	size_t i, j;

	(void)state;
	for (i = 0; i < N_WRONGS; i++) {
		judge(&room, i, false);
		for (j = 0; j < room.n_findings; j++)
			if (room.findings[j].fitness >= MUX_FIT_WARNING &&
			    strcmp(room.findings[j].id, wrongs[i].id) != 0 &&
			    (wrongs[i].also == NULL ||
			     strstr(wrongs[i].also, room.findings[j].id) == NULL))
				fail_msg("%s is wrong, and so is %s", wrongs[i].id,
					 room.findings[j].id);
		room_done(&room);
	}
}

static void test_fit(void **state)
{
	struct mux_report check = {.target = "localhost:8080"};
	struct room room;
	size_t i;

	(void)state;
	room_init(&room);
	room_judge(&room, false);
	for (i = 0; i < room.n_findings; i++) {
		assert_true(room.findings[i].fitness <= MUX_FIT_INFO);
		assert_true(i == 0 || room.findings[i].fitness <= room.findings[i - 1].fitness);
	}
	assert_string_equal(
		preflight_headline(&room.preflight, &check, room.findings, room.n_findings),
		"localhost:8080 is fit for 1000 connections at once, 500000 requests, by ab");
	room_done(&room);
}

/* --- what is not known --------------------------------------------------------------------- */

static void test_unknown(void **state)
{
	static const char *const ids[] = {"server-descriptors", "client-descriptors",
					  "system-descriptors", "free-memory", "processors"};
	struct mux_source denied = {.name = "a source", .presence = MUX_DENIED, .error = 13};
	struct room room;
	size_t i;

	(void)state;
	room_init(&room);
	room.capacity.n_servers = 0;
	room.capacity.self.limits.source = room.capacity.self.status.source = denied;
	room.capacity.file_nr_source = room.capacity.memory_source = denied;
	room_judge(&room, false);
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		const struct mux_fitness_finding *finding = room_find(&room, ids[i]);

		assert_non_null(finding);
		assert_int_equal(finding->fitness, MUX_FIT_UNKNOWN);
		assert_string_equal(finding->evidence[0].text, "Permission denied");
	}
	room_done(&room);
}

/* A recording of something else: every group was never asked. */
static void test_nothing_known(void **state)
{
	struct room room;
	size_t i;

	(void)state;
	room_init(&room);
	memset(&room.capacity, 0, sizeof(room.capacity));
	room.capacity.load.concurrency = 10;
	room.fixture.snapshot.n_sysctls = 0;
	room.fixture.snapshot.listeners.n_sockets = 0;
	room_judge(&room, false);
	for (i = 0; i < room.n_findings; i++)
		if (room.findings[i].fitness >= MUX_FIT_WARNING)
			fail_msg("%s: %s", room.findings[i].id, room.findings[i].title);
	room_done(&room);
}

/* --- the proxy ----------------------------------------------------------------------------- */

static void test_proxy(void **state)
{
	static const struct mux_variable variable = {"http_proxy", {"http://\033:1", 10}};
	struct room room;

	(void)state;
	room_init(&room);
	room.fixture.clients[0] =
		(struct ev_client_result){.client = &ev_clients[0], .proxy = &variable};
	room.fixture.evaluation.clients = room.fixture.clients;
	room.fixture.evaluation.n_clients = 1;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "proxy")->fitness, MUX_FIT_INFO);
	assert_null(strchr(room_find(&room, "proxy")->evidence[0].text, '\033'));
	room.capacity.load.tool[0] = '\0';
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "proxy")->fitness, MUX_FIT_WARNING);
	room_done(&room);
}

/* Connections of the check itself cannot be told from others without its probes. */
static void test_whose_queue(void **state)
{
	struct room room;

	(void)state;
	room_init(&room);
	room.fixture.snapshot.n_probes = 0;
	room.listeners[1].queued = 1;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "accept-queue")->fitness, MUX_FIT_UNKNOWN);
	room_done(&room);
}

static void test_server_processes(void **state)
{
	struct room room;

	(void)state;
	room_init(&room);
	room.server.limits.processes = 1004;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "server-processes")->fitness, MUX_FIT_OK);
	room.server.limits.processes = 1003;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "server-processes")->fitness, MUX_FIT_INFO);
	room_done(&room);
}

/* --- what is to be written down ----------------------------------------------------------- */

static void expect_fitness(struct room *room, const char *id, enum mux_fitness fitness)
{
	const struct mux_fitness_finding *finding;

	room_judge(room, false);
	finding = room_find(room, id);
	assert_non_null(finding);
	assert_int_equal(finding->fitness, fitness);
}

static void test_hardware(void **state)
{
	static struct mux_idle_state states[] = {{{"C1", 2}, 2, false}, {{"C6", 2}, 100, true}};
	static struct mux_weakness weaknesses[] = {{{"l1tf", 4}, {"Not affected", 12}}};
	struct room room;

	(void)state;
	room_init(&room);
	room.capacity.hardware.idle_states = states;
	room.capacity.hardware.n_idle_states = 2;
	room.capacity.hardware.weaknesses = weaknesses;
	room.capacity.hardware.n_weaknesses = 1;
	expect_fitness(&room, "idle-states", MUX_FIT_OK);
	expect_fitness(&room, "weaknesses", MUX_FIT_OK);
	states[1].disabled = false;
	weaknesses[0].text = slice_of("Mitigation: PTE Inversion");
	expect_fitness(&room, "idle-states", MUX_FIT_INFO);
	expect_fitness(&room, "weaknesses", MUX_FIT_INFO);
	assert_non_null(strstr(room_find(&room, "weaknesses")->evidence[0].text, "l1tf"));
	assert_null(room_find(&room, "debug-kernel"));
	room.capacity.lockdep_source = (struct mux_source){.presence = MUX_DENIED, .error = EACCES};
	expect_fitness(&room, "debug-kernel", MUX_FIT_INFO);
	room_sysctl(&room, "kernel/randomize_va_space", "2");
	expect_fitness(&room, "address-layout", MUX_FIT_OK);
	room_sysctl(&room, "kernel/randomize_va_space", "0");
	expect_fitness(&room, "address-layout", MUX_FIT_INFO);
	room_done(&room);
}

static void test_build(void **state)
{
	struct room room;
	struct mux_build *build = &room.capacity.server_build;

	(void)state;
	room_init(&room);
	room_judge(&room, false);
	assert_null(room_find(&room, "server-build"));
	build->source = room_present();
	expect_fitness(&room, "server-build", MUX_FIT_OK);
	assert_null(room_find(&room, "server-terminal"));
	assert_null(room_find(&room, "random-source"));
	build->terminal = true;
	build->random = slice_of("/dev/urandom");
	expect_fitness(&room, "server-terminal", MUX_FIT_INFO);
	expect_fitness(&room, "random-source", MUX_FIT_INFO);
	build->unread = EACCES;
	expect_fitness(&room, "server-build", MUX_FIT_UNKNOWN);
	assert_string_equal(room_find(&room, "server-build")->evidence[0].text,
			    "Permission denied");
	room_done(&room);
}

/* Of a server that is not known to need them, it is information; the least room counts. */
static void test_threads(void **state)
{
	struct room room;

	(void)state;
	room_init(&room);
	threads_max(&room, false);
	room_sysctl(&room, "kernel/pid_max", "1400");
	room.requests[0].server = slice_of("muxd");
	expect_fitness(&room, "process-quota", MUX_FIT_INFO);
	assert_string_equal(room_find(&room, "process-quota")->title,
			    "kernel.pid_max leaves room for 900 more threads");
	room_done(&room);
}

/* --- no answer in time --------------------------------------------------------------------- */

static void test_patience(void **state)
{
	struct mux_report check = {.target = "localhost:8080"};
	struct mux_talk talk = {
		.finished = true, .elapsed_us = 100000, .bytes = {"HTTP/1.1 200", 12}};
	struct room room;

	(void)state;
	room_init(&room);
	room.requests[0].error = ETIMEDOUT;
	room.requests[0].elapsed_us = 40000;
	room.fixture.candidates[0].http = &talk;
	expect_fitness(&room, "response-status", MUX_FIT_UNKNOWN);
	/* The slower of the two says how slow it is at least. */
	assert_non_null(strstr(room_find(&room, "response-status")->prediction,
			       "1000 connections make at most 10000 requests a second"));
	assert_string_equal(
		preflight_headline(&room.preflight, &check, room.findings, room.n_findings),
		"it is not known whether localhost:8080 is fit for 1000 connections at once, "
		"500000 requests, by ab: no answer within 40 ms");
	talk = (struct mux_talk){.elapsed_us = 101000};
	expect_fitness(&room, "response-status", MUX_FIT_UNKNOWN);
	assert_string_equal(room_find(&room, "response-status")->title,
			    "what the server answers is not known: no answer within 101 ms");
	room_done(&room);
}

/* --- sockets that share the port ----------------------------------------------------------- */

static void test_shared_port(void **state)
{
	struct room room;

	(void)state;
	room_init(&room);
	room.listeners[0] = room.listeners[1];
	room.listeners[0].backlog = 498;
	room.listeners[1].backlog = 500;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "backlog")->fitness, MUX_FIT_OK);
	room.listeners[1].backlog = 499;
	room_judge(&room, false);
	assert_int_equal(room_find(&room, "backlog")->fitness, MUX_FIT_WARNING);
	room_done(&room);
}

/* --- memory -------------------------------------------------------------------------------- */

static void test_no_memory(void **state)
{
	bool failed = true;
	struct room room;
	size_t n;

	(void)state;
	for (n = 1; failed; n++) {
		struct preflight preflight;
		int error;

		room_init(&room);
		slow_server(&room, false);
		room_judge(&room, false);
		preflight = room.preflight;
		preflight.arena = arena_new();
		assert_non_null(preflight.arena);
		arena_fail_after(preflight.arena, n);
		error = preflight_run(&preflight, &room.findings, &room.n_findings);
		failed = arena_failed(preflight.arena);
		assert_int_equal(error != 0, failed);
		arena_free(preflight.arena);
		room_done(&room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fit),
		cmocka_unit_test(test_thresholds),
		cmocka_unit_test(test_nothing_else),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_nothing_known),
		cmocka_unit_test(test_proxy),
		cmocka_unit_test(test_server_processes),
		cmocka_unit_test(test_hardware),
		cmocka_unit_test(test_build),
		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_patience),
		cmocka_unit_test(test_shared_port),
		cmocka_unit_test(test_whose_queue),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
