/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses, rules, routes and route answers. */
#include "parse_room.h"

#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "message.h"
#include "parse/parse.h"

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_routing routing;

	return parse_routing(bundle, arena, &routing);
}

static struct mux_address address_of(const char *text)
{
	struct mux_address address = {0};

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

static void put_links(struct mux_bundle *bundle)
{
	struct messages messages = {0};
	struct ifinfomsg *header;

	header = message_begin(&messages, RTM_NEWLINK, sizeof(*header));
	header->ifi_index = 1;
	header->ifi_flags = IFF_UP | IFF_LOOPBACK;
	message_put_string(&messages, IFLA_IFNAME, "lo");
	message_put_u32(&messages, IFLA_MTU, 65536);
	message_end(&messages);
	header = message_begin(&messages, RTM_NEWLINK, sizeof(*header));
	header->ifi_index = 2;
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/links");
}

static void put_addresses(struct mux_bundle *bundle)
{
	struct messages messages = {0};
	struct ifaddrmsg *header;

	header = message_begin(&messages, RTM_NEWADDR, sizeof(*header));
	header->ifa_family = AF_INET;
	header->ifa_index = 3;
	header->ifa_prefixlen = 32;
	header->ifa_flags = IFA_F_PERMANENT;
	message_put_address(&messages, IFA_ADDRESS, "192.0.2.9");
	message_put_address(&messages, IFA_LOCAL, "192.0.2.1");
	message_end(&messages);
	header = message_begin(&messages, RTM_NEWADDR, sizeof(*header));
	header->ifa_family = AF_INET6;
	header->ifa_index = 1;
	header->ifa_prefixlen = 128;
	header->ifa_scope = RT_SCOPE_HOST;
	message_put_address(&messages, IFA_ADDRESS, "::1");
	message_put_u32(&messages, IFA_FLAGS, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	message_end(&messages);
	header = message_begin(&messages, RTM_NEWADDR, sizeof(*header));
	header->ifa_family = AF_INET6;
	message_put_address(&messages, IFA_ADDRESS, "127.0.0.1");
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/addresses");
}

static struct fib_rule_hdr *begin_rule(struct messages *messages, uint8_t family, uint8_t action)
{
	struct fib_rule_hdr *header = message_begin(messages, RTM_NEWRULE, sizeof(*header));

	header->family = family;
	header->table = RT_TABLE_LOCAL;
	header->action = action;
	message_put_u32(messages, FRA_SUPPRESS_PREFIXLEN, UINT32_MAX);
	return header;
}

static void put_rules(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	begin_rule(&messages, AF_INET, FR_ACT_TO_TBL);
	message_put_u32(&messages, FRA_TABLE, 300);
	message_put_u32(&messages, FRA_PRIORITY, 77);
	message_end(&messages);
	begin_rule(&messages, AF_INET, FR_ACT_TO_TBL)->src_len = 8;
	message_put_address(&messages, FRA_SRC, "10.0.0.0");
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/rules4");
	begin_rule(&messages, AF_INET6, FR_ACT_PROHIBIT);
	message_end(&messages);
	begin_rule(&messages, AF_INET6, FR_ACT_PROHIBIT);
	message_put_u32(&messages, FRA_MAX + 2, 1);
	message_end(&messages);
	begin_rule(&messages, AF_INET6, FR_ACT_TO_TBL);
	message_put_u32(&messages, FRA_SUPPRESS_PREFIXLEN, 0);
	message_end(&messages);
	begin_rule(&messages, AF_INET6, FR_ACT_TO_TBL)->flags = FIB_RULE_INVERT;
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/rules6");
}

static struct rtmsg *begin_route(struct messages *messages, uint8_t family, uint8_t table)
{
	struct rtmsg *header = message_begin(messages, RTM_NEWROUTE, sizeof(*header));

	header->rtm_family = family;
	header->rtm_table = table;
	header->rtm_type = RTN_LOCAL;
	return header;
}

static void put_routes(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	begin_route(&messages, AF_INET, RT_TABLE_LOCAL)->rtm_dst_len = 8;
	message_put_address(&messages, RTA_DST, "127.0.0.0");
	message_put_address(&messages, RTA_PREFSRC, "127.0.0.1");
	message_put_u32(&messages, RTA_OIF, 1);
	message_end(&messages);
	begin_route(&messages, AF_INET, RT_TABLE_MAIN);
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/routes4");
	begin_route(&messages, AF_INET6, RT_TABLE_UNSPEC)->rtm_type = RTN_PROHIBIT;
	message_put_u32(&messages, RTA_TABLE, RT_TABLE_LOCAL);
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/routes6");
}

static void put_answers(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	begin_route(&messages, AF_INET, RT_TABLE_LOCAL);
	message_put_address(&messages, RTA_PREFSRC, "127.0.0.1");
	message_put_u32(&messages, RTA_OIF, 1);
	message_end(&messages);
	message_store(&messages, bundle, "netlink/route/answer/127.0.0.1");
	bundle_put_error(bundle, "netlink/route/answer/::1", ENETUNREACH);
	bundle_put(bundle, "netlink/route/answer/127.0.1.1", TEXT("xx"));
	bundle_put(bundle, "netlink/route/answer/nonsense", TEXT(""));
}

static struct mux_bundle *make_bundle(void)
{
	struct mux_bundle *bundle = bundle_new();

	assert_non_null(bundle);
	put_links(bundle);
	put_addresses(bundle);
	put_rules(bundle);
	put_routes(bundle);
	put_answers(bundle);
	return bundle;
}

static void reads_links_and_addresses(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct mux_address v4 = address_of("192.0.2.1");
	struct arena *arena = arena_new();
	struct mux_routing routing;

	(void)state;
	assert_int_equal(parse_routing(bundle, arena, &routing), 0);
	assert_int_equal(routing.links_source.presence, MUX_PRESENT);
	assert_int_equal(routing.n_links, 2);
	assert_slice(routing.links[0].name, "lo");
	assert_int_equal(routing.links[0].mtu, 65536);
	assert_int_equal(routing.links[0].flags, IFF_UP | IFF_LOOPBACK);
	assert_int_equal(routing.links[1].index, 2);
	assert_int_equal(routing.links[1].name.len, 0);
	assert_int_equal(routing.n_addresses, 2);
	assert_true(addr_equal(&routing.addresses[0].address, &v4));
	assert_int_equal(routing.addresses[0].flags, IFA_F_PERMANENT);
	assert_true(addr_equal(&routing.addresses[1].address, &addr_loopback6));
	assert_int_equal(routing.addresses[1].prefix_len, 128);
	assert_int_equal(routing.addresses[1].scope, RT_SCOPE_HOST);
	assert_int_equal(routing.addresses[1].flags, IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void reads_rules_and_routes(void **state)
{
	static const bool selective[] = {false, true, false, true, true, true};
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_routing routing;
	size_t i;

	(void)state;
	assert_int_equal(parse_routing(bundle, arena, &routing), 0);
	assert_int_equal(routing.n_rules, 6);
	assert_int_equal(routing.rules[0].table, 300);
	assert_int_equal(routing.rules[0].priority, 77);
	assert_int_equal(routing.rules[1].table, RT_TABLE_LOCAL);
	assert_int_equal(routing.rules[2].family, AF_INET6);
	assert_int_equal(routing.rules[2].action, FR_ACT_PROHIBIT);
	for (i = 0; i < routing.n_rules; i++)
		assert_int_equal(routing.rules[i].selective, selective[i]);
	assert_int_equal(routing.n_routes, 2);
	assert_int_equal(routing.routes[0].prefix_len, 8);
	assert_int_equal(routing.routes[0].link, 1);
	assert_true(addr_equal(&routing.routes[0].preferred_source, &addr_loopback4));
	assert_int_equal(routing.routes[1].type, RTN_PROHIBIT);
	assert_int_equal(routing.routes[1].destination.family, AF_INET6);
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* A sandbox without netlink sockets says nothing about routes. */
static void takes_no_answer_from_a_sandbox(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct arena *arena = arena_new();
	struct mux_routing routing;

	(void)state;
	bundle_put_error(bundle, "netlink/route/links", EPERM);
	bundle_put_error(bundle, "netlink/route/answer/::1", EPERM);
	bundle_put_error(bundle, "netlink/route/answer/127.0.0.1", ENETUNREACH);
	assert_int_equal(parse_routing(bundle, arena, &routing), 0);
	assert_int_equal(routing.n_answers, 1);
	assert_true(addr_equal(&routing.answers[0].destination, &addr_loopback4));
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void reads_answers(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_routing routing;

	(void)state;
	assert_int_equal(parse_routing(bundle, arena, &routing), 0);
	assert_int_equal(routing.n_answers, 3);
	assert_true(addr_equal(&routing.answers[0].destination, &addr_loopback4));
	assert_true(addr_equal(&routing.answers[0].source, &addr_loopback4));
	assert_int_equal(routing.answers[0].error, 0);
	assert_int_equal(routing.answers[0].type, RTN_LOCAL);
	assert_int_equal(routing.answers[0].link, 1);
	assert_int_equal(routing.answers[1].error, ENETUNREACH);
	assert_int_equal(routing.answers[2].error, EBADMSG);
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* A family that the kernel lacks is no obstacle; one that could not be read is. */
static void combines_families(void **state)
{
	static const struct {
		int error4, error6; /* -1: not asked */
		enum mux_presence presence;
	} rows[] = {
		{0, 0, MUX_PRESENT},	{0, ENOENT, MUX_PRESENT},     {ENOENT, 0, MUX_PRESENT},
		{0, EPERM, MUX_DENIED}, {EPERM, 0, MUX_DENIED},	      {EPERM, ENOENT, MUX_DENIED},
		{-1, 0, MUX_PRESENT},	{ENOENT, ENOENT, MUX_ABSENT}, {-1, -1, MUX_NOT_ASKED},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_bundle *bundle = bundle_new();
		struct arena *arena = arena_new();
		struct mux_routing routing;

		if (rows[i].error4 >= 0)
			bundle_put_error(bundle, "netlink/route/rules4", rows[i].error4);
		if (rows[i].error6 >= 0)
			bundle_put_error(bundle, "netlink/route/rules6", rows[i].error6);
		assert_int_equal(parse_routing(bundle, arena, &routing), 0);
		assert_int_equal(routing.rules_source.presence, rows[i].presence);
		arena_free(arena);
		mux_bundle_free(bundle);
	}
}

static void bears_damage_and_no_memory(void **state)
{
	static const char *const names[] = {
		"netlink/route/links",	"netlink/route/addresses", "netlink/route/rules4",
		"netlink/route/rules6", "netlink/route/routes4",   "netlink/route/answer/127.0.0.1",
	};
	struct mux_bundle *bundle = make_bundle();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_entry(bundle, names[i], parse);
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_links_and_addresses),
		cmocka_unit_test(reads_rules_and_routes),
		cmocka_unit_test(reads_answers),
		cmocka_unit_test(takes_no_answer_from_a_sandbox),
		cmocka_unit_test(combines_families),
		cmocka_unit_test(bears_damage_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
