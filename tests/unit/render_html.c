/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTML: that the answer is there, and that no text of the machine becomes markup. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../xml.h"
#include "render/render.h"
#include "render_report.h"

static char *render(const struct mux_report *report, int verbosity)
{
	const struct mux_render_options options = {.format = MUX_FORMAT_HTML,
						   .verbosity = verbosity};
	static const char doctype[] = "<!DOCTYPE html>\n";
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_render(report, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_int_equal(strncmp(text, doctype, strlen(doctype)), 0);
	assert_true(xml_is_well_formed(text + strlen(doctype)));
	return text;
}

static size_t count(const char *text, const char *word)
{
	size_t n = 0;

	for (; (text = strstr(text, word)) != NULL; text += strlen(word))
		n++;
	return n;
}

static void test_answer(void **state)
{
	static const char *const shown[] = {
		"<header class=\"answer doubt\">",
		"Works, but",
		"<h1>localhost:8000 works over 127.0.0.1 but not over ::1: the policy.</h1>",
		"http://127.0.0.1:8000/",
		"ip6tables -I OUTPUT 1 -o lo -j ACCEPT",
		"works for every client",
		"<dt>ip6 filter OUTPUT policy</dt>",
		"concluded",
		"2 of 4 clients work.",
		"apr_pollset_poll: The timeout specified has expired (70007)",
		"[::1]:8000",
		"EPERM: Operation not permitted",
		"kernel 6.1.0",
		"2023-11-14 22:13:20 UTC",
	};
	struct mux_report report = sample_report();
	char *text = render(&report, 0);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (strstr(text, shown[i]) == NULL)
			fail_msg("not there: %s", shown[i]);
	assert_int_equal(count(text, "class=\"finding doubt\""), 1);
	assert_int_equal(count(text, "class=\"finding quiet\""), 1);
	free(text);
}

static void test_status(void **state)
{
	static const struct {
		enum mux_status status;
		const char *answer;
	} cases[] = {
		{MUX_STATUS_OK, "class=\"answer good\""},
		{MUX_STATUS_WARNING, "class=\"answer doubt\""},
		{MUX_STATUS_FAILS, "class=\"answer bad\""},
		{MUX_STATUS_UNKNOWN, "class=\"answer doubt\""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct mux_report report = sample_report();
		char *text;

		report.status = cases[i].status;
		text = render(&report, 0);
		assert_non_null(strstr(text, cases[i].answer));
		free(text);
	}
}

static void test_late(void **state)
{
	struct mux_client clients[] = {sample_clients[1], sample_clients[1], sample_clients[0]};
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	clients[0].after_ms = 1000;
	clients[1].after_ms = 999;
	report.clients = clients;
	report.n_clients = 3;
	text = render(&report, 0);
	assert_non_null(
		strstr(text, "2 of 3 clients work, 1 of them only after a second or more."));
	assert_int_equal(count(text, "<span class=\"badge doubt\">late</span>"), 1);
	free(text);
}

/* Proof is folded away, but for the first; and not at all when asked. */
static void test_folds(void **state)
{
	struct mux_report report = sample_report();
	char *text = render(&report, 0), *unfolded = render(&report, 1);

	(void)state;
	assert_int_equal(count(text, "<details open=\"\">"), 1);
	assert_true(count(text, "<details>") >= 2);
	assert_int_equal(count(unfolded, "<details>"), 0);
	assert_int_equal(count(unfolded, "<details open=\"\">"), count(text, "<details>") + 1);
	free(text);
	free(unfolded);
}

/* What reports promise not to hold must do no harm either. */
static void test_hostile(void **state)
{
	static const char hostile[] = "</h1><script>alert('1')</script>\" onclick=\"x\" &amp; "
				      "\033[31m \x01 \xff \xe2\x80\xae \xef\xbf\xbe ]]>";
	struct mux_evidence evidence = {hostile, hostile};
	const char *const lines[] = {hostile};
	struct mux_fix fix = {hostile, lines, 1, lines, 1, lines, 1, MUX_YES, hostile, 1, 1};
	struct mux_finding finding = {
		hostile, MUX_SEVERITY_CRITICAL, hostile, hostile, &evidence, 1, &fix, 1, true,
		true};
	struct mux_machine machine = {.kernel = hostile, .host_name = hostile, .target = hostile};
	struct mux_client client = {hostile, hostile, MUX_NO, false, 1, hostile, hostile, hostile};
	struct mux_name name = {hostile, true, MUX_YES, hostile};
	struct mux_gap gap = {hostile, hostile};
	struct mux_recommendation use = {hostile, hostile};
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	report.target = report.headline = hostile;
	report.names = &name;
	report.findings = &finding;
	report.clients = &client;
	report.gaps = &gap;
	report.recommendations = &use;
	report.n_names = report.n_findings = report.n_clients = report.n_gaps = 1;
	report.machine = &machine;
	text = render(&report, 1);
	assert_null(strstr(text, "<script"));
	assert_null(strstr(text, "\" onclick"));
	assert_null(strstr(text, "\xe2\x80\xae"));
	assert_true(count(text, "&lt;script&gt;alert(&#39;1&#39;)") > 20);
	free(text);
}

static void test_empty(void **state)
{
	struct mux_report report = {.target = "", .headline = ""};
	char *text = render(&report, 0);

	(void)state;
	assert_null(strstr(text, "<section aria-labelledby=\"why\">"));
	assert_null(strstr(text, "<footer>"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer), cmocka_unit_test(test_status),
		cmocka_unit_test(test_folds),  cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_empty),  cmocka_unit_test(test_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
