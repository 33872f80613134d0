/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_ct.c: what conntrack knows of the packet's flow. */
#include "netfilter/kernel.h"

#include <string.h>

#include "netfilter/expr.h"

struct ct {
	uint32_t key, destination, source;
	uint8_t direction;
	bool has_direction, sets;
};

static bool decode(const struct nf_attrs *attrs, struct ct *ct)
{
	ct->sets = nf_attr_has(attrs, NFTA_CT_SREG);
	ct->has_direction = nf_attr_has(attrs, NFTA_CT_DIRECTION);
	return ct->sets != nf_attr_has(attrs, NFTA_CT_DREG) && nf_attr_has(attrs, NFTA_CT_KEY) &&
	       nf_attr_u32(attrs, NFTA_CT_KEY, 0, &ct->key) &&
	       nf_attr_u32(attrs, NFTA_CT_DREG, 0, &ct->destination) &&
	       nf_attr_u32(attrs, NFTA_CT_SREG, 0, &ct->source) &&
	       nf_attr_u8(attrs, NFTA_CT_DIRECTION, 0, &ct->direction);
}

static const struct {
	const char *name;
	enum nf_type type;
	uint8_t len; /* bytes; 0 = of an address of the packet's family */
} keys[] = {
	[NFT_CT_STATE] = {"state", NF_TYPE_CT_STATE, 4},
	[NFT_CT_DIRECTION] = {"direction", NF_TYPE_CT_DIRECTION, 1},
	[NFT_CT_STATUS] = {"status", NF_TYPE_CT_STATUS, 4},
	[NFT_CT_MARK] = {"mark", NF_TYPE_HOST_HEX, 4},
	[NFT_CT_SECMARK] = {"secmark", NF_TYPE_HOST_HEX, 4},
	[NFT_CT_EXPIRATION] = {"expiration", NF_TYPE_HOST_NUMBER, 4},
	[NFT_CT_HELPER] = {"helper", NF_TYPE_NAME, 16},
	[NFT_CT_L3PROTOCOL] = {"l3proto", NF_TYPE_NFPROTO, 1},
	[NFT_CT_SRC] = {"saddr", NF_TYPE_BYTES, 0},
	[NFT_CT_DST] = {"daddr", NF_TYPE_BYTES, 0},
	[NFT_CT_PROTOCOL] = {"protocol", NF_TYPE_PROTOCOL, 1},
	[NFT_CT_PROTO_SRC] = {"proto-src", NF_TYPE_NUMBER, 2},
	[NFT_CT_PROTO_DST] = {"proto-dst", NF_TYPE_NUMBER, 2},
	[NFT_CT_LABELS] = {"label", NF_TYPE_BYTES, 16},
	[NFT_CT_PKTS] = {"packets", NF_TYPE_HOST_NUMBER, 8},
	[NFT_CT_BYTES] = {"bytes", NF_TYPE_HOST_NUMBER, 8},
	[NFT_CT_AVGPKT] = {"avgpkt", NF_TYPE_HOST_NUMBER, 8},
	[NFT_CT_ZONE] = {"zone", NF_TYPE_HOST_NUMBER, 2},
	[NFT_CT_EVENTMASK] = {"event", NF_TYPE_HOST_HEX, 4},
	[NFT_CT_SRC_IP] = {"ip saddr", NF_TYPE_IPV4, 4},
	[NFT_CT_DST_IP] = {"ip daddr", NF_TYPE_IPV4, 4},
	[NFT_CT_SRC_IP6] = {"ip6 saddr", NF_TYPE_IPV6, 16},
	[NFT_CT_DST_IP6] = {"ip6 daddr", NF_TYPE_IPV6, 16},
	[NFT_CT_ID] = {"id", NF_TYPE_HOST_NUMBER, 4},
};

enum { N_KEYS = sizeof(keys) / sizeof(keys[0]) };

static enum nf_step load_bytes(struct nf_machine *machine, const struct ct *ct, const void *value,
			       const void *known, size_t len)
{
	return nf_register_store(
		machine, ct->destination,
		&(struct nf_bits){value, known, len, "conntrack's view is not known"});
}

static enum nf_step load_address(struct nf_machine *machine, const struct ct *ct, bool source)
{
	const struct nf_live *live = &machine->live;
	bool original = ct->direction == IP_CT_DIR_ORIGINAL;
	const struct mux_address *address =
		source == original ? &live->tuple_source : &live->tuple_destination;
	bool is_v4 = ct->key == NFT_CT_SRC_IP || ct->key == NFT_CT_DST_IP;
	bool is_v6 = ct->key == NFT_CT_SRC_IP6 || ct->key == NFT_CT_DST_IP6;

	if ((is_v4 && live->family != NFPROTO_IPV4) || (is_v6 && live->family != NFPROTO_IPV6))
		return NF_STEP_BREAK;
	/* A translated flow's reply tuple is another one. */
	if (!original &&
	    (live->known.ct_status & ~live->value.ct_status & IPS_NAT_MASK) != IPS_NAT_MASK)
		return load_bytes(machine, ct, address->bytes, (uint8_t[16]){0},
				  live->family == NFPROTO_IPV4 ? 4 : 16);
	return load_bytes(machine, ct, address->bytes, NULL, live->family == NFPROTO_IPV4 ? 4 : 16);
}

static enum nf_step load_port(struct nf_machine *machine, const struct ct *ct, bool source)
{
	const struct nf_live *live = &machine->live;
	bool original = ct->direction == IP_CT_DIR_ORIGINAL;
	uint16_t port = source == original ? live->tuple_source_port : live->tuple_destination_port;
	uint16_t port_be = htons(port), known = port != 0 ? UINT16_MAX : 0;

