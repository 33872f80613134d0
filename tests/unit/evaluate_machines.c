/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whole machines: the two of the user's report, their variations, and each single fault. */
#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate_machine.h"
#include "netfilter/kernel.h"

enum {
	ROUTE = 1u << MUX_STAGE_ROUTE,
	OUTPUT = 1u << MUX_STAGE_OUTPUT,
	INPUT = 1u << MUX_STAGE_INPUT,
	LISTENER = 1u << MUX_STAGE_LISTENER
};

static const struct ev_name *name_of(size_t i)
{
	assert_true(i < machine.evaluation.n_names);
	return &machine.evaluation.names[i];
}

/* ip6tables -P INPUT, FORWARD and OUTPUT DROP */
static void drop_ipv6(void)
{
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_DROP);
	machine_chain(NFPROTO_IPV6, "FORWARD", NF_INET_FORWARD, NF_DROP);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_silent_out("::1");
}

static void healthy(void **state)
{
	(void)state;
	machine_run("localhost", MACHINE_PORT);
	assert_true(machine.evaluation.live_target);
	assert_true(machine.evaluation.firewall_readable);
	assert_int_equal(machine.evaluation.n_names, 4);
	assert_int_equal(machine.evaluation.n_candidates, 5);
	assert_true(name_of(0)->of_target);
	assert_string_equal(name_of(0)->text, "::1, 127.0.0.1 (getaddrinfo)");
	assert_true(name_of(1)->host_name);
	assert_true(slice_is(name_of(1)->name, "debian5"));
	assert_true(name_of(2)->literal && slice_is(name_of(2)->name, "127.0.0.1"));
	assert_true(name_of(3)->literal && slice_is(name_of(3)->name, "::1"));
	assert_string_equal(machine_order("localhost"), "::1 127.0.0.1");
	assert_int_equal(machine_find("localhost", "::1")->works, MUX_YES);
	assert_int_equal(machine_find("debian5", "127.0.1.1")->works, MUX_YES);
	assert_ptr_equal(evaluation_literal(&machine.evaluation, AF_INET),
			 machine_find("127.0.0.1", "127.0.0.1"));
	assert_ptr_equal(evaluation_literal(&machine.evaluation, AF_INET6),
			 machine_find("::1", "::1"));
}

static void assert_dropped_out(const struct ev_candidate *candidate)
{
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, OUTPUT | INPUT);
	assert_int_equal(candidate->listen.accepts, MUX_YES);
	assert_string_equal(candidate->text,
			    "silent for 300 ms: dropped by ip6 filter OUTPUT (policy drop)");
	assert_true(candidate->output.decided && candidate->output.decision.by_policy);
	assert_false(candidate->output.of_reply);
	assert_string_equal(candidate->input.text, "dropped by ip6 filter INPUT (policy drop)");
}

static void debian5_intact(void **state)
{
	(void)state;
	drop_ipv6();
	machine_run("localhost", MACHINE_PORT);
	assert_string_equal(machine_order("localhost"), "::1 127.0.0.1");
	assert_dropped_out(machine_find("localhost", "::1"));
	assert_dropped_out(machine_find("::1", "::1"));
	assert_int_equal(machine_find("localhost", "127.0.0.1")->works, MUX_YES);
	assert_int_equal(machine_find("debian5", "127.0.1.1")->works, MUX_YES);
	assert_int_equal(machine_find("127.0.0.1", "127.0.0.1")->works, MUX_YES);
}

static void debian5_all_commented(void **state)
{
	static const char *const hosts[] = {"#127.0.0.1 localhost", "#127.0.1.1 debian5",
					    "#::1 localhost", NULL};

	(void)state;
	drop_ipv6();
	machine_hosts(hosts);
	machine_forget_answers();
	machine_answers("localhost", "", EAI_AGAIN);
	machine_answers("debian5", "", EAI_AGAIN);
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(name_of(0)->resolves, MUX_NO);
	machine_has(name_of(0)->text, "Temporary failure in name resolution");
	assert_false(name_of(0)->predicted);
	assert_int_equal(machine.evaluation.n_candidates, 2);
	assert_int_equal(evaluation_literal(&machine.evaluation, AF_INET)->works, MUX_YES);
	assert_dropped_out(evaluation_literal(&machine.evaluation, AF_INET6));
	/* Nobody answered in time: the files leave it to DNS. */
	machine_forget_answers();
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(name_of(0)->resolves, MUX_UNKNOWN);
	assert_true(name_of(0)->predicted);
	machine_services("files");
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(name_of(0)->resolves, MUX_NO);
	machine_has(name_of(0)->text, "name or service not known (predicted)");
}

