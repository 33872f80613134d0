/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `muxdiag check`. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

enum { MAX_ARGUMENTS = 16 };

static struct options options;
static struct mux_error error;

/* Parses the arguments up to the NULL. */
static int parse(const char *const arguments[])
{
	static char *argv[MAX_ARGUMENTS + 1];
	int argc = 0;

	for (; arguments[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)arguments[argc];
	argv[argc] = NULL;
	memset(&error, 0, sizeof(error));
	return options_parse(argc, argv, &options, &error);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse((const char *const[]){NULL}), 0);
	assert_false(options.has_target);
	assert_int_equal(options.format, MUX_FORMAT_TEXT);
	assert_int_equal(options.verbosity, 0);
	assert_int_equal(options.timeout_ms, 0);
}

static void test_everything(void **state)
{
	const char *const arguments[] = {"--timeout=250", "localhost", "--port",       "8000",
					 "--json",	  "-v",	       "--record=out", "--client",
					 "curl",	  NULL};

	(void)state;
	assert_int_equal(parse(arguments), 0);
	assert_int_equal(options.timeout_ms, 250);
	assert_true(options.has_target);
	assert_string_equal(options.target.host, "localhost");
	assert_int_equal(options.target.port, 8000);
	assert_int_equal(options.format, MUX_FORMAT_JSON);
	assert_int_equal(options.verbosity, 1);
	assert_string_equal(options.record, "out");
	assert_string_equal(options.client, "curl");
}

static void test_forms(void **state)
{
	(void)state;
	assert_int_equal(parse((const char *const[]){"-vq", NULL}), 0);
	assert_int_equal(options.verbosity, -1);
	assert_int_equal(parse((const char *const[]){"--format", "json", "--format=text", NULL}),
			 0);
	assert_int_equal(options.format, MUX_FORMAT_TEXT);
	assert_int_equal(parse((const char *const[]){"--", "localhost", NULL}), 0);
	assert_string_equal(options.target.host, "localhost");
	assert_int_equal(parse((const char *const[]){"--help", "--nonsense", NULL}), 0);
	assert_true(options.help);
	assert_int_equal(parse((const char *const[]){"localhost:8000", "--port=8000", NULL}), 0);
	assert_int_equal(
		parse((const char *const[]){"--replay", "dir", "--port=9", "--no-color", NULL}), 0);
	assert_true(options.no_color);
	assert_int_equal(options.port, 9);
	assert_int_equal(parse((const char *const[]){"--watch", "-v", NULL}), 0);
	assert_true(options.watch && !options.until);
	assert_int_equal(parse((const char *const[]){"--until", "ok", NULL}), 0);
	assert_true(options.until && !options.watch);
	assert_int_equal(options.deadline_s, 60);
	assert_int_equal(parse((const char *const[]){"--until=ok", "--deadline=5", NULL}), 0);
	assert_int_equal(options.deadline_s, 5);
}

static void test_refused(void **state)
{
	static const char *const cases[][4] = {
		{"unknown option '--nonsense'", "--nonsense"},
		{"unknown option '-x'", "-x"},
		{"unknown option '-vx'", "-vx"},
		{"unknown option '--\\x1b[2J'", "--\033[2J"},
		{"--json takes no argument", "--json=1"},
		{"--timeout needs its argument, MS", "--timeout"},
		{"not '9'", "--timeout", "9"},
		{"not '60001'", "--timeout", "60001"},
		{"not '1e3'", "--timeout", "1e3"},
		{"not '-1'", "--timeout", "-1"},
		{"not '99999999999999999999'", "--timeout=99999999999999999999"},
		{"--port takes 1 to 65535, not '0'", "--port", "0"},
		{"not '65536'", "--port=65536"},
		{"not ''", "--port="},
		{"not '\\x0a'", "--port=\n"},
		{"--format takes text|json|prometheus", "--format", "xml"},
		{"not 'xml'", "--format", "xml"},
		{"--client does not know 'Curl'; it knows ab, wrk, curl, ", "--client=Curl"},
		{"--client does not know '\\x1b'; it knows ab, ", "--client=\033"},
		{"--until takes ok, not 'OK'", "--until=OK"},
		{"--deadline takes 1 to 86400 seconds, not '0'", "--until=ok", "--deadline=0"},
		{"--deadline is for --until", "--watch", "--deadline=9"},
		{"--watch and --until exclude", "--watch", "--until=ok"},
		{"neither --record nor --replay", "--watch", "--record=a"},
		{"neither --record nor --replay", "--until=ok", "--replay=a"},
		{"--record needs the name", "--record="},
		{"one target at a time: what is 'b' for?", "a", "b"},
		{"contradicts", "localhost:8000", "--port=8001"},
		{"--watch prints text or JSON", "--watch", "--format=prometheus"},
		{"exclude each other", "--record=a", "--replay=b"},
		{"exclude each other", "--root-dir=a", "--replay=b"},
		{"no port", "localhost:99999"},
		{"empty", ""},
		{"\\x07", "local\007host"},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *arguments[4] = {cases[i][1], cases[i][2], cases[i][3], NULL};

		memset(&options, 0x5a, sizeof(options));
		assert_int_equal(parse(arguments), -EINVAL);
		if (strstr(error.message, cases[i][0]) == NULL)
			fail_msg("'%s' is not in '%s'", cases[i][0], error.message);
		assert_int_equal(options.timeout_ms, 0x5a5a5a5a);
		for (j = 0; error.message[j] != '\0'; j++)
			assert_in_range(error.message[j], ' ', '~');
	}
}

static void test_long_text_is_cut(void **state)
{
	char text[5000];

	(void)state;
	memset(text, '\377', sizeof(text));
	memcpy(text, "--", 2);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(parse((const char *const[]){text, NULL}), -EINVAL);
	assert_true(strlen(error.message) < sizeof(error.message));
	memset(text, 'a', sizeof(text) - 1);
	assert_int_equal(parse((const char *const[]){text, NULL}), -EINVAL);
}

static void test_help_has_every_option(void **state)
{
	static const char *const names[] = {"--json",	    "--format text|json|prometheus",
					    "--no-color",   "--port N",
					    "--timeout MS", "--record DIR",
					    "--replay DIR", "--root-dir DIR",
					    "-q, --quiet",  "-v, --verbose",
					    "-h, --help",   "-V, --version"};
	char help[2048], small[10];
	size_t i;

	(void)state;
	options_help(help, sizeof(help));
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strstr(help, names[i]) == NULL)
			fail_msg("%s is not in the help", names[i]);
	assert_true(strlen(options_help(small, sizeof(small))) < sizeof(small));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_everything),
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_long_text_is_cut),
		cmocka_unit_test(test_help_has_every_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
