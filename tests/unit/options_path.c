/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `muxdiag path`. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "path_options.h"

enum { MAX_ARGUMENTS = 8 };

static struct path_options options;
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
	return path_options_parse(argc, argv, &options, &error);
}

#define PARSE(...) parse((const char *const[]){__VA_ARGS__, NULL})

static void check_refused(int result, const char *message)
{
	assert_int_equal(result, -EINVAL);
	assert_string_equal(error.message, message);
}

static void test_whose_packets(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--proto", "udp", "--family=6", "--uid=33", "--mark=0xff",
			       "--source-port=4000", "localhost:53"),
			 0);
	assert_int_equal(options.protocol, IPPROTO_UDP);
	assert_int_equal(options.family, AF_INET6);
	assert_true(options.has_uid);
	assert_int_equal(options.uid, 33);
	assert_int_equal(options.mark, 255);
	assert_int_equal(options.source_port, 4000);
	assert_int_equal(options.target.port, 53);
}

static void test_ports(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--port", "80"), 0);
	assert_string_equal(options.target.host, "localhost");
	assert_int_equal(options.target.port, 80);
	assert_int_equal(PARSE("http://[::1]/"), 0);
	assert_int_equal(options.target.port, 80);
	assert_int_equal(PARSE("--proto=icmp", "localhost"), 0);
	assert_int_equal(PARSE("--batch"), 0);
	check_refused(PARSE("localhost"), "a port is needed: `muxdiag path localhost --port N`");
	check_refused(PARSE("--port=1", "localhost:2"), "--port 1 contradicts the target's port 2");
}

static void test_bad_values(void **state)
{
	(void)state;
	check_refused(PARSE("--proto=sctp"), "--proto takes tcp|udp|icmp, not 'sctp'");
	check_refused(PARSE("--family", "5"), "--family takes 4|6, not '5'");
	check_refused(PARSE("--mark=4294967296"), "--mark takes N, not '4294967296'");
	check_refused(PARSE("--mark=0x"), "--mark takes N, not '0x'");
	check_refused(PARSE("--uid=-1"), "--uid takes N, not '-1'");
	check_refused(PARSE("--source-port=0"), "--source-port takes N, not '0'");
	check_refused(PARSE("--uid"), "--uid needs its argument, N");
	check_refused(PARSE("--json=1"), "--json takes no argument");
	check_refused(PARSE("--\x1b[31m"),
		      "unknown option '--\\x1b[31m'; `muxdiag path --help` lists them");
	check_refused(PARSE("--replay=a", "--record=b", "localhost:1"),
		      "--record and --replay exclude each other");
	check_refused(PARSE("--batch", "localhost:1"),
		      "with --batch the questions come from standard input");
}

static void test_formats(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--svg", "localhost:80"), 0);
	assert_int_equal(options.format, MUX_FORMAT_SVG);
	check_refused(PARSE("--svg", "--json", "localhost:80"),
		      "--svg excludes --json and --batch");
	check_refused(PARSE("--svg", "--batch"), "--svg excludes --json and --batch");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whose_packets),
		cmocka_unit_test(test_ports),
		cmocka_unit_test(test_bad_values),
		cmocka_unit_test(test_formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
