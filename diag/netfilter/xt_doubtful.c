/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches that depend on what no dump tells: time, chance, contents, sets of other programs, the
 * packet path's own memory. Both branches are followed. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_connlimit.h>
#include <linux/netfilter/xt_recent.h>
#include <string.h>

#include "netfilter/index.h"
#include "netfilter/xt.h"

enum { FEW_CONNECTIONS = 2 }; /* what one quiet client makes */

static const struct {
	const char *name, *why;
} reasons[] = {
	{"statistic", "chance"},
	{"bpf", "a BPF program"},
	{"set", "an ipset, which is not read"},
	{"quota", "how much of a quota is left"},
	{"connlabel", "the labels of the flow"},
	{"cgroup", "the sender's cgroup"},
	{"ecn", "ECN bits"},
	{"osf", "the sender's system fingerprint"},
	{"ipv6header", "the IPv6 headers"},
	{"rateest", "an estimated rate"},
	{"cluster", "a hash of the address"},
	{"eui64", "the sender's MAC address"},
};

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strcmp(use->xt->name, reasons[i].name) == 0)
			return nf_doubt(machine, reasons[i].why);
	return NF_STEP_ALIEN;
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	str_addf(&printer->text, " -m %s [...]", use->xt->name);
	return true;
}

/* connlimit_mt(): more connections than that? */
static enum nf_step run_connlimit(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_connlimit_info info;

	nf_xt_info(use, &info);
	if (info.limit < FEW_CONNECTIONS || machine->ruleset->what_if.busy)
		return nf_doubt(machine, "the number of connections");
	nf_assume(machine, "that there are few other connections");
	return info.flags & XT_CONNLIMIT_INVERT ? NF_STEP_NEXT : NF_STEP_BREAK;
}

static bool print_connlimit(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_connlimit_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m connlimit --connlimit-%s %u",
		 info.flags & XT_CONNLIMIT_INVERT ? "upto" : "above", info.limit);
	return true;
}

/* recent_mt(): setting always holds; the list is taken for empty until a rule sets. */
static enum nf_step run_recent(struct nf_machine *machine, const struct nf_xt_use *use)
{
	/* Both revisions begin alike. */
	struct xt_recent_mtinfo_v1 info = {0};
	bool invert;

	nf_xt_info(use, &info);
	invert = info.invert != 0;
	if (info.check_set & XT_RECENT_SET) {
		machine->live.sets_changed = true;
		nf_recent_add(machine, info.name);
		return invert ? NF_STEP_BREAK : NF_STEP_NEXT;
	}
	nf_assume(machine, "that lists of recent addresses do not hold ours");
	if (nf_recent_count(machine, info.name) >= (info.hit_count == 0 ? 1 : info.hit_count))
		return nf_doubt(machine, "a list of recent addresses");
	return invert ? NF_STEP_NEXT : NF_STEP_BREAK;
}

static bool print_recent(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_recent_mtinfo_v1 info = {0};
	struct mux_slice name;

	nf_xt_info(use, &info);
	name = (struct mux_slice){info.name, strnlen(info.name, sizeof(info.name))};
	str_addf(&printer->text, " -m recent%s --%s", info.invert ? " !" : "",
		 info.check_set & XT_RECENT_SET	     ? "set"
		 : info.check_set & XT_RECENT_UPDATE ? "update"
		 : info.check_set & XT_RECENT_REMOVE ? "remove"
						     : "rcheck");
	if (info.seconds != 0)
		str_addf(&printer->text, " --seconds %u", info.seconds);
	if (info.hit_count != 0)
		str_addf(&printer->text, " --hitcount %u", info.hit_count);
	str_addf(&printer->text, " --name %s", nf_escape(printer, name));
	return true;
}

#define DOUBTFUL(text)                                                                             \
	{                                                                                          \
		.name = (text), .no_info = true, .run = run, .print = print                        \
	}

const struct nf_xt nf_xt_doubtful[] = {
	{
		.name = "connlimit",
		.size = {[1] = sizeof(struct xt_connlimit_info)},
		.run = run_connlimit,
		.print = print_connlimit,
	},
	{
		.name = "recent",
		.size = {sizeof(struct xt_recent_mtinfo), sizeof(struct xt_recent_mtinfo_v1)},
		.run = run_recent,
		.print = print_recent,
	},
	DOUBTFUL("statistic"),
	DOUBTFUL("bpf"),
	DOUBTFUL("set"),
	DOUBTFUL("quota"),
	DOUBTFUL("connlabel"),
	DOUBTFUL("cgroup"),
	DOUBTFUL("ecn"),
	DOUBTFUL("osf"),
	DOUBTFUL("ipv6header"),
	DOUBTFUL("rateest"),
	DOUBTFUL("cluster"),
	DOUBTFUL("eui64"),
	{.name = NULL},
};
