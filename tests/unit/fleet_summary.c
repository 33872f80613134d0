/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From JSON in pieces to the counts: who counts once, what is refused and said. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "fleet/fleet.h"
#include "render_report.h"

#define FINDING(id, severity) "{\"id\": \"" id "\", \"severity\": \"" severity "\"}"
#define RESULT(machine, target, status, findings)                                                  \
	"{\"target\": \"" target "\", \"status\": \"" status "\", \"findings\": [" findings        \
	"], \"endpoints\": [], \"machine\": " machine "}\n"
#define MACHINE(host, time) "{\"host_name\": \"" host "\", \"time_unix_s\": " time "}"

static const struct mux_fleet_source file = {.path = "a/web.json", .host = "web"};

/* A fleet and its summary. */
struct room {
	struct mux_fleet *fleet;
	const struct mux_summary *summary;
};

static void feed(struct room *room, const struct mux_fleet_source *source, const char *text,
		 size_t len, size_t piece)
{
	size_t at, n;

	for (at = 0; at < len; at += n) {
		n = len - at < piece ? len - at : piece;
		assert_int_equal(mux_fleet_add_json(room->fleet, source, text + at, n), 0);
	}
	assert_int_equal(mux_fleet_add_json(room->fleet, source, NULL, 0), 0);
}

static void summarize(struct room *room)
{
	struct mux_error error;

	room->summary = mux_fleet_summarize(room->fleet, &error);
	assert_non_null(room->summary);
}

/* The summary of one file. */
static struct room room_of(const char *text)
{
	struct room room = {.fleet = mux_fleet_new()};

	assert_non_null(room.fleet);
	feed(&room, &file, text, strlen(text), strlen(text));
	summarize(&room);
	return room;
}

