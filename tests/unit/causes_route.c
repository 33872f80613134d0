/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes that a route is: an address that lo lost, a rule or route that refuses. */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes_fixture.h"

static struct fixture fixture;

/* All candidates of the family are stopped so. */
static void stop(int family, enum ev_route_state state, int error)
{
	size_t i;

	fixture_fail(&fixture, family, MUX_STAGE_ROUTE, error);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		if (fixture.candidates[i].address.family == family) {
			fixture.candidates[i].route.passes = MUX_NO;
			fixture.candidates[i].route.state = state;
			fixture.candidates[i].route.error = error;
		}
}

static void test_address_missing(void **state)
{
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	stop(AF_INET6, EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "loopback-address-missing");
	assert_string_equal(findings[0].title, "the loopback interface lo is up, but lacks ::1");
	assert_int_equal(findings[0].severity, MUX_SEVERITY_WARNING);
	assert_true(findings[0].decisive);
	assert_true(has_command(&findings[0], "ip address add ::1/128 dev lo"));
	stop(AF_INET, EV_ROUTE_ADDRESS_MISSING, ENETUNREACH);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	assert_int_equal(findings[0].severity, MUX_SEVERITY_CRITICAL);
	assert_true(has_command(&findings[0], "ip address add 127.0.0.1/8 dev lo"));
	fixture_done(&fixture);
}

static void test_small_mtu_takes_the_address(void **state)
{
	static const struct mux_link lo = {
		.index = 1, .name = SLICE("lo"), .flags = IFF_LOOPBACK | IFF_UP, .mtu = 1200};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.routing.links_source.presence = MUX_PRESENT;
	fixture.snapshot.routing.links = &lo;
	fixture.snapshot.routing.n_links = 1;
	stop(AF_INET6, EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	finding = fixture_finding(&fixture, "loopback-mtu");
	assert_null(fixture_finding(&fixture, "loopback-address-missing"));
	assert_non_null(finding);
	assert_true(has_evidence(finding, "link lo", "its MTU is 1200, IPv6 needs 1280"));
	assert_true(has_command(finding, "ip link set lo mtu 65536"));
	fixture_done(&fixture);
}

/* Nobody asked for it, or it works all the same. */
static void test_address_that_nobody_asks_for(void **state)
{
	size_t i;

	(void)state;
	fixture_init(&fixture, "127.0.0.1", 8000);
	stop(AF_INET6, EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	assert_null(fixture_finding(&fixture, "loopback-address-missing"));
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	stop(AF_INET6, EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].works = MUX_YES;
	assert_null(fixture_finding(&fixture, "loopback-address-missing"));
	fixture_done(&fixture);
}

static void test_rule_is_named(void **state)
{
	static const struct mux_rule rules[] = {
		{.family = AF_INET, .priority = 5, .action = FR_ACT_PROHIBIT},
		{.family = AF_INET6, .priority = 7, .action = FR_ACT_BLACKHOLE},
		{.family = AF_INET6, .priority = 9, .action = FR_ACT_PROHIBIT, .selective = true},
	};
	const struct mux_finding *findings;
	size_t n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.routing.rules = rules;
	fixture.snapshot.routing.n_rules = 3;
	stop(AF_INET6, EV_ROUTE_REFUSED, EACCES);
	findings = fixture_findings(&fixture, &n);
	assert_int_equal(n, 1);
	assert_string_equal(findings[0].id, "route-prohibit");
	assert_string_equal(findings[0].title, "routing rule 9 (prohibit) refuses packets to ::1");
	assert_true(findings[0].decisive);
	assert_true(has_evidence(&findings[0], "kernel's route to ::1", "EACCES"));
	assert_true(has_evidence(&findings[0], "routing rule 9", "prohibit, for some packets"));
	assert_true(has_command(&findings[0], "ip -6 rule del pref 9 prohibit"));
	fixture_done(&fixture);
}

static void test_route_is_named(void **state)
{
	const struct mux_route routes[] = {
		{.family = AF_INET, .type = RTN_LOCAL, .destination = addr_loopback4},
		{.family = AF_INET,
		 .type = RTN_BLACKHOLE,
		 .destination = addr_loopback4,
		 .prefix_len = 32},
	};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "127.0.0.1", 8000);
	fixture.snapshot.routing.routes = routes;
	fixture.snapshot.routing.n_routes = 2;
	stop(AF_INET, EV_ROUTE_REFUSED, EINVAL);
	finding = fixture_finding(&fixture, "route-prohibit");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_string_equal(finding->title,
			    "the blackhole route to 127.0.0.1/32 refuses packets to 127.0.0.1");
	assert_true(has_command(finding, "ip route del blackhole 127.0.0.1/32 table local"));
	fixture_done(&fixture);
}

/* Without a culprit it is said where to look; where no network is, nobody refuses. */
static void test_nothing_refuses_by_name(void **state)
{
	const struct mux_finding *finding;
	size_t i;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	stop(AF_INET6, EV_ROUTE_REFUSED, ENETUNREACH);
	finding = fixture_finding(&fixture, "route-prohibit");
	assert_non_null(finding);
	assert_string_equal(finding->title, "no route leads to ::1");
	assert_true(has_command(finding, "ip -6 rule"));
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].address.bytes[0] = 0x20;
	assert_null(fixture_finding(&fixture, "route-prohibit"));
	fixture_done(&fixture);
}

