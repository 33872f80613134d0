/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches on what the kernel keeps beside the packet: helper, realm, devgroup. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_devgroup.h>
#include <linux/netfilter/xt_helper.h>
#include <linux/netfilter/xt_realm.h>
#include <string.h>

#include "netfilter/xt.h"

/* helper_mt(): the helper of the flow that this one was expected by. Nothing on lo is expected. */
static enum nf_step run_helper(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_helper_info info;

	(void)machine;
	nf_xt_info(use, &info);
	return info.invert != 0 ? NF_STEP_NEXT : NF_STEP_BREAK;
}

static bool print_helper(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_helper_info info;
	struct mux_slice name = {info.name, 0};

	nf_xt_info(use, &info);
	name.len = strnlen(info.name, sizeof(info.name));
	str_addf(&printer->text, " -m helper%s --helper %s", info.invert ? " !" : "",
		 nf_escape(printer, name));
	return true;
}

/* realm_mt() */
static enum nf_step run_realm(struct nf_machine *machine, const struct nf_xt_use *use)
{
	const uint32_t known = nf_has_no_realms(machine) ? UINT32_MAX : 0;
	struct xt_realm_info info;

	nf_xt_info(use, &info);
	return nf_step_of(
		machine, nf_invert(nf_masked_equal(0, known, info.mask, info.id), info.invert != 0),
		"the route's realm is not known");
}

static bool print_realm(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_realm_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m realm%s --realm 0x%x/0x%x", info.invert ? " !" : "", info.id,
		 info.mask);
	return true;
}

/* devgroup_mt(): a side without a link has group 0. */
static enum nf_step run_devgroup(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const char why[] = "the group of the link is not known";
	uint32_t group = 0, known = nf_link_group(machine, &group) ? UINT32_MAX : 0;
	struct xt_devgroup_info info;
	enum mux_answer answer;

	nf_xt_info(use, &info);
	if (info.flags & XT_DEVGROUP_MATCH_SRC) {
		if (!nf_has_input(machine))
			return nf_doubt(machine, why);
		answer = nf_masked_equal(group, known, info.src_mask, info.src_group);
		if (nf_step_of(machine, nf_invert(answer, info.flags & XT_DEVGROUP_INVERT_SRC),
			       why) == NF_STEP_BREAK)
			return NF_STEP_BREAK;
	}
	if (info.flags & XT_DEVGROUP_MATCH_DST) {
		if (!nf_has_output(machine))
			return nf_doubt(machine, why);
		answer = nf_masked_equal(group, known, info.dst_mask, info.dst_group);
		return nf_step_of(machine, nf_invert(answer, info.flags & XT_DEVGROUP_INVERT_DST),
				  why);
	}
	return NF_STEP_NEXT;
}

static bool print_devgroup(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_devgroup_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m devgroup");
	if (info.flags & XT_DEVGROUP_MATCH_SRC)
		str_addf(&printer->text, "%s --src-group 0x%x/0x%x",
			 info.flags & XT_DEVGROUP_INVERT_SRC ? " !" : "", info.src_group,
			 info.src_mask);
	if (info.flags & XT_DEVGROUP_MATCH_DST)
		str_addf(&printer->text, "%s --dst-group 0x%x/0x%x",
			 info.flags & XT_DEVGROUP_INVERT_DST ? " !" : "", info.dst_group,
			 info.dst_mask);
	return true;
}

const struct nf_xt nf_xt_beside[] = {
	{
		.name = "helper",
		.size = {sizeof(struct xt_helper_info)},
		.run = run_helper,
		.print = print_helper,
	},
	{
		.name = "realm",
		.size = {sizeof(struct xt_realm_info)},
		.run = run_realm,
		.print = print_realm,
	},
	{
		.name = "devgroup",
		.size = {sizeof(struct xt_devgroup_info)},
		.run = run_devgroup,
		.print = print_devgroup,
	},
	{.name = NULL},
};
