/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each kind of change, on a machine that lacks just that. */
#include "netfilter/kernel.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <linux/rtnetlink.h>
#include <netdb.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/change.h"
#include "evaluate/route.h"
#include "evaluate_machine.h"
#include "netfilter/legacy_entry.h"
#include "parse/parse.h"

static struct change_world world;
static struct evaluation after;

/* Evaluates the machine as it is, changes a copy of it, and evaluates that. */
static void change_localhost(const struct change *changes, size_t n)
{
	size_t i;

	machine_run("localhost", MACHINE_PORT);
	change_world_init(&world, &machine.evaluation, machine.arena);
	for (i = 0; i < n; i++)
		assert_int_equal(change_apply(&world, &changes[i]), 0);
	assert_int_equal(evaluate_again(&world, &after), 0);
}

static int change_error(const struct change *change)
{
	machine_run("localhost", MACHINE_PORT);
	change_world_init(&world, &machine.evaluation, machine.arena);
	return change_apply(&world, change);
}

static enum mux_answer works(const struct evaluation *evaluation, const char *address)
{
	struct mux_address wanted = machine_address(address);
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    addr_equal(&evaluation->candidates[i].address, &wanted))
			return evaluation->candidates[i].works;
	return MUX_NO;
}

static void before_and_after(const char *address)
{
	assert_int_equal(works(&machine.evaluation, address), MUX_NO);
	assert_int_equal(works(&after, address), MUX_YES);
}

/* --- names ------------------------------------------------------------------------------- */

static void hosts_lines(void **state)
{
	static const char *const lines[] = {"#127.0.0.1 localhost", "127.0.1.1 debian5",
					    "#::1 localhost", NULL};
	static const struct change append[] = {
		{.kind = CHANGE_HOSTS, .hosts = {0, "127.0.0.1\tlocalhost"}},
		{.kind = CHANGE_HOSTS, .hosts = {0, "::1\tlocalhost"}},
	};
	static const struct change uncomment[] = {
		{.kind = CHANGE_HOSTS, .hosts = {1, "127.0.0.1 localhost"}},
		{.kind = CHANGE_HOSTS, .hosts = {3, "::1 localhost"}},
	};

	(void)state;
	machine_hosts(lines);
	machine_forget_answers();
	machine_answers("localhost", "", EAI_AGAIN);
	machine_answers("debian5", "127.0.1.1", 0);
	change_localhost(append, 2);
	before_and_after("127.0.0.1");
	before_and_after("::1");
	change_localhost(uncomment, 2);
	before_and_after("127.0.0.1");
	before_and_after("::1");
	/* The machine itself has not changed. */
	assert_int_equal(machine.snapshot.hosts.n_entries, 3);
	assert_true(machine.snapshot.hosts.entries[0].commented);
	assert_int_equal(machine.snapshot.n_resolutions, 2);
}

static void hosts_line_removed(void **state)
{
	static const struct change change = {.kind = CHANGE_HOSTS, .hosts = {3, ""}};

	(void)state;
	change_localhost(&change, 1);
	assert_int_equal(works(&machine.evaluation, "::1"), MUX_YES);
	assert_int_equal(works(&after, "::1"), MUX_NO);
	assert_int_equal(works(&after, "127.0.0.1"), MUX_YES);
}

static void hosts_line_that_is_not_known(void **state)
{
	static const struct change change = {.kind = CHANGE_HOSTS, .hosts = {77, "::1 localhost"}};

	(void)state;
	assert_int_equal(change_error(&change), -ENOENT);
	machine.snapshot.hosts.source.presence = MUX_DENIED;
	assert_int_equal(change_error(&(struct change){.kind = CHANGE_HOSTS, .hosts = {0, "x"}}),
			 -ENOENT);
}

/* The first address of the target that is to be tried. */
static int first_family(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].position == 1)
			return evaluation->candidates[i].address.family;
	return AF_UNSPEC;
}

