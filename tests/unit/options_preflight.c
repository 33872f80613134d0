/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `muxdiag preflight`: letters with arguments, and a command behind "--". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "options.h"

enum { MAX_ARGUMENTS = 16 };

static char *argv[MAX_ARGUMENTS + 1];
static struct options options;
static struct mux_error error;

/* Parses the arguments up to the NULL. */
static int parse_for(const char *command, const char *const arguments[])
{
	int argc = 0;

	for (; arguments[argc] != NULL; argc++)
		argv[argc] = (char *)(uintptr_t)arguments[argc];
	argv[argc] = NULL;
	memset(&error, 0, sizeof(error));
	return options_parse_for(command, argc, argv, &options, &error);
}

static int parse(const char *const arguments[])
{
	return parse_for("preflight", arguments);
}

static void test_forms(void **state)
{
	static const char *const forms[][6] = {
		{"-c", "10", "-n", "200", "-k", NULL},
		{"-c10", "-n200", "-k", NULL},
		{"-kc", "10", "-n200", NULL},
		{"--concurrency=10", "--requests", "200", "--keepalive", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		assert_int_equal(parse(forms[i]), 0);
		assert_int_equal(options.concurrency, 10);
		assert_int_equal(options.requests, 200);
		assert_true(options.keepalive);
		assert_null(options.command);
	}
}

static void test_command(void **state)
{
	const char *const arguments[] = {"-c", "10", "localhost:80", "--", "ab", "-n", "--", NULL};

	(void)state;
	assert_int_equal(parse(arguments), 0);
	assert_string_equal(options.target.host, "localhost");
	assert_ptr_equal(options.command, argv + 4);
	assert_int_equal(options.requests, 0);
	/* Elsewhere it only ends the options. */
	assert_int_equal(parse_for("check", (const char *const[]){"--", "localhost", NULL}), 0);
	assert_null(options.command);
	assert_true(options.has_target);
}

static void test_refused(void **state)
{
	static const char *const refused[][4] = {
		{"-c", NULL},
		{"-c0", NULL},
		{"-c", "1000001", NULL},
		{"-n", "-1", NULL},
		{"-n", "1e6", NULL},
		{"--tool", "", NULL},
		{"--tool", "0123456789012345678901234567890\x31", NULL},
		{"localhost", "--", NULL},
		{"--replay=x", "--watch-run", NULL},
		{"--replay=x", "--", "ab", NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		assert_int_equal(parse(refused[i]), -EINVAL);
		assert_true(error.message[0] != '\0');
	}
	assert_int_equal(parse_for("check", (const char *const[]){"-c", "10", NULL}), -EINVAL);
	assert_int_equal(
		parse((const char *const[]){"--tool=0123456789012345678901234567890", NULL}), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
