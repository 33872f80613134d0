/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_compat.c: an xtables match inside an nftables rule. */
#include "netfilter/kernel.h"

#include <linux/netfilter/nf_tables_compat.h>

#include "netfilter/expr.h"
#include "netfilter/xt.h"

static bool decode(const struct nf_attrs *attrs, struct nf_xt_use *use)
{
	uint32_t revision;

	return nf_attr_has(attrs, NFTA_MATCH_INFO) &&
	       nf_attr_u32(attrs, NFTA_MATCH_REV, 0, &revision) && revision <= UINT8_MAX &&
	       nf_xt_find(nf_attr_name(attrs, NFTA_MATCH_NAME), false, (uint8_t)revision,
			  attrs->payload[NFTA_MATCH_INFO], use);
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct nf_xt_use use;

	if (!decode(attrs, &use)) {
		const char *name = str_escape(machine->arena, nf_attr_name(attrs, NFTA_MATCH_NAME));

		nf_doubt(machine, arena_printf(machine->arena, "the match \"%s\" is not modelled",
					       name == NULL ? "?" : name));
		return NF_STEP_ALIEN;
	}
	return use.xt->run(machine, &use);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct nf_xt_use use;

	nf_print_pending(printer);
	return decode(attrs, &use) && use.xt->print(printer, &use);
}

const struct nf_expr nf_expr_match = {
	.name = "match",
	.attributes = 1u << NFTA_MATCH_NAME | 1u << NFTA_MATCH_REV | 1u << NFTA_MATCH_INFO,
	.run = run,
	.print = print,
};
