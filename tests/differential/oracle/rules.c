/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A trace event calls a reject "drop"; the rule itself tells. */
#include "rules.h"

#include <endian.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

static int look_target(const struct nlattr *attribute, void *data)
{
	bool *found = data;

	if (mnl_attr_get_type(attribute) == NFTA_TARGET_NAME)
		*found |= strcmp(mnl_attr_get_str(attribute), "REJECT") == 0;
	return MNL_CB_OK;
}

struct expression {
	const char *name;
	const struct nlattr *data;
};

static int look_expression(const struct nlattr *attribute, void *data)
{
	struct expression *expression = data;

	if (mnl_attr_get_type(attribute) == NFTA_EXPR_NAME)
		expression->name = mnl_attr_get_str(attribute);
	else if (mnl_attr_get_type(attribute) == NFTA_EXPR_DATA)
		expression->data = attribute;
	return MNL_CB_OK;
}

static int look_list(const struct nlattr *attribute, void *data)
{
	bool *found = data;
	struct expression expression = {.name = ""};

	if (mnl_attr_parse_nested(attribute, look_expression, &expression) < 0)
		return MNL_CB_OK;
	if (strcmp(expression.name, "reject") == 0)
		*found = true;
	else if (strcmp(expression.name, "target") == 0 && expression.data != NULL)
		(void)mnl_attr_parse_nested(expression.data, look_target, found);
	return MNL_CB_OK;
}

static int look_rule(const struct nlattr *attribute, void *data)
{
	if (mnl_attr_get_type(attribute) == NFTA_RULE_EXPRESSIONS)
		(void)mnl_attr_parse_nested(attribute, look_list, data);
	return MNL_CB_OK;
}

static int look(const struct nlmsghdr *header, void *data)
{
	return mnl_attr_parse(header, sizeof(struct nfgenmsg), look_rule, data);
}

static void put_request(struct nlmsghdr *header, const struct event *event)
{
	struct nfgenmsg *message;

	header->nlmsg_type = (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETRULE;
	header->nlmsg_flags = NLM_F_REQUEST;
	header->nlmsg_seq = 1;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->nfgen_family = event->family;
	message->version = NFNETLINK_V0;
	mnl_attr_put_strz(header, NFTA_RULE_TABLE, event->table);
	mnl_attr_put_strz(header, NFTA_RULE_CHAIN, event->chain);
	mnl_attr_put_u64(header, NFTA_RULE_HANDLE, htobe64(event->handle));
}

bool rule_is_reject(const struct event *event)
{
	static char answer[1 << 16];
	char request[2048];
	struct nlmsghdr *header = mnl_nlmsg_put_header(request);
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);
	bool found = false;
	ssize_t len = -1;

	if (socket == NULL)
		return false;
	put_request(header, event);
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(socket, header, header->nlmsg_len) > 0)
		len = mnl_socket_recvfrom(socket, answer, sizeof(answer));
	if (len > 0)
		mnl_cb_run(answer, (size_t)len, 1, mnl_socket_get_portid(socket), look, &found);
	mnl_socket_close(socket);
	return found;
}
