/* SPDX-License-Identifier: GPL-2.0-or-later */
/* BPF programs of the control group: a doubt, until a real connection tells. */
#include "evaluate_machine.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>

#include <cmocka.h>

#include <netinet/in.h>

#include <linux/netfilter.h>

#include "base/slice.h"

static struct mux_cgroup_program program;

static void attach(enum mux_cgroup_hook hook)
{
	program =
		(struct mux_cgroup_program){.hook = hook, .id = 7, .name = SLICE("sd\033_egress")};
	machine.snapshot.cgroup = (struct mux_cgroup){
		.source.presence = MUX_PRESENT, .programs = &program, .n_programs = 1};
}

static void assert_sides(const char *address, enum mux_answer output, enum mux_answer input)
{
	const struct ev_candidate *candidate = machine_find(address, address);

	assert_int_equal(candidate->output.passes, output);
	assert_int_equal(candidate->input.passes, input);
}

static void is_doubted_without_a_probe(void **state)
{
	(void)state;
	machine_forget_probes();
	attach(MUX_CGROUP_EGRESS);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_UNKNOWN, MUX_YES);
	assert_sides("127.0.0.1", MUX_UNKNOWN, MUX_YES);
	machine_has(machine_find("::1", "::1")->output.text, "id 7, sd\\x1b_egress");
	assert_int_equal(machine_find("::1", "::1")->works, MUX_UNKNOWN);
	attach(MUX_CGROUP_INGRESS);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_YES, MUX_UNKNOWN);
	attach(MUX_CGROUP_CONNECT6);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_UNKNOWN, MUX_YES);
	assert_sides("127.0.0.1", MUX_YES, MUX_YES);
	attach(MUX_CGROUP_SENDMSG6);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_YES, MUX_YES);
}

static void a_connection_clears_it(void **state)
{
	(void)state;
	attach(MUX_CGROUP_EGRESS);
	machine_probe(MUX_TCP, "::1", true, true, 0);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_YES, MUX_YES);
	assert_int_equal(machine_find("::1", "::1")->works, MUX_YES);
}

static void a_refusal_convicts_it(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	attach(MUX_CGROUP_EGRESS);
	machine_silent_out("::1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("::1", "::1");
	assert_int_equal(candidate->output.passes, MUX_NO);
	assert_ptr_equal(candidate->output.program, &program);
	machine_has(candidate->output.text, "a datagram was refused with EPERM (the rules let it");
	attach(MUX_CGROUP_CONNECT6);
	machine_probe(MUX_TCP, "::1", true, false, EPERM);
	machine_run("localhost", MACHINE_PORT);
	machine_has(machine_find("::1", "::1")->output.text, "decides about connect()");
}

/* A rule that drops does so whatever the program would do; who may not ask knows nothing new. */
static void rules_and_denials_stand(void **state)
{
	(void)state;
	machine_forget_probes();
	attach(MUX_CGROUP_EGRESS);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_run("localhost", MACHINE_PORT);
	assert_sides("::1", MUX_NO, MUX_YES);
	assert_null(machine_find("::1", "::1")->output.program);
	machine.snapshot.cgroup.source.presence = MUX_DENIED;
	machine_run("localhost", MACHINE_PORT);
	assert_sides("127.0.0.1", MUX_YES, MUX_YES);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, machine_begin, machine_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(is_doubted_without_a_probe),
		TEST(a_connection_clears_it),
		TEST(a_refusal_convicts_it),
		TEST(rules_and_denials_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
