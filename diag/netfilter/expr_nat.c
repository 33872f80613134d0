/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_nat.c: snat and dnat to what registers hold. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"
#include "netfilter/nat.h"

struct nat {
	uint32_t type, family, address_min, address_max, port_min, port_max, flags;
};

static bool decode(const struct nf_attrs *attrs, struct nat *nat)
{
	return nf_attr_has(attrs, NFTA_NAT_TYPE) &&
	       nf_attr_u32(attrs, NFTA_NAT_TYPE, 0, &nat->type) &&
	       nf_attr_u32(attrs, NFTA_NAT_FAMILY, 0, &nat->family) &&
	       nf_attr_u32(attrs, NFTA_NAT_REG_ADDR_MIN, 0, &nat->address_min) &&
	       nf_attr_u32(attrs, NFTA_NAT_REG_ADDR_MAX, 0, &nat->address_max) &&
	       nf_attr_u32(attrs, NFTA_NAT_REG_PROTO_MIN, 0, &nat->port_min) &&
	       nf_attr_u32(attrs, NFTA_NAT_REG_PROTO_MAX, 0, &nat->port_max) &&
	       nf_attr_u32(attrs, NFTA_NAT_FLAGS, 0, &nat->flags) && nat->type <= NFT_NAT_DNAT;
}

/* A range of addresses or ports is one that is not known. */
static void forget(struct nf_bits *bits)
{
	static const uint8_t zeros[16];

	bits->known = zeros;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct nf_bits address, port;
	struct nf_nat translation = {0};
	struct nat nat;
	size_t len = machine->live.family == NFPROTO_IPV4 ? 4 : 16;

	if (!decode(attrs, &nat))
		return NF_STEP_ALIEN;
	/* nft_nat_inet_eval(): the other family is left alone. */
	if (machine->place.family == NFPROTO_INET && nat.family != machine->live.family &&
	    nat.address_min != 0)
		return NF_STEP_NEXT;
	translation.source = nat.type == NFT_NAT_SNAT;
	if (nat.address_min != 0) {
		if (!nf_register_load(machine, nat.address_min, len, &address))
			return NF_STEP_ALIEN;
		if (nat.address_max != 0 && nat.address_max != nat.address_min)
			forget(&address);
		translation.address = &address;
	}
	if (nat.port_min != 0) {
		if (!nf_register_load(machine, nat.port_min, 2, &port))
			return NF_STEP_ALIEN;
		if (nat.port_max != 0 && nat.port_max != nat.port_min)
			forget(&port);
		translation.port = &port;
	}
	return nf_nat_apply(machine, &translation);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	const char *address = NULL, *port = NULL;
	struct nat nat;
	enum nf_type type;

	if (!decode(attrs, &nat))
		return false;
	type = nat.family == NFPROTO_IPV6 ? NF_TYPE_IPV6 : NF_TYPE_IPV4;
	if (nat.address_min != 0)
		address = nf_format_register(printer, nat.address_min, type);
	if (nat.port_min != 0)
		port = nf_format_register(printer, nat.port_min, NF_TYPE_NUMBER);
	nf_print(printer, "%s to %s%s%s", nat.type == NFT_NAT_SNAT ? "snat" : "dnat",
		 address == NULL ? "" : address, port == NULL ? "" : ":", port == NULL ? "" : port);
	return true;
}

const struct nf_expr nf_expr_nat = {
	.name = "nat",
	.attributes = 1u << NFTA_NAT_TYPE | 1u << NFTA_NAT_FAMILY | 1u << NFTA_NAT_REG_ADDR_MIN |
		      1u << NFTA_NAT_REG_ADDR_MAX | 1u << NFTA_NAT_REG_PROTO_MIN |
		      1u << NFTA_NAT_REG_PROTO_MAX | 1u << NFTA_NAT_FLAGS,
	.run = run,
	.print = print,
};
