/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_immediate.c: a verdict, or bytes for a register. */

#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct mux_slice value;
	uint32_t reg;

	if (!nf_attr_u32(attrs, NFTA_IMMEDIATE_DREG, 0, &reg) ||
	    !nf_attr_has(attrs, NFTA_IMMEDIATE_DREG))
		return NF_STEP_ALIEN;
	if (reg == NFT_REG_VERDICT)
		return nf_attr_verdict(attrs, NFTA_IMMEDIATE_DATA, &machine->verdict)
			       ? NF_STEP_NEXT
			       : NF_STEP_ALIEN;
	if (!nf_attr_value(attrs, NFTA_IMMEDIATE_DATA, &value))
		return NF_STEP_ALIEN;
	return nf_register_store(
		machine, reg,
		&(struct nf_bits){.value = (const uint8_t *)value.data, .len = value.len});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct mux_slice value;
	struct nf_verdict verdict;
	uint32_t reg;

	if (!nf_attr_u32(attrs, NFTA_IMMEDIATE_DREG, 0, &reg))
		return false;
	if (reg == NFT_REG_VERDICT)
		return nf_attr_verdict(attrs, NFTA_IMMEDIATE_DATA, &verdict) &&
		       nf_print_verdict(printer, &verdict);
	if (!nf_attr_value(attrs, NFTA_IMMEDIATE_DATA, &value))
		return false;
	nf_print_load_value(printer, reg, value);
	return true;
}

const struct nf_expr nf_expr_immediate = {
	.name = "immediate",
	.attributes = 1u << NFTA_IMMEDIATE_DREG | 1u << NFTA_IMMEDIATE_DATA,
	.run = run,
	.print = print,
};
