/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_range.c: is a register between two values, both included? */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct range {
	uint32_t source, op;
	struct mux_slice from, to;
};

static bool decode(const struct nf_attrs *attrs, struct range *range)
{
	return nf_attr_has(attrs, NFTA_RANGE_SREG) && nf_attr_has(attrs, NFTA_RANGE_OP) &&
	       nf_attr_u32(attrs, NFTA_RANGE_SREG, 0, &range->source) &&
	       nf_attr_u32(attrs, NFTA_RANGE_OP, 0, &range->op) &&
	       nf_attr_value(attrs, NFTA_RANGE_FROM_DATA, &range->from) &&
	       nf_attr_value(attrs, NFTA_RANGE_TO_DATA, &range->to) &&
	       range->from.len == range->to.len && range->op <= NFT_RANGE_NEQ;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	enum mux_answer below, above, inside = MUX_UNKNOWN;
	struct range range;
	struct nf_bits bits;

	if (!decode(attrs, &range) ||
	    !nf_register_load(machine, range.source, range.from.len, &bits))
		return NF_STEP_ALIEN;
	below = nf_bits_less(&bits, range.from.data);
	above = nf_bits_greater(&bits, range.to.data);
	if (below == MUX_YES || above == MUX_YES)
		inside = MUX_NO;
	else if (below == MUX_NO && above == MUX_NO)
		inside = MUX_YES;
	if (range.op == NFT_RANGE_NEQ)
		inside = nf_not(inside);
	return nf_step_of(machine, inside, bits.why);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct range range;

	return decode(attrs, &range) &&
	       nf_print_range(printer, range.source, range.op == NFT_RANGE_NEQ ? "!= " : "",
			      range.from, range.to);
}

const struct nf_expr nf_expr_range = {
	.name = "range",
	.attributes = 1u << NFTA_RANGE_SREG | 1u << NFTA_RANGE_OP | 1u << NFTA_RANGE_FROM_DATA |
		      1u << NFTA_RANGE_TO_DATA,
	.run = run,
	.print = print,
};
