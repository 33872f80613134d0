/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_CT.c: hides packets from conntrack, or chooses a zone or a helper for them. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_CT.h>

#include "netfilter/index.h"
#include "netfilter/xt.h"

static enum nf_step notrack(struct nf_machine *machine)
{
	struct nf_live *live = &machine->live;

	live->value.ct_state = NF_CT_STATE_UNTRACKED_BIT;
	live->known.ct_state = machine->place.priority < NF_IP_PRI_CONNTRACK ? UINT32_MAX : 0;
	return NF_STEP_NEXT;
}

/* xt_ct_target(): what conntrack has seen already, as on the second pass over lo, stays. */
static bool is_too_late(const struct nf_machine *machine)
{
	return machine->live.ct_attached || machine->ruleset->what_if.tracked ||
	       machine->place.priority > NF_IP_PRI_CONNTRACK;
}

static enum nf_step run_notrack(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)use;
	return is_too_late(machine) ? NF_STEP_NEXT : notrack(machine);
}

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	/* The later revisions only add a timeout's name. */
	struct xt_ct_target_info_v1 info = {0};

	nf_xt_info(use, &info);
	if (is_too_late(machine))
		return NF_STEP_NEXT;
	if (info.flags & XT_CT_NOTRACK)
		return notrack(machine);
	/* In another zone a reply may belong to no flow. */
	if (info.zone != 0 || (info.flags & XT_CT_ZONE_MARK) != 0)
		machine->live.known.ct_state = machine->live.known.ct_zone = 0;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_ct_target_info_v1 info = {0};

	nf_xt_info(use, &info);
	str_add(&printer->text, " -j CT");
	if (info.flags & XT_CT_NOTRACK)
		str_add(&printer->text, " --notrack");
	if (info.zone != 0)
		str_addf(&printer->text, " --zone %u", info.zone);
	return true;
}

static bool print_notrack(struct nf_printer *printer, const struct nf_xt_use *use)
{
	(void)use;
	str_add(&printer->text, " -j NOTRACK");
	return true;
}

const struct nf_xt nf_xt_ct[] = {
	{
		.name = "CT",
		.target = true,
		.size = {sizeof(struct xt_ct_target_info), sizeof(struct xt_ct_target_info_v1),
			 sizeof(struct xt_ct_target_info_v1)},
		.run = run,
		.print = print,
	},
	{
		.name = "NOTRACK",
		.target = true,
		.no_info = true,
		.run = run_notrack,
		.print = print_notrack,
	},
	{.name = NULL},
};