static void gai_line(void **state)
{
	static const struct change change = {.kind = CHANGE_GAI, .gai_line = 2};
	static const char *const files[] = {
		"#\nprecedence ::ffff:0:0/96 100\n",
		"#\nprecedence ::ffff:0:0/96 100\nprecedence ::1/128 60\n",
		"#\nprecedence ::/0 40\nprecedence ::ffff:0:0/96 100\n",
	};
	static const int families[] = {AF_INET6, AF_INET6, AF_INET};
	size_t i;

	(void)state;
	assert_int_equal(change_error(&change), -ENOENT);
	machine_forget_answers();
	machine_answers("localhost", "127.0.0.1,::1", 0);
	machine_answers("debian5", "127.0.1.1", 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(
			parse_gai(slice_of(files[i]), machine.arena, &machine.snapshot.gai), 0);
		change_localhost(&change, 1);
		assert_int_equal(first_family(&machine.evaluation), AF_INET);
		assert_int_equal(first_family(&after), families[i]);
	}
	/* Everything has a precedence yet. */
	assert_int_equal(world.snapshot.gai.n_precedences, 2);
	assert_int_equal(world.snapshot.gai.precedences[1].prefix_len, 0);
}

static void another_target(void **state)
{
	static const struct change change = {.kind = CHANGE_TARGET, .host = "127.0.0.2"};

	(void)state;
	machine_forget_listeners();
	machine_forget_probes();
	machine_listen(AF_INET, "127.0.0.2", MUX_UNKNOWN);
	change_localhost(&change, 1);
	before_and_after("127.0.0.2");
}

static void no_proxy(void **state)
{
	static const struct mux_variable proxy = {"http_proxy", SLICE("http://192.0.2.1:3128")};
	static const struct change change = {.kind = CHANGE_VARIABLE,
					     .variable = {"no_proxy", SLICE("localhost")}};
	size_t i, n = 0, left = 0;

	(void)state;
	machine.snapshot.environment = (struct mux_environment){
		.source.presence = MUX_PRESENT, .variables = &proxy, .n_variables = 1};
	change_localhost(&change, 1);
	for (i = 0; i < after.n_clients; i++) {
		n += machine.evaluation.clients[i].proxy != NULL;
		left += after.clients[i].proxy != NULL;
	}
	/* Some do not care for the exception. */
	assert_true(left < n / 2);
}

/* --- network ----------------------------------------------------------------------------- */

static void lo_up(void **state)
{
	static const struct change change = {.kind = CHANGE_LINK_UP};

	(void)state;
	machine.links[0].flags &= ~(unsigned)IFF_UP;
	machine_remove_address("::1");
	machine_remove_address("127.0.0.1");
	machine_sysctl("lo/disable_ipv6", "0");
	machine_route("127.0.0.1", 0, ENETUNREACH);
	machine_route("::1", 0, ENETUNREACH);
	machine_probe(MUX_TCP, "127.0.0.1", true, false, ENETUNREACH);
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	change_localhost(&change, 1);
	before_and_after("127.0.0.1");
	before_and_after("::1");
	/* IPv6 does not return where it is disabled. */
	machine_sysctl("lo/disable_ipv6", "1");
	change_localhost(&change, 1);
	before_and_after("127.0.0.1");
	assert_int_equal(works(&after, "::1"), MUX_NO);
}

static void disable_ipv6(void **state)
{
	static const struct change lo = {.kind = CHANGE_SYSCTL,
					 .sysctl = {"net/ipv6/conf/lo/disable_ipv6", "0"}};
	static const struct change all = {.kind = CHANGE_SYSCTL,
					  .sysctl = {"net/ipv6/conf/all/disable_ipv6", "0"}};

	(void)state;
	machine_sysctl("all/disable_ipv6", "1");
	machine_sysctl("lo/disable_ipv6", "1");
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	change_localhost(&lo, 1);
	before_and_after("::1");
	change_localhost(&all, 1);
	before_and_after("::1");
	/* A link too small for IPv6 gets no address back, nor one that is down. */
	machine.links[0].mtu = 1000;
	change_localhost(&lo, 1);
	assert_int_equal(works(&after, "::1"), MUX_NO);
	machine.links[0].mtu = 65536;
	machine.links[0].flags &= ~(unsigned)IFF_UP;
	change_localhost(&lo, 1);
	assert_null(ev_route_own(&world.snapshot.routing, &addr_loopback6));
}

static void address_and_mtu(void **state)
{
	const struct change changes[] = {
		{.kind = CHANGE_LINK_MTU, .mtu = 65536},
		{.kind = CHANGE_ADDRESS, .address = {addr_loopback6, 128}},
	};

	(void)state;
	machine.links[0].mtu = 1000;
	machine_remove_address("::1");
	machine_route("::1", 0, ENETUNREACH);
	machine_probe(MUX_TCP, "::1", true, false, EADDRNOTAVAIL);
	change_localhost(changes, 2);
	before_and_after("::1");
	assert_int_equal(world.snapshot.routing.links[0].mtu, 65536);
	assert_int_equal(machine.snapshot.routing.links[0].mtu, 1000);
}

