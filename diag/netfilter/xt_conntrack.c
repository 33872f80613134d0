/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_conntrack.c and xt_state.c: what conntrack knows of the packet's flow. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_state.h>
#include <string.h>

#include "netfilter/xt.h"

/* nft's state bits as xt_conntrack counts them. */
static void state_bits(const struct nf_machine *machine, uint32_t untracked, uint32_t *ret_value,
		       uint32_t *ret_known)
{
	const uint32_t low = NF_CT_STATE_UNTRACKED_BIT - 1;
	uint32_t value, known;

	nf_ct_state(machine, &value, &known);
	*ret_value = value & low;
	*ret_known = known & low;
	if (value & NF_CT_STATE_UNTRACKED_BIT)
		*ret_value |= untracked;
	if (known & NF_CT_STATE_UNTRACKED_BIT)
		*ret_known |= untracked;
}

/* All revisions in the shape of the last. */
static void read_info(const struct nf_xt_use *use, struct xt_conntrack_mtinfo3 *info)
{
	struct xt_conntrack_mtinfo1 old;

	memset(info, 0, sizeof(*info));
	if (use->revision == 1) {
		nf_xt_info(use, &old);
		memcpy(info, &old, offsetof(struct xt_conntrack_mtinfo1, state_mask));
		info->state_mask = old.state_mask;
		info->status_mask = old.status_mask;
	} else {
		nf_xt_info(use, info);
	}
	if (use->revision < 3) {
		info->origsrc_port = info->origsrc_port_high = ntohs(info->origsrc_port);
		info->origdst_port = info->origdst_port_high = ntohs(info->origdst_port);
		info->replsrc_port = info->replsrc_port_high = ntohs(info->replsrc_port);
		info->repldst_port = info->repldst_port_high = ntohs(info->repldst_port);
	}
}

static enum mux_answer state_matches(const struct nf_machine *machine,
				     const struct xt_conntrack_mtinfo3 *info)
{
	const struct nf_live *live = &machine->live;
	uint32_t value, known;

	state_bits(machine, XT_CONNTRACK_STATE_UNTRACKED, &value, &known);
	known |= XT_CONNTRACK_STATE_SNAT | XT_CONNTRACK_STATE_DNAT;
	if (nf_ct_is_tracked(machine) != MUX_NO) {
		if (live->value.ct_status & IPS_SRC_NAT)
			value |= XT_CONNTRACK_STATE_SNAT;
		if (live->value.ct_status & IPS_DST_NAT)
			value |= XT_CONNTRACK_STATE_DNAT;
		if ((live->known.ct_status & IPS_SRC_NAT) == 0)
			known &= ~(uint32_t)XT_CONNTRACK_STATE_SNAT;
		if ((live->known.ct_status & IPS_DST_NAT) == 0)
			known &= ~(uint32_t)XT_CONNTRACK_STATE_DNAT;
	}
	return nf_invert(nf_any_bit(value, known, info->state_mask),
			 info->invert_flags & XT_CONNTRACK_STATE);
}

static enum mux_answer direction_matches(const struct nf_machine *machine,
					 const struct xt_conntrack_mtinfo3 *info)
{
	if (machine->live.known.ct_direction == 0)
		return MUX_UNKNOWN;
	return nf_invert(machine->live.value.ct_direction == IP_CT_DIR_ORIGINAL ? MUX_YES : MUX_NO,
			 info->invert_flags & XT_CONNTRACK_DIRECTION);
}

static enum mux_answer address_matches(const struct nf_machine *machine,
				       const struct xt_conntrack_mtinfo3 *info, unsigned flag)
{
	const struct nf_live *live = &machine->live;
	size_t len = live->family == NFPROTO_IPV4 ? 4 : 16, i;
	bool source = flag == XT_CONNTRACK_ORIGSRC;
	const uint8_t *address = source ? live->tuple_source.bytes : live->tuple_destination.bytes;
	const uint8_t *wanted =
		(const uint8_t *)(source ? &info->origsrc_addr : &info->origdst_addr);
	const uint8_t *mask = (const uint8_t *)(source ? &info->origsrc_mask : &info->origdst_mask);
	enum mux_answer answer = MUX_YES;

	/* Of the reply tuple nothing is certain once the flow is translated. */
	if (flag != XT_CONNTRACK_ORIGSRC && flag != XT_CONNTRACK_ORIGDST)
		return MUX_UNKNOWN;
	for (i = 0; i < len; i++)
		if ((address[i] & mask[i]) != wanted[i])
			answer = MUX_NO;
	return nf_invert(answer, info->invert_flags & flag);
}

static enum mux_answer port_matches(const struct nf_machine *machine,
				    const struct xt_conntrack_mtinfo3 *info, unsigned flag)
{
	const struct nf_live *live = &machine->live;
	bool source = flag == XT_CONNTRACK_ORIGSRC_PORT;
	uint16_t port = source ? live->tuple_source_port : live->tuple_destination_port;
	uint16_t least = source ? info->origsrc_port : info->origdst_port;
	uint16_t most = source ? info->origsrc_port_high : info->origdst_port_high;

	if (port == 0 || (!source && flag != XT_CONNTRACK_ORIGDST_PORT))
		return MUX_UNKNOWN;
	return nf_invert(port >= least && port <= most ? MUX_YES : MUX_NO,
			 info->invert_flags & flag);
}

