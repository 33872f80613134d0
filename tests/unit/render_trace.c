/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace on paper: side by side, briefly and in full, and for programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "render/trace.h"

static const struct mux_trace_step steps[] = {
	{"inet filter input", 7, 2, "tcp dport 8000 jump web", "jump web", true},
	{"inet filter web", 9, 1, "limit rate 5/second accept", "unknown", false},
	{"inet filter web", 0, 0, "", "drop", true},
};

static struct mux_trace_journey journeys[2];
static const char *const notes[] = {"a note with \033[31mcolour"};

static struct mux_trace_report sample(void)
{
	static const char *const hooks[] = {"output",  "postrouting", "egress",
					    "ingress", "prerouting",  "input"};
	struct mux_trace_report report = {
		.target = "[::1]:8000",
		.protocol = "tcp",
		.port = 8000,
		.local_port = 40000,
		.status = MUX_TRACE_DIES,
		.headline = "tcp [::1]:8000: the answer is dropped.",
		.real_result = "silence for 300 ms",
		.evaluated_result = "silence",
		.journeys = journeys,
		.n_journeys = 2,
		.notes = notes,
		.n_notes = 1,
	};
	struct mux_trace_hook *last = &journeys[1].hooks[5];
	size_t i;

	for (i = 0; i < MUX_TRACE_HOOKS; i++)
		journeys[0].hooks[i] = (struct mux_trace_hook){
			.name = hooks[i],
			.evaluated = {.fate = MUX_FATE_ACCEPTED, .text = ""},
			.real = {.fate = MUX_FATE_ACCEPTED, .text = ""},
			.agree = MUX_YES,
			.difference = "",
		};
	journeys[0].name = "request";
	journeys[0].description = "SYN";
	journeys[0].arrived = MUX_YES;
	journeys[1] = journeys[0];
	journeys[1].name = "answer";
	journeys[1].description = "SYN/ACK";
	journeys[1].arrived = MUX_NO;
	last->evaluated = (struct mux_trace_side){.fate = MUX_FATE_DROPPED,
						  .text = "the policy of inet filter web",
						  .family = "inet",
						  .table = "filter",
						  .chain = "web",
						  .policy = true,
						  .steps = steps,
						  .n_steps = 3};
	last->real = last->evaluated;
	last->real.n_steps = 1;
	return report;
}

static char *render(const struct mux_trace_report *report, enum mux_format format, int verbosity)
{
	const struct mux_render_options options = {.format = format, .verbosity = verbosity};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_trace_render(report, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static void is_on_paper(void **state)
{
	struct mux_trace_report report = sample();
	char *text = render(&report, MUX_FORMAT_TEXT, 0);

	(void)state;
	assert_string_equal(text, "tcp [::1]:8000: the answer is dropped.\n"
				  "\n"
				  "                  evaluated  kernel\n"
				  "request (SYN)     passes     passes\n"
				  "answer (SYN/ACK)\n"
				  "  output          passes     passes\n"
				  "  postrouting     passes     passes\n"
				  "  egress          passes     passes\n"
				  "  ingress         passes     passes\n"
				  "  prerouting      passes     passes\n"
				  "  input           dropped    dropped             the policy of "
				  "inet filter web\n"
				  "the sender sees   silence    silence for 300 ms\n"
				  "\n"
				  "a note with \\x1b[31mcolour\n");
	free(text);
	text = render(&report, MUX_FORMAT_TEXT, -1);
	assert_string_equal(text, "tcp [::1]:8000: the answer is dropped.\n");
	free(text);
}

static void every_rule_is_told_on_request(void **state)
{
	struct mux_trace_report report = sample();
	char *text = render(&report, MUX_FORMAT_TEXT, 1);

	(void)state;
	assert_non_null(strstr(text, "both                 inet filter input handle 7"));
	assert_non_null(strstr(text, "evaluated (perhaps)  inet filter web handle 9"));
	assert_non_null(strstr(text, "evaluated            inet filter web policy"));
	free(text);
}

static void differences_stand_out(void **state)
{
	struct mux_trace_report report = sample();
	char *text;

	(void)state;
	journeys[1].hooks[5].agree = MUX_NO;
	journeys[1].hooks[5].difference = "only the kernel runs rule 2";
	text = render(&report, MUX_FORMAT_TEXT, 0);
	assert_non_null(strstr(text, "DIFFERENT: only the kernel runs rule 2\n"));
	free(text);
	journeys[1].hooks[5].agree = MUX_UNKNOWN;
	journeys[1].hooks[5].evaluated.text = "a limit";
	text = render(&report, MUX_FORMAT_TEXT, 0);
	assert_non_null(strstr(text, "evaluated: a limit; kernel: the policy of"));
	free(text);
}

static void programs_read_it(void **state)
{
	struct mux_trace_report report = sample();
	char *text = render(&report, MUX_FORMAT_JSON, 0);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *hook;
	const char *fate, *difference;

	(void)state;
	assert_non_null(root);
	hook = json_array_get(
		json_object_get(json_array_get(json_object_get(root, "packets"), 1), "hooks"), 5);
	fate = json_string_value(json_object_get(json_object_get(hook, "kernel"), "fate"));
	assert_string_equal(fate, "dropped");
	difference = json_string_value(json_object_get(hook, "difference"));
	assert_null(difference);
	assert_int_equal(
		json_array_size(json_object_get(json_object_get(hook, "evaluated"), "steps")), 3);
	assert_string_equal(json_string_value(json_object_get(root, "status")), "dies");
	assert_null(strchr(text, '\033'));
	json_decref(root);
	free(text);
}

static void words_have_an_end(void **state)
{
	(void)state;
	assert_string_equal(render_fate(MUX_FATE_VANISHED), "vanished");
	assert_string_equal(render_fate((enum mux_fate)99), "unknown");
	assert_string_equal(render_trace_status((enum mux_trace_status)99), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_on_paper),
		cmocka_unit_test(every_rule_is_told_on_request),
		cmocka_unit_test(differences_stand_out),
		cmocka_unit_test(programs_read_it),
		cmocka_unit_test(words_have_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