static void routing_rule(void **state)
{
	static const struct change change = {.kind = CHANGE_RULE,
					     .rule = {AF_INET6, 0, FR_ACT_PROHIBIT}};

	(void)state;
	machine.rules[0] =
		(struct mux_rule){.family = AF_INET6, .action = FR_ACT_PROHIBIT, .selective = true};
	machine.snapshot.routing.rules = machine.rules;
	machine.snapshot.routing.n_rules = 1;
	machine_route("::1", 0, EACCES);
	machine_probe(MUX_TCP, "::1", true, false, EACCES);
	change_localhost(&change, 1);
	before_and_after("::1");
	/* Another one may refuse it as well: then it is not known. */
	machine.rules[1] = machine.rules[0];
	machine.rules[1].priority = 7;
	machine.snapshot.routing.n_rules = 2;
	change_localhost(&change, 1);
	assert_int_equal(works(&after, "::1"), MUX_UNKNOWN);
}

static void local_route(void **state)
{
	struct mux_route routes[2] = {{.family = AF_INET6,
				       .type = RTN_PROHIBIT,
				       .table = RT_TABLE_LOCAL,
				       .destination = addr_loopback6,
				       .prefix_len = 128}};
	struct change change = {.kind = CHANGE_ROUTE, .route = routes[0]};

	(void)state;
	routes[1] = routes[0];
	routes[1].prefix_len = 64;
	routes[1].type = RTN_UNREACHABLE;
	machine.snapshot.routing.routes = routes;
	machine.snapshot.routing.n_routes = 1;
	machine_route("::1", 0, EACCES);
	machine_probe(MUX_TCP, "::1", true, false, EACCES);
	change_localhost(&change, 1);
	before_and_after("::1");
	machine.snapshot.routing.n_routes = 2;
	change_localhost(&change, 1);
	assert_int_equal(works(&after, "::1"), MUX_UNKNOWN);
	change.route.prefix_len = 12;
	assert_int_equal(change_error(&change), -ENOENT);
}

/* --- firewall ---------------------------------------------------------------------------- */

static struct change accept_nft(uint8_t family, const char *chain, bool out)
{
	return (struct change){.kind = CHANGE_ACCEPT,
			       .accept = {.family = family,
					  .table = SLICE("filter"),
					  .chain = slice_of(chain),
					  .out = out}};
}

static void nft_chains(void **state)
{
	const struct change changes[] = {accept_nft(NFPROTO_IPV6, "OUTPUT", true),
					 accept_nft(NFPROTO_IPV6, "INPUT", false)};
	const struct change wrong_end = accept_nft(NFPROTO_IPV6, "OUTPUT", false);

	(void)state;
	machine_chain(NFPROTO_IPV6, "INPUT", NF_INET_LOCAL_IN, NF_DROP);
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine_silent_out("::1");
	change_localhost(changes, 2);
	before_and_after("::1");
	assert_int_equal(machine.chain_rules[0].n_rules, 0);
	change_localhost(changes, 1);
	assert_int_equal(works(&after, "::1"), MUX_NO);
	change_localhost(&wrong_end, 1);
	assert_int_equal(works(&after, "::1"), MUX_NO);
}