static enum mux_answer status_matches(const struct nf_machine *machine,
				      const struct xt_conntrack_mtinfo3 *info)
{
	uint32_t value, known;

	nf_ct_status(machine, &value, &known);
	return nf_invert(nf_any_bit(value, known, info->status_mask),
			 info->invert_flags & XT_CONNTRACK_STATUS);
}

/* One of the conditions that need a flow. */
static enum mux_answer flow_matches(const struct nf_machine *machine,
				    const struct xt_conntrack_mtinfo3 *info, unsigned flag)
{
	switch (flag) {
	case XT_CONNTRACK_DIRECTION:
		return direction_matches(machine, info);
	case XT_CONNTRACK_ORIGSRC:
	case XT_CONNTRACK_ORIGDST:
	case XT_CONNTRACK_REPLSRC:
	case XT_CONNTRACK_REPLDST:
		return address_matches(machine, info, flag);
	case XT_CONNTRACK_ORIGSRC_PORT:
	case XT_CONNTRACK_ORIGDST_PORT:
	case XT_CONNTRACK_REPLSRC_PORT:
	case XT_CONNTRACK_REPLDST_PORT:
		return port_matches(machine, info, flag);
	case XT_CONNTRACK_PROTO:
		return nf_invert(machine->live.tuple_protocol == info->l4proto ? MUX_YES : MUX_NO,
				 info->invert_flags & flag);
	case XT_CONNTRACK_STATUS:
		return status_matches(machine, info);
	default:
		return MUX_UNKNOWN;
	}
}

/* conntrack_mt() */
static enum nf_step run_conntrack(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const char why[] = "what conntrack knows of the flow";
	struct xt_conntrack_mtinfo3 info;
	enum mux_answer answer;
	unsigned bit;

	read_info(use, &info);
	if (info.match_flags & XT_CONNTRACK_STATE &&
	    nf_step_of(machine, state_matches(machine, &info), why) == NF_STEP_BREAK)
		return NF_STEP_BREAK;
	answer = nf_ct_is_tracked(machine);
	if (answer == MUX_NO)
		return info.match_flags & XT_CONNTRACK_STATE ? NF_STEP_NEXT : NF_STEP_BREAK;
	for (bit = 1; bit <= XT_CONNTRACK_DIRECTION; bit <<= 1) {
		if (bit == XT_CONNTRACK_STATE || (info.match_flags & bit) == 0)
			continue;
		if (answer == MUX_UNKNOWN)
			nf_doubt(machine, why);
		if (nf_step_of(machine, flow_matches(machine, &info, bit), why) == NF_STEP_BREAK)
			return NF_STEP_BREAK;
	}
	return NF_STEP_NEXT;
}

static enum nf_step run_state(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_state_info info;
	uint32_t value, known;

	nf_xt_info(use, &info);
	state_bits(machine, XT_STATE_UNTRACKED, &value, &known);
	return nf_step_of(machine, nf_any_bit(value, known, info.statemask),
			  "the packet's conntrack state");
}

static void print_states(struct nf_printer *printer, uint32_t mask, uint32_t untracked)
{
	const struct {
		uint32_t bit;
		const char *name;
	} states[] = {
		{XT_CONNTRACK_STATE_INVALID, "INVALID"},
		{XT_CONNTRACK_STATE_BIT(IP_CT_NEW), "NEW"},
		{XT_CONNTRACK_STATE_BIT(IP_CT_RELATED), "RELATED"},
		{XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED), "ESTABLISHED"},
		{untracked, "UNTRACKED"},
		{XT_CONNTRACK_STATE_SNAT, "SNAT"},
		{XT_CONNTRACK_STATE_DNAT, "DNAT"},
	};
	const char *separator = " ";
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (mask & states[i].bit) {
			str_addf(&printer->text, "%s%s", separator, states[i].name);
			separator = ",";
		}
}

static bool print_conntrack(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_conntrack_mtinfo3 info;

	read_info(use, &info);
	if ((info.match_flags & ~(unsigned)(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS)) != 0)
		return false;
	str_addf(&printer->text, "%s -m conntrack --ctstate",
		 info.invert_flags & XT_CONNTRACK_STATE ? " !" : "");
	print_states(printer, info.state_mask, XT_CONNTRACK_STATE_UNTRACKED);
	return true;
}

static bool print_state(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_state_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m state --state");
	print_states(printer, info.statemask, XT_STATE_UNTRACKED);
	return true;
}

const struct nf_xt nf_xt_conntrack[] = {
	{
		.name = "conntrack",
		.size = {[1] = sizeof(struct xt_conntrack_mtinfo1),
			 [2] = sizeof(struct xt_conntrack_mtinfo2),
			 [3] = sizeof(struct xt_conntrack_mtinfo3)},
		.run = run_conntrack,
		.print = print_conntrack,
	},
	{
		.name = "state",
		.size = {sizeof(struct xt_state_info)},
		.run = run_state,
		.print = print_state,
	},
	{.name = NULL},
};
