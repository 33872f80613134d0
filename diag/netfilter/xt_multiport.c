/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_multiport.c: lists of ports. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_multiport.h>
#include <string.h>

#include "netfilter/xt.h"

static void read_info(const struct nf_xt_use *use, struct xt_multiport_v1 *info)
{
	struct xt_multiport old;

	if (use->revision == 1) {
		nf_xt_info(use, info);
	} else {
		nf_xt_info(use, &old);
		memset(info, 0, sizeof(*info));
		info->flags = old.flags;
		info->count = old.count;
		memcpy(info->ports, old.ports, sizeof(old.ports));
	}
	if (info->count > XT_MULTI_PORTS)
		info->count = XT_MULTI_PORTS;
}

static enum mux_answer either(enum mux_answer a, enum mux_answer b)
{
	if (a == MUX_YES || b == MUX_YES)
		return MUX_YES;
	return a == MUX_UNKNOWN || b == MUX_UNKNOWN ? MUX_UNKNOWN : MUX_NO;
}

static enum mux_answer between(const struct nf_machine *machine, unsigned flags, uint16_t least,
			       uint16_t most)
{
	if (flags == XT_MULTIPORT_SOURCE)
		return nf_port_between(machine, true, least, most);
	if (flags == XT_MULTIPORT_DESTINATION)
		return nf_port_between(machine, false, least, most);
	return either(nf_port_between(machine, true, least, most),
		      nf_port_between(machine, false, least, most));
}

/* ports_match_v1(): a port with its flag set begins a range. */
static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	enum mux_answer answer = MUX_NO;
	struct xt_multiport_v1 info;
	unsigned i;

	read_info(use, &info);
	if (machine->live.transport_len < 4)
		return NF_STEP_BREAK;
	for (i = 0; i < info.count; i++) {
		uint16_t least = info.ports[i], most = least;

		if (info.pflags[i] != 0 && i + 1 < info.count)
			most = info.ports[++i];
		answer = either(answer, between(machine, info.flags, least, most));
	}
	return nf_step_of(machine, nf_invert(answer, info.invert != 0),
			  "the source port is not known");
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const char *const options[] = {"sports", "dports", "ports"};
	struct xt_multiport_v1 info;
	unsigned i;

	read_info(use, &info);
	if (info.flags > XT_MULTIPORT_EITHER)
		return false;
	str_addf(&printer->text, " -m multiport%s --%s ", info.invert ? " !" : "",
		 options[info.flags]);
	for (i = 0; i < info.count; i++)
		str_addf(&printer->text, "%u%s", info.ports[i],
			 info.pflags[i]	      ? ":"
			 : i + 1 < info.count ? ","
					      : "");
	return true;
}

const struct nf_xt nf_xt_multiport[] = {
	{
		.name = "multiport",
		.size = {sizeof(struct xt_multiport), sizeof(struct xt_multiport_v1)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
