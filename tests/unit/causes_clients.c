/* SPDX-License-Identifier: GPL-2.0-or-later */
/* How clients fare, as the answer says it: in one clause, and for one of them alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "causes/answer.h"
#include "causes_fixture.h"
#include "evaluate/client.h"
#include "netfilter/ruleset.h"

static struct fixture fixture;
static struct mux_report report;
static struct ev_client_result results[3];

static void set(size_t i, const char *name, enum mux_answer works, int64_t after_ms)
{
	results[i] = (struct ev_client_result){
		.client = ev_client_find(name),
		.works = works,
		.after_ms = after_ms,
		.address = addr_loopback4,
		.says = works == MUX_NO ? "no \"way\"" : NULL,
		.text = works == MUX_YES ? "works over 127.0.0.1" : "asks the proxy of x instead",
	};
	assert_non_null(results[i].client);
}

static void set_all(enum mux_answer works, int64_t after_ms)
{
	set(0, "ab", works, after_ms);
	set(1, "wrk", works, after_ms);
	set(2, "curl", works, after_ms);
}

static int begin(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.evaluation.clients = results;
	fixture.evaluation.n_clients = 3;
	set_all(MUX_YES, 0);
	return 0;
}

static int end(void **state)
{
	(void)state;
	fixture_done(&fixture);
	return 0;
}

static void ask(const char *only)
{
	memset(&report, 0, sizeof(report));
	fixture.evaluation.only = only != NULL ? ev_client_find(only) : NULL;
	assert_int_equal(answer(&fixture.evaluation, fixture.arena, &report), 0);
}

static void expect(enum mux_status status, const char *headline)
{
	assert_int_equal(report.status, status);
	assert_string_equal(report.headline, headline);
}

static void drop_ipv6(void)
{
	const struct nf_decision output = fixture_policy(NF_HOOK_OUTPUT);

	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &output);
}

#define REASON "the policy of ip6 filter OUTPUT (hook output) drops packets to ::1."

static void who_fares_alike_is_not_named(void **state)
{
	(void)state;
	ask(NULL);
	expect(MUX_STATUS_OK, "localhost:8000 is fine: ::1 and 127.0.0.1 both connect (0.1 ms).");
	assert_int_equal(report.n_clients, 3);
	assert_string_equal(report.clients[2].name, "curl");
	assert_string_equal(report.clients[2].over, "127.0.0.1");
	assert_string_equal(report.clients[2].says, "");
	drop_ipv6();
	ask(NULL);
	expect(MUX_STATUS_WARNING, "localhost:8000 works over 127.0.0.1 but not over ::1: " REASON);
}

static void each_way_to_fare_is_named_once(void **state)
{
	(void)state;
	drop_ipv6();
	set(0, "ab", MUX_NO, 30000);
	set(1, "wrk", MUX_YES, 131000);
	ask(NULL);
	expect(MUX_STATUS_WARNING,
	       "localhost:8000 works over 127.0.0.1 but not over ::1 (ab fails after 30 s, wrk "
	       "stalls for 131 s, curl works): " REASON);
	assert_string_equal(report.clients[0].says, "no \"way\"");
	assert_string_equal(report.clients[0].over, "");
	set(1, "wrk", MUX_NO, 0);
	ask(NULL);
	assert_non_null(strstr(report.headline, " (ab fails after 30 s, wrk fails, curl works): "));
	set(0, "ab", MUX_UNKNOWN, 0);
	ask(NULL);
	assert_non_null(strstr(report.headline, " (wrk fails, curl works): "));
}

static void expect_hit(const char *hit)
{
	ask(NULL);
	assert_string_equal(report.findings[0].hit, hit);
}

static void findings_say_who_is_hit(void **state)
{
	(void)state;
	drop_ipv6();
	expect_hit("");
	set(0, "ab", MUX_NO, 30000);
	expect_hit("ab fails after 30 s; wrk and curl do not notice");
	set(1, "wrk", MUX_NO, 131000);
	expect_hit("ab and wrk fail after 30 s to 131 s; curl does not notice");
	set(0, "ab", MUX_NO, 0);
	expect_hit(
		"ab and wrk fail, some at once and some after up to 131 s; curl does not notice");
	set(1, "wrk", MUX_NO, 250);
	set(2, "curl", MUX_YES, 2000);
	expect_hit("ab and wrk fail at once; curl works only after 2 s");
	set(0, "ab", MUX_YES, 2000);
	set(1, "wrk", MUX_YES, 2999);
	expect_hit("ab, wrk and curl work only after 3 s");
	set_all(MUX_NO, 0);
	expect_hit("ab, wrk and curl fail at once");
	set_all(MUX_UNKNOWN, 0);
	expect_hit("");
}

/* When nothing works, everybody is hit, and nobody has to be named. */
static void nobody_is_named_when_nothing_works(void **state)
{
	const struct nf_decision output = fixture_policy(NF_HOOK_OUTPUT);

	(void)state;
	drop_ipv6();
	fixture_drop(&fixture, AF_INET, MUX_STAGE_OUTPUT, &output);
	set_all(MUX_NO, 131000);
	expect_hit("");
}

static void a_failing_client_is_a_warning(void **state)
{
	(void)state;
	set(1, "wrk", MUX_NO, 0);
	ask(NULL);
	expect(MUX_STATUS_WARNING,
	       "localhost:8000 works, but not for every client (wrk fails, ab works).");
}

static void one_client_alone(void **state)
{
	(void)state;
	drop_ipv6();
	set(0, "ab", MUX_NO, 30000);
	set(1, "wrk", MUX_YES, 131000);
	ask("ab");
	expect(MUX_STATUS_FAILS,
	       "localhost:8000 fails for ab after 30 s (\"no \"way\"\"): " REASON);
	assert_int_equal(report.n_clients, 1);
	ask("wrk");
	expect(MUX_STATUS_WARNING, "localhost:8000 works for wrk, but only after 131 s: " REASON);
	ask("curl");
	expect(MUX_STATUS_OK, "localhost:8000 is fine for curl: it works over 127.0.0.1.");
	set(2, "curl", MUX_UNKNOWN, 0);
	ask("curl");
	expect(MUX_STATUS_UNKNOWN, "It is not known whether localhost:8000 works for curl: asks "
				   "the proxy of x instead.");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_fares_alike_is_not_named),  TEST(each_way_to_fare_is_named_once),
		TEST(findings_say_who_is_hit),	     TEST(nobody_is_named_when_nothing_works),
		TEST(a_failing_client_is_a_warning), TEST(one_client_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
