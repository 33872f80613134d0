/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * NFT_MSG_TRACE messages (nf_tables_trace.c), those of other packets included: whose they are is
 * for the evaluator to say. The kernel quotes at most 40 bytes of network header and 20 of
 * transport header.
 */
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "parse/netlink.h"
#include "parse/parse.h"

enum { IPV4_LEN = 20, IPV6_LEN = 40, PORTS_LEN = 4, ICMP_LEN = 8, TCP_LEN = 20 };

static uint16_t be16_at(struct mux_slice bytes, size_t at)
{
	return (uint16_t)((uint8_t)bytes.data[at] << 8 | (uint8_t)bytes.data[at + 1]);
}

static struct mux_address address_at(struct mux_slice bytes, size_t at, int family)
{
	struct mux_address address = {.family = family};

	memcpy(address.bytes, bytes.data + at, family == AF_INET ? 4 : 16);
	return address;
}

/* Reads the IP header; *ret_len is the number of bytes that it says follow. */
static bool read_network(struct mux_slice bytes, struct mux_trace_packet *ret, size_t *ret_len)
{
	uint8_t version = bytes.len != 0 ? (uint8_t)bytes.data[0] >> 4 : 0;
	size_t header;

	if (version == 4 && bytes.len >= IPV4_LEN) {
		header = ((uint8_t)bytes.data[0] & 15u) * 4u;
		*ret_len = be16_at(bytes, 2) > header ? be16_at(bytes, 2) - header : 0;
		ret->protocol = (uint8_t)bytes.data[9];
		ret->source = address_at(bytes, 12, AF_INET);
		ret->destination = address_at(bytes, 16, AF_INET);
		return true;
	}
	if (version == 6 && bytes.len >= IPV6_LEN) {
		*ret_len = be16_at(bytes, 4);
		ret->protocol = (uint8_t)bytes.data[6];
		ret->source = address_at(bytes, 8, AF_INET6);
		ret->destination = address_at(bytes, 24, AF_INET6);
		return true;
	}
	return false;
}

static void read_transport(struct mux_slice bytes, size_t len, struct mux_trace_packet *ret)
{
	if ((ret->protocol == IPPROTO_TCP || ret->protocol == IPPROTO_UDP) &&
	    bytes.len >= PORTS_LEN) {
		ret->source_port = be16_at(bytes, 0);
		ret->destination_port = be16_at(bytes, 2);
	}
	if (ret->protocol == IPPROTO_TCP && bytes.len >= TCP_LEN) {
		ret->tcp_flags = (uint8_t)bytes.data[13];
		ret->has_data = len > ((uint8_t)bytes.data[12] >> 4) * 4u;
	}
	if ((ret->protocol == IPPROTO_ICMP || ret->protocol == IPPROTO_ICMPV6) &&
	    bytes.len >= ICMP_LEN) {
		ret->icmp_type = (uint8_t)bytes.data[0];
		ret->icmp_code = (uint8_t)bytes.data[1];
		ret->source_port = ret->destination_port = be16_at(bytes, 4);
	}
}

static void read_packet(const struct nlattr *const *attributes, struct mux_trace_event *event)
{
	const struct nlattr *transport = attributes[NFTA_TRACE_TRANSPORT_HEADER];
	size_t len;

	if (!read_network(netlink_bytes(attributes[NFTA_TRACE_NETWORK_HEADER]), &event->packet,
			  &len))
		return;
	event->has_packet = true;
	read_transport(netlink_bytes(transport), len, &event->packet);
}

static void read_verdict(const struct nlattr *const *attributes, struct mux_trace_event *event)
{
	const struct nlattr *verdict[NFTA_VERDICT_MAX + 1];

	if (event->kind == MUX_TRACE_POLICY) {
		event->has_verdict = attributes[NFTA_TRACE_POLICY] != NULL;
		event->verdict = (int32_t)netlink_u32_be(attributes[NFTA_TRACE_POLICY], NF_DROP);
		return;
	}
	netlink_nested(attributes[NFTA_TRACE_VERDICT], verdict, NFTA_VERDICT_MAX + 1);
	event->has_verdict = verdict[NFTA_VERDICT_CODE] != NULL;
	event->verdict = (int32_t)netlink_u32_be(verdict[NFTA_VERDICT_CODE], NF_DROP);
	event->target = netlink_string(verdict[NFTA_VERDICT_CHAIN]);
}

static struct mux_trace_event read_event(const struct nlmsghdr *message)
{
	const struct nlattr *attributes[NFTA_TRACE_MAX + 1];
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);
	struct mux_trace_event event = {.family = header->nfgen_family};

	netlink_attributes(message, sizeof(*header), attributes, NFTA_TRACE_MAX + 1);
	event.id = netlink_u32_be(attributes[NFTA_TRACE_ID], 0);
	event.kind = (enum mux_trace_kind)netlink_u32_be(attributes[NFTA_TRACE_TYPE], 0);
	event.table = netlink_string(attributes[NFTA_TRACE_TABLE]);
	event.chain = netlink_string(attributes[NFTA_TRACE_CHAIN]);
	event.handle = netlink_u64_be(attributes[NFTA_TRACE_RULE_HANDLE], 0);
	event.in_link = (int)netlink_u32_be(attributes[NFTA_TRACE_IIF], 0);
	event.out_link = (int)netlink_u32_be(attributes[NFTA_TRACE_OIF], 0);
	read_verdict(attributes, &event);
	read_packet(attributes, &event);
	return event;
}

static int parse_events(const struct mux_bundle *bundle, struct arena *arena, struct mux_trace *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_trace_event)};
	struct netlink_messages messages;
	const struct nlmsghdr *message;
	struct mux_source source;

	netlink_begin(&messages, bundle_source(bundle, "trace/events", &source));
	while ((message = netlink_next(&messages, NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_TRACE,
				       sizeof(struct nfgenmsg))) != NULL) {
		struct mux_trace_event *event = arena_list_add(arena, &list);

		if (event == NULL)
			return -ENOMEM;
		*event = read_event(message);
	}
	netlink_finish(&messages, &source);
	ret->lost |= source.truncated;
	if (source.presence != MUX_PRESENT && ret->source.presence == MUX_PRESENT)
		ret->source = source;
	ret->events = list.items;
	ret->n_events = list.n;
	return 0;
}

/* Adding our own table is one generation. */
static enum mux_answer is_changed(const struct mux_bundle *bundle)
{
	uint32_t read = 0, began = 0, ended = 0;
	struct mux_source source;

	if (!parse_generation(bundle, "nft/generation-after", &source, &read) ||
	    !parse_generation(bundle, "trace/generation", &source, &began) ||
	    !parse_generation(bundle, "trace/generation-after", &source, &ended))
		return MUX_UNKNOWN;
	return began == read + 1 && ended == began ? MUX_NO : MUX_YES;
}

int parse_trace(const struct mux_bundle *bundle, struct arena *arena, struct mux_trace *ret)
{
	struct mux_slice bytes;
	int error;

	memset(ret, 0, sizeof(*ret));
	ret->changed = MUX_UNKNOWN;
	bytes = bundle_source(bundle, "trace/probe", &ret->source);
	if (ret->source.presence != MUX_PRESENT)
		return 0;
	error = parse_trace_probe(bytes, arena, ret);
	if (error != 0)
		return error;
	ret->changed = is_changed(bundle);
	return parse_events(bundle, arena, ret);
}
