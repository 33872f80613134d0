/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is said of a run that was watched: each counter, who used the processors, the slowest. */
#include "preflight_room.h"

#include <errno.h>

/* --- after the run ------------------------------------------------------------------------- */

static void count(struct room *room, const char *name, int64_t n)
{
	struct mux_counter *counter = &room->counters[room->run.n_counters++];

	assert_true(room->run.n_counters <= ROOM_COUNTERS);
	*counter = (struct mux_counter){slice_of("TcpExt"), slice_of(name), 5, 5 + n};
}

static void begin_run(struct room *room)
{
	room_init(room);
	room->run.counters_source = room_present();
	room->run.elapsed_us = 10 * 1000000;
	room->run.server_ticks = 500;
	room->run.ticks_per_s = 100;
	room->run.command = slice_of("ab");
	room->run.command_cpu_us = 5 * 1000000;
	room->run.cpu_before = (struct mux_cpu_time){room_present(), 1000, 500, 0};
	room->run.cpu_after = (struct mux_cpu_time){room_present(), 3000, 1500, 0};
}

static void expect_after(struct room *room, const char *id, enum mux_fitness fitness)
{
	const struct mux_fitness_finding *finding;

	room_judge(room, true);
	finding = room_find(room, id);
	assert_non_null(finding);
	assert_int_equal(finding->fitness, fitness);
	room_done(room);
}

static void test_good_run(void **state)
{
	struct room room;
	size_t i;

	(void)state;
	begin_run(&room);
	room.run.conntrack_drops = 0;
	room_judge(&room, true);
	for (i = 0; i < room.n_findings; i++)
		assert_true(room.findings[i].fitness <= MUX_FIT_INFO);
	assert_string_equal(preflight_run_headline(&room.preflight, room.findings, room.n_findings),
			    "the run of 10.0 s met nothing that would distort it");
	room_done(&room);
}

static void test_counted(void **state)
{
	static const struct {
		const char *counter, *id;
		enum mux_fitness fitness;
	} counted[] = {
		{"ListenOverflows", "run-accept-queue", MUX_FIT_FAIL},
		{"ListenDrops", "run-accept-queue", MUX_FIT_FAIL},
		{"TCPReqQFullDrop", "run-syn-queue", MUX_FIT_WARNING},
		{"TCPReqQFullDoCookies", "run-syn-queue", MUX_FIT_WARNING},
		{"OutRsts", "run-resets", MUX_FIT_WARNING},
		{"EstabResets", "run-resets", MUX_FIT_WARNING},
		{"RetransSegs", "run-retransmits", MUX_FIT_WARNING},
		{"TCPTimeWaitOverflow", "run-time-wait", MUX_FIT_WARNING},
		{"TCPAbortOnMemory", "run-memory", MUX_FIT_FAIL},
		{"TCPMemoryPressures", "run-memory", MUX_FIT_WARNING},
	};
	struct room room;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(counted) / sizeof(counted[0]); i++) {
		begin_run(&room);
		count(&room, counted[i].counter, 1);
		expect_after(&room, counted[i].id, counted[i].fitness);
	}
}

static void test_after(void **state)
{
	struct room room;

	(void)state;
	begin_run(&room);
	room.run.conntrack_drops = 1;
	expect_after(&room, "run-conntrack", MUX_FIT_FAIL);
	begin_run(&room);
	room.run.backlog_drops = 1;
	expect_after(&room, "run-backlog", MUX_FIT_WARNING);
	begin_run(&room);
	room.run.backlog_drops = 0;
	expect_after(&room, "run-backlog", MUX_FIT_OK);
	begin_run(&room);
	room.run.command_cpu_us = 9000000;
	expect_after(&room, "run-client", MUX_FIT_WARNING);
	begin_run(&room);
	room.run.command_cpu_us = 8990000;
	expect_after(&room, "run-client", MUX_FIT_OK);
	begin_run(&room);
	room.run.cpu_after.steal = 20;
	expect_after(&room, "run-steal", MUX_FIT_WARNING);
	begin_run(&room);
	room.run.cpu_after.steal = 19;
	expect_after(&room, "run-steal", MUX_FIT_OK);
	begin_run(&room);
	room.run.server_after.cpus = room.run.server_before.cpus = 0.5;
	room.run.server_after.throttled = 1;
	expect_after(&room, "run-throttled", MUX_FIT_WARNING);
	begin_run(&room);
	room.run.server_ended = true;
	expect_after(&room, "run-server", MUX_FIT_FAIL);
	begin_run(&room);
	room.run.command_status = 104;
	room_judge(&room, true);
	assert_non_null(strstr(room_find(&room, "run-command")->prediction, "ECONNRESET"));
	room_done(&room);
	begin_run(&room);
	room.run.counters_source = (struct mux_source){.presence = MUX_DENIED, .error = EACCES};
	expect_after(&room, "run-accept-queue", MUX_FIT_UNKNOWN);
}

