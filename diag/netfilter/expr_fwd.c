/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_fwd_netdev.c: steals the packet and sends it out through another link; where that ends is not
 * known. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	(void)attrs;
	nf_doubt(machine, "forwarded to another link by fwd");
	machine->verdict.code = NF_CODE_UNKNOWN;
	return NF_STEP_DOUBT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	(void)attrs;
	nf_print(printer, "fwd");
	return true;
}

const struct nf_expr nf_expr_fwd = {
	.name = "fwd",
	.attributes = 1u << NFTA_FWD_SREG_DEV | 1u << NFTA_FWD_SREG_ADDR | 1u << NFTA_FWD_NFPROTO,
	.run = run,
	.print = print,
};