static void debian5_only_its_name_left(void **state)
{
	static const char *const hosts[] = {"#127.0.0.1 localhost", "127.0.1.1 debian5",
					    "#::1 localhost", NULL};

	(void)state;
	drop_ipv6();
	machine_hosts(hosts);
	machine_forget_answers();
	machine_services("files");
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(name_of(0)->resolves, MUX_NO);
	assert_int_equal(name_of(1)->resolves, MUX_YES);
	assert_true(name_of(1)->predicted);
	machine_has(name_of(1)->text, "127.0.1.1 (predicted: /etc/hosts)");
	assert_int_equal(machine_find("debian5", "127.0.1.1")->works, MUX_YES);
}

/* Without getaddrinfo: files, then RFC 6724. */
static void predicted_order(void **state)
{
	static const char *const hosts[] = {"127.0.0.1 localhost", "127.0.0.1 localhost",
					    "::1 localhost", NULL};

	(void)state;
	machine_forget_answers();
	machine_hosts(hosts);
	machine_run("localhost", MACHINE_PORT);
	assert_string_equal(machine_order("localhost"), "::1 127.0.0.1");
	assert_string_equal(name_of(0)->text, "::1, 127.0.0.1 (predicted: /etc/hosts)");
	machine.resolutions[0].answered = false;
	machine.snapshot.n_resolutions = 1;
	machine_run("LOCALHOST", MACHINE_PORT);
	assert_true(name_of(0)->predicted);
	/* ::1 cannot be used, so IPv4 goes first. */
	machine_remove_address("::1");
	machine_sysctl("lo/disable_ipv6", "1");
	machine_route("::1", 0, ENETUNREACH);
	machine_run("localhost", MACHINE_PORT);
	assert_string_equal(machine_order("localhost"), "127.0.0.1 ::1");
	/* With lo down too a datagram socket still connects to 127.0.0.1. */
	machine.links[0].flags = 0x8;
	machine_run("localhost", MACHINE_PORT);
	assert_string_equal(machine_order("localhost"), "127.0.0.1 ::1");
}

static void answers_of_the_system_count(void **state)
{
	(void)state;
	machine_forget_answers();
	machine_answers("LocalHost", "127.0.0.1,127.0.0.1,::1,127.0.0.1", 0);
	machine_answers("debian5", "", 0);
	machine_run("localhost", MACHINE_PORT);
	assert_string_equal(machine_order("localhost"), "127.0.0.1 ::1");
	assert_int_equal(name_of(1)->resolves, MUX_NO);
	machine.resolutions[0].addrconfig = true;
	machine_run("localhost", MACHINE_PORT);
	assert_true(name_of(0)->predicted);
}

static void names_are_asked_once(void **state)
{
	(void)state;
	machine_run("DEBIAN5", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_names, 3);
	assert_true(name_of(0)->of_target && name_of(0)->host_name && !name_of(0)->literal);
	machine_run("::1", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_names, 3);
	assert_true(name_of(0)->of_target && name_of(0)->literal);
	assert_int_equal(name_of(0)->resolves, MUX_YES);
	assert_ptr_equal(evaluation_literal(&machine.evaluation, AF_INET6)->name, name_of(0));
	machine.snapshot.machine.host_name = NULL;
	machine_run("0:0:0:0:0:0:0:1", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_names, 3);
	machine.snapshot.machine.host_name = "127.0.0.1";
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_names, 3);
	assert_non_null(evaluation_literal(&machine.evaluation, AF_INET));
}

static void many_addresses_are_cut(void **state)
{
	static struct mux_address many[1000];
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		many[i] = (struct mux_address){
			.family = AF_INET,
			.bytes = {127, 1, (uint8_t)(i >> 8), (uint8_t)i},
		};
	machine.resolutions[0].addresses = many;
	machine.resolutions[0].n_addresses = 1000;
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine.evaluation.n_candidates, 64 + 3);
}

/* --- single faults ----------------------------------------------------------------------- */

static void ipv6_is_disabled(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	machine_sysctl("all/disable_ipv6", "1");
	machine_sysctl("lo/disable_ipv6", "1");
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, ROUTE);
	assert_string_equal(candidate->text, "cannot assign requested address: IPv6 is disabled "
					     "(net.ipv6.conf.all.disable_ipv6 = 1)");
	machine_forget_probes();
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_NO);
	machine_has(candidate->text, "cannot assign requested address: IPv6 is disabled");
}

static void lo_is_down(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine.links[0].flags = 0x8;
	machine_silent_in("127.0.0.1");
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "127.0.0.1");
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, ROUTE);
	assert_int_equal(candidate->input.passes, MUX_YES);
	assert_string_equal(candidate->text,
			    "silent for 300 ms: the loopback interface lo is down");
}

static void every_fault_is_kept(void **state)
{
	(void)state;
	drop_ipv6();
	machine_forget_listeners();
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "::1")->blocked, OUTPUT | INPUT | LISTENER);
}

