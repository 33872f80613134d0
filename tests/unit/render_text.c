/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "render_report.h"

static char *render(const struct mux_report *report, int verbosity, bool colour)
{
	const struct mux_render_options options = {
		.format = MUX_FORMAT_TEXT, .verbosity = verbosity, .colour = colour};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_render(report, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_int_equal(text[len - 1], '\n');
	return text;
}

static void test_first_screen(void **state)
{
	static const char expected[] =
		"localhost:8000 works over 127.0.0.1 but not over ::1: the policy.\n"
		"\n"
		"Why\n"
		"  the policy of ip6 filter OUTPUT (hook output) drops packets to ::1\n"
		"    ip6 filter OUTPUT policy  hook output, priority 0, policy drop\n"
		"    to see it                 ip6tables -S OUTPUT\n"
		"\n"
		"Who is hit\n"
		"  clients that try ::1\n"
		"\n"
		"Use instead\n"
		"  http://127.0.0.1:8000/  connects to 127.0.0.1 in 0.1 ms\n"
		"\n"
		"Fix\n"
		"  Let loopback packets, and only those, out:\n"
		"    ip6tables -I OUTPUT 1 -o lo -j ACCEPT\n"
		"    then works for every client\n"
		"  Ask the administrator\n"
		"\n"
		"Not known\n"
		"  IPv6 listening sockets  EPERM: Operation not permitted; not known: who "
		"listens\n"
		"\n"
		"More: muxdiag explain firewall-output-drop\n";
	struct mux_report report = sample_report();
	char *text = render(&report, 0, false);

	(void)state;
	assert_string_equal(text, expected);
	free(text);
}

static void test_healthy_is_one_line(void **state)
{
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	report.status = MUX_STATUS_OK;
	report.headline = "localhost:8000 is fine.";
	text = render(&report, 0, false);
	assert_string_equal(text, "localhost:8000 is fine.\n");
	free(text);
}

static void test_quiet_is_the_headline(void **state)
{
	struct mux_report report = sample_report();
	char *text = render(&report, -1, false);

	(void)state;
	assert_string_equal(text,
			    "localhost:8000 works over 127.0.0.1 but not over ::1: the policy.\n");
	free(text);
}

static void assert_line(const char *text, const char *line)
{
	if (strstr(text, line) == NULL)
		fail_msg("'%s' is not in:\n%s", line, text);
}

static void test_verbose_shows_every_stage(void **state)
{
	struct mux_report report = sample_report();
	char *text = render(&report, 1, false);

	(void)state;
	assert_line(text, "\n  (concluded) the host name box stands for no address\n");
	assert_line(text, "\n  localhost  ::1, 127.0.0.1 (getaddrinfo)\n"
			  "  box        Name or service not known\n");
	assert_line(text,
		    "\n  name       order  address         works  route  output  input  listener  "
		    "probe\n"
		    "  localhost  1      [::1]:8000      no     yes    no      yes    unknown   "
		    "no\n"
		    "  localhost  2      127.0.0.1:8000  yes    yes    yes     yes    yes       "
		    "yes\n");
	assert_line(text, "\nlocalhost, [::1]:8000: no answer for 300 ms\n"
			  "  route     yes      lo is up\n"
			  "  output    no       policy drop\n");
	assert_line(text,
		    "\nClients\n"
		    "  fails after 30 s                      ab: apr_pollset_poll: The timeout "
		    "specified has expired (70007)\n"
		    "  works over 127.0.0.1                  curl, Java\n"
		    "  asks the proxy of http_proxy instead  wget\n\n");
	assert_line(text, "\nMachine\n  box, kernel 6.1.0, uid 1000, capabilities "
			  "000001ffffffffff, network namespace 4026531840\n");
	free(text);
}

static void test_colours_only_where_wanted(void **state)
{
	struct mux_report report = sample_report();
	char *plain = render(&report, 1, false), *coloured = render(&report, 1, true);

	(void)state;
	assert_null(strchr(plain, '\033'));
	assert_non_null(strstr(coloured, "\033[1;33mlocalhost:8000 works"));
	assert_non_null(strstr(coloured, "\033[36mip6tables -I OUTPUT 1 -o lo -j ACCEPT\033[0m\n"));
	free(plain);
	free(coloured);
}

/* One cause alone is not enough: that is said where the fixes are. */
static void test_fixes_that_need_each_other(void **state)
{
	struct mux_finding findings[] = {sample_findings[0], sample_findings[0]};
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	findings[0].decisive = findings[1].decisive = false;
	report.findings = findings;
	text = render(&report, 0, false);
	assert_non_null(strstr(text, "\nFix (one alone is not enough)\n"));
	free(text);
}

/* Texts come escaped. Should one not be, no byte of it reaches the terminal all the same; and what
 * was escaped is not escaped again. */
static void test_belt(void **state)
{
	struct mux_finding finding = sample_findings[0];
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	finding.title = "rule \033]0;pwned\007 \xff\xc3\x28 \xe2\x80\xae end\rover \\x1b \\\\";
	report.findings = &finding;
	report.n_findings = 1;
	report.headline = "a\nb\x9b";
	text = render(&report, 1, false);
	assert_non_null(strstr(text, "a\\x0ab\\x9b\n"));
	assert_non_null(strstr(text, "  rule \\x1b]0;pwned\\x07 \\xff\\xc3( \\u{202e} end\\x0dover "
				     "\\x1b \\\\\n"));
	assert_null(strpbrk(text, "\033\007\r\x9b\xff"));
	free(text);
}

static void test_unknown_format(void **state)
{
	const struct mux_render_options options = {.format = (enum mux_format)99};
	struct mux_report report = sample_report();
	char *text = NULL;
	size_t len = 0;

	(void)state;
	assert_int_equal(mux_render(&report, &options, &text, &len), -EINVAL);
	assert_null(text);
}

static void test_empty_report(void **state)
{
	struct mux_report report = {.status = MUX_STATUS_UNKNOWN};
	char *text = render(&report, 1, true);

	(void)state;
	free(text);
}

static void test_every_allocation_may_fail(void **state)
{
	const struct mux_render_options options = {.verbosity = 1, .colour = true};
	struct mux_report report = sample_report();
	size_t n, failures = 0;
	bool failed = true;

	(void)state;
	for (n = 1; failed; n++) {
		struct arena *arena = arena_new();
		struct str text;

		str_init(&text, arena);
		arena_fail_after(arena, n);
		render_page(&report, &options, &text);
		failed = arena_failed(arena);
		failures += failed;
		arena_free(arena);
	}
	assert_true(failures > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_screen),
		cmocka_unit_test(test_healthy_is_one_line),
		cmocka_unit_test(test_quiet_is_the_headline),
		cmocka_unit_test(test_verbose_shows_every_stage),
		cmocka_unit_test(test_colours_only_where_wanted),
		cmocka_unit_test(test_fixes_that_need_each_other),
		cmocka_unit_test(test_belt),
		cmocka_unit_test(test_unknown_format),
		cmocka_unit_test(test_empty_report),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
