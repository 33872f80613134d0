/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_owner.c: who sends; only where a socket is still attached to the packet. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_owner.h>

#include "netfilter/xt.h"

static enum mux_answer between(uint32_t value, uint32_t known, uint32_t least, uint32_t most)
{
	if (known != UINT32_MAX)
		return MUX_UNKNOWN;
	return value >= least && value <= most ? MUX_YES : MUX_NO;
}

/* owner_mt() */
static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	const struct nf_live *live = &machine->live;
	struct xt_owner_match_info info;
	enum mux_answer answer;

	nf_xt_info(use, &info);
	if (!live->has_socket || nf_has_input(machine))
		return info.match == info.invert ? NF_STEP_NEXT : NF_STEP_BREAK;
	if (info.match & info.invert & XT_OWNER_SOCKET)
		return NF_STEP_BREAK;
	if (info.match & XT_OWNER_UID) {
		answer = between(live->value.uid, live->known.uid, info.uid_min, info.uid_max);
		if (nf_step_of(machine, nf_invert(answer, info.invert & XT_OWNER_UID),
			       "the sender's user is not known") == NF_STEP_BREAK)
			return NF_STEP_BREAK;
	}
	if (info.match & XT_OWNER_GID) {
		answer = between(live->value.gid, live->known.gid, info.gid_min, info.gid_max);
		/* Which other groups the sender is in is not asked. */
		if (info.match & XT_OWNER_SUPPL_GROUPS && answer == MUX_NO)
			answer = MUX_UNKNOWN;
		return nf_step_of(machine, nf_invert(answer, info.invert & XT_OWNER_GID),
				  "the sender's group is not known");
	}
	return NF_STEP_NEXT;
}

static void print_ids(struct nf_printer *printer, const char *option, bool invert, uint32_t least,
		      uint32_t most)
{
	str_addf(&printer->text, "%s --%s %u", invert ? " !" : "", option, least);
	if (least != most)
		str_addf(&printer->text, "-%u", most);
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_owner_match_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m owner");
	if (info.match & XT_OWNER_SOCKET)
		str_addf(&printer->text, "%s --socket-exists",
			 info.invert & XT_OWNER_SOCKET ? " !" : "");
	if (info.match & XT_OWNER_UID)
		print_ids(printer, "uid-owner", info.invert & XT_OWNER_UID, info.uid_min,
			  info.uid_max);
	if (info.match & XT_OWNER_GID)
		print_ids(printer, "gid-owner", info.invert & XT_OWNER_GID, info.gid_min,
			  info.gid_max);
	return true;
}

const struct nf_xt nf_xt_owner[] = {
	{
		.name = "owner",
		.size = {[1] = sizeof(struct xt_owner_match_info)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