	if (!original &&
	    (live->known.ct_status & ~live->value.ct_status & IPS_NAT_MASK) != IPS_NAT_MASK)
		known = 0;
	return load_bytes(machine, ct, &port_be, &known, sizeof(port_be));
}

/* The keys that need a flow; what has none breaks. */
static enum nf_step load_of_flow(struct nf_machine *machine, const struct ct *ct)
{
	static const uint8_t zeros[16];
	const struct nf_live *live = &machine->live;
	uint8_t byte, byte_known = 0xff;
	uint32_t value, known;

	switch (ct->key) {
	case NFT_CT_DIRECTION:
		byte = (uint8_t)live->value.ct_direction;
		byte_known = live->known.ct_direction == UINT32_MAX ? 0xff : 0;
		return load_bytes(machine, ct, &byte, &byte_known, 1);
	case NFT_CT_STATUS:
		nf_ct_status(machine, &value, &known);
		return load_bytes(machine, ct, &value, &known, sizeof(value));
	case NFT_CT_MARK:
		return load_bytes(machine, ct, &live->value.ct_mark, &live->known.ct_mark,
				  sizeof(value));
	case NFT_CT_L3PROTOCOL:
		return load_bytes(machine, ct, &live->family, NULL, 1);
	case NFT_CT_PROTOCOL:
		return load_bytes(machine, ct, &live->tuple_protocol, NULL, 1);
	case NFT_CT_SRC:
	case NFT_CT_SRC_IP:
	case NFT_CT_SRC_IP6:
		return load_address(machine, ct, true);
	case NFT_CT_DST:
	case NFT_CT_DST_IP:
	case NFT_CT_DST_IP6:
		return load_address(machine, ct, false);
	case NFT_CT_PROTO_SRC:
		return load_port(machine, ct, true);
	case NFT_CT_PROTO_DST:
		return load_port(machine, ct, false);
	case NFT_CT_HELPER:
		/* It is the helper of the flow that this one was expected by: there is none. */
		return NF_STEP_BREAK;
	case NFT_CT_ZONE:
		value = live->value.ct_zone;
		known = live->known.ct_zone;
		return load_bytes(machine, ct, &value, &known, sizeof(uint16_t));
	default:
		return load_bytes(machine, ct, zeros, zeros, keys[ct->key].len);
	}
}

static enum nf_step load(struct nf_machine *machine, const struct ct *ct)
{
	uint32_t value, known;

	if (ct->key == NFT_CT_EVENTMASK)
		return NF_STEP_ALIEN;
	if (ct->key == NFT_CT_STATE) {
		nf_ct_state(machine, &value, &known);
		return load_bytes(machine, ct, &value, &known, sizeof(value));
	}
	switch (nf_ct_is_tracked(machine)) {
	case MUX_NO:
		return NF_STEP_BREAK;
	case MUX_UNKNOWN:
		nf_doubt(machine, "whether conntrack has seen the packet");
		break;
	case MUX_YES:
		break;
	}
	return load_of_flow(machine, ct);
}

static enum nf_step set(struct nf_machine *machine, const struct ct *ct)
{
	struct nf_live *live = &machine->live;
	struct nf_bits bits;

	if (!nf_register_load(machine, ct->source, keys[ct->key].len, &bits))
		return NF_STEP_ALIEN;
	switch (ct->key) {
	case NFT_CT_MARK:
		/* nft_ct_set_eval(): without a flow nothing happens. */
		if (nf_ct_is_tracked(machine) == MUX_UNKNOWN)
			live->known.ct_mark = 0;
		if (nf_ct_is_tracked(machine) != MUX_YES)
			return NF_STEP_NEXT;
		memcpy(&live->value.ct_mark, bits.value, sizeof(uint32_t));
		memcpy(&live->known.ct_mark, bits.known, sizeof(uint32_t));
		return NF_STEP_NEXT;
	case NFT_CT_ZONE:
		/* In another zone a reply may belong to no flow. */
		if (!live->ct_attached)
			live->known.ct_state = live->known.ct_zone = 0;
		return NF_STEP_NEXT;
	case NFT_CT_LABELS:
	case NFT_CT_EVENTMASK:
	case NFT_CT_SECMARK:
		return NF_STEP_NEXT;
	default:
		return NF_STEP_ALIEN;
	}
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct ct ct;

	if (!decode(attrs, &ct) || ct.key >= N_KEYS)
		return NF_STEP_ALIEN;
	return ct.sets ? set(machine, &ct) : load(machine, &ct);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct ct ct;
	const char *text, *value;

	if (!decode(attrs, &ct) || ct.key >= N_KEYS)
		return false;
	text = arena_printf(printer->arena, "ct %s%s",
			    !ct.has_direction			 ? ""
			    : ct.direction == IP_CT_DIR_ORIGINAL ? "original "
								 : "reply ",
			    keys[ct.key].name);
	if (!ct.sets) {
		nf_print_load(printer, ct.destination, text, keys[ct.key].type, keys[ct.key].len);
		return true;
	}
	value = nf_format_register(printer, ct.source, keys[ct.key].type);
	if (value == NULL)
		return false;
	nf_print(printer, "%s set %s", text, value);
	return true;
}

const struct nf_expr nf_expr_ct = {
	.name = "ct",
	.attributes = 1u << NFTA_CT_DREG | 1u << NFTA_CT_KEY | 1u << NFTA_CT_DIRECTION |
		      1u << NFTA_CT_SREG,
	.run = run,
	.print = print,
};
