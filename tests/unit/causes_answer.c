/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status, headline, recommendations and gaps of whole reports, and what happens without memory. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/answer.h"
#include "causes/words.h"
#include "causes_fixture.h"
#include "netfilter/ruleset.h"
#include "render/render.h"

static struct fixture fixture;
static struct mux_report report;

static void ask(void)
{
	memset(&report, 0, sizeof(report));
	assert_int_equal(answer(&fixture.evaluation, fixture.arena, &report), 0);
}

static const struct mux_gap *find_gap(const char *source)
{
	size_t i;

	for (i = 0; i < report.n_gaps; i++)
		if (strcmp(report.gaps[i].source, source) == 0)
			return &report.gaps[i];
	return NULL;
}

static void drop_ipv6(void)
{
	const struct nf_decision output = fixture_policy(NF_HOOK_OUTPUT);
	const struct nf_decision input = fixture_policy(NF_HOOK_INPUT);

	fixture_drop(&fixture, AF_INET6, MUX_STAGE_OUTPUT, &output);
	fixture_drop(&fixture, AF_INET6, MUX_STAGE_INPUT, &input);
}

static void test_healthy(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	ask();
	assert_int_equal(report.status, MUX_STATUS_OK);
	assert_string_equal(report.headline,
			    "localhost:8000 is fine: ::1 and 127.0.0.1 both connect (0.1 ms).");
	assert_string_equal(report.target, "localhost:8000");
	assert_int_equal(report.n_recommendations, 0);
	assert_int_equal(report.n_gaps, 0);
	assert_int_equal(report.n_endpoints, 5);
	assert_int_equal(report.n_names, 4);
	fixture_done(&fixture);
}

static void test_healthy_without_port(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 0);
	ask();
	assert_int_equal(report.status, MUX_STATUS_OK);
	assert_string_equal(report.headline, "localhost is fine: nothing is in the way to ::1 and "
					     "127.0.0.1 (no port was asked for).");
	fixture_done(&fixture);
}

/* The user's first machine. */
static void test_ipv6_dropped(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	drop_ipv6();
	ask();
	assert_int_equal(report.status, MUX_STATUS_WARNING);
	assert_string_equal(report.headline,
			    "localhost:8000 works over 127.0.0.1 but not over ::1: the policy of "
			    "ip6 filter OUTPUT (hook output) drops packets to ::1 (and 1 more "
			    "cause).");
	assert_int_equal(report.n_recommendations, 2);
	assert_string_equal(report.recommendations[0].use, "http://debian5:8000/");
	assert_string_equal(report.recommendations[0].why, "connects to 127.0.1.1 in 0.1 ms");
	assert_string_equal(report.recommendations[1].use, "http://127.0.0.1:8000/");
	fixture_done(&fixture);
}

static const char *const all_commented[] = {"1 off 127.0.0.1 localhost", "2 off 127.0.1.1 debian5",
					    "4 off ::1 localhost ip6-localhost", ""};

/* And the second, where the host name is gone as well: only what was seen to work is named. */
static void test_hosts_commented(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, all_commented);
	drop_ipv6();
	fixture_unresolve(&fixture, "localhost", "Temporary failure in name resolution");
	fixture_unresolve(&fixture, "debian5", "Temporary failure in name resolution");
	ask();
	assert_int_equal(report.status, MUX_STATUS_FAILS);
	assert_non_null(strstr(report.headline, "localhost:8000 fails: localhost is not in "
						"/etc/hosts (commented out in lines 1 and 4)"));
	assert_int_equal(report.n_recommendations, 1);
	assert_string_equal(report.recommendations[0].use, "http://127.0.0.1:8000/");
	fixture_done(&fixture);
}

/* A resolver that is still waiting when a cause explains why: the name is as good as dead. */
static void test_name_pending(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_unresolve(&fixture, "localhost", "no answer");
	fixture.names[0].resolves = MUX_UNKNOWN;
	ask();
	assert_int_equal(report.status, MUX_STATUS_UNKNOWN);
	fixture_hosts(&fixture, all_commented);
	ask();
	assert_int_equal(report.status, MUX_STATUS_FAILS);
	fixture_done(&fixture);
}

