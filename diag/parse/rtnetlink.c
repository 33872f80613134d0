/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links, addresses, policy rules, routes and route look-ups, from rtnetlink(7) messages. */
#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "parse/netlink.h"
#include "parse/parse.h"

static int parse_links(struct mux_slice bytes, struct arena *arena, struct mux_routing *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_link)};
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, RTM_NEWLINK, sizeof(struct ifinfomsg)))) {
		const struct ifinfomsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *table[IFLA_GROUP + 1];
		struct mux_link *link = arena_list_add(arena, &list);

		if (link == NULL)
			return -ENOMEM;
		netlink_attributes(message, sizeof(*header), table, IFLA_GROUP + 1);
		link->index = header->ifi_index;
		link->flags = header->ifi_flags;
		link->name = netlink_string(table[IFLA_IFNAME]);
		link->mtu = netlink_u32(table[IFLA_MTU], 0);
		link->group = netlink_u32(table[IFLA_GROUP], 0);
	}
	netlink_finish(&messages, &ret->links_source);
	ret->links = list.items;
	ret->n_links = list.n;
	return 0;
}

static int parse_addresses(struct mux_slice bytes, struct arena *arena, struct mux_routing *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_interface_address)};
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, RTM_NEWADDR, sizeof(struct ifaddrmsg)))) {
		const struct ifaddrmsg *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *table[IFA_FLAGS + 1];
		struct mux_interface_address address = {0}, *item;

		netlink_attributes(message, sizeof(*header), table, IFA_FLAGS + 1);
		/* On a point-to-point link IFA_ADDRESS is the other end (linux/if_addr.h). */
		address.address = netlink_address(table[IFA_LOCAL] != NULL ? table[IFA_LOCAL]
									   : table[IFA_ADDRESS],
						  header->ifa_family);
		if (address.address.family == 0)
			continue;
		address.link = (int)header->ifa_index;
		address.prefix_len = header->ifa_prefixlen;
		address.scope = header->ifa_scope;
		address.flags = netlink_u32(table[IFA_FLAGS], header->ifa_flags);
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = address;
	}
	netlink_finish(&messages, &ret->addresses_source);
	ret->addresses = list.items;
	ret->n_addresses = list.n;
	return 0;
}

/*
 * Does the rule look at the packet at all? An attribute that is newer than our headers is taken for
 * a selector: all that came after FRA_DPORT_RANGE are (FRA_DSCP, FRA_FLOWLABEL and the masks).
 */
static bool is_selective(const struct fib_rule_hdr *header, const struct nlattr *const *table)
{
	static const uint8_t selectors[] = {
		FRA_DST,      FRA_SRC,	       FRA_IIFNAME,	FRA_OIFNAME,
		FRA_FWMARK,   FRA_TUN_ID,      FRA_L3MDEV,	FRA_UID_RANGE,
		FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE,
	};
	size_t i;

	for (i = 0; i < sizeof(selectors); i++)
		if (table[selectors[i]] != NULL)
			return true;
	/* A rule that suppresses answers does not decide for every packet either. */
	return table[0] != NULL || header->dst_len != 0 || header->src_len != 0 ||
	       header->tos != 0 || (header->flags & FIB_RULE_INVERT) != 0 ||
	       netlink_u32(table[FRA_SUPPRESS_PREFIXLEN], UINT32_MAX) != UINT32_MAX ||
	       netlink_u32(table[FRA_SUPPRESS_IFGROUP], UINT32_MAX) != UINT32_MAX;
}

static void parse_uids(const struct nlattr *attribute, struct mux_rule *rule)
{
	struct fib_rule_uid_range range;

	if (attribute == NULL || mnl_attr_get_payload_len(attribute) < sizeof(range))
		return;
	memcpy(&range, mnl_attr_get_payload(attribute), sizeof(range));
	rule->has_uids = true;
	rule->first_uid = range.start;
	rule->last_uid = range.end;
}

static int parse_rules(struct mux_slice bytes, struct arena *arena, struct mux_source *source,
		       struct arena_list *list)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, RTM_NEWRULE, sizeof(struct fib_rule_hdr)))) {
		const struct fib_rule_hdr *header = mnl_nlmsg_get_payload(message);
		const struct nlattr *table[FRA_MAX + 1];
		struct mux_rule *rule = arena_list_add(arena, list);

		if (rule == NULL)
			return -ENOMEM;
		netlink_attributes(message, sizeof(*header), table, FRA_MAX + 1);
		rule->family = header->family;
		rule->priority = netlink_u32(table[FRA_PRIORITY], 0);
		rule->table = netlink_u32(table[FRA_TABLE], header->table);
		rule->action = header->action;
		rule->selective = is_selective(header, table);
		rule->has_realm = table[FRA_FLOW] != NULL;
		rule->has_mark = table[FRA_FWMARK] != NULL;
		rule->mark = netlink_u32(table[FRA_FWMARK], 0);
		parse_uids(table[FRA_UID_RANGE], rule);
	}
	netlink_finish(&messages, source);
	return 0;
}

static void parse_route(const struct nlmsghdr *message, const struct rtmsg *header,
			struct mux_route *ret)
{
	const struct nlattr *table[RTA_TABLE + 1];

