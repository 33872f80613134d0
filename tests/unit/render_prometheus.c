/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The metrics: values, what is not known, series that would be twice, and labels. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "render/render.h"
#include "render_report.h"

#define TARGET "target=\"localhost:8000\""

static char *render(const struct mux_report *report)
{
	const struct mux_render_options options = {.format = MUX_FORMAT_PROMETHEUS};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_render(report, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	assert_int_equal(text[len - 1], '\n');
	return text;
}

/* How often is it there? */
static size_t count(const char *text, const char *wanted)
{
	size_t n = 0;

	for (; (text = strstr(text, wanted)) != NULL; text += strlen(wanted))
		n++;
	return n;
}

static void check_has(const char *text, const char *line)
{
	if (count(text, line) != 1)
		fail_msg("%zu times %s in\n%s", count(text, line), line, text);
}

static void test_values(void **state)
{
	static const char *const lines[] = {
		"\nmuxdiag_check_status{" TARGET "} 1\n",
		"\nmuxdiag_check_ok{" TARGET "} 0\n",
		"\nmuxdiag_check_finding{" TARGET
		",id=\"firewall-output-drop\",severity=\"warning\"} 1\n",
		"\nmuxdiag_check_endpoint_works{" TARGET
		",name=\"localhost\",address=\"::1\",family=\"ipv6\"} 0\n",
		"\nmuxdiag_check_endpoint_works{" TARGET
		",name=\"localhost\",address=\"127.0.0.1\",family=\"ipv4\"} 1\n",
		"\nmuxdiag_check_client_works{" TARGET ",client=\"ab\"} 0\n",
		"\nmuxdiag_check_client_works{" TARGET ",client=\"curl\"} 1\n",
		"\nmuxdiag_check_client_seconds{" TARGET ",client=\"ab\"} 30.000\n",
		"\nmuxdiag_check_client_seconds{" TARGET ",client=\"curl\"} 0.000\n",
		"\nmuxdiag_check_gaps{" TARGET "} 1\n",
		"\nmuxdiag_check_timestamp_seconds{" TARGET "} 1700000000\n",
		",kernel=\"6.1.0\",hostname=\"box\"} 1\n",
		"# TYPE muxdiag_check_client_works gauge\n",
		"# HELP muxdiag_check_client_works ",
	};
	struct mux_report report = sample_report();
	char *text = render(&report);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		check_has(text, lines[i]);
	free(text);
}

static void test_ok_is_only_without_a_warning(void **state)
{
	static const char *const of_status[] = {"} 1\n", "} 0\n", "} 0\n", "} 0\n"};
	struct mux_report report = sample_report();
	size_t i;

	(void)state;
	for (i = 0; i < 4; i++) {
		char line[128], *text;

		report.status = (enum mux_status)i;
		text = render(&report);
		snprintf(line, sizeof(line), "\nmuxdiag_check_ok{" TARGET "%s", of_status[i]);
		check_has(text, line);
		snprintf(line, sizeof(line), "\nmuxdiag_check_status{" TARGET "} %zu\n", i);
		check_has(text, line);
		free(text);
	}
}

static void test_what_is_not_known_is_not_there(void **state)
{
	struct mux_endpoint endpoint = sample_endpoints[0];
	struct mux_report report = sample_report();
	struct mux_machine machine = sample_machine;
	char *text;

	(void)state;
	text = render(&report);
	assert_int_equal(count(text, "wget"), 0);
	free(text);
	endpoint.works = MUX_UNKNOWN;
	report.endpoints = &endpoint;
	report.n_endpoints = 1;
	report.n_findings = 0;
	machine.time = 0;
	machine.kernel = "";
	machine.host_name = NULL;
	report.machine = &machine;
	text = render(&report);
	assert_int_equal(count(text, "endpoint_works"), 0);
	assert_int_equal(count(text, "finding"), 0);
	assert_int_equal(count(text, "timestamp"), 0);
	check_has(text, "\nmuxdiag_check_info{" TARGET ",version=\"" MUX_VERSION "\"} 1\n");
	free(text);
	report.machine = NULL;
	text = render(&report);
	check_has(text, "\nmuxdiag_check_info{" TARGET ",version=\"" MUX_VERSION "\"} 1\n");
	free(text);
}

static void test_no_series_is_twice(void **state)
{
	struct mux_finding findings[] = {sample_findings[0], sample_findings[1], sample_findings[0],
					 sample_findings[0]};
	struct mux_endpoint endpoints[] = {sample_endpoints[0], sample_endpoints[1],
					   sample_endpoints[1], sample_endpoints[0],
					   sample_endpoints[0]};
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	findings[3].severity = MUX_SEVERITY_CRITICAL;
	report.findings = findings;
	report.n_findings = 4;
	/* ::1: unknown, yes, no; 127.0.0.1: yes, no. */
	endpoints[0].works = MUX_UNKNOWN;
	endpoints[3].works = MUX_YES;
	endpoints[2].works = MUX_NO;
	report.endpoints = endpoints;
	report.n_endpoints = 5;
	text = render(&report);
	assert_int_equal(count(text, "id=\"firewall-output-drop\""), 2);
	check_has(text, "id=\"firewall-output-drop\",severity=\"critical\"} 1\n");
	check_has(text, "address=\"::1\",family=\"ipv6\"} 0\n");
	check_has(text, "address=\"127.0.0.1\",family=\"ipv4\"} 0\n");
	assert_int_equal(count(text, "# TYPE muxdiag_check_finding "), 1);
	free(text);
}

static void test_labels_are_escaped(void **state)
{
	struct mux_machine machine = sample_machine;
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	machine.host_name = "a\"b\\\\c\nd\033e";
	machine.kernel = "\"";
	report.target = "} 1\nmuxdiag_check_ok 1";
	report.machine = &machine;
	text = render(&report);
	/* The newline and the escape were no text of a report: they are shown, and that is escaped.
	 */
	check_has(text, ",kernel=\"\\\"\",hostname=\"a\\\"b\\\\\\\\c\\\\x0ad\\\\x1be\"} 1\n");
	check_has(text, "\nmuxdiag_check_ok{target=\"} 1\\\\x0amuxdiag_check_ok 1\"} 0\n");
	assert_int_equal(count(text, "\nmuxdiag_check_ok"), 1);
	free(text);
}

static void test_long_waits(void **state)
{
	struct mux_client client = sample_clients[1];
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	client.after_ms = 131007;
	report.clients = &client;
	report.n_clients = 1;
	text = render(&report);
	check_has(text, "client=\"curl\"} 131.007\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_ok_is_only_without_a_warning),
		cmocka_unit_test(test_what_is_not_known_is_not_there),
		cmocka_unit_test(test_no_series_is_twice),
		cmocka_unit_test(test_labels_are_escaped),
		cmocka_unit_test(test_long_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