/* A chain without rules may have no list of them. */
static void nft_chain_without_rules(void **state)
{
	const struct change change = accept_nft(NFPROTO_INET, "OUTPUT", true);

	(void)state;
	machine_chain(NFPROTO_INET, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine.snapshot.nftables.n_rules = 0;
	machine_silent_out("::1");
	machine_silent_out("127.0.0.1");
	change_localhost(&change, 1);
	assert_int_equal(works(&after, "::1"), MUX_YES);
	assert_int_equal(works(&after, "127.0.0.1"), MUX_YES);
	machine_chain(NFPROTO_INET, "OUTPUT", NF_INET_LOCAL_OUT, NF_DROP);
	machine.chain_rules[0].source.presence = MUX_DENIED;
	assert_int_equal(change_error(&change), -ENOENT);
}

/* A legacy filter table: nothing in INPUT and FORWARD; OUTPUT jumps to a chain that drops. */
static struct {
	_Alignas(8) char bytes[4096];
	size_t len;
	uint8_t family;
	struct mux_xtables_table facts;
} table;

static size_t add_entry(const char *target_name, const void *info, size_t len)
{
	size_t header =
		table.family == NFPROTO_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	struct xt_entry_target target = {.u.target_size = (uint16_t)XT_ALIGN(sizeof(target) + len)};
	struct ip6t_entry v6 = {.target_offset = (uint16_t)header,
				.next_offset = (uint16_t)(header + target.u.target_size)};
	struct ipt_entry v4 = {.target_offset = v6.target_offset, .next_offset = v6.next_offset};
	size_t start = table.len;

	strcpy(target.u.user.name, target_name);
	memcpy(table.bytes + start, table.family == NFPROTO_IPV4 ? (void *)&v4 : (void *)&v6,
	       header);
	memcpy(table.bytes + start + header, &target, sizeof(target));
	memcpy(table.bytes + start + header + sizeof(target), info, len);
	table.len += v6.next_offset;
	table.facts.n_entries++;
	return start;
}

static size_t add_verdict(int32_t verdict)
{
	return add_entry("", &verdict, sizeof(verdict));
}

static void begin_hook(unsigned hook)
{
	table.facts.valid_hooks |= 1u << hook;
	table.facts.hook_entry[hook] = (uint32_t)table.len;
}

static void end_hook(unsigned hook)
{
	table.facts.underflow[hook] = (uint32_t)add_verdict(-NF_ACCEPT - 1);
}

static void make_table(uint8_t family)
{
	char name[XT_FUNCTION_MAXNAMELEN] = "guard";
	size_t header =
		family == NFPROTO_IPV4 ? sizeof(struct ipt_entry) : sizeof(struct ip6t_entry);
	/* The jump, the policy, and the entry with the chain's name lie before its rule. */
	size_t verdict = header + XT_ALIGN(sizeof(struct xt_standard_target));
	size_t error = header + XT_ALIGN(sizeof(struct xt_entry_target) + sizeof(name));

	memset(&table, 0, sizeof(table));
	table.family = family;
	begin_hook(NF_INET_LOCAL_IN);
	end_hook(NF_INET_LOCAL_IN);
	begin_hook(NF_INET_FORWARD);
	end_hook(NF_INET_FORWARD);
	begin_hook(NF_INET_LOCAL_OUT);
	add_verdict((int32_t)(table.len + 2 * verdict + error));
	end_hook(NF_INET_LOCAL_OUT);
	add_entry(XT_ERROR_TARGET, name, sizeof(name));
	add_verdict(-NF_DROP - 1);
	strcpy(name, "ERROR");
	add_entry(XT_ERROR_TARGET, name, sizeof(name));
	table.facts.source.presence = MUX_PRESENT;
	table.facts.family = family;
	table.facts.name = slice_of("filter");
	table.facts.entries = (struct mux_slice){table.bytes, table.len};
	machine.snapshot.xtables.tables = &table.facts;
	machine.snapshot.xtables.n_tables = 1;
}

static bool is_start(const struct mux_xtables_table *facts, size_t offset)
{
	struct nf_entry entry;
	size_t at;

	for (at = 0; at < facts->entries.len; at += entry.len) {
		assert_true(nf_entry_read(facts, at, &entry));
		if (at == offset)
			return true;
	}
	return false;
}

/* As the kernel checks a table that it is given. */
static void table_is_sound(const struct mux_xtables_table *facts)
{
	struct nf_entry entry;
	size_t at, n = 0;
	int32_t verdict;
	unsigned hook;

	for (at = 0; at < facts->entries.len; at += entry.len, n++) {
		assert_true(nf_entry_read(facts, at, &entry));
		if (nf_entry_standard(&entry, &verdict) && verdict >= 0)
			assert_true(is_start(facts, (size_t)verdict));
	}
	assert_int_equal(n, facts->n_entries);
	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++) {
		if ((facts->valid_hooks >> hook & 1) == 0)
			continue;
		assert_true(is_start(facts, facts->hook_entry[hook]));
		assert_true(is_start(facts, facts->underflow[hook]));
		assert_true(facts->underflow[hook] >= facts->hook_entry[hook]);
	}
}

static struct change accept_xt(unsigned hook, bool out)
{
	return (struct change){.kind = CHANGE_ACCEPT,
			       .accept = {.legacy = true,
					  .family = table.family,
					  .table = SLICE("filter"),
					  .hook = hook,
					  .out = out}};
}