/* A dropped family explains nothing about a name that stands for no address. */
static void test_name_fails_for_itself(void **state)
{
	(void)state;
	fixture_init(&fixture, "devbox", 8000);
	drop_ipv6();
	fixture_unresolve(&fixture, "devbox", "Name or service not known");
	ask();
	assert_int_equal(report.status, MUX_STATUS_FAILS);
	assert_string_equal(report.headline, "devbox:8000 fails: Name or service not known.");
	assert_int_equal(report.findings[0].severity, MUX_SEVERITY_WARNING);
	fixture_done(&fixture);
}

static void test_unknown_is_never_ok(void **state)
{
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 0);
	fixture.snapshot.nftables.source.presence = MUX_DENIED;
	fixture.snapshot.nftables.source.error = EPERM;
	for (i = 0; i < fixture.evaluation.n_candidates; i++) {
		fixture.candidates[i].works = MUX_UNKNOWN;
		fixture.candidates[i].output.passes = MUX_UNKNOWN;
		fixture.candidates[i].text = "the firewall could not be read";
	}
	ask();
	assert_int_equal(report.status, MUX_STATUS_UNKNOWN);
	assert_string_equal(report.headline,
			    "It is not known whether localhost works: the firewall "
			    "could not be read.");
	assert_non_null(find_gap("nftables"));
	assert_non_null(strstr(find_gap("nftables")->text, "EPERM: Operation not permitted"));
	assert_int_equal(report.n_recommendations, 0);
	fixture.candidates[0].works = MUX_YES;
	ask();
	assert_int_equal(report.status, MUX_STATUS_WARNING);
	fixture_done(&fixture);
}

static void test_undecided_rules_are_a_gap(void **state)
{
	struct nf_decision decision = fixture_policy(NF_HOOK_INPUT);

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	decision.kind = NF_KIND_UNKNOWN;
	decision.reason = "4 rules not evaluated";
	fixture.candidates[0].input.passes = MUX_UNKNOWN;
	fixture.candidates[0].input.decided = true;
	fixture.candidates[0].input.decision = decision;
	ask();
	assert_non_null(find_gap("ip6 filter INPUT"));
	assert_string_equal(find_gap("ip6 filter INPUT")->text, "::1: 4 rules not evaluated");
	fixture_done(&fixture);
}

static void add_pending(const char *name)
{
	struct mux_resolution *added = &fixture.resolutions[fixture.snapshot.n_resolutions++];

	added->resolver = MUX_GETADDRINFO;
	added->lookup = MUX_LOOKUP_SYSTEM;
	added->family = AF_UNSPEC;
	added->name = slice_of(name);
	added->elapsed_us = 1000000;
}

/* What was waited for in vain is said for the target; other names are not waited for. */
static void test_pending_resolver_is_a_gap(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	add_pending("debian5");
	ask();
	assert_null(find_gap("getaddrinfo"));
	add_pending("LocalHost");
	ask();
	assert_non_null(find_gap("getaddrinfo"));
	assert_string_equal(find_gap("getaddrinfo")->text, "no answer after 1000 ms for LocalHost");
	fixture_done(&fixture);
}

/* A host name of which one address hangs comes after what works as a whole. */
static void test_host_name_in_part(void **state)
{
	struct ev_candidate *added;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	added = &fixture.candidates[fixture.evaluation.n_candidates++];
	*added = *fixture_find(&fixture, "::1", "::1");
	added->name = fixture_find(&fixture, "debian5", "127.0.1.1")->name;
	drop_ipv6();
	ask();
	assert_int_equal(report.n_recommendations, 2);
	assert_string_equal(report.recommendations[0].use, "http://127.0.0.1:8000/");
	assert_string_equal(report.recommendations[1].use, "http://debian5:8000/");
	assert_non_null(strstr(report.recommendations[1].why, "not all of its addresses work"));
	fixture_done(&fixture);
}

/* Of the target's own addresses those that work, unless a literal or a name has them. */
static void test_other_addresses(void **state)
{
	struct ev_candidate *added;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	added = &fixture.candidates[fixture.evaluation.n_candidates++];
	*added = *fixture_find(&fixture, "localhost", "127.0.0.1");
	assert_int_equal(addr_parse(slice_of("127.0.0.9"), &added->address), 0);
	fixture_fail(&fixture, AF_INET6, MUX_STAGE_ROUTE, 0);
	ask();
	assert_int_equal(report.n_recommendations, 3);
	assert_string_equal(report.recommendations[1].use, "http://127.0.0.1:8000/");
	assert_string_equal(report.recommendations[2].use, "http://127.0.0.9:8000/");
	fixture_done(&fixture);
}

