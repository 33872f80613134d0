/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_quota.c: holds until so many bytes have passed, or after that. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

/* What one evaluation may still send before it is asked again. */
enum { SLACK = 1 << 20 };

struct quota {
	uint64_t bytes, consumed;
	uint32_t flags;
};

static bool decode(const struct nf_attrs *attrs, struct quota *quota)
{
	return nf_attr_u64(attrs, NFTA_QUOTA_BYTES, 0, &quota->bytes) &&
	       nf_attr_u64(attrs, NFTA_QUOTA_CONSUMED, 0, &quota->consumed) &&
	       nf_attr_u32(attrs, NFTA_QUOTA_FLAGS, 0, &quota->flags) &&
	       (quota->flags & ~(uint32_t)(NFT_QUOTA_F_INV | NFT_QUOTA_F_DEPLETED)) == 0;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	enum mux_answer over = MUX_UNKNOWN;
	struct quota quota;

	if (!decode(attrs, &quota))
		return NF_STEP_ALIEN;
	if (quota.consumed > quota.bytes)
		over = MUX_YES;
	else if (quota.bytes - quota.consumed > SLACK)
		over = MUX_NO;
	/* nft_quota_do_eval(): over quota breaks, inverted it holds. */
	return nf_step_of(machine, quota.flags & NFT_QUOTA_F_INV ? over : nf_not(over),
			  "how much of a quota is left");
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct quota quota;

	if (!decode(attrs, &quota))
		return false;
	nf_print(printer, "quota %s%llu bytes used %llu bytes",
		 quota.flags & NFT_QUOTA_F_INV ? "over " : "", (unsigned long long)quota.bytes,
		 (unsigned long long)quota.consumed);
	return true;
}

const struct nf_expr nf_expr_quota = {
	.name = "quota",
	.attributes = 1u << NFTA_QUOTA_BYTES | 1u << NFTA_QUOTA_FLAGS | 1u << NFTA_QUOTA_PAD |
		      1u << NFTA_QUOTA_CONSUMED,
	.run = run,
	.print = print,
};
