/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_ct.c, nft_notrack_eval(): hides the packet from conntrack, unless that has seen it. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"
#include "netfilter/index.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct nf_live *live = &machine->live;

	(void)attrs;
	if (live->ct_attached || machine->ruleset->what_if.tracked ||
	    machine->place.priority > NF_IP_PRI_CONNTRACK)
		return NF_STEP_NEXT;
	live->value.ct_state = NF_CT_STATE_UNTRACKED_BIT;
	live->known.ct_state = machine->place.priority < NF_IP_PRI_CONNTRACK ? UINT32_MAX : 0;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	(void)attrs;
	nf_print(printer, "notrack");
	return true;
}

const struct nf_expr nf_expr_notrack = {.name = "notrack", .run = run, .print = print};
