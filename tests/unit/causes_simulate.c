/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixes of whole machines: what each promises, which need each other, and which are not offered. */
#include "netfilter/kernel.h"

#include <errno.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/slice.h"
#include "causes/cause.h"
#include "evaluate/client.h"
#include "evaluate_machine.h"

static const struct mux_finding *found;
static size_t n_found;

static void diagnose(const char *client)
{
	machine_run("localhost", MACHINE_PORT);
	if (client != NULL)
		machine.evaluation.only = ev_client_find(client);
	assert_int_equal(causes_find(&machine.evaluation, machine.arena, true, &found, &n_found),
			 0);
}

static const struct mux_finding *finding(const char *id)
{
	size_t i;

	for (i = 0; i < n_found; i++)
		if (strcmp(found[i].id, id) == 0)
			return &found[i];
	fail_msg("no finding %s", id);
	return NULL;
}

static void promises(const struct mux_fix *fix, const char *then)
{
	assert_int_equal(fix->proved, MUX_YES);
	assert_string_equal(fix->then, then);
}

static void drop(uint8_t family, bool out)
{
	machine_chain(family, out ? "OUTPUT" : "INPUT", out ? NF_INET_LOCAL_OUT : NF_INET_LOCAL_IN,
		      NF_DROP);
}

static void one_fix_is_enough(void **state)
{
	(void)state;
	drop(NFPROTO_IPV6, true);
	machine_silent_out("::1");
	diagnose(NULL);
	assert_int_equal(found[0].n_fixes, 1);
	promises(&found[0].fixes[0], "works for every client");
	assert_int_equal(found[0].fixes[0].n_working, found[0].fixes[0].n_clients);
	assert_true(found[0].fixes[0].n_clients > 10);
}

static void two_need_each_other(void **state)
{
	(void)state;
	drop(NFPROTO_IPV6, true);
	drop(NFPROTO_IPV6, false);
	machine_silent_out("::1");
	diagnose(NULL);
	promises(&finding("firewall-output-drop")->fixes[0],
		 "works for every client, together with the fix below");
	promises(&finding("firewall-input-drop")->fixes[0],
		 "works for every client, together with the fix above");
}

static void three_need_each_other(void **state)
{
	static const char *const lines[] = {"#::1 localhost", "127.0.1.1 debian5", NULL};
	const struct mux_finding *hosts;

	(void)state;
	machine_hosts(lines);
	machine.snapshot.hosts.n_lines = 2;
	machine.snapshot.hosts.final_newline = true;
	machine_forget_answers();
	machine_answers("localhost", "", EAI_AGAIN);
	machine_answers("debian5", "127.0.1.1", 0);
	drop(NFPROTO_IPV6, true);
	drop(NFPROTO_IPV6, false);
	machine_silent_out("::1");
	diagnose(NULL);
	hosts = finding("hosts-localhost-missing");
	promises(&finding("firewall-output-drop")->fixes[0],
		 "works for every client, together with the other fixes");
	promises(&finding("firewall-input-drop")->fixes[0],
		 "works for every client, together with the other fixes");
	assert_int_equal(hosts->n_fixes, 2);
	assert_int_equal(hosts->fixes[1].proved, MUX_YES);
	assert_true(hosts->fixes[1].n_working < hosts->fixes[1].n_clients);
	assert_int_equal(hosts->fixes[0].n_diff, 5);
	assert_string_equal(hosts->fixes[0].diff[2], "@@ -1 +1 @@");
	assert_string_equal(hosts->fixes[0].diff[3], "-#::1 localhost");
	assert_string_equal(hosts->fixes[0].diff[4], "+::1 localhost");
	assert_int_equal(hosts->fixes[1].n_diff, 5);
	assert_string_equal(hosts->fixes[1].diff[2], "@@ -2,0 +3,2 @@");
	assert_string_equal(hosts->fixes[1].diff[3], "+127.0.0.1 localhost");
	assert_int_equal(finding("firewall-output-drop")->fixes[0].n_diff, 0);
}

