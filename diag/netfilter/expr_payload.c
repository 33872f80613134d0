/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_payload.c: bytes of the packet's headers, read and written. */
#include "netfilter/kernel.h"

#include <string.h>

#include "netfilter/expr.h"

enum { LARGEST = 64 };

struct payload {
	uint32_t base, offset, len, destination, source;
	bool writes;
};

static bool decode(const struct nf_attrs *attrs, struct payload *payload)
{
	payload->writes = nf_attr_has(attrs, NFTA_PAYLOAD_SREG);
	return payload->writes != nf_attr_has(attrs, NFTA_PAYLOAD_DREG) &&
	       nf_attr_has(attrs, NFTA_PAYLOAD_BASE) && nf_attr_has(attrs, NFTA_PAYLOAD_OFFSET) &&
	       nf_attr_u32(attrs, NFTA_PAYLOAD_BASE, 0, &payload->base) &&
	       nf_attr_u32(attrs, NFTA_PAYLOAD_OFFSET, 0, &payload->offset) &&
	       nf_attr_u32(attrs, NFTA_PAYLOAD_LEN, 0, &payload->len) &&
	       nf_attr_u32(attrs, NFTA_PAYLOAD_DREG, 0, &payload->destination) &&
	       nf_attr_u32(attrs, NFTA_PAYLOAD_SREG, 0, &payload->source) && payload->len != 0 &&
	       payload->len <= LARGEST;
}

/* Where in the packet's known bytes something begins. */
struct spot {
	uint8_t *value, *known;
	size_t room; /* bytes from there to the end of what is modelled of its header */
};

static bool spot_in(uint8_t *value, uint8_t *known, size_t header_len, size_t offset,
		    struct spot *spot)
{
	if (offset >= header_len)
		return false;
	*spot = (struct spot){value + offset, known + offset, header_len - offset};
	return true;
}

/*
 * Finds byte `offset` behind the base. The network header is followed by the transport header, and
 * a load may run from one into the other. Returns false where nothing of the packet is modelled.
 */
static bool find(struct nf_live *live, uint32_t base, size_t offset, struct spot *spot)
{
	struct nf_fields *value = &live->value, *known = &live->known;

	switch (base) {
	case NFT_PAYLOAD_LL_HEADER:
		if (offset < ETH_HLEN)
			return spot_in(value->link, known->link, ETH_HLEN, offset, spot);
		offset -= ETH_HLEN;
		break;
	case NFT_PAYLOAD_NETWORK_HEADER:
		break;
	default:
		return spot_in(value->transport, known->transport, live->transport_len, offset,
			       spot);
	}
	if (offset < live->network_len)
		return spot_in(value->network, known->network, live->network_len, offset, spot);
	return spot_in(value->transport, known->transport, live->transport_len,
		       offset - live->network_len, spot);
}

/* skb_mac_header_was_set(): only once the packet has reached lo. */
static bool has_link_header(const struct nf_machine *machine)
{
	return machine->place.hook != NF_HOOK_OUTPUT && machine->place.hook != NF_HOOK_POSTROUTING;
}

/* How many bytes behind the base are modelled; what follows may be there or not. */
static bool is_modelled(struct nf_machine *machine, const struct payload *payload)
{
	struct spot spot;

	return find(&machine->live, payload->base, (size_t)payload->offset + payload->len - 1,
		    &spot);
}

/* skb_copy_bits() fails, and the rule with it. */
static bool is_behind_end(const struct nf_machine *machine, const struct payload *payload)
{
	const struct nf_live *live = &machine->live;
	size_t length = live->value.length;

	if (payload->base == NFT_PAYLOAD_LL_HEADER)
		length += ETH_HLEN;
	else if (payload->base == NFT_PAYLOAD_TRANSPORT_HEADER)
		length -= live->network_len;
	return (size_t)payload->offset + payload->len > length;
}

static void load_bytes(struct nf_machine *machine, const struct payload *payload, uint8_t *value,
		       uint8_t *known)
{
	struct spot spot;
	size_t i;

	if (find(&machine->live, payload->base, payload->offset, &spot) &&
	    spot.room >= payload->len) {
		memcpy(value, spot.value, payload->len);
		memcpy(known, spot.known, payload->len);
		return;
	}
	for (i = 0; i < payload->len; i++)
		if (find(&machine->live, payload->base, (size_t)payload->offset + i, &spot)) {
			value[i] = *spot.value;
			known[i] = *spot.known;
		}
}

