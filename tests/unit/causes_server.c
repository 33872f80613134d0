/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes that lie with the server: what listens instead, what it answers, and who it is. */
#include <errno.h>
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

static bool has_fix(const struct mux_finding *finding, const char *title)
{
	size_t i;

	for (i = 0; i < finding->n_fixes; i++)
		if (strcmp(finding->fixes[i].title, title) == 0)
			return true;
	return false;
}

/* --- what listens instead ---------------------------------------------------------------- */

static void nobody_listens(const char *host, uint16_t port, const struct mux_listener *others,
			   size_t n)
{
	fixture_init(&fixture, host, port);
	fixture_refuse(&fixture, AF_INET, NULL);
	fixture_refuse(&fixture, AF_INET6, NULL);
	fixture.snapshot.neighbours.source4.presence = MUX_PRESENT;
	fixture.snapshot.neighbours.source6.presence = MUX_PRESENT;
	fixture.snapshot.neighbours.sockets = others;
	fixture.snapshot.neighbours.n_sockets = n;
}

static void test_nearby(void **state)
{
	const struct mux_listener others[] = {
		{.family = AF_INET,
		 .address = addr_loopback4,
		 .port = 3000,
		 .pid = 1,
		 .command = SLICE("node")},
		{.family = AF_INET, .address = addr_loopback4, .port = 22, .uid = 0},
		{.family = AF_INET,
		 .address = {.family = AF_INET, .bytes = {10, 0, 0, 1}},
		 .port = 8081,
		 .pid = 2,
		 .command = SLICE("far")},
		{.family = AF_INET,
		 .address = addr_loopback4,
		 .port = 8081,
		 .pid = 3,
		 .command = SLICE("ne\x1bxt")},
		{.family = AF_INET6,
		 .address = addr_loopback6,
		 .port = 8081,
		 .pid = 3,
		 .command = SLICE("ne\x1bxt")},
		{.family = AF_INET,
		 .address = {.family = AF_INET},
		 .port = 9999,
		 .pid = 4,
		 .command = SLICE("muxd")},
	};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 8080, others, 6);
	finding = fixture_finding(&fixture, "no-listener");
	assert_non_null(finding);
	assert_int_equal(finding->n_evidence, 5);
	assert_string_equal(finding->evidence[2].text, "0.0.0.0:9999 (muxd, pid 4)");
	assert_string_equal(finding->evidence[3].text, "127.0.0.1:8081 (ne\\x1bxt, pid 3)");
	assert_string_equal(finding->evidence[4].text, "127.0.0.1:3000 (node, pid 1)");
	assert_true(has_fix(finding, "If muxd is meant, ask for localhost:9999"));
	/* Gathered for another port. */
	fixture.evaluation.live_target = false;
	assert_int_equal(fixture_finding(&fixture, "no-listener")->n_evidence, 2);
	fixture_done(&fixture);
}

/* Somebody who asks for a database is not told about web servers. */
static void test_nothing_is_near(void **state)
{
	const struct mux_listener others[] = {
		{.family = AF_INET, .address = addr_loopback4, .port = 3000},
		{.family = AF_INET, .address = addr_loopback4, .port = 8080},
	};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 5432, others, 2);
	finding = fixture_finding(&fixture, "no-listener");
	assert_int_equal(finding->n_evidence, 2);
	assert_int_equal(finding->n_fixes, 1);
	fixture_done(&fixture);
}

static void test_only_udp(void **state)
{
	const struct mux_listener udp = {.family = AF_INET,
					 .address = addr_loopback4,
					 .port = 53,
					 .pid = 7,
					 .command = SLICE("dnsmasq")};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 53, NULL, 0);
	fixture.snapshot.udp_neighbours.sockets = &udp;
	fixture.snapshot.udp_neighbours.n_sockets = 1;
	finding = fixture_finding(&fixture, "no-listener");
	assert_true(has_evidence(finding, "sockets of UDP", "127.0.0.1:53 (dnsmasq, pid 7)"));
	assert_true(has_evidence(finding, "listening sockets", "none on any other port either"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearby),
		cmocka_unit_test(test_nothing_is_near),
		cmocka_unit_test(test_only_udp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
