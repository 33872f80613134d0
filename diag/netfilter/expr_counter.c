/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_counter.c: counts, and always holds. */

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
	uint64_t packets, bytes;

	if (!nf_attr_u64(attrs, NFTA_COUNTER_PACKETS, 0, &packets) ||
	    !nf_attr_u64(attrs, NFTA_COUNTER_BYTES, 0, &bytes))
		return false;
	nf_print(printer, "counter packets %llu bytes %llu", (unsigned long long)packets,
		 (unsigned long long)bytes);
	return true;
}

const struct nf_expr nf_expr_counter = {
	.name = "counter",
	.attributes =
		1u << NFTA_COUNTER_BYTES | 1u << NFTA_COUNTER_PACKETS | 1u << NFTA_COUNTER_PAD,
	.run = run,
	.print = print,
};
