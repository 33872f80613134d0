/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each way an address can be out of reach on its own machine. */
#include "evaluate_machine.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "evaluate/route.h"

static struct ev_route route_to(const char *address)
{
	struct ev_context context = machine_context();
	struct mux_address destination = machine_address(address);
	struct ev_route route;

	ev_route_run(&context, &destination, &route);
	assert_non_null(route.text);
	return route;
}

static void assert_route(const char *address, enum ev_route_state state, int error)
{
	struct ev_route route = route_to(address);

	if (route.state != state || route.error != error)
		fail_msg("%s: state %d, error %d: %s", address, route.state, route.error,
			 route.text);
	assert_int_equal(route.passes, state == EV_ROUTE_LOCAL || state == EV_ROUTE_ELSEWHERE
					       ? MUX_YES
				       : state == EV_ROUTE_UNKNOWN ? MUX_UNKNOWN
								   : MUX_NO);
}

static void healthy(void **state)
{
	(void)state;
	assert_route("127.0.0.1", EV_ROUTE_LOCAL, 0);
	assert_route("127.0.1.1", EV_ROUTE_LOCAL, 0);
	assert_route("::1", EV_ROUTE_LOCAL, 0);
	/* what connect() makes of them */
	assert_route("::ffff:127.0.0.1", EV_ROUTE_LOCAL, 0);
	assert_route("0.0.0.0", EV_ROUTE_LOCAL, 0);
	assert_route("::", EV_ROUTE_LOCAL, 0);
	machine_route("192.0.2.9", RTN_UNICAST, 0);
	assert_route("192.0.2.9", EV_ROUTE_ELSEWHERE, 0);
	machine_has(route_to("192.0.2.9").text, "eth0");
}

static void lo_is_down(void **state)
{
	(void)state;
	machine.links[0].flags = IFF_LOOPBACK;
	/* The kernel still says "local" for IPv4, and connect() hangs. */
	assert_route("127.0.0.1", EV_ROUTE_LOOPBACK_DOWN, ETIMEDOUT);
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	assert_route("::1", EV_ROUTE_LOOPBACK_DOWN, EADDRNOTAVAIL);
	/* It was never up. */
	machine_remove_address("127.0.0.1");
	machine_route("127.0.0.1", 0, ENETUNREACH);
	assert_route("127.0.0.1", EV_ROUTE_LOOPBACK_DOWN, ENETUNREACH);
	/* What the machine sends to its other addresses goes over lo too. */
	machine_route("192.0.2.1", RTN_LOCAL, 0);
	assert_route("192.0.2.1", EV_ROUTE_LOOPBACK_DOWN, ETIMEDOUT);
	machine_route("192.0.2.9", RTN_UNICAST, 0);
	assert_route("192.0.2.9", EV_ROUTE_ELSEWHERE, 0);
}

/* A loopback address leads nowhere else; but to lo it may lead by any table. */
static void routes_divert(void **state)
{
	(void)state;
	machine_route("127.0.0.1", RTN_UNICAST, 0);
	assert_route("127.0.0.1", EV_ROUTE_DIVERTED, ETIMEDOUT);
	machine_has(route_to("127.0.0.1").text, "eth0");
	machine_route("::1", RTN_UNICAST, 0);
	assert_route("::1", EV_ROUTE_DIVERTED, ETIMEDOUT);
}

static void assert_guilty(const char *all, const char *otherwise, const char *lo,
			  const char *guilty)
{
	struct ev_route route;

	machine_sysctl("all/disable_ipv6", all);
	machine_sysctl("default/disable_ipv6", otherwise);
	machine_sysctl("lo/disable_ipv6", lo);
	route = route_to("::1");
	if (guilty == NULL) {
		assert_int_equal(route.state, EV_ROUTE_ADDRESS_MISSING);
		assert_null(route.sysctl);
		return;
	}
	assert_int_equal(route.state, EV_ROUTE_IPV6_DISABLED);
	assert_int_equal(route.error, EADDRNOTAVAIL);
	assert_non_null(route.sysctl);
	machine_has(route.text, guilty);
}

static void ipv6_is_disabled(void **state)
{
	(void)state;
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	assert_guilty("1", "1", "1", "(net.ipv6.conf.all.disable_ipv6 = 1)");
	assert_guilty("1", "0", "1", "(net.ipv6.conf.all.disable_ipv6 = 1)");
	assert_guilty("0", "0", "1", "(net.ipv6.conf.lo.disable_ipv6 = 1)");
	assert_guilty("0", "1", "1", "(net.ipv6.conf.lo.disable_ipv6 = 1)");
	assert_guilty("1", "0", NULL, "(net.ipv6.conf.all.disable_ipv6 = 1)");
	assert_guilty("0", "1", NULL, "(net.ipv6.conf.default.disable_ipv6 = 1)");
	/* lo was enabled again: that is enough, so something else took the address. */
	assert_guilty("1", "1", "0", NULL);
	assert_guilty("0", "0", "0", NULL);
	assert_guilty("x\033[2J", "", "-", NULL);
	assert_route("127.0.0.1", EV_ROUTE_LOCAL, 0);
	/* A default route does not bring ::1 back. */
	machine_sysctl("lo/disable_ipv6", "1");
	machine_route("::1", RTN_UNICAST, 0);
	assert_route("::1", EV_ROUTE_IPV6_DISABLED, EADDRNOTAVAIL);
	machine_sysctl("all/disable_ipv6", NULL);
	machine_sysctl("default/disable_ipv6", NULL);
	machine_sysctl("lo/disable_ipv6", NULL);
	assert_route("::1", EV_ROUTE_IPV6_DISABLED, EAFNOSUPPORT);
}

