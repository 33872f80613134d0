/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_queue.c: hands the packet to a program. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct nf_queue *queue = &machine->verdict.queue;
	uint16_t flags = 0;

	queue->known = !nf_attr_has(attrs, NFTA_QUEUE_SREG_QNUM) &&
		       nf_attr_u16(attrs, NFTA_QUEUE_NUM, 0, &queue->first) &&
		       nf_attr_u16(attrs, NFTA_QUEUE_TOTAL, 1, &queue->total) &&
		       nf_attr_u16(attrs, NFTA_QUEUE_FLAGS, 0, &flags);
	queue->bypass = (flags & NFT_QUEUE_FLAG_BYPASS) != 0;
	machine->verdict.code = NF_CODE_QUEUE;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	uint16_t number, flags;

	if (!nf_attr_u16(attrs, NFTA_QUEUE_NUM, 0, &number) ||
	    !nf_attr_u16(attrs, NFTA_QUEUE_FLAGS, 0, &flags))
		return false;
	nf_print(printer, "queue%s to %u", flags & NFT_QUEUE_FLAG_BYPASS ? " flags bypass" : "",
		 number);
	return true;
}

const struct nf_expr nf_expr_queue = {
	.name = "queue",
	.attributes = 1u << NFTA_QUEUE_NUM | 1u << NFTA_QUEUE_TOTAL | 1u << NFTA_QUEUE_FLAGS |
		      1u << NFTA_QUEUE_SREG_QNUM,
	.run = run,
	.print = print,
};
