/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A preflight on paper: what is wrong, everything, the first sentence; and for programs. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "render/preflight.h"

static const struct mux_evidence evidence = {"a place", "bytes \033[31m"};
static const char *const commands[] = {"sysctl -w a=1"};
static const struct mux_fix fix = {.title = "Raise it", .commands = commands, .n_commands = 1};

static const struct mux_fitness_finding findings[] = {
	{"backlog", "queues", MUX_FIT_FAIL, "too short", "some are late", "1000", &evidence, 1,
	 &fix, 1},
	{"limits", "descriptors", MUX_FIT_UNKNOWN, "limits: not known", "", "", &evidence, 1, NULL,
	 0},
	{"rules", "firewall", MUX_FIT_INFO, "nine rules", "", "", NULL, 0, NULL, 0},
	{"thp", "memory", MUX_FIT_OK, "all is well", "", "", NULL, 0, NULL, 0},
};
static const struct mux_finding of_check = {.id = "listener-ipv4-only",
					    .severity = MUX_SEVERITY_WARNING,
					    .title = "the server is on one family",
					    .hit = "some clients"};
static const struct mux_report check = {.target = "localhost:8080",
					.status = MUX_STATUS_WARNING,
					.headline = "it works",
					.findings = &of_check,
					.n_findings = 1};
static const struct mux_preflight_run run = {.status = MUX_STATUS_FAILS,
					     .headline = "no measurement",
					     .findings = findings,
					     .n_findings = 1};

static struct mux_preflight sample(void)
{
	return (struct mux_preflight){
		.check = &check,
		.load = {.concurrency = 1000, .tool = "ab"},
		.status = MUX_STATUS_FAILS,
		.headline = "not fit",
		.findings = findings,
		.n_findings = sizeof(findings) / sizeof(findings[0]),
	};
}

static char *render(const struct mux_preflight *preflight, enum mux_format format, int verbosity)
{
	const struct mux_render_options options = {.format = format, .verbosity = verbosity};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_preflight_render(preflight, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_null(strchr(text, '\033'));
	return text;
}

static void test_text(void **state)
{
	struct mux_preflight preflight = sample();
	char *text = render(&preflight, MUX_FORMAT_TEXT, 0);

	(void)state;
	assert_string_equal(text, "not fit\n"
				  "\n"
				  "  warning  listener-ipv4-only: the server is on one family\n"
				  "    hits    some clients\n"
				  "\n"
				  "  fail  backlog: too short\n"
				  "    expect  some are late\n"
				  "    read    a place: bytes \\x1b[31m\n"
				  "    wanted  1000\n"
				  "    mend    Raise it\n"
				  "              sysctl -w a=1\n"
				  "\n"
				  "Not known\n"
				  "  limits: not known  bytes \\x1b[31m\n");
	free(text);
	text = render(&preflight, MUX_FORMAT_TEXT, -1);
	assert_string_equal(text, "not fit\n");
	free(text);
	text = render(&preflight, MUX_FORMAT_TEXT, 1);
	assert_non_null(strstr(text, "  info  rules: nine rules\n"));
	assert_non_null(strstr(text, "  ok  thp: all is well\n"));
	assert_non_null(strstr(text, "  unknown  limits: limits: not known\n"));
	free(text);
}

static void test_run(void **state)
{
	const struct mux_render_options options = {.format = MUX_FORMAT_TEXT};
	struct mux_preflight preflight = sample();
	char *text = NULL;
	size_t len;

	(void)state;
	assert_int_equal(mux_preflight_render_run(&preflight, &options, &text, &len), -EINVAL);
	preflight.run = &run;
	assert_int_equal(mux_preflight_render_run(&preflight, &options, &text, &len), 0);
	assert_memory_equal(text, "no measurement\n\n  fail  backlog", 31);
	free(text);
	text = render(&preflight, MUX_FORMAT_TEXT, -1);
	assert_string_equal(text, "not fit\n\nno measurement\n");
	free(text);
}

static void test_json(void **state)
{
	struct mux_preflight preflight = sample();
	char *text = render(&preflight, MUX_FORMAT_JSON, 0);
	json_t *root = json_loads(text, 0, NULL);
	const json_t *first;

	(void)state;
	assert_non_null(root);
	assert_string_equal(json_string_value(json_object_get(root, "status")), "fails");
	assert_int_equal(json_array_size(json_object_get(root, "findings")), 4);
	first = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(json_string_value(json_object_get(first, "fitness")), "fail");
	assert_true(json_is_null(json_object_get(root, "run")));
	assert_true(json_is_null(json_object_get(json_object_get(root, "load"), "requests")));
	json_decref(root);
	free(text);
	preflight.run = &run;
	text = render(&preflight, MUX_FORMAT_JSON, 0);
	assert_non_null(strstr(text, "no measurement"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
