/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_limit.c and xt_hashlimit.c: hold while a bucket has tokens. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_hashlimit.h>
#include <linux/netfilter/xt_limit.h>

#include "netfilter/xt.h"

static enum nf_step run_limit(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_rateinfo info;

	nf_xt_info(use, &info);
	if (!nf_spend(machine, use->info.data, info.burst))
		return nf_doubt(machine, "whether a limit is used up");
	return NF_STEP_NEXT;
}

/* hashlimit_mt_common(): "above" inverts. Every revision begins with the name. */
static enum nf_step run_hashlimit(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_hashlimit_mtinfo1 first;
	struct xt_hashlimit_mtinfo2 second;
	struct xt_hashlimit_mtinfo3 third;
	uint64_t burst;
	uint32_t mode;

	if (use->revision == 1) {
		nf_xt_info(use, &first);
		burst = first.cfg.burst;
		mode = first.cfg.mode;
	} else if (use->revision == 2) {
		nf_xt_info(use, &second);
		burst = second.cfg.burst;
		mode = second.cfg.mode;
	} else {
		nf_xt_info(use, &third);
		burst = third.cfg.burst;
		mode = third.cfg.mode;
	}
	if (mode & (XT_HASHLIMIT_BYTES | XT_HASHLIMIT_RATE_MATCH) ||
	    !nf_spend(machine, use->info.data, burst > UINT32_MAX ? UINT32_MAX : (uint32_t)burst))
		return nf_doubt(machine, "whether a limit is used up");
	return mode & XT_HASHLIMIT_INVERT ? NF_STEP_BREAK : NF_STEP_NEXT;
}

static bool print_limit(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const struct {
		uint32_t seconds;
		const char *name;
	} units[] = {{1, "sec"}, {60, "min"}, {3600, "hour"}, {86400, "day"}};
	struct xt_rateinfo info;
	size_t i;

	nf_xt_info(use, &info);
	if (info.avg == 0)
		return false;
	for (i = 0; i < 3 && (uint64_t)units[i].seconds * XT_LIMIT_SCALE < info.avg; i++)
		;
	str_addf(&printer->text, " -m limit --limit %llu/%s --limit-burst %u",
		 (unsigned long long)units[i].seconds * XT_LIMIT_SCALE / info.avg, units[i].name,
		 info.burst);
	return true;
}

static bool print_hashlimit(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct mux_slice name = {use->info.data, 0};

	while (name.len < IFNAMSIZ && name.data[name.len] != '\0')
		name.len++;
	str_addf(&printer->text, " -m hashlimit --hashlimit-name %s", nf_escape(printer, name));
	return true;
}

const struct nf_xt nf_xt_limit[] = {
	{
		.name = "limit",
		.size = {sizeof(struct xt_rateinfo)},
		.run = run_limit,
		.print = print_limit,
	},
	{
		.name = "hashlimit",
		.size = {[1] = sizeof(struct xt_hashlimit_mtinfo1),
			 [2] = sizeof(struct xt_hashlimit_mtinfo2),
			 [3] = sizeof(struct xt_hashlimit_mtinfo3)},
		.run = run_hashlimit,
		.print = print_hashlimit,
	},
	{.name = NULL},
};
