/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_mark.c and xt_connmark.c: the packet's mark and its flow's. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_mark.h>

#include "netfilter/xt.h"

static enum nf_step run_mark(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_mark_mtinfo1 info;
	enum mux_answer answer;

	nf_xt_info(use, &info);
	answer = nf_masked_equal(machine->live.value.mark, machine->live.known.mark, info.mask,
				 info.mark);
	return nf_step_of(machine, nf_invert(answer, info.invert != 0),
			  "the packet's mark is not known");
}

static enum nf_step run_connmark(struct nf_machine *machine, const struct nf_xt_use *use)
{
	enum mux_answer answer = nf_ct_is_tracked(machine);
	struct xt_connmark_mtinfo1 info;

	nf_xt_info(use, &info);
	if (answer == MUX_NO)
		return NF_STEP_BREAK;
	if (answer == MUX_UNKNOWN)
		nf_doubt(machine, "whether conntrack has seen the packet");
	answer = nf_masked_equal(machine->live.value.ct_mark, machine->live.known.ct_mark,
				 info.mask, info.mark);
	return nf_step_of(machine, nf_invert(answer, info.invert != 0),
			  "the mark of the flow is not known");
}

/* old & ~mask ^ new, bit by bit known or not. */
static void change(uint32_t *value, uint32_t *known, uint32_t mask, uint32_t new_value,
		   uint32_t new_known)
{
	*value = (*value & ~mask) ^ new_value;
	*known = (*known | mask) & new_known;
}

static enum nf_step target_mark(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_mark_tginfo2 info;

	nf_xt_info(use, &info);
	change(&machine->live.value.mark, &machine->live.known.mark, info.mask, info.mark,
	       UINT32_MAX);
	return NF_STEP_NEXT;
}

static uint32_t shifted(const struct xt_connmark_tginfo2 *info, uint32_t value)
{
	unsigned bits = info->shift_bits % 32;

	return info->shift_dir == D_SHIFT_RIGHT ? value >> bits : value << bits;
}

static void read_connmark(const struct nf_xt_use *use, struct xt_connmark_tginfo2 *info)
{
	struct xt_connmark_tginfo1 old;

	if (use->revision == 2) {
		nf_xt_info(use, info);
		return;
	}
	nf_xt_info(use, &old);
	*info = (struct xt_connmark_tginfo2){
		.ctmark = old.ctmark, .ctmask = old.ctmask, .nfmask = old.nfmask, .mode = old.mode};
}

/* connmark_tg_shift() */
static enum nf_step target_connmark(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct nf_fields *value = &machine->live.value, *known = &machine->live.known;
	enum mux_answer tracked = nf_ct_is_tracked(machine);
	struct xt_connmark_tginfo2 info;
	uint32_t unknown = 0;

	read_connmark(use, &info);
	if (tracked == MUX_NO)
		return NF_STEP_NEXT;
	switch (info.mode) {
	case XT_CONNMARK_SET:
		change(&value->ct_mark, &known->ct_mark, info.ctmask, info.ctmark, UINT32_MAX);
		break;
	case XT_CONNMARK_SAVE:
		unknown = shifted(&info, ~known->mark & info.nfmask);
		change(&value->ct_mark, &known->ct_mark, info.ctmask,
		       shifted(&info, value->mark & info.nfmask), ~unknown);
		break;
	case XT_CONNMARK_RESTORE:
		unknown = shifted(&info, ~known->ct_mark & info.ctmask);
		change(&value->mark, &known->mark, info.nfmask,
		       shifted(&info, value->ct_mark & info.ctmask), ~unknown);
		break;
	default:
		return NF_STEP_ALIEN;
	}
	if (tracked == MUX_UNKNOWN)
		known->mark = known->ct_mark = 0;
	return NF_STEP_NEXT;
}

static void print_mark(struct nf_printer *printer, uint32_t mark, uint32_t mask)
{
	str_addf(&printer->text, " 0x%x", mark);
	if (mask != UINT32_MAX)
		str_addf(&printer->text, "/0x%x", mask);
}

static bool print_match(struct nf_printer *printer, const struct nf_xt_use *use)
{
	/* struct xt_connmark_mtinfo1 is the same. */
	struct xt_mark_mtinfo1 info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m %s%s --mark", use->xt->name, info.invert ? " !" : "");
	print_mark(printer, info.mark, info.mask);
	return true;
}

static bool print_target_mark(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_mark_tginfo2 info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -j MARK --set-xmark");
	print_mark(printer, info.mark, info.mask);
	return true;
}

static bool print_target_connmark(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const char *const modes[] = {"--set-xmark", "--save-mark", "--restore-mark"};
	struct xt_connmark_tginfo2 info;

	read_connmark(use, &info);
	if (info.mode > XT_CONNMARK_RESTORE)
		return false;
	str_addf(&printer->text, " -j CONNMARK %s", modes[info.mode]);
	if (info.mode == XT_CONNMARK_SET)
		print_mark(printer, info.ctmark, info.ctmask);
	return true;
}

const struct nf_xt nf_xt_mark[] = {
	{
		.name = "mark",
		.size = {[1] = sizeof(struct xt_mark_mtinfo1)},
		.run = run_mark,
		.print = print_match,
	},
	{
		.name = "connmark",
		.size = {[1] = sizeof(struct xt_connmark_mtinfo1)},
		.run = run_connmark,
		.print = print_match,
	},
	{
		.name = "MARK",
		.target = true,
		.size = {[2] = sizeof(struct xt_mark_tginfo2)},
		.run = target_mark,
		.print = print_target_mark,
	},
	{
		.name = "CONNMARK",
		.target = true,
		.size = {[1] = sizeof(struct xt_connmark_tginfo1),
			 [2] = sizeof(struct xt_connmark_tginfo2)},
		.run = target_connmark,
		.print = print_target_connmark,
	},
	{.name = NULL},
};