/* One fix of a hook opens all of its chains that are in the way, and no other family's. */
static void two_chains_on_one_hook(void **state)
{
	const struct mux_fix *fix;

	(void)state;
	drop(NFPROTO_IPV6, true);
	machine_chain(NFPROTO_IPV6, "later", NF_INET_LOCAL_OUT, NF_DROP)->priority = 10;
	machine_chain(NFPROTO_IPV4, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_silent_out("::1");
	machine_silent_out("127.0.0.1");
	machine_silent_out("127.0.1.1");
	diagnose(NULL);
	fix = &finding("firewall-output-drop")->fixes[0];
	assert_int_equal(fix->n_commands, 2);
	assert_string_equal(fix->commands[0], "ip6tables -I OUTPUT 1 -o lo -j ACCEPT");
	assert_string_equal(fix->commands[1],
			    "nft insert rule ip6 filter later oifname \"lo\" accept");
	assert_int_equal(fix->proved, MUX_YES);
}

static void disable_ipv6(void)
{
	machine_sysctl("all/disable_ipv6", "1");
	machine_sysctl("lo/disable_ipv6", "1");
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,::1", 0);
}

/* The kernel gives no IPv6 to so small a link, whatever the sysctl says. */
static void a_fix_that_does_nothing_is_none(void **state)
{
	size_t before;

	(void)state;
	disable_ipv6();
	diagnose(NULL);
	before = finding("ipv6-disabled")->n_fixes;
	promises(&finding("ipv6-disabled")->fixes[0], "::1 works, too");
	machine.links[0].mtu = 1000;
	diagnose(NULL);
	assert_int_equal(finding("ipv6-disabled")->n_fixes, before - 1);
}

/* ::1 would come first, and be refused: clients that try one address only would be worse off, were
 * it not for the server's own fix. */
static void a_fix_that_harms_needs_another(void **state)
{
	(void)state;
	disable_ipv6();
	machine_forget_listeners();
	machine_listen(AF_INET, "0.0.0.0", MUX_UNKNOWN);
	diagnose(NULL);
	promises(&finding("ipv6-disabled")->fixes[0],
		 "::1 works, too, together with the fix below");
}

static void an_address_more(void **state)
{
	(void)state;
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,::1", 0);
	diagnose(NULL);
	promises(&finding("loopback-address-missing")->fixes[0], "::1 works, too");
}

static void the_least_intrusive_first(void **state)
{
	const struct mux_finding *other;

	(void)state;
	machine_forget_listeners();
	machine_listen(AF_INET, "127.0.0.2", MUX_UNKNOWN);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	machine_probe(MUX_TCP, "127.0.0.1", true, false, ECONNREFUSED);
	diagnose(NULL);
	other = finding("listener-other-address");
	assert_int_equal(other->n_fixes, 2);
	machine_has(other->fixes[0].title, "Ask for 127.0.0.2");
	promises(&other->fixes[0], "works for every client");
	promises(&other->fixes[1], "works for every client");
}

/* To start a server cannot be simulated; a rule beside that is not enough, but not useless. */
static void not_simulated(void **state)
{
	(void)state;
	machine_forget_listeners();
	drop(NFPROTO_IPV6, true);
	machine_silent_out("::1");
	machine_probe(MUX_TCP, "127.0.0.1", true, false, ECONNREFUSED);
	diagnose(NULL);
	assert_int_equal(finding("no-listener")->fixes[0].proved, MUX_UNKNOWN);
	assert_string_equal(finding("no-listener")->fixes[0].then, "");
	assert_int_equal(finding("firewall-output-drop")->fixes[0].proved, MUX_UNKNOWN);
}

static void one_client(void **state)
{
	(void)state;
	drop(NFPROTO_IPV6, true);
	machine_silent_out("::1");
	diagnose("ab");
	promises(&found[0].fixes[0], "works for ab");
	assert_int_equal(found[0].fixes[0].n_clients, 1);
}

static void the_host_name(void **state)
{
	static const char *const lines[] = {"127.0.0.1 localhost", "::1 localhost", NULL};

	(void)state;
	machine_hosts(lines);
	machine_forget_answers();
	machine_answers("localhost", "::1,127.0.0.1", 0);
	machine_answers("debian5", "", EAI_NONAME);
	diagnose(NULL);
	promises(&finding("hostname-unresolvable")->fixes[0], "debian5 stands for an address");
}

static void a_healthy_machine_is_left_alone(void **state)
{
	(void)state;
	diagnose(NULL);
	assert_int_equal(n_found, 0);
}

/* Whatever allocation fails, it is said. */
static void out_of_memory(void **state)
{
	size_t n;
	int error = -ENOMEM;

	(void)state;
	drop(NFPROTO_IPV6, true);
	drop(NFPROTO_IPV6, false);
	machine_silent_out("::1");
	machine_run("localhost", MACHINE_PORT);
	for (n = 1; error != 0; n++) {
		struct arena *arena = arena_new();

		assert_non_null(arena);
		arena_fail_after(arena, n);
		error = causes_find(&machine.evaluation, arena, true, &found, &n_found);
		assert_true(error == 0 || error == -ENOMEM);
		if (error == 0)
			assert_false(arena_failed(arena));
		arena_free(arena);
	}
	assert_true(n > 20);
}

#define SIMULATE_TEST(function)                                                                    \
	cmocka_unit_test_setup_teardown(function, machine_begin, machine_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIMULATE_TEST(one_fix_is_enough),
		SIMULATE_TEST(two_need_each_other),
		SIMULATE_TEST(three_need_each_other),
		SIMULATE_TEST(two_chains_on_one_hook),
		SIMULATE_TEST(a_fix_that_does_nothing_is_none),
		SIMULATE_TEST(a_fix_that_harms_needs_another),
		SIMULATE_TEST(an_address_more),
		SIMULATE_TEST(the_least_intrusive_first),
		SIMULATE_TEST(not_simulated),
		SIMULATE_TEST(one_client),
		SIMULATE_TEST(the_host_name),
		SIMULATE_TEST(a_healthy_machine_is_left_alone),
		SIMULATE_TEST(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
