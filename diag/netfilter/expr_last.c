/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_last.c: notes when it was last run, and always holds. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	(void)machine;
	(void)attrs;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	(void)attrs;
	nf_print(printer, "last");
	return true;
}

const struct nf_expr nf_expr_last = {
	.name = "last",
	.attributes = 1u << NFTA_LAST_SET | 1u << NFTA_LAST_MSECS | 1u << NFTA_LAST_PAD,
	.run = run,
	.print = print,
};
