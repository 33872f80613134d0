/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_connbytes.c: how much the flow has carried so far. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_connbytes.h>

#include "netfilter/xt.h"

/* More than a flow's first packets carry, of bytes and of packets alike. */
enum { FIRST_PACKETS = 1 << 14 };

/* connbytes_mt(): a packet without a flow fails; a range from the greater to the lesser is one to
 * keep out of. */
static enum mux_answer in_range(const struct xt_connbytes_info *info)
{
	uint64_t from = info->count.from, to = info->count.to;

	if (from > to)
		return from >= FIRST_PACKETS && to == 0 ? MUX_NO : MUX_UNKNOWN;
	if (from >= FIRST_PACKETS)
		return MUX_NO;
	return from == 0 && to >= FIRST_PACKETS ? MUX_YES : MUX_UNKNOWN;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	enum mux_answer tracked = nf_ct_is_tracked(machine), answer;
	struct xt_connbytes_info info;

	nf_xt_info(use, &info);
	answer = in_range(&info);
	if (tracked == MUX_NO || answer == MUX_NO)
		return NF_STEP_BREAK;
	if (tracked == MUX_UNKNOWN)
		answer = MUX_UNKNOWN;
	return nf_step_of(machine, answer, "how much the flow has carried");
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const char *const modes[] = {"packets", "bytes", "avgpkt"};
	static const char *const directions[] = {"original", "reply", "both"};
	struct xt_connbytes_info info;

	nf_xt_info(use, &info);
	if (info.what > XT_CONNBYTES_AVGPKT || info.direction > XT_CONNBYTES_DIR_BOTH)
		return false;
	str_addf(&printer->text,
		 " -m connbytes --connbytes %llu:%llu --connbytes-mode %s --connbytes-dir %s",
		 (unsigned long long)info.count.from, (unsigned long long)info.count.to,
		 modes[info.what], directions[info.direction]);
	return true;
}

const struct nf_xt nf_xt_connbytes[] = {
	{
		.name = "connbytes",
		.size = {sizeof(struct xt_connbytes_info)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
