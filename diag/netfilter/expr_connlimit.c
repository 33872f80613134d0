/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_connlimit.c: counts connections, of which a dump does not tell the number. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct connlimit {
	uint32_t count, flags;
};

static bool decode(const struct nf_attrs *attrs, struct connlimit *connlimit)
{
	return nf_attr_u32(attrs, NFTA_CONNLIMIT_COUNT, 0, &connlimit->count) &&
	       nf_attr_u32(attrs, NFTA_CONNLIMIT_FLAGS, 0, &connlimit->flags) &&
	       (connlimit->flags & ~(uint32_t)NFT_CONNLIMIT_F_INV) == 0;
}

/* nft_connlimit_do_eval(): breaks when there are more, inverted when there are not. */
static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct connlimit connlimit;
	bool over;

	if (!decode(attrs, &connlimit))
		return NF_STEP_ALIEN;
	over = (connlimit.flags & NFT_CONNLIMIT_F_INV) != 0;
	if (!nf_spend(machine, attrs->payload[NFTA_CONNLIMIT_COUNT].data, connlimit.count))
		return nf_doubt(machine, "the number of connections");
	return over ? NF_STEP_BREAK : NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct connlimit connlimit;

	if (!decode(attrs, &connlimit))
		return false;
	nf_print(printer, "ct count %s%u", connlimit.flags & NFT_CONNLIMIT_F_INV ? "over " : "",
		 connlimit.count);
	return true;
}

const struct nf_expr nf_expr_connlimit = {
	.name = "connlimit",
	.attributes = 1u << NFTA_CONNLIMIT_COUNT | 1u << NFTA_CONNLIMIT_FLAGS,
	.run = run,
	.print = print,
};