/* Switching conf.all on and lo off again leaves ::1 where it was. */
static void lo_is_enabled_again(void **state)
{
	(void)state;
	machine_sysctl("all/disable_ipv6", "1");
	assert_route("::1", EV_ROUTE_LOCAL, 0);
}

static void address_is_missing(void **state)
{
	(void)state;
	machine_remove_address("::1");
	machine_route("::1", RTN_UNICAST, 0);
	assert_route("::1", EV_ROUTE_ADDRESS_MISSING, EADDRNOTAVAIL);
	machine.links[0].mtu = 1000;
	machine_has(route_to("::1").text, "MTU of 1000");
	machine_remove_address("127.0.0.1");
	machine_route("127.0.0.1", 0, ENETUNREACH);
	assert_route("127.0.0.1", EV_ROUTE_ADDRESS_MISSING, ENETUNREACH);
	/* A local route without an address serves IPv4. */
	assert_route("127.0.1.1", EV_ROUTE_LOCAL, 0);
}

static void routes_refuse(void **state)
{
	(void)state;
	machine_route("::1", 0, EACCES);
	assert_route("::1", EV_ROUTE_REFUSED, EACCES);
	machine_has(route_to("::1").text, "prohibits");
	machine_route("::1", 0, ENETUNREACH);
	assert_route("::1", EV_ROUTE_REFUSED, ENETUNREACH);
	machine_route("127.0.0.1", RTN_BLACKHOLE, 0);
	assert_route("127.0.0.1", EV_ROUTE_REFUSED, EINVAL);
	machine_route("127.0.0.1", RTN_UNREACHABLE, 0);
	assert_route("127.0.0.1", EV_ROUTE_REFUSED, EHOSTUNREACH);
	machine_has(route_to("127.0.0.1").text, "cannot be reached");
	machine_route("127.0.0.1", RTN_THROW, 0);
	assert_route("127.0.0.1", EV_ROUTE_REFUSED, ENETUNREACH);
	machine_route("127.0.0.1", 0, EIO);
	machine_has(route_to("127.0.0.1").text, "input/output error");
	machine_route("127.0.0.1", RTN_PROHIBIT, 0);
	assert_route("127.0.0.1", EV_ROUTE_REFUSED, EACCES);
}

/* An address of another link; its own switch may be the reason that it is gone. */
static void ipv6_of_another_link(void **state)
{
	(void)state;
	machine_route("2001:db8::1", 0, ENETUNREACH);
	assert_route("2001:db8::1", EV_ROUTE_REFUSED, ENETUNREACH);
	machine_sysctl("all/disable_ipv6", "1");
	machine_sysctl("lo/disable_ipv6", "1");
	assert_route("2001:db8::1", EV_ROUTE_IPV6_DISABLED, EADDRNOTAVAIL);
	machine_route("2001:db8::1", RTN_LOCAL, 0);
	assert_route("2001:db8::1", EV_ROUTE_LOCAL, 0);
}

static void without_the_kernels_answer(void **state)
{
	struct mux_routing *routing = &machine.snapshot.routing;

	(void)state;
	routing->n_answers = 0;
	assert_route("127.0.0.1", EV_ROUTE_LOCAL, 0);
	assert_route("127.0.1.1", EV_ROUTE_LOCAL, 0);
	assert_route("192.0.2.1", EV_ROUTE_UNKNOWN, 0);
	machine.rules[0] = (struct mux_rule){.family = AF_INET, .action = FR_ACT_PROHIBIT};
	routing->rules = machine.rules;
	routing->n_rules = 1;
	assert_int_equal(route_to("127.0.0.1").passes, MUX_UNKNOWN);
	assert_route("::1", EV_ROUTE_LOCAL, 0);
	routing->rules_source.presence = MUX_DENIED;
	assert_int_equal(route_to("::1").passes, MUX_UNKNOWN);
	routing->links_source.presence = MUX_DENIED;
	assert_int_equal(route_to("::1").passes, MUX_UNKNOWN);
	routing->addresses_source.presence = MUX_DENIED;
	assert_route("::1", EV_ROUTE_UNKNOWN, 0);
}

static void link_names_are_escaped(void **state)
{
	(void)state;
	machine.links[1].name = (struct mux_slice){"e\033[2J", 5};
	machine_route("192.0.2.9", RTN_UNICAST, 0);
	machine_has(route_to("192.0.2.9").text, "e\\x1b[2J");
	machine.snapshot.routing.n_links = 1;
	machine_has(route_to("192.0.2.9").text, "through link 2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(healthy, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(lo_is_down, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(ipv6_is_disabled, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(lo_is_enabled_again, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(address_is_missing, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(routes_refuse, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(routes_divert, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(ipv6_of_another_link, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(without_the_kernels_answer, machine_begin,
						machine_end),
		cmocka_unit_test_setup_teardown(link_names_are_escaped, machine_begin, machine_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