static void store_bytes(struct nf_machine *machine, const struct payload *payload,
			const struct nf_bits *bits)
{
	struct spot spot;
	size_t i;

	for (i = 0; i < payload->len; i++)
		if (find(&machine->live, payload->base, (size_t)payload->offset + i, &spot)) {
			*spot.value = bits->value[i];
			*spot.known = bits->known[i];
		}
}

const char nf_why_sequence[] = "sequence numbers";

/* TCP's sequence or acknowledgment number, and nothing else. */
static bool is_sequence(const struct nf_machine *machine, const struct payload *payload)
{
	return payload->base == NFT_PAYLOAD_TRANSPORT_HEADER && payload->len == 4 &&
	       (payload->offset == 4 || payload->offset == 8) &&
	       nf_is_protocol(machine, IPPROTO_TCP);
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const char why[] = "bytes of the packet that are not known";
	uint8_t value[LARGEST] = {0}, known[LARGEST] = {0};
	struct payload payload;
	struct nf_bits bits;

	if (!decode(attrs, &payload) || payload.base > NFT_PAYLOAD_INNER_HEADER ||
	    payload.offset > UINT16_MAX)
		return NF_STEP_ALIEN;
	if (payload.base == NFT_PAYLOAD_LL_HEADER && !has_link_header(machine))
		return NF_STEP_BREAK;
	if (payload.base != NFT_PAYLOAD_INNER_HEADER && is_modelled(machine, &payload)) {
		load_bytes(machine, &payload, value, known);
	} else if (payload.base == NFT_PAYLOAD_INNER_HEADER ||
		   machine->live.known.length != UINT32_MAX) {
		/* Whether the packet is that long is not known either. */
		nf_doubt(machine, "bytes behind the headers are not known");
	} else if (is_behind_end(machine, &payload)) {
		return NF_STEP_BREAK;
	} else {
		load_bytes(machine, &payload, value, known);
	}
	if (payload.writes) {
		if (!nf_register_load(machine, payload.source, payload.len, &bits))
			return NF_STEP_ALIEN;
		store_bytes(machine, &payload, &bits);
		return NF_STEP_NEXT;
	}
	return nf_register_store(
		machine, payload.destination,
		&(struct nf_bits){value, known, payload.len,
				  is_sequence(machine, &payload) ? nf_why_sequence : why});
}

/* Header fields by name. */
struct field {
	const char *text;
	uint8_t base, protocol; /* NFPROTO_* or IPPROTO_*; 0 = any */
	uint8_t offset, len;
	enum nf_type type;
};

