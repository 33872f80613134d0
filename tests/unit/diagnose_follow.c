/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A report's own paths: one for each address of the target, on demand. */
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <muxdiag/path.h>

#include "evaluate_machine.h"

static struct mux_report *diagnose(const char *host, uint16_t port)
{
	struct mux_target target = {.port = port};
	struct mux_error error;
	struct mux_report *report;

	strcpy(target.host, host);
	report = mux_diagnose(&machine.snapshot, &target, &error);
	assert_non_null(report);
	assert_int_equal(report->n_paths, 0);
	assert_int_equal(mux_report_follow(report), 0);
	return report;
}

static void test_both_families(void **state)
{
	struct mux_report *report;
	const struct mux_path *paths;
	const struct mux_path_step *last;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	report = diagnose("localhost", MACHINE_PORT);
	paths = report->paths;
	assert_int_equal(report->n_paths, 2);
	assert_int_equal(paths[0].question.destination.family, AF_INET6);
	assert_int_equal(paths[0].question.destination_port, MACHINE_PORT);
	assert_int_equal(paths[0].verdict, MUX_PATH_DROP);
	last = &paths[0].steps[paths[0].n_steps - 1];
	assert_true(last->decides);
	assert_string_equal(last->place.chain, "OUTPUT");
	assert_string_equal(last->verdict, "drop");
	assert_int_equal(paths[1].question.destination.family, AF_INET);
	assert_int_equal(paths[1].verdict, MUX_PATH_ACCEPT);
	assert_int_equal(paths[1].result, MUX_PATH_CONNECTED);
	assert_int_equal(mux_report_follow(report), 0);
	assert_ptr_equal(report->paths, paths);
	mux_report_free(report);
}

static void test_once_each(void **state)
{
	struct mux_report *report;

	(void)state;
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,127.0.0.1", 0);
	report = diagnose("localhost", MACHINE_PORT);
	assert_int_equal(report->n_paths, 1);
	mux_report_free(report);
}

/* Of a name that nobody knows: where what may be used instead leads. */
static void test_instead(void **state)
{
	struct mux_report *report;

	(void)state;
	report = diagnose("nobody.test", MACHINE_PORT);
	assert_in_range(report->n_paths, 1, report->n_endpoints);
	mux_report_free(report);
}

/* Without a port there is no connection to follow; other hooks see what leaves the machine. */
static void test_none(void **state)
{
	struct mux_report *report;

	(void)state;
	report = diagnose("localhost", 0);
	assert_int_equal(report->n_paths, 0);
	mux_report_free(report);
	machine_route("192.0.2.1", RTN_UNICAST, 0);
	report = diagnose("192.0.2.1", MACHINE_PORT);
	assert_int_equal(report->n_paths, 0);
	mux_report_free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_both_families, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_once_each, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_instead, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_none, machine_begin, machine_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