/* --- tables ------------------------------------------------------------------------------ */

static void set_rules(const struct mux_rule *rules, size_t n)
{
	struct mux_routing *routing = &fixture.snapshot.routing;

	routing->rules_source.presence = routing->routes_source.presence = MUX_PRESENT;
	routing->rules = rules;
	routing->n_rules = n;
}

static void set_local_route(void)
{
	static struct mux_route routes[2];

	routes[0] = (struct mux_route){.family = AF_INET,
				       .type = RTN_LOCAL,
				       .destination = addr_loopback4,
				       .prefix_len = 8};
	routes[1] = (struct mux_route){.family = AF_INET6,
				       .type = RTN_LOCAL,
				       .destination = addr_loopback6,
				       .prefix_len = 128};
	fixture.snapshot.routing.routes = routes;
	fixture.snapshot.routing.n_routes = 2;
}

static void test_rule_diverts(void **state)
{
	static const struct mux_rule rules[] = {
		{.family = AF_INET,
		 .priority = 3,
		 .table = 9,
		 .action = FR_ACT_TO_TBL,
		 .selective = true,
		 .has_mark = true},
		{.family = AF_INET,
		 .priority = 4,
		 .table = 9,
		 .action = FR_ACT_TO_TBL,
		 .selective = true,
		 .has_uids = true,
		 .first_uid = 1,
		 .last_uid = 9},
		{.family = AF_INET,
		 .priority = 5,
		 .table = 100,
		 .action = FR_ACT_TO_TBL,
		 .selective = true,
		 .has_uids = true,
		 .last_uid = 9},
		{.family = AF_INET, .priority = 6, .table = 255, .action = FR_ACT_TO_TBL},
	};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "127.0.0.1", 8000);
	set_rules(rules, 4);
	set_local_route();
	stop(AF_INET, EV_ROUTE_DIVERTED, ETIMEDOUT);
	finding = fixture_finding(&fixture, "rule-diverts");
	assert_non_null(finding);
	assert_true(finding->decisive);
	assert_string_equal(finding->title,
			    "routing rule 5 sends packets to 127.0.0.1 to table 100");
	assert_true(has_evidence(finding, "routing rule 5", "for uids 0 to 9"));
	assert_true(has_command(finding, "ip rule add pref 0 lookup local"));
	assert_true(has_command(finding, "ip rule del pref 5 lookup 100"));
	stop(AF_INET, EV_ROUTE_REFUSED, EHOSTUNREACH);
	assert_non_null(fixture_finding(&fixture, "rule-diverts"));
	assert_null(fixture_finding(&fixture, "route-prohibit"));
	fixture_done(&fixture);
}

static void test_rule_is_gone(void **state)
{
	static const struct mux_rule rules[] = {
		{.family = AF_INET6, .priority = 0, .table = 255, .action = FR_ACT_TO_TBL},
		{.family = AF_INET, .priority = 32766, .table = 254, .action = FR_ACT_TO_TBL},
	};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_rules(rules, 2);
	set_local_route();
	stop(AF_INET, EV_ROUTE_REFUSED, ENETUNREACH);
	finding = fixture_finding(&fixture, "rule-diverts");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_int_equal(finding->n_fixes, 1);
	assert_true(has_command(finding, "ip rule add pref 0 lookup local"));
	assert_null(fixture_finding(&fixture, "route-prohibit"));
	fixture_done(&fixture);
}

static void test_local_table(void **state)
{
	static const struct mux_rule rules[] = {
		{.family = AF_INET, .priority = 0, .table = 255, .action = FR_ACT_TO_TBL},
		{.family = AF_INET6, .priority = 0, .table = 255, .action = FR_ACT_TO_TBL},
	};
	const struct mux_finding *finding;
	size_t i, n = 0;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	set_rules(rules, 2);
	stop(AF_INET, EV_ROUTE_REFUSED, ENETUNREACH);
	stop(AF_INET6, EV_ROUTE_REFUSED, ENETUNREACH);
	fixture_findings(&fixture, &n);
	assert_int_equal(n, 2);
	finding = fixture_finding(&fixture, "local-table-broken");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(has_command(finding, "ip route add local 127.0.0.0/8 dev lo table local"));
	set_local_route();
	assert_null(fixture_finding(&fixture, "local-table-broken"));
	/* Another error, and success, have other reasons. */
	fixture.snapshot.routing.n_routes = 0;
	for (i = 0; i < fixture.evaluation.n_candidates; i++)
		fixture.candidates[i].works = MUX_YES;
	assert_null(fixture_finding(&fixture, "local-table-broken"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_address_missing),
		cmocka_unit_test(test_small_mtu_takes_the_address),
		cmocka_unit_test(test_address_that_nobody_asks_for),
		cmocka_unit_test(test_rule_is_named),
		cmocka_unit_test(test_route_is_named),
		cmocka_unit_test(test_nothing_refuses_by_name),
		cmocka_unit_test(test_rule_diverts),
		cmocka_unit_test(test_rule_is_gone),
		cmocka_unit_test(test_local_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