static const struct field fields[] = {
	{"ether daddr", NFT_PAYLOAD_LL_HEADER, 0, 0, 6, NF_TYPE_LINK_ADDRESS},
	{"ether saddr", NFT_PAYLOAD_LL_HEADER, 0, 6, 6, NF_TYPE_LINK_ADDRESS},
	{"ether type", NFT_PAYLOAD_LL_HEADER, 0, 12, 2, NF_TYPE_ETHERTYPE},
	{"ip dscp", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 1, 1, NF_TYPE_BYTES},
	{"ip length", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 2, 2, NF_TYPE_NUMBER},
	{"ip id", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 4, 2, NF_TYPE_NUMBER},
	{"ip frag-off", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 6, 2, NF_TYPE_BYTES},
	{"ip ttl", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 8, 1, NF_TYPE_NUMBER},
	{"ip protocol", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 9, 1, NF_TYPE_PROTOCOL},
	{"ip saddr", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 12, 4, NF_TYPE_IPV4},
	{"ip daddr", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV4, 16, 4, NF_TYPE_IPV4},
	{"ip6 length", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV6, 4, 2, NF_TYPE_NUMBER},
	{"ip6 nexthdr", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV6, 6, 1, NF_TYPE_PROTOCOL},
	{"ip6 hoplimit", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV6, 7, 1, NF_TYPE_NUMBER},
	{"ip6 saddr", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV6, 8, 16, NF_TYPE_IPV6},
	{"ip6 daddr", NFT_PAYLOAD_NETWORK_HEADER, NFPROTO_IPV6, 24, 16, NF_TYPE_IPV6},
	{"tcp sport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_TCP, 0, 2, NF_TYPE_NUMBER},
	{"tcp dport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_TCP, 2, 2, NF_TYPE_NUMBER},
	{"tcp sequence", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_TCP, 4, 4, NF_TYPE_NUMBER},
	{"tcp flags", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_TCP, 13, 1, NF_TYPE_TCP_FLAGS},
	{"tcp window", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_TCP, 14, 2, NF_TYPE_NUMBER},
	{"udp sport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_UDP, 0, 2, NF_TYPE_NUMBER},
	{"udp dport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_UDP, 2, 2, NF_TYPE_NUMBER},
	{"udp length", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_UDP, 4, 2, NF_TYPE_NUMBER},
	{"sctp sport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_SCTP, 0, 2, NF_TYPE_NUMBER},
	{"sctp dport", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_SCTP, 2, 2, NF_TYPE_NUMBER},
	{"icmp type", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_ICMP, 0, 1, NF_TYPE_ICMP},
	{"icmp code", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_ICMP, 1, 1, NF_TYPE_NUMBER},
	{"icmpv6 type", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_ICMPV6, 0, 1, NF_TYPE_ICMP6},
	{"icmpv6 code", NFT_PAYLOAD_TRANSPORT_HEADER, IPPROTO_ICMPV6, 1, 1, NF_TYPE_NUMBER},
	{"th sport", NFT_PAYLOAD_TRANSPORT_HEADER, 0, 0, 2, NF_TYPE_NUMBER},
	{"th dport", NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 2, NF_TYPE_NUMBER},
};

static bool is_field(const struct nf_printer *printer, const struct payload *payload,
		     const struct field *field)
{
	bool is_prefix = field->type == NF_TYPE_IPV4 || field->type == NF_TYPE_IPV6;

	if (field->base != payload->base || field->offset != payload->offset)
		return false;
	if (payload->len != field->len && (!is_prefix || payload->len > field->len))
		return false;
	if (field->protocol == 0)
		return true;
	return field->base == NFT_PAYLOAD_NETWORK_HEADER ? field->protocol == printer->family
							 : field->protocol == printer->protocol;
}

/* A field says itself which protocol it is of. */
static void drop_implied(struct nf_printer *printer, const struct field *field)
{
	bool is_transport = field->base == NFT_PAYLOAD_TRANSPORT_HEADER;

	if (field->protocol != 0 && is_transport == (printer->pending_type == NF_TYPE_PROTOCOL))
		printer->pending = NULL;
}

static const char *name(struct nf_printer *printer, const struct payload *payload,
			enum nf_type *type)
{
	static const char *const bases[] = {"ll", "nh", "th", "ih"};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (is_field(printer, payload, &fields[i])) {
			drop_implied(printer, &fields[i]);
			*type = fields[i].type;
			return fields[i].text;
		}
	*type = NF_TYPE_BYTES;
	return arena_printf(printer->arena, "@%s,%u,%u", bases[payload->base], payload->offset * 8,
			    payload->len * 8);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct payload payload;
	const char *text, *value;
	enum nf_type type;

	if (!decode(attrs, &payload) || payload.base > NFT_PAYLOAD_INNER_HEADER ||
	    payload.offset > UINT16_MAX)
		return false;
	text = name(printer, &payload, &type);
	if (!payload.writes) {
		nf_print_load(printer, payload.destination, text, type, payload.len);
		return true;
	}
	value = nf_format_register(printer, payload.source, type);
	if (value == NULL)
		return false;
	nf_print(printer, "%s set %s", text, value);
	return true;
}

const struct nf_expr nf_expr_payload = {
	.name = "payload",
	.attributes = 1u << NFTA_PAYLOAD_DREG | 1u << NFTA_PAYLOAD_BASE |
		      1u << NFTA_PAYLOAD_OFFSET | 1u << NFTA_PAYLOAD_LEN | 1u << NFTA_PAYLOAD_SREG |
		      1u << NFTA_PAYLOAD_CSUM_TYPE | 1u << NFTA_PAYLOAD_CSUM_OFFSET |
		      1u << NFTA_PAYLOAD_CSUM_FLAGS,
	.run = run,
	.print = print,
};
