/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_addrtype.c: what the routing table says an address is. On lo all are local. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_addrtype.h>
#include <string.h>

#include "netfilter/xt.h"

static void read_info(const struct nf_xt_use *use, struct xt_addrtype_info_v1 *info)
{
	struct xt_addrtype_info old;

	if (use->revision == 1) {
		nf_xt_info(use, info);
		return;
	}
	nf_xt_info(use, &old);
	*info = (struct xt_addrtype_info_v1){.source = old.source, .dest = old.dest};
	if (old.invert_source)
		info->flags |= XT_ADDRTYPE_INVERT_SOURCE;
	if (old.invert_dest)
		info->flags |= XT_ADDRTYPE_INVERT_DEST;
}

/* match_type(), match_type6(): for IPv6, unicast is said of the address itself. */
static enum mux_answer is_of_type(const struct nf_machine *machine, bool source, uint32_t mask)
{
	const uint32_t looked_up =
		XT_ADDRTYPE_LOCAL | XT_ADDRTYPE_ANYCAST | XT_ADDRTYPE_UNREACHABLE;
	uint32_t type;

	if (!nf_address_type(machine, source, &type))
		return MUX_UNKNOWN;
	if (machine->live.family == NFPROTO_IPV4)
		return (mask >> type & 1) != 0 ? MUX_YES : MUX_NO;
	if (mask & (XT_ADDRTYPE_MULTICAST | XT_ADDRTYPE_UNSPEC))
		return MUX_NO;
	if ((mask & looked_up) == 0)
		return MUX_YES;
	return (mask >> type & 1) != 0 ? MUX_YES : MUX_NO;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const char why[] = "the type of an address";
	struct xt_addrtype_info_v1 info;
	enum mux_answer answer;

	read_info(use, &info);
	if (info.source != 0) {
		answer = is_of_type(machine, true, info.source);
		if (nf_step_of(machine, nf_invert(answer, info.flags & XT_ADDRTYPE_INVERT_SOURCE),
			       why) == NF_STEP_BREAK)
			return NF_STEP_BREAK;
	}
	if (info.dest != 0) {
		answer = is_of_type(machine, false, info.dest);
		return nf_step_of(machine, nf_invert(answer, info.flags & XT_ADDRTYPE_INVERT_DEST),
				  why);
	}
	return NF_STEP_NEXT;
}

static void print_types(struct nf_printer *printer, const char *option, bool invert, uint16_t mask)
{
	static const char *const names[] = {"UNSPEC",	"UNICAST",   "LOCAL",	  "BROADCAST",
					    "ANYCAST",	"MULTICAST", "BLACKHOLE", "UNREACHABLE",
					    "PROHIBIT", "THROW",     "NAT",	  "XRESOLVE"};
	const char *separator = " ";
	size_t i;

	if (mask == 0)
		return;
	str_addf(&printer->text, "%s --%s", invert ? " !" : "", option);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (mask >> i & 1) {
			str_addf(&printer->text, "%s%s", separator, names[i]);
			separator = ",";
		}
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_addrtype_info_v1 info;

	read_info(use, &info);
	str_add(&printer->text, " -m addrtype");
	print_types(printer, "src-type", info.flags & XT_ADDRTYPE_INVERT_SOURCE, info.source);
	print_types(printer, "dst-type", info.flags & XT_ADDRTYPE_INVERT_DEST, info.dest);
	return true;
}

const struct nf_xt nf_xt_addrtype[] = {
	{
		.name = "addrtype",
		.size = {sizeof(struct xt_addrtype_info), sizeof(struct xt_addrtype_info_v1)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
