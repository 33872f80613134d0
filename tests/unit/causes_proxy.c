/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The cause that tells of proxies: whom it concerns, and what it must not show. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/slice.h"
#include "causes_fixture.h"

static struct fixture fixture;

/* Clients are told of as client_run.c would: curl obeys http_proxy, ab no variable. */
static void capture(const char *client, const char *variable, const char *value)
{
	struct mux_environment *environment = &fixture.snapshot.environment;

	fixture.variables[0] = (struct mux_variable){variable, slice_of(value)};
	environment->variables = fixture.variables;
	environment->n_variables = 1;
	fixture.clients[0] = (struct ev_client_result){.client = ev_client_find("ab")};
	fixture.clients[1] = (struct ev_client_result){
		.client = ev_client_find(client),
		.works = MUX_UNKNOWN,
		.proxy = &fixture.variables[0],
	};
	fixture.evaluation.clients = fixture.clients;
	fixture.evaluation.n_clients = 2;
}

static void test_proxy_captures_localhost(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	capture("curl", "http_proxy", "http://me:secret@proxy\033[2J:3128");
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "proxy-captures-localhost");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_WARNING);
	assert_string_equal(findings[0].title, "http_proxy sends requests for localhost to a "
					       "proxy, and no_proxy does not except it");
	assert_string_equal(findings[0].evidence[0].text,
			    "http_proxy=http://***@proxy\\x1b[2J:3128");
	assert_true(has_evidence(&findings[0], "environment", "no_proxy is not set"));
	assert_string_equal(findings[0].hit, "curl asks the proxy instead");
	assert_true(has_command(&findings[0], "export no_proxy=localhost,127.0.0.1,::1"));
	fixture.evaluation.only = ev_client_find("ab");
	assert_null(fixture_finding(&fixture, "proxy-captures-localhost"));
	fixture_done(&fixture);
}

/* The name is added to what was excepted before, as one word of the shell. */
static void test_proxy_keeps_what_was_excepted(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "debian5", 8000);
	capture("python-requests", "ALL_PROXY", "a:b/c@socks5://x@proxy");
	fixture.variables[1] = (struct mux_variable){"NO_PROXY", SLICE("a b")};
	fixture.snapshot.environment.n_variables = 2;
	finding = fixture_finding(&fixture, "proxy-captures-localhost");
	assert_non_null(finding);
	assert_true(has_evidence(finding, "environment", "NO_PROXY=a b"));
	assert_null(strstr(finding->evidence[0].text, "b/c"));
	assert_true(has_command(finding, "export no_proxy='a b,localhost,127.0.0.1,::1,debian5'"));
	fixture_done(&fixture);
}

/* busybox wget obeys no no_proxy, so none is missing; and other machines are the proxy's task. */
static void test_proxy_is_no_cause_elsewhere(void **state)
{
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	capture("busybox-wget", "http_proxy", "http://proxy:3128");
	assert_null(fixture_finding(&fixture, "proxy-captures-localhost"));
	fixture_done(&fixture);
	fixture_init(&fixture, "debian5", 8000);
	capture("curl", "http_proxy", "http://proxy:3128");
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].name->of_target) {
			fixture.candidates[i].address.bytes[0] = 10;
			fixture.candidates[i].route.state = EV_ROUTE_ELSEWHERE;
		}
	assert_null(fixture_finding(&fixture, "proxy-captures-localhost"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_proxy_captures_localhost),
		cmocka_unit_test(test_proxy_keeps_what_was_excepted),
		cmocka_unit_test(test_proxy_is_no_cause_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