static void check_legacy(uint8_t family, const char *address)
{
	struct change changes[3];

	make_table(family);
	machine_silent_out(address);
	changes[0] = accept_xt(NF_INET_LOCAL_OUT, true);
	change_localhost(changes, 1);
	before_and_after(address);
	table_is_sound(&world.snapshot.xtables.tables[0]);
	/* In front of the jump: what it jumps to has moved, too. */
	changes[0] = accept_xt(NF_INET_LOCAL_IN, false);
	changes[1] = accept_xt(NF_INET_FORWARD, false);
	change_localhost(changes, 2);
	assert_int_equal(works(&after, address), MUX_NO);
	table_is_sound(&world.snapshot.xtables.tables[0]);
	assert_int_equal(world.snapshot.xtables.tables[0].n_entries, table.facts.n_entries + 2);
	changes[2] = accept_xt(NF_INET_LOCAL_OUT, true);
	change_localhost(changes, 3);
	before_and_after(address);
	table_is_sound(&world.snapshot.xtables.tables[0]);
}

static void legacy_tables(void **state)
{
	struct change change;

	(void)state;
	check_legacy(NFPROTO_IPV6, "::1");
	check_legacy(NFPROTO_IPV4, "127.0.0.1");
	change = accept_xt(NF_INET_POST_ROUTING, true);
	assert_int_equal(change_error(&change), -ENOENT);
	change = accept_xt(NF_INET_LOCAL_OUT, true);
	change.accept.table = slice_of("mangle");
	assert_int_equal(change_error(&change), -ENOENT);
}

/* --- server ------------------------------------------------------------------------------ */

static void listener(void **state)
{
	struct change change = {.kind = CHANGE_LISTENER};

	(void)state;
	machine_forget_listeners();
	machine_listen(AF_INET, "127.0.0.1", MUX_UNKNOWN);
	machine_probe(MUX_TCP, "::1", true, false, ECONNREFUSED);
	change.listener = machine.listeners[0];
	change.listener.family = AF_INET6;
	change.listener.address = machine_address("::");
	change.listener.v6only = MUX_NO;
	change_localhost(&change, 1);
	before_and_after("::1");
	assert_int_equal(works(&after, "127.0.0.1"), MUX_YES);
}

static void full_queue(void **state)
{
	static const struct change change = {.kind = CHANGE_QUEUE, .port = MACHINE_PORT};

	(void)state;
	machine_forget_listeners();
	machine_listen(AF_INET6, "::", MUX_NO)->queued = 129;
	machine_silent_in("::1");
	change_localhost(&change, 1);
	before_and_after("::1");
}

/* --- what is not forgotten --------------------------------------------------------------- */

/* Nothing that is known explains the silence: no change is expected to end it. */
static void unexplained_failures_stay(void **state)
{
	const struct change change = accept_nft(NFPROTO_IPV6, "OUTPUT", true);

	(void)state;
	machine_chain(NFPROTO_IPV6, "OUTPUT", NF_INET_LOCAL_OUT, NF_ACCEPT);
	machine_silent_in("::1");
	change_localhost(&change, 1);
	assert_int_equal(works(&machine.evaluation, "::1"), MUX_NO);
	assert_int_equal(works(&after, "::1"), MUX_NO);
}

/* Rules that cannot be read do not matter for what was seen to work. */
static void connections_stay(void **state)
{
	static const char *const lines[] = {"::1 localhost", NULL};
	static const struct change change = {.kind = CHANGE_HOSTS,
					     .hosts = {0, "127.0.0.1 localhost"}};

	(void)state;
	machine_deny_firewall();
	machine_hosts(lines);
	machine_forget_answers();
	machine_answers("localhost", "::1", 0);
	change_localhost(&change, 1);
	before_and_after("127.0.0.1");
}

#define CHANGE_TEST(function) cmocka_unit_test_setup_teardown(function, machine_begin, machine_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CHANGE_TEST(hosts_lines),
		CHANGE_TEST(hosts_line_removed),
		CHANGE_TEST(hosts_line_that_is_not_known),
		CHANGE_TEST(gai_line),
		CHANGE_TEST(another_target),
		CHANGE_TEST(no_proxy),
		CHANGE_TEST(lo_up),
		CHANGE_TEST(disable_ipv6),
		CHANGE_TEST(address_and_mtu),
		CHANGE_TEST(routing_rule),
		CHANGE_TEST(local_route),
		CHANGE_TEST(nft_chains),
		CHANGE_TEST(nft_chain_without_rules),
		CHANGE_TEST(legacy_tables),
		CHANGE_TEST(listener),
		CHANGE_TEST(full_queue),
		CHANGE_TEST(unexplained_failures_stay),
		CHANGE_TEST(connections_stay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