/* --- the slowest ---------------------------------------------------------------------------- */

/* A step of the percentiles, and what counted it: the one without the other is none. */
static void test_tail(void **state)
{
	static const struct {
		int64_t middle, slowest; /* of 50 % and 98 %, and of 100 % */
		const char *counter, *title;
	} tails[] = {
		{5, 1003, "TCPSynRetrans",
		 "up to 2 % of the requests waited for a timer of 1000 ms"},
		{286, 1534, "TCPSynRetrans", "waited for a timer of 1000 ms"},
		{5, 3010, "TCPSynRetrans", "waited for a timer of 3000 ms"},
		{1, 41, "DelayedACKs", "waited for a timer of 40 ms"},
		{1, 206, "RetransSegs", "waited for a timer of 200 ms"},
		{5, 998, "TCPSynRetrans", "waited for no timer"},
		{5, 1120, "TCPSynRetrans", "waited for no timer"},
		{501, 1003, "TCPSynRetrans", "waited for no timer"},
		{5, 1003, "RetransSegs", "waited for no timer"},
		{5, 2003, "TCPSynRetrans", "waited for no timer"},
		{25, 41, "DelayedACKs", "waited for no timer"},
	};
	struct mux_percentile percentiles[] = {{50, 0}, {98, 0}, {100, 0}};
	const struct mux_fitness_finding *finding;
	struct room room;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
		begin_run(&room);
		count(&room, tails[i].counter, 3);
		percentiles[0].ms = percentiles[1].ms = tails[i].middle;
		percentiles[2].ms = tails[i].slowest;
		room.run.percentiles = percentiles;
		room.run.n_percentiles = 3;
		room_judge(&room, true);
		finding = room_find(&room, "run-tail");
		assert_non_null(finding);
		print_message("%s\n", finding->title);
		assert_non_null(strstr(finding->title, tails[i].title));
		assert_int_equal(finding->fitness, strstr(finding->title, "no timer") != NULL
							   ? MUX_FIT_OK
							   : MUX_FIT_WARNING);
		room_done(&room);
	}
}

/* Steps that a sysctl or a control group makes; RetransSegs that are all SYNs are no lost data. */
static void test_other_tails(void **state)
{
	struct mux_percentile percentiles[] = {{50, 5}, {98, 5}, {100, 2003}};
	struct room room;

	(void)state;
	begin_run(&room);
	count(&room, "TCPSynRetrans", 3);
	room_sysctl(&room, "net/ipv4/tcp_syn_linear_timeouts", "4");
	room.run.percentiles = percentiles;
	room.run.n_percentiles = 3;
	expect_after(&room, "run-tail", MUX_FIT_WARNING);
	percentiles[2].ms = 103;
	begin_run(&room);
	room.run.percentiles = percentiles;
	room.run.n_percentiles = 3;
	room.run.server_before.throttled = 1;
	room.run.server_after.throttled = 2;
	expect_after(&room, "run-tail", MUX_FIT_WARNING);
	percentiles[2].ms = 203;
	begin_run(&room);
	count(&room, "RetransSegs", 3);
	count(&room, "TCPSynRetrans", 3);
	room.run.percentiles = percentiles;
	room.run.n_percentiles = 3;
	expect_after(&room, "run-tail", MUX_FIT_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_run),    cmocka_unit_test(test_counted),
		cmocka_unit_test(test_after),	    cmocka_unit_test(test_tail),
		cmocka_unit_test(test_other_tails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
