/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_numgen.c: a counter or a random number below a modulus. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct numgen {
	uint32_t destination, modulus, type, offset;
};

static bool decode(const struct nf_attrs *attrs, struct numgen *numgen)
{
	return nf_attr_has(attrs, NFTA_NG_DREG) &&
	       nf_attr_u32(attrs, NFTA_NG_DREG, 0, &numgen->destination) &&
	       nf_attr_u32(attrs, NFTA_NG_MODULUS, 0, &numgen->modulus) &&
	       nf_attr_u32(attrs, NFTA_NG_TYPE, 0, &numgen->type) &&
	       nf_attr_u32(attrs, NFTA_NG_OFFSET, 0, &numgen->offset) && numgen->modulus != 0;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	uint32_t known = UINT32_MAX;
	struct numgen numgen;

	if (!decode(attrs, &numgen))
		return NF_STEP_ALIEN;
	/* Without an offset the bits above the modulus are zero. */
	while (numgen.offset == 0 && (~known) < numgen.modulus - 1)
		known <<= 1;
	if (numgen.offset != 0 && numgen.modulus != 1)
		known = 0;
	return nf_register_store(machine, numgen.destination,
				 &(struct nf_bits){(const uint8_t *)&numgen.offset,
						   (const uint8_t *)&known, sizeof(known),
						   "a number that changes with every packet"});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct numgen numgen;

	if (!decode(attrs, &numgen))
		return false;
	nf_print_load(printer, numgen.destination,
		      arena_printf(printer->arena, "numgen %s mod %u offset %u",
				   numgen.type == NFT_NG_RANDOM ? "random" : "inc", numgen.modulus,
				   numgen.offset),
		      NF_TYPE_HOST_NUMBER, 4);
	return true;
}

const struct nf_expr nf_expr_numgen = {
	.name = "numgen",
	.attributes = 1u << NFTA_NG_DREG | 1u << NFTA_NG_MODULUS | 1u << NFTA_NG_TYPE |
		      1u << NFTA_NG_OFFSET,
	.run = run,
	.print = print,
};
