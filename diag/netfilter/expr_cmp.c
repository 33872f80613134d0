/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_cmp.c: compares a register with bytes, as memcmp() orders. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct cmp {
	uint32_t source, op;
	struct mux_slice data;
};

static bool decode(const struct nf_attrs *attrs, struct cmp *cmp)
{
	return nf_attr_has(attrs, NFTA_CMP_SREG) && nf_attr_has(attrs, NFTA_CMP_OP) &&
	       nf_attr_u32(attrs, NFTA_CMP_SREG, 0, &cmp->source) &&
	       nf_attr_u32(attrs, NFTA_CMP_OP, 0, &cmp->op) &&
	       nf_attr_value(attrs, NFTA_CMP_DATA, &cmp->data) && cmp->op <= NFT_CMP_GTE;
}

static enum mux_answer compare(const struct nf_bits *bits, const struct cmp *cmp)
{
	switch (cmp->op) {
	case NFT_CMP_EQ:
		return nf_bits_equal(bits, cmp->data.data);
	case NFT_CMP_NEQ:
		return nf_not(nf_bits_equal(bits, cmp->data.data));
	case NFT_CMP_LT:
		return nf_bits_less(bits, cmp->data.data);
	case NFT_CMP_LTE:
		return nf_not(nf_bits_greater(bits, cmp->data.data));
	case NFT_CMP_GT:
		return nf_bits_greater(bits, cmp->data.data);
	default:
		return nf_not(nf_bits_less(bits, cmp->data.data));
	}
}

/* A sequence number is one of four thousand million: never just the one that is asked about. */
static bool is_chance(const struct nf_bits *bits)
{
	size_t i;

	if (bits->why != nf_why_sequence || bits->len != sizeof(uint32_t))
		return false;
	for (i = 0; i < bits->len; i++)
		if (bits->known[i] != 0)
			return false;
	return true;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	enum mux_answer answer;
	struct nf_bits bits;
	struct cmp cmp;

	if (!decode(attrs, &cmp) || !nf_register_load(machine, cmp.source, cmp.data.len, &bits))
		return NF_STEP_ALIEN;
	answer = compare(&bits, &cmp);
	if (answer == MUX_UNKNOWN && cmp.op <= NFT_CMP_NEQ && is_chance(&bits)) {
		nf_assume(machine, "that no sequence number is just the one of a rule");
		answer = cmp.op == NFT_CMP_EQ ? MUX_NO : MUX_YES;
	}
	return nf_step_of(machine, answer, bits.why);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const ops[] = {
		[NFT_CMP_EQ] = "",     [NFT_CMP_NEQ] = "!= ", [NFT_CMP_LT] = "< ",
		[NFT_CMP_LTE] = "<= ", [NFT_CMP_GT] = "> ",   [NFT_CMP_GTE] = ">= ",
	};
	struct cmp cmp;

	return decode(attrs, &cmp) && nf_print_compare(printer, cmp.source, ops[cmp.op], cmp.data);
}

const struct nf_expr nf_expr_cmp = {
	.name = "cmp",
	.attributes = 1u << NFTA_CMP_SREG | 1u << NFTA_CMP_OP | 1u << NFTA_CMP_DATA,
	.run = run,
	.print = print,
};