static char *render(const struct room *room, enum mux_format format, int verbosity)
{
	const struct mux_render_options how = {.format = format, .verbosity = verbosity};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_summary_render(room->summary, &how, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static void check_text(const struct room *room, int verbosity, const char *expected)
{
	char *text = render(room, MUX_FORMAT_TEXT, verbosity);

	assert_string_equal(text, expected);
	free(text);
}

static const char three[] =
	RESULT(MACHINE("c", "5"), "localhost", "fails", FINDING("no-listener", "critical"))
		RESULT(MACHINE("a", "5"), "localhost", "warning",
		       FINDING("no-listener", "warning") ", " FINDING("loopback-mtu", "info"))
			RESULT(MACHINE("b", "5"), "localhost", "ok", "");

static void test_counts(void **state)
{
	struct room room = room_of(three);
	const struct mux_summary_cause *cause = room.summary->causes;

	(void)state;
	assert_int_equal(room.summary->n_hosts, 3);
	assert_int_equal(room.summary->n_results, 3);
	assert_int_equal(room.summary->n_older, 0);
	assert_int_equal(room.summary->status, MUX_STATUS_FAILS);
	assert_string_equal(room.summary->hosts[0].name, "a");
	assert_int_equal(room.summary->hosts[0].n_causes, 2);
	assert_int_equal(room.summary->n_of_status[MUX_STATUS_OK], 1);
	assert_int_equal(room.summary->n_causes, 2);
	assert_string_equal(cause->id, "no-listener");
	assert_int_equal(cause->severity, MUX_SEVERITY_CRITICAL);
	assert_int_equal(cause->n_hosts, 2);
	assert_int_equal(cause->hosts[0], 0);
	assert_int_equal(cause->hosts[1], 2);
	check_text(&room, 0,
		   "3 hosts: 1 fails, 1 works with a warning, 1 is ok\n"
		   "\n"
		   "CAUSE         SEVERITY  HOSTS\n"
		   "no-listener   critical  2      a, c\n"
		   "loopback-mtu  info      1      a\n");
	check_text(&room, -1, "3 hosts: 1 fails, 1 works with a warning, 1 is ok\n");
	mux_fleet_free(room.fleet);
}

static void test_pieces_do_not_matter(void **state)
{
	static const char mixed[] = "\n nonsense {\"x\": 1}\n"
				    "{\"a\": \"}\\\"{\\\\\"} {\"b\": [[{}]]}\n";
	struct room whole = room_of(three), pieces = {.fleet = mux_fleet_new()};
	char *expected, *got, text[sizeof(mixed) + sizeof(three)];
	size_t piece;

	(void)state;
	mux_fleet_free(whole.fleet);
	snprintf(text, sizeof(text), "%s%s", mixed, three);
	whole = room_of(text);
	assert_int_equal(whole.summary->n_unread, 3);
	assert_string_equal(whole.summary->unread[0].source, "a/web.json:2");
	assert_string_equal(whole.summary->unread[0].text, "here is no JSON object");
	assert_string_equal(whole.summary->unread[1].source, "a/web.json:3");
	expected = render(&whole, MUX_FORMAT_JSON, 0);
	mux_fleet_free(pieces.fleet);
	for (piece = 1; piece < 40; piece++) {
		pieces.fleet = mux_fleet_new();
		feed(&pieces, &file, text, strlen(text), piece);
		summarize(&pieces);
		got = render(&pieces, MUX_FORMAT_JSON, 0);
		assert_string_equal(got, expected);
		free(got);
		mux_fleet_free(pieces.fleet);
	}
	free(expected);
	mux_fleet_free(whole.fleet);
}

/* Of a target the newest counts, whenever it was read; of several targets the worst. */
static void test_a_host_counts_once(void **state)
{
	struct room room = room_of(
		RESULT(MACHINE("a", "7"), "localhost:1", "ok", FINDING("loopback-mtu", "info"))
			RESULT(MACHINE("a", "6"), "localhost:1", "fails",
			       FINDING("hosts-slow", "info"))
				RESULT(MACHINE("a", "1"), "localhost:2", "unknown", "")
					RESULT(MACHINE("a", "2"), "localhost:2", "warning",
					       FINDING("loopback-mtu", "warning") "," FINDING(
						       "loopback-mtu", "info")));

	(void)state;
	assert_int_equal(room.summary->n_hosts, 1);
	assert_int_equal(room.summary->n_results, 4);
	assert_int_equal(room.summary->n_older, 2);
	assert_int_equal(room.summary->hosts[0].n_targets, 2);
	assert_int_equal(room.summary->hosts[0].n_causes, 1);
	assert_int_equal(room.summary->hosts[0].status, MUX_STATUS_WARNING);
	assert_int_equal(room.summary->n_causes, 1);
	assert_int_equal(room.summary->causes[0].n_hosts, 1);
	assert_int_equal(room.summary->causes[0].severity, MUX_SEVERITY_WARNING);
	check_text(&room, 0,
		   "1 host: 1 works with a warning\n"
		   "\n"
		   "CAUSE         SEVERITY  HOSTS\n"
		   "loopback-mtu  warning   1      a\n"
		   "\n"
		   "2 older results of the same host and target are not counted (with --by-file "
		   "machines of one name are told apart): a\n");
	mux_fleet_free(room.fleet);
}

/* One that fails is worse than one of which nothing is known. */
static void test_worst_status(void **state)
{
	static const struct {
		const char *text;
		enum mux_status status;
	} cases[] = {
		{RESULT("null", "x", "ok", "") RESULT("null", "x", "warning", ""),
		 MUX_STATUS_WARNING},
		{RESULT("null", "x", "unknown", "") RESULT("null", "x", "warning", ""),
		 MUX_STATUS_UNKNOWN},
		{RESULT("null", "x", "unknown", "") RESULT("null", "x", "fails", ""),
		 MUX_STATUS_FAILS},
		{RESULT("null", "x", "ok", "") "[]", MUX_STATUS_UNKNOWN},
		{"[]\n" RESULT("null", "x", "fails", ""), MUX_STATUS_FAILS},
		{"", MUX_STATUS_UNKNOWN},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room = room_of(cases[i].text);

		assert_int_equal(room.summary->status, cases[i].status);
		mux_fleet_free(room.fleet);
	}
}

static void test_names_of_hosts(void **state)
{
	const struct mux_fleet_source hostile = {.path = "x\033", .host = "x\033\\"};
	const struct mux_fleet_source forced = {.path = "f", .host = "forced", .is_host = true};
	struct room room =
		room_of(RESULT("null", "x", "ok", "") RESULT("{\"host_name\": \"\"}", "x", "ok", "")
				RESULT(MACHINE("n\\u001bm\\\\x", "1"), "x", "ok", ""));
	const char *const names[] = {"forced", "n\\x1bm\\x", "web", "web:2", "x\\x1b\\\\"};
	size_t i;

	(void)state;
	feed(&room, &hostile, RESULT("null", "x", "ok", ""),
	     sizeof(RESULT("null", "x", "ok", "")) - 1, 99);
	feed(&room, &forced, three, strchr(three, '\n') - three, 99);
	summarize(&room);
	assert_int_equal(room.summary->n_unread, 0);
	assert_int_equal(room.summary->n_hosts, 5);
	for (i = 0; i < 5; i++)
		assert_string_equal(room.summary->hosts[i].name, names[i]);
	mux_fleet_free(room.fleet);
}

static void test_refused(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"", "there is no result in it"},
		{"\n \t", "there is no result in it"},
		{"{\"a\": ", "it ends in the middle of a result"},
		{"[{}]", "here is no JSON object"},
		{"{]", "'}' expected"},
		{"{\"a\": \"\xff\"}", "unable to decode byte 0xff"},
		{"{}", "it is not what `muxdiag check --json` prints"},
		{"{\"findings\": {}, \"endpoints\": []}", "it is not what `muxdiag check"},
		{RESULT("null", "x", "fine", ""), "status is not ok, warning, fails or unknown"},
		{RESULT("null", "x", "ok", "7"), "a finding has no id"},
		{RESULT("null", "x", "ok", "{\"id\": \"a\"}"), "a finding has no severity"},
		{RESULT("null", "x", "ok", FINDING("a", "bad")), "a finding has no severity"},
		{RESULT("null", "x", "ok", FINDING("a b", "info")), "an id that is none"},
		{RESULT("null", "x", "ok", FINDING("", "info")), "an id that is none"},
		{RESULT("{\"host_name\": 7}", "x", "ok", ""), "machine.host_name"},
		{RESULT("{\"time_unix_s\": \"7\"}", "x", "ok", ""), "machine.time_unix_s"},
		{"{\"findings\": [], \"endpoints\": [], \"status\": \"ok\"}", "names no target"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct room room = room_of(cases[i].text);

		assert_int_equal(room.summary->n_hosts, 0);
		assert_int_equal(room.summary->n_unread, 1);
		if (strstr(room.summary->unread[0].text, cases[i].why) == NULL)
			fail_msg("%s: %s", cases[i].text, room.summary->unread[0].text);
		mux_fleet_free(room.fleet);
	}
}

/* Each bound, and that the next result is read all the same. */
static void test_bounds(void **state)
{
	const size_t huge = MUX_FLEET_LARGEST_RESULT + 100;
	struct room room = {.fleet = mux_fleet_new()};
	char *text = malloc(huge + 1), deep[200], finding[64];
	size_t i;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', huge);
	memcpy(text, "{", 1);
	memcpy(text + huge - 2, "}\n", 3);
	feed(&room, &file, text, huge, 1 << 20);
	free(text);
	memset(deep, '[', sizeof(deep));
	deep[0] = '{';
	deep[sizeof(deep) - 1] = '\n';
	assert_int_equal(mux_fleet_add_json(room.fleet, &file, deep, sizeof(deep)), 0);
	feed(&room, &file, three, strlen(three), 1000);
	summarize(&room);
	assert_int_equal(room.summary->n_unread, 2);
	assert_string_equal(room.summary->unread[0].text, "it is larger than 16 MiB");
	assert_string_equal(room.summary->unread[1].text, "it is nested too deeply");
	assert_int_equal(room.summary->n_hosts, 3);
	fleet_begin(room.fleet);
	for (i = 0; i < FLEET_MAX_FINDINGS; i++) {
		snprintf(finding, sizeof(finding), "made-%zu", i);
		assert_int_equal(fleet_add_finding(room.fleet, finding, MUX_SEVERITY_INFO), 0);
	}
	assert_int_equal(fleet_add_finding(room.fleet, finding, MUX_SEVERITY_INFO), 0);
	assert_int_equal(fleet_add_finding(room.fleet, "other", MUX_SEVERITY_INFO), -E2BIG);
	memset(finding, 'a', sizeof(finding) - 1);
	assert_int_equal(fleet_add_finding(room.fleet, "Other", MUX_SEVERITY_INFO), -EINVAL);
	/* None of them hits anybody. */
	summarize(&room);
	assert_int_equal(room.summary->n_causes, 2);
	mux_fleet_free(room.fleet);
}

static void test_reports(void **state)
{
	struct mux_report report = sample_report();
	struct room room = {.fleet = mux_fleet_new()};

	(void)state;
	assert_int_equal(mux_fleet_add_report(room.fleet, &file, &report), 0);
	report.machine = NULL;
	report.n_findings = 0;
	report.status = MUX_STATUS_UNKNOWN;
	assert_int_equal(mux_fleet_add_report(room.fleet, &file, &report), 0);
	assert_int_equal(mux_fleet_add_unread(room.fleet, "d\n", "\033"), 0);
	summarize(&room);
	check_text(&room, 0,
		   "2 hosts: 1 works with a warning, 1 is unknown; 1 input was not read\n"
		   "\n"
		   "CAUSE                  SEVERITY  HOSTS\n"
		   "firewall-output-drop   warning   1      box\n"
		   "hostname-unresolvable  info      1      box\n"
		   "(no known cause)       unknown   1      web\n");
	assert_string_equal(room.summary->unread[0].source, "d\\x0a");
	assert_string_equal(room.summary->unread[0].text, "\\x1b");
	mux_fleet_free(room.fleet);
}

/* So many that the table grows, and that the text names only a few. */
static void test_many(void **state)
{
	struct room room = {.fleet = mux_fleet_new()};
	struct mux_report report = sample_report();
	struct mux_machine machine = sample_machine;
	char name[16], *text;
	size_t i;

	(void)state;
	report.machine = &machine;
	for (i = 0; i < 6000; i++) {
		snprintf(name, sizeof(name), "h%04zu", i % 3000);
		machine.host_name = name;
		assert_int_equal(mux_fleet_add_report(room.fleet, &file, &report), 0);
	}
	summarize(&room);
	assert_int_equal(room.summary->n_hosts, 3000);
	assert_int_equal(room.summary->n_older, 3000);
	assert_int_equal(room.summary->causes[0].n_hosts, 3000);
	assert_int_equal(room.summary->causes[0].hosts[2999], 2999);
	text = render(&room, MUX_FORMAT_TEXT, 0);
	assert_non_null(strstr(text, "3000   h0000, h0001, h0002, h0003, …\n"));
	free(text);
	text = render(&room, MUX_FORMAT_TEXT, 1);
	assert_non_null(strstr(text, "h2998, h2999\n"));
	free(text);
	mux_fleet_free(room.fleet);
}

static size_t n_left;

static void *failing_malloc(size_t size)
{
	return n_left != 0 && --n_left == 0 ? NULL : malloc(size);
}

/* Returns 0 when all has gone well. */
static int try_all(size_t arena_fails, size_t jansson_fails)
{
	struct mux_fleet *fleet = mux_fleet_new();
	struct mux_error error = {0};
	int result;

	arena_fail_after(fleet->arena, arena_fails);
	n_left = jansson_fails;
	result = mux_fleet_add_json(fleet, &file, three, strlen(three));
	if (result == 0)
		result = mux_fleet_add_json(fleet, &file, "{}", 2);
	if (result == 0)
		result = mux_fleet_add_json(fleet, &file, NULL, 0);
	if (result == 0 && mux_fleet_summarize(fleet, &error) == NULL)
		result = -error.code;
	n_left = 0;
	mux_fleet_free(fleet);
	return result;
}

static void test_every_allocation_may_fail(void **state)
{
	size_t n, failures = 0;
	int error;

	(void)state;
	for (n = 1; try_all(n, 0) != 0; n++)
		assert_int_equal(try_all(n, 0), -ENOMEM);
	assert_true(n > 15);
	json_set_alloc_funcs(failing_malloc, free);
	for (n = 1; n < 200; n++) {
		error = try_all(0, n);
		assert_true(error == 0 || error == -ENOMEM);
		failures += error != 0;
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(failures > 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_pieces_do_not_matter),
		cmocka_unit_test(test_a_host_counts_once),
		cmocka_unit_test(test_worst_status),
		cmocka_unit_test(test_names_of_hosts),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