static void another_machine(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_forget_answers();
	machine_answers("localhost", "192.0.2.66", 0);
	machine_route("192.0.2.66", 1 /* RTN_UNICAST */, 0);
	machine_run("localhost", MACHINE_PORT);
	candidate = machine_find("localhost", "192.0.2.66");
	assert_int_equal(candidate->route.state, EV_ROUTE_ELSEWHERE);
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	assert_int_equal(candidate->input.passes, MUX_UNKNOWN);
	assert_int_equal(candidate->listen.accepts, MUX_UNKNOWN);
	/* Silence from far away is not the end. */
	machine_silent_in("192.0.2.66");
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "192.0.2.66")->works, MUX_UNKNOWN);
	/* Its packets leave through another link, so a chain of lo does not meet them, but OUTPUT.
	 */
	machine_chain(NFPROTO_IPV4, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_run("localhost", MACHINE_PORT);
	assert_int_equal(machine_find("localhost", "192.0.2.66")->blocked, OUTPUT);
}

/* --- without a port, and for another one ------------------------------------------------- */

static void without_a_port(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine.snapshot.machine.port = 0;
	machine_run("localhost", 0);
	candidate = machine_find("localhost", "::1");
	assert_true(machine.evaluation.live_target);
	assert_int_equal(candidate->works, MUX_YES);
	assert_int_equal(candidate->listen.accepts, MUX_UNKNOWN);
	assert_string_equal(candidate->listen.text, "no port asked");
	assert_null(candidate->tcp);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_run("localhost", 0);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_NO);
	assert_string_equal(candidate->text, "dropped by ip6 filter OUTPUT (policy drop)");
	assert_int_equal(machine_find("localhost", "127.0.0.1")->works, MUX_YES);
	machine_deny_firewall();
	machine_run("localhost", 0);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	machine_has(candidate->text, "could not be read");
	assert_int_equal(candidate->blocked, 0);
}

static void replayed_for_another_port(void **state)
{
	const struct ev_candidate *candidate;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_run("localhost", 9000);
	assert_false(machine.evaluation.live_target);
	candidate = machine_find("localhost", "127.0.0.1");
	assert_null(candidate->tcp);
	assert_null(candidate->udp);
	assert_int_equal(candidate->listen.accepts, MUX_UNKNOWN);
	assert_int_equal(candidate->works, MUX_UNKNOWN);
	candidate = machine_find("localhost", "::1");
	assert_int_equal(candidate->works, MUX_NO);
	assert_int_equal(candidate->blocked, OUTPUT);
	/* Another name, the same port: its sockets are those that were read. */
	machine_run("127.0.0.1", MACHINE_PORT);
	assert_false(machine.evaluation.live_target);
	assert_int_equal(machine_find("127.0.0.1", "127.0.0.1")->works, MUX_YES);
	machine_run("elsewhere", MACHINE_PORT);
	assert_int_equal(name_of(0)->resolves, MUX_UNKNOWN);
}

static void hostile_bytes_are_escaped(void **state)
{
	size_t i;

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUT\033[2J", NF_INET_LOCAL_OUT, NF_DROP);
	machine_silent_out("::1");
	machine_forget_answers();
	machine_answers("localhost", "", EAI_AGAIN);
	machine.resolutions[0].status_text = slice_of("bad\n\033]0;x\a");
	machine_run("localhost", MACHINE_PORT);
	for (i = 0; i < machine.evaluation.n_candidates; i++)
		assert_null(strpbrk(machine.evaluation.candidates[i].text, "\033\n\a"));
	for (i = 0; i < machine.evaluation.n_names; i++)
		assert_null(strpbrk(name_of(i)->text, "\033\n\a"));
	machine_has(name_of(0)->text, "bad\\x0a");
}

/* --- out of memory ----------------------------------------------------------------------- */

static void every_allocation_may_fail(void **state)
{
	struct mux_target target = {.host = "localhost", .port = MACHINE_PORT};
	struct evaluation evaluation;
	size_t n;
	int error = -ENOMEM;

	(void)state;
	drop_ipv6();
	machine_silent_in("127.0.0.1");
	machine.snapshot.n_resolutions = 0;
	for (n = 1; error != 0; n++) {
		struct arena *arena = arena_new();

		assert_non_null(arena);
		arena_fail_after(arena, n);
		error = evaluate(&machine.snapshot, &target, arena, &evaluation);
		assert_true(error == 0 || error == -ENOMEM);
		assert_int_equal(error != 0, arena_failed(arena));
		arena_free(arena);
	}
	assert_true(n > 20);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, machine_begin, machine_end)
	const struct CMUnitTest tests[] = {
		TEST(healthy),
		TEST(debian5_intact),
		TEST(debian5_all_commented),
		TEST(debian5_only_its_name_left),
		TEST(predicted_order),
		TEST(answers_of_the_system_count),
		TEST(names_are_asked_once),
		TEST(many_addresses_are_cut),
		TEST(ipv6_is_disabled),
		TEST(lo_is_down),
		TEST(every_fault_is_kept),
		TEST(another_machine),
		TEST(without_a_port),
		TEST(replayed_for_another_port),
		TEST(hostile_bytes_are_escaped),
		TEST(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
