/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes about what stands in /etc/hosts: found where it harms, silent where it does not. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes_fixture.h"

static struct fixture fixture;

static struct mux_address address_of(const char *text)
{
	struct mux_address address;

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

/* The target stands for another address, and how it fares there. */
static struct ev_candidate *move(const char *name, const char *from, const char *to,
				 enum mux_answer works)
{
	struct ev_candidate *candidate = fixture_find(&fixture, name, from);

	candidate->address = address_of(to);
	candidate->works = works;
	candidate->tcp = NULL;
	candidate->blocked = works == MUX_NO ? 1u << MUX_STAGE_ROUTE : 0;
	return candidate;
}

static void assert_silent(const char *id)
{
	const struct mux_finding *finding = fixture_finding(&fixture, id);

	if (finding != NULL)
		fail_msg("%s is accused: %s", id, finding->title);
}

/* --- hosts-localhost-not-loopback --------------------------------------------------------- */

static const char not_loopback[] = "hosts-localhost-not-loopback";

static void blames_the_line_that_leads_away(void **state)
{
	static const char *const hosts[] = {"1 live 192.0.2.10 other localhost",
					    "2 live 127.0.1.1 debian5", ""};
	const struct mux_finding *finding;
	struct ev_candidate *moved;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	moved = move("localhost", "127.0.0.1", "192.0.2.10", MUX_NO);
	moved->route.state = EV_ROUTE_ELSEWHERE;
	move("localhost", "::1", "192.0.2.10", MUX_NO);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(finding->decisive);
	assert_true(has_evidence(finding, "/etc/hosts:1", "192.0.2.10 other localhost"));
	assert_true(has_command(finding,
				"sed -i '1s/[[:space:]]localhost\\([[:space:]#]\\|$\\)/\\1/I' "
				"/etc/hosts"));
	assert_true(has_command(finding, "printf '127.0.0.1\\tlocalhost\\n' >> /etc/hosts"));
	fixture_done(&fixture);
}

static void warns_of_what_linux_lets_pass(void **state)
{
	static const char *const hosts[] = {"1 live 0.0.0.0 LOCALHOST", "2 live 127.0.1.1 debian5",
					    "3 live ::1 localhost", ""};
	static const char *const twice[] = {"1 live 0.0.0.0 localhost",
					    "2 live 127.0.0.1 localhost", "3 live ::1 localhost",
					    ""};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	move("localhost", "127.0.0.1", "0.0.0.0", MUX_YES);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_false(finding->decisive);
	assert_true(has_command(finding,
				"sed -i '1s/^[[:space:]]*[^[:space:]]*/127.0.0.1/' /etc/hosts"));
	fixture_hosts(&fixture, twice);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_true(has_command(finding, "sed -i 1d /etc/hosts"));
	fixture_done(&fixture);
}

/* The line is there, but the target does not follow it, or is another name. */
static void informs_of_what_is_not_used(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost", "2 live ::1 localhost",
					    "3 live 10.0.0.1 ip6-localhost", ""};
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	finding = fixture_finding(&fixture, not_loopback);
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_INFO);
	assert_false(finding->decisive);
	fixture_done(&fixture);
}

static void leaves_other_names_alone(void **state)
{
	static const char *const hosts[] = {"1 live 127.0.0.1 localhost",
					    "2 live ::1 localhost ip6-localhost",
					    "3 live 127.0.0.53 app.localhost",
					    "4 off 0.0.0.0 localhost",
					    "5 live 0.0.0.0 localhost.localdomain",
					    "6 live 10.0.0.1 debian5",
					    ""};

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_hosts(&fixture, hosts);
	assert_silent(not_loopback);
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blames_the_line_that_leads_away),
		cmocka_unit_test(warns_of_what_linux_lets_pass),
		cmocka_unit_test(informs_of_what_is_not_used),
		cmocka_unit_test(leaves_other_names_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
