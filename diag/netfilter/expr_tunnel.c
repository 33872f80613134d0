/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_tunnel.c: keys of a tunnel; nothing on lo comes from one. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const uint8_t absent;
	uint32_t key, destination;

	if (!nf_attr_u32(attrs, NFTA_TUNNEL_KEY, UINT32_MAX, &key) ||
	    !nf_attr_u32(attrs, NFTA_TUNNEL_DREG, 0, &destination))
		return NF_STEP_ALIEN;
	/* nft_tunnel_get_eval(): without a tunnel the path is false and the id breaks. */
	if (key == NFT_TUNNEL_PATH)
		return nf_register_store(machine, destination,
					 &(struct nf_bits){.value = &absent, .len = 1});
	return key == NFT_TUNNEL_ID ? NF_STEP_BREAK : NF_STEP_ALIEN;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	uint32_t destination;

	if (!nf_attr_u32(attrs, NFTA_TUNNEL_DREG, 0, &destination))
		return false;
	nf_print_load(printer, destination, "tunnel", NF_TYPE_BYTES, 4);
	return true;
}

const struct nf_expr nf_expr_tunnel = {
	.name = "tunnel",
	.attributes = 1u << NFTA_TUNNEL_KEY | 1u << NFTA_TUNNEL_DREG | 1u << NFTA_TUNNEL_MODE,
	.run = run,
	.print = print,
};
