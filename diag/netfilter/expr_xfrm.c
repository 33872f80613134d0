/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_xfrm.c: keys of IPsec; nothing on lo is transformed. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	(void)machine;
	(void)attrs;
	return NF_STEP_BREAK;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	uint32_t destination;

	if (!nf_attr_u32(attrs, NFTA_XFRM_DREG, 0, &destination))
		return false;
	nf_print_load(printer, destination, "ipsec", NF_TYPE_BYTES, 4);
	return true;
}

const struct nf_expr nf_expr_xfrm = {
	.name = "xfrm",
	.attributes = 1u << NFTA_XFRM_DREG | 1u << NFTA_XFRM_KEY | 1u << NFTA_XFRM_DIR |
		      1u << NFTA_XFRM_SPNUM,
	.run = run,
	.print = print,
};
