/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_log.c: writes to a log, and always holds. */
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
	if (nf_attr_has(attrs, NFTA_LOG_PREFIX))
		nf_print(printer, "log prefix \"%s\"",
			 nf_escape(printer, nf_attr_name(attrs, NFTA_LOG_PREFIX)));
	else
		nf_print(printer, "log");
	return true;
}

const struct nf_expr nf_expr_log = {
	.name = "log",
	.attributes = 1u << NFTA_LOG_GROUP | 1u << NFTA_LOG_PREFIX | 1u << NFTA_LOG_SNAPLEN |
		      1u << NFTA_LOG_QTHRESHOLD | 1u << NFTA_LOG_LEVEL | 1u << NFTA_LOG_FLAGS,
	.run = run,
	.print = print,
};