/* Connections to a server that is of no use are none that work. */
static void test_useless_server(void **state)
{
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].useless = true;
	ask();
	assert_int_equal(report.status, MUX_STATUS_FAILS);
	assert_int_equal(report.n_recommendations, 0);
	fixture.candidates[0].useless = false;
	ask();
	assert_int_equal(report.status, MUX_STATUS_WARNING);
	assert_non_null(strstr(report.headline, "works over ::1 but not over 127.0.0.1"));
	fixture_done(&fixture);
}

static void test_recommendation_keeps_scheme_and_path(void **state)
{
	struct mux_target *target;

	(void)state;
	fixture_init(&fixture, "127.0.0.1", 443);
	target = &fixture.evaluation.target;
	memcpy(target->scheme, "https", sizeof("https"));
	memcpy(target->path, "/password?format=json", sizeof("/password?format=json"));
	fixture_fail(&fixture, AF_INET, MUX_STAGE_INPUT, 0);
	ask();
	assert_string_equal(report.target, "https://127.0.0.1:443/password?format=json");
	assert_int_equal(report.n_recommendations, 1);
	assert_string_equal(report.recommendations[0].use, "https://[::1]/password?format=json");
	fixture_done(&fixture);
}

static void test_without_port_names_are_bare(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 0);
	drop_ipv6();
	ask();
	assert_int_equal(report.n_recommendations, 2);
	assert_string_equal(report.recommendations[0].use, "debian5");
	assert_string_equal(report.recommendations[1].use, "127.0.0.1");
	fixture_done(&fixture);
}

static void test_durations(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(words_duration(arena, 0), "0.1 ms");
	assert_string_equal(words_duration(arena, 149), "0.1 ms");
	assert_string_equal(words_duration(arena, 9949), "9.9 ms");
	assert_string_equal(words_duration(arena, 9950), "10 ms");
	assert_string_equal(words_duration(arena, 300000), "300 ms");
	assert_string_equal(words_error(arena, 111), "ECONNREFUSED: Connection refused");
	assert_string_equal(words_error(arena, 99999), "error 99999");
	arena_free(arena);
}

/* Every byte that came from the machine is escaped by the time it is in the report. */
static void test_machine_words_are_escaped(void **state)
{
	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.machine.host_name = "evil\033[31m";
	fixture.snapshot.machine.kernel = "6.1\xff";
	fixture.names[1].name = slice_of("de\nbian\xe2\x80\xae");
	ask();
	assert_string_equal(report.machine->host_name, "evil\\x1b[31m");
	assert_string_equal(report.machine->kernel, "6.1\\xff");
	assert_string_equal(report.names[1].name, "de\\x0abian\\u{202e}");
	fixture_done(&fixture);
}

/* The n-th allocation fails: -ENOMEM and nothing worse, until all succeed. */
static void test_every_allocation_may_fail(void **state)
{
	size_t n, failures = 0;
	int error = -ENOMEM;

	(void)state;
	for (n = 1; error != 0; n++) {
		fixture_init(&fixture, "localhost", 8000);
		fixture_hosts(&fixture, all_commented);
		fixture_unresolve(&fixture, "debian5", "Name or service not known");
		drop_ipv6();
		fixture_refuse(&fixture, AF_INET, NULL);
		arena_fail_after(fixture.arena, n);
		memset(&report, 0, sizeof(report));
		error = answer(&fixture.evaluation, fixture.arena, &report);
		assert_true(error == 0 || error == -ENOMEM);
		failures += error != 0;
		fixture_done(&fixture);
	}
	assert_true(failures > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_healthy),
		cmocka_unit_test(test_healthy_without_port),
		cmocka_unit_test(test_ipv6_dropped),
		cmocka_unit_test(test_hosts_commented),
		cmocka_unit_test(test_name_pending),
		cmocka_unit_test(test_name_fails_for_itself),
		cmocka_unit_test(test_unknown_is_never_ok),
		cmocka_unit_test(test_undecided_rules_are_a_gap),
		cmocka_unit_test(test_pending_resolver_is_a_gap),
		cmocka_unit_test(test_host_name_in_part),
		cmocka_unit_test(test_other_addresses),
		cmocka_unit_test(test_useless_server),
		cmocka_unit_test(test_recommendation_keeps_scheme_and_path),
		cmocka_unit_test(test_without_port_names_are_bare),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_machine_words_are_escaped),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