	memset(ret, 0, sizeof(*ret));
	netlink_attributes(message, sizeof(*header), table, RTA_TABLE + 1);
	ret->family = header->rtm_family;
	ret->type = header->rtm_type;
	ret->table = netlink_u32(table[RTA_TABLE], header->rtm_table);
	ret->destination = netlink_address(table[RTA_DST], header->rtm_family);
	/* A default route has no RTA_DST; its destination is the unspecified address. */
	ret->destination.family = header->rtm_family;
	ret->prefix_len = header->rtm_dst_len;
	ret->link = (int)netlink_u32(table[RTA_OIF], 0);
	ret->preferred_source = netlink_address(table[RTA_PREFSRC], header->rtm_family);
	ret->has_realm = table[RTA_FLOW] != NULL;
	ret->has_metrics = table[RTA_METRICS] != NULL;
}

static int parse_routes(struct mux_slice bytes, struct arena *arena, struct mux_source *source,
			struct arena_list *list)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = netlink_next(&messages, RTM_NEWROUTE, sizeof(struct rtmsg)))) {
		const struct rtmsg *header = mnl_nlmsg_get_payload(message);
		struct mux_route route, *item;

		parse_route(message, header, &route);
		/* Kernels before 4.20 give all tables, whatever was asked for. */
		if (route.table != RT_TABLE_LOCAL)
			continue;
		item = arena_list_add(arena, list);
		if (item == NULL)
			return -ENOMEM;
		*item = route;
	}
	netlink_finish(&messages, source);
	return 0;
}

/*
 * One group of facts has an entry per family. What the kernel lacks (no IPv6 compiled in) is no
 * obstacle; what could not be read in one family makes the group unreadable.
 */
static struct mux_source combine(const struct mux_source *a, const struct mux_source *b)
{
	bool use_b = a->presence != MUX_DENIED &&
		     (b->presence == MUX_DENIED ||
		      (b->presence == MUX_PRESENT && a->presence != MUX_PRESENT));
	struct mux_source source = use_b ? *b : *a;

	source.truncated = a->truncated || b->truncated;
	return source;
}

static int parse_rule_group(const struct mux_bundle *bundle, struct arena *arena,
			    struct mux_routing *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_rule)};
	struct mux_source source4, source6;
	struct mux_slice bytes;
	int error;

	bytes = bundle_source(bundle, "netlink/route/rules4", &source4);
	error = parse_rules(bytes, arena, &source4, &list);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/route/rules6", &source6);
	error = parse_rules(bytes, arena, &source6, &list);
	ret->rules_source = combine(&source4, &source6);
	ret->rules = list.items;
	ret->n_rules = list.n;
	return error;
}

static int parse_route_group(const struct mux_bundle *bundle, struct arena *arena,
			     struct mux_routing *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_route)};
	struct mux_source source4, source6;
	struct mux_slice bytes;
	int error;

	bytes = bundle_source(bundle, "netlink/route/routes4", &source4);
	error = parse_routes(bytes, arena, &source4, &list);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/route/routes6", &source6);
	error = parse_routes(bytes, arena, &source6, &list);
	ret->routes_source = combine(&source4, &source6);
	ret->routes = list.items;
	ret->n_routes = list.n;
	return error;
}

/* The errno of a look-up is the fact; one without an errno must hold a route. */
static void parse_answer(const struct bundle_entry *entry, struct mux_route_answer *ret)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;
	const struct rtmsg *header;
	struct mux_route route;

	ret->error = entry->error;
	if (ret->error != 0)
		return;
	netlink_begin(&messages, entry->bytes);
	message = netlink_next(&messages, RTM_NEWROUTE, sizeof(*header));
	if (message == NULL) {
		ret->error = EBADMSG;
		return;
	}
	header = mnl_nlmsg_get_payload(message);
	parse_route(message, header, &route);
	ret->type = route.type;
	ret->link = route.link;
	ret->source = route.preferred_source;
}

/* Where rtnetlink could not be asked at all, as in a sandbox without netlink sockets, an errno is
 * not the kernel's answer about a route. */
static bool is_no_answer(const struct mux_routing *routing, const struct mux_route_answer *answer)
{
	return answer->error != 0 && routing->links_source.presence == MUX_DENIED &&
	       routing->links_source.error == answer->error;
}

static int parse_answers(const struct mux_bundle *bundle, struct arena *arena,
			 struct mux_routing *ret)
{
	static const char prefix[] = "netlink/route/answer/";
	struct arena_list list = {.size = sizeof(struct mux_route_answer)};
	const struct bundle_entry *entry;
	size_t i;

	for (i = 0; (entry = bundle_at(bundle, i)) != NULL; i++) {
		struct mux_route_answer answer = {0}, *item;

		if (strncmp(entry->name, prefix, strlen(prefix)) != 0 ||
		    addr_parse(slice_of(entry->name + strlen(prefix)), &answer.destination) != 0)
			continue;
		parse_answer(entry, &answer);
		if (is_no_answer(ret, &answer))
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = answer;
	}
	ret->answers = list.items;
	ret->n_answers = list.n;
	return 0;
}

int parse_routing(const struct mux_bundle *bundle, struct arena *arena, struct mux_routing *ret)
{
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	bytes = bundle_source(bundle, "netlink/route/links", &ret->links_source);
	error = parse_links(bytes, arena, ret);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, "netlink/route/addresses", &ret->addresses_source);
	error = parse_addresses(bytes, arena, ret);
	if (error != 0)
		return error;
	error = parse_rule_group(bundle, arena, ret);
	if (error != 0)
		return error;
	error = parse_route_group(bundle, arena, ret);
	return error != 0 ? error : parse_answers(bundle, arena, ret);
}
