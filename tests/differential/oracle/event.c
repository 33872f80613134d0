/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "event.h"

#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netinet/in.h>
#include <string.h>

enum { MAX_ATTRIBUTE = NFTA_TRACE_POLICY };

struct attributes {
	const struct nlattr *by_type[MAX_ATTRIBUTE + 1];
};

static int collect(const struct nlattr *attribute, void *data)
{
	struct attributes *all = data;
	uint16_t type = mnl_attr_get_type(attribute);

	if (type <= MAX_ATTRIBUTE)
		all->by_type[type] = attribute;
	return MNL_CB_OK;
}

static void copy_name(char *name, size_t size, const struct nlattr *attribute)
{
	size_t len = 0;

	if (attribute != NULL)
		len = strnlen(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute));
	if (len >= size)
		len = size - 1;
	if (len > 0)
		memcpy(name, mnl_attr_get_payload(attribute), len);
	name[len] = '\0';
}

static uint16_t be16(const uint8_t *bytes)
{
	return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

/* Bytes of the transport header and payload, and the protocol. */
static unsigned parse_network(const struct nlattr *attribute, struct header *ret)
{
	const uint8_t *bytes = mnl_attr_get_payload(attribute);
	uint16_t len = mnl_attr_get_payload_len(attribute);

	if (len >= 20 && bytes[0] >> 4 == 4) {
		ret->protocol = bytes[9];
		return be16(bytes + 2) - (bytes[0] & 15u) * 4u;
	}
	if (len >= 40 && bytes[0] >> 4 == 6) {
		ret->protocol = bytes[6];
		return be16(bytes + 4);
	}
	return 0;
}

static void parse_transport(const struct nlattr *attribute, unsigned total, struct header *ret)
{
	const uint8_t *bytes = mnl_attr_get_payload(attribute);
	uint16_t len = mnl_attr_get_payload_len(attribute);

	if (len < 8)
		return;
	ret->present = true;
	if (ret->protocol == IPPROTO_ICMP || ret->protocol == IPPROTO_ICMPV6) {
		ret->icmp_type = bytes[0];
		ret->source = ret->destination = be16(bytes + 4);
		return;
	}
	ret->source = be16(bytes);
	ret->destination = be16(bytes + 2);
	if (ret->protocol == IPPROTO_TCP && len >= 14) {
		ret->flags = bytes[13];
		ret->has_payload = total > (bytes[12] >> 4) * 4u;
	}
}

static void parse_header(const struct attributes *all, struct header *ret)
{
	const struct nlattr *network = all->by_type[NFTA_TRACE_NETWORK_HEADER];
	const struct nlattr *transport = all->by_type[NFTA_TRACE_TRANSPORT_HEADER];
	unsigned total;

	*ret = (struct header){.incoming = all->by_type[NFTA_TRACE_IIF] != NULL &&
					   all->by_type[NFTA_TRACE_OIF] == NULL};
	if (network == NULL || transport == NULL)
		return;
	total = parse_network(network, ret);
	parse_transport(transport, total, ret);
}

static int take_code(const struct nlattr *attribute, void *data)
{
	const struct nlattr **code = data;

	if (mnl_attr_get_type(attribute) == NFTA_VERDICT_CODE)
		*code = attribute;
	return MNL_CB_OK;
}

static void parse_verdict(const struct attributes *all, struct event *ret)
{
	const struct nlattr *policy = all->by_type[NFTA_TRACE_POLICY];
	const struct nlattr *verdict = all->by_type[NFTA_TRACE_VERDICT], *code = NULL;

	if (ret->type == EVENT_POLICY && policy != NULL) {
		ret->has_verdict = true;
		ret->verdict = ntohl(mnl_attr_get_u32(policy));
	}
	if (ret->type != EVENT_RULE || verdict == NULL)
		return;
	if (mnl_attr_parse_nested(verdict, take_code, &code) >= 0 && code != NULL) {
		ret->has_verdict = true;
		ret->verdict = ntohl(mnl_attr_get_u32(code));
	}
}

bool event_parse(const struct nlmsghdr *header, struct event *ret)
{
	const struct nfgenmsg *message = mnl_nlmsg_get_payload(header);
	struct attributes all = {{NULL}};

	if (header->nlmsg_type != ((NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_TRACE) ||
	    mnl_attr_parse(header, sizeof(*message), collect, &all) < 0 ||
	    all.by_type[NFTA_TRACE_ID] == NULL || all.by_type[NFTA_TRACE_TYPE] == NULL)
		return false;
	*ret = (struct event){
		.id = ntohl(mnl_attr_get_u32(all.by_type[NFTA_TRACE_ID])),
		.type = (enum event_type)ntohl(mnl_attr_get_u32(all.by_type[NFTA_TRACE_TYPE])),
		.family = message->nfgen_family,
	};
	copy_name(ret->table, sizeof(ret->table), all.by_type[NFTA_TRACE_TABLE]);
	copy_name(ret->chain, sizeof(ret->chain), all.by_type[NFTA_TRACE_CHAIN]);
	if (all.by_type[NFTA_TRACE_RULE_HANDLE] != NULL)
		ret->handle = be64toh(mnl_attr_get_u64(all.by_type[NFTA_TRACE_RULE_HANDLE]));
	parse_verdict(&all, ret);
	parse_header(&all, &ret->header);
	return true;
}
