/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "gather/gather.h"
#include "gather/mechanism.h"
#include "gather/netlink.h"

enum { REQUEST_BYTES = 256 };

union request {
	struct nlmsghdr header;
	char bytes[REQUEST_BYTES];
};

static struct nlmsghdr *start(union request *request, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(request->bytes);

	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	return header;
}

static int dump_links(struct mux_bundle *bundle)
{
	union request request;
	struct nlmsghdr *header = start(&request, RTM_GETLINK, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(header, sizeof(struct ifinfomsg));
	return netlink_request(NETLINK_ROUTE, header, bundle, "netlink/route/links");
}

static int dump_addresses(struct mux_bundle *bundle)
{
	union request request;
	struct nlmsghdr *header = start(&request, RTM_GETADDR, NLM_F_DUMP);

	mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg));
	return netlink_request(NETLINK_ROUTE, header, bundle, "netlink/route/addresses");
}

static int dump_rules(uint8_t family, const char *name, struct mux_bundle *bundle)
{
	union request request;
	struct nlmsghdr *header = start(&request, RTM_GETRULE, NLM_F_DUMP);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	message->rtm_family = family;
	return netlink_request(NETLINK_ROUTE, header, bundle, name);
}

/* Only table local: a router's main table has a million routes that say nothing of localhost. */
static int dump_routes(uint8_t family, const char *name, struct mux_bundle *bundle)
{
	union request request;
	struct nlmsghdr *header = start(&request, RTM_GETROUTE, NLM_F_DUMP);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	message->rtm_family = family;
	message->rtm_table = RT_TABLE_LOCAL;
	return netlink_request(NETLINK_ROUTE, header, bundle, name);
}

int gather_routing(struct mux_bundle *bundle)
{
	int error = dump_links(bundle);

	if (error == 0)
		error = dump_addresses(bundle);
	if (error == 0)
		error = dump_rules(AF_INET, "netlink/route/rules4", bundle);
	if (error == 0)
		error = dump_rules(AF_INET6, "netlink/route/rules6", bundle);
	if (error == 0)
		error = dump_routes(AF_INET, "netlink/route/routes4", bundle);
	if (error == 0)
		error = dump_routes(AF_INET6, "netlink/route/routes6", bundle);
	return error;
}

enum { ANSWER_NAME_MAX = 32 + ADDR_TEXT_MAX };

static const char *answer_name(const struct mux_address *destination,
			       char name[static ANSWER_NAME_MAX])
{
	char text[ADDR_TEXT_MAX];

	snprintf(name, ANSWER_NAME_MAX, "netlink/route/answer/%s", addr_format(destination, text));
	return name;
}

int gather_route_answer(const struct mux_address *destination, struct mux_bundle *bundle)
{
	size_t len = destination->family == AF_INET ? 4 : 16;
	char name[ANSWER_NAME_MAX];
	union request request;
	struct nlmsghdr *header = start(&request, RTM_GETROUTE, 0);
	struct rtmsg *message = mnl_nlmsg_put_extra_header(header, sizeof(*message));

	if (bundle_find(bundle, answer_name(destination, name)) != NULL)
		return 0;
	message->rtm_family = (unsigned char)destination->family;
	message->rtm_dst_len = (unsigned char)(len * 8);
	mnl_attr_put(header, RTA_DST, len, destination->bytes);
	if (destination->scope_id != 0)
		mnl_attr_put_u32(header, RTA_OIF, destination->scope_id);
	return netlink_request(NETLINK_ROUTE, header, bundle, name);
}

bool route_answer_is_local(const struct mux_address *destination, const struct mux_bundle *bundle)
{
	char name[ANSWER_NAME_MAX];
	const struct bundle_entry *entry = bundle_find(bundle, answer_name(destination, name));
	const struct nlmsghdr *header;
	const struct rtmsg *message;

	if (entry == NULL || entry->error != 0)
		return false;
	header = (const struct nlmsghdr *)(const void *)entry->bytes.data;
	if (!mnl_nlmsg_ok(header, (int)entry->bytes.len) ||
	    mnl_nlmsg_get_payload_len(header) < sizeof(*message))
		return false;
	message = mnl_nlmsg_get_payload(header);
	return message->rtm_type == RTN_LOCAL;
}
