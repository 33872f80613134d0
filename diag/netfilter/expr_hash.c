/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_hash.c: a hash whose seed is often drawn by the kernel; its value is not computed. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct hash {
	uint32_t destination, modulus, type, offset;
};

static bool decode(const struct nf_attrs *attrs, struct hash *hash)
{
	return nf_attr_has(attrs, NFTA_HASH_DREG) &&
	       nf_attr_u32(attrs, NFTA_HASH_DREG, 0, &hash->destination) &&
	       nf_attr_u32(attrs, NFTA_HASH_MODULUS, 0, &hash->modulus) &&
	       nf_attr_u32(attrs, NFTA_HASH_TYPE, NFT_HASH_JENKINS, &hash->type) &&
	       nf_attr_u32(attrs, NFTA_HASH_OFFSET, 0, &hash->offset) && hash->modulus != 0;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	uint32_t known = UINT32_MAX;
	struct hash hash;

	if (!decode(attrs, &hash))
		return NF_STEP_ALIEN;
	while (hash.offset == 0 && (~known) < hash.modulus - 1)
		known <<= 1;
	if (hash.offset != 0 && hash.modulus != 1)
		known = 0;
	return nf_register_store(machine, hash.destination,
				 &(struct nf_bits){(const uint8_t *)&hash.offset,
						   (const uint8_t *)&known, sizeof(known),
						   "a hash"});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct hash hash;

	if (!decode(attrs, &hash))
		return false;
	nf_print_load(printer, hash.destination,
		      arena_printf(printer->arena, "%s mod %u offset %u",
				   hash.type == NFT_HASH_SYM ? "symhash" : "jhash", hash.modulus,
				   hash.offset),
		      NF_TYPE_HOST_NUMBER, 4);
	return true;
}

const struct nf_expr nf_expr_hash = {
	.name = "hash",
	.attributes = 1u << NFTA_HASH_SREG | 1u << NFTA_HASH_DREG | 1u << NFTA_HASH_LEN |
		      1u << NFTA_HASH_MODULUS | 1u << NFTA_HASH_SEED | 1u << NFTA_HASH_OFFSET |
		      1u << NFTA_HASH_TYPE,
	.run = run,
	.print = print,
};
