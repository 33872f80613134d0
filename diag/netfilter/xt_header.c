/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches on fields of the network header: ttl, hl, tos, dscp, length, iprange. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_dscp.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_length.h>
#include <linux/netfilter_ipv4/ipt_ttl.h>
#include <string.h>

#include "netfilter/xt.h"

static bool is_v4(const struct nf_machine *machine)
{
	return machine->live.family == NFPROTO_IPV4;
}

/* xt_hl.c, for both families: struct ip6t_hl_info is the same. */
static enum nf_step run_hop_limit(struct nf_machine *machine, const struct nf_xt_use *use)
{
	size_t at = is_v4(machine) ? 8 : 7;
	const struct nf_bits bits = {.value = machine->live.value.network + at,
				     .known = machine->live.known.network + at,
				     .len = 1};
	enum mux_answer answer;
	struct ipt_ttl_info info;

	nf_xt_info(use, &info);
	switch (info.mode) {
	case IPT_TTL_EQ:
	case IPT_TTL_NE:
		answer = nf_invert(nf_bits_equal(&bits, &info.ttl), info.mode == IPT_TTL_NE);
		break;
	case IPT_TTL_LT:
		answer = nf_bits_less(&bits, &info.ttl);
		break;
	case IPT_TTL_GT:
		answer = nf_bits_greater(&bits, &info.ttl);
		break;
	default:
		return NF_STEP_ALIEN;
	}
	return nf_step_of(machine, answer, "the packet's time to live is not known");
}

/* The traffic class: byte 1 of IPv4, across bytes 0 and 1 of IPv6 (ipv6_get_dsfield()). */
static void traffic_class(const struct nf_machine *machine, uint8_t *value, uint8_t *known)
{
	const uint8_t *v = machine->live.value.network, *k = machine->live.known.network;

	*value = is_v4(machine) ? v[1] : (uint8_t)((v[0] & 0x0f) << 4 | v[1] >> 4);
	*known = is_v4(machine) ? k[1] : (uint8_t)((k[0] & 0x0f) << 4 | k[1] >> 4);
}

static enum nf_step run_dscp(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_dscp_info info;
	uint8_t value, known;

	nf_xt_info(use, &info);
	traffic_class(machine, &value, &known);
	return nf_step_of(machine,
			  nf_invert(nf_masked_equal(value, known, XT_DSCP_MASK,
						    (uint32_t)info.dscp << XT_DSCP_SHIFT),
				    info.invert != 0),
			  "the packet's traffic class is not known");
}

static enum nf_step run_tos(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_tos_match_info info;
	uint8_t value, known;

	nf_xt_info(use, &info);
	traffic_class(machine, &value, &known);
	return nf_step_of(machine,
			  nf_invert(nf_masked_equal(value, known, info.tos_mask, info.tos_value),
				    info.invert != 0),
			  "the packet's traffic class is not known");
}

/* length_mt(): of the whole packet, IPv6 header included. */
static enum nf_step run_length(struct nf_machine *machine, const struct nf_xt_use *use)
{
	const uint32_t value_be = htonl(machine->live.value.length);
	const uint32_t known_be = htonl(machine->live.known.length);
	const struct nf_bits bits = {(const uint8_t *)&value_be, (const uint8_t *)&known_be,
				     sizeof(value_be), NULL};
	enum mux_answer below, above, inside = MUX_UNKNOWN;
	struct xt_length_info info;
	uint32_t least_be, most_be;

	nf_xt_info(use, &info);
	least_be = htonl(info.min);
	most_be = htonl(info.max);
	below = nf_bits_less(&bits, &least_be);
	above = nf_bits_greater(&bits, &most_be);
	if (below == MUX_YES || above == MUX_YES)
		inside = MUX_NO;
	else if (below == MUX_NO && above == MUX_NO)
		inside = MUX_YES;
	return nf_step_of(machine, nf_invert(inside, info.invert != 0),
			  "the packet's length is not known");
}

static enum mux_answer in_range(const struct nf_machine *machine, bool source,
				const union nf_inet_addr *least, const union nf_inet_addr *most)
{
	size_t len = is_v4(machine) ? 4 : 16;
	size_t at = is_v4(machine) ? (source ? 12 : 16) : (source ? 8 : 24);
	const struct nf_bits bits = {.value = machine->live.value.network + at,
				     .known = machine->live.known.network + at,
				     .len = len};
	enum mux_answer below = nf_bits_less(&bits, least), above = nf_bits_greater(&bits, most);

	if (below == MUX_YES || above == MUX_YES)
		return MUX_NO;
	return below == MUX_NO && above == MUX_NO ? MUX_YES : MUX_UNKNOWN;
}

static enum nf_step run_iprange(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const char why[] = "an address that is not known";
	struct xt_iprange_mtinfo info;
	enum mux_answer answer;

	nf_xt_info(use, &info);
	if (info.flags & IPRANGE_SRC) {
		answer = in_range(machine, true, &info.src_min, &info.src_max);
		if (nf_step_of(machine, nf_invert(answer, info.flags & IPRANGE_SRC_INV), why) ==
		    NF_STEP_BREAK)
			return NF_STEP_BREAK;
	}
	if (info.flags & IPRANGE_DST) {
		answer = in_range(machine, false, &info.dst_min, &info.dst_max);
		return nf_step_of(machine, nf_invert(answer, info.flags & IPRANGE_DST_INV), why);
	}
	return NF_STEP_NEXT;
}

static bool print_hop_limit(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const char *const modes[] = {"-eq", "-eq", "-lt", "-gt"};
	struct ipt_ttl_info info;

	nf_xt_info(use, &info);
	if (info.mode > IPT_TTL_GT)
		return false;
	str_addf(&printer->text, " -m %s%s --%s%s %u", use->xt->name,
		 info.mode == IPT_TTL_NE ? " !" : "", use->xt->name, modes[info.mode], info.ttl);
	return true;
}

static bool print_dscp(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_dscp_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m dscp%s --dscp 0x%02x", info.invert ? " !" : "", info.dscp);
	return true;
}

static bool print_tos(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_tos_match_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m tos%s --tos 0x%02x/0x%02x", info.invert ? " !" : "",
		 info.tos_value, info.tos_mask);
	return true;
}

static bool print_length(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_length_info info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m length");
	nf_print_ports(printer, "length", info.invert != 0, info.min, info.max);
	return true;
}

static void print_range(struct nf_printer *printer, const char *option, bool invert,
			const union nf_inet_addr *least, const union nf_inet_addr *most)
{
	bool v6 = printer->family == NFPROTO_IPV6;
	enum nf_type type = v6 ? NF_TYPE_IPV6 : NF_TYPE_IPV4;
	const struct mux_slice from = {(const char *)least, v6 ? 16 : 4};
	const struct mux_slice to = {(const char *)most, v6 ? 16 : 4};

	str_addf(&printer->text, "%s --%s %s-%s", invert ? " !" : "", option,
		 nf_format_value(printer, type, from), nf_format_value(printer, type, to));
}

static bool print_iprange(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_iprange_mtinfo info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m iprange");
	if (info.flags & IPRANGE_SRC)
		print_range(printer, "src-range", info.flags & IPRANGE_SRC_INV, &info.src_min,
			    &info.src_max);
	if (info.flags & IPRANGE_DST)
		print_range(printer, "dst-range", info.flags & IPRANGE_DST_INV, &info.dst_min,
			    &info.dst_max);
	return true;
}

const struct nf_xt nf_xt_header[] = {
	{
		.name = "ttl",
		.size = {sizeof(struct ipt_ttl_info)},
		.run = run_hop_limit,
		.print = print_hop_limit,
	},
	{
		.name = "hl",
		.size = {sizeof(struct ipt_ttl_info)},
		.run = run_hop_limit,
		.print = print_hop_limit,
	},
	{
		.name = "dscp",
		.size = {sizeof(struct xt_dscp_info)},
		.run = run_dscp,
		.print = print_dscp,
	},
	{
		.name = "tos",
		.size = {[1] = sizeof(struct xt_tos_match_info)},
		.run = run_tos,
		.print = print_tos,
	},
	{
		.name = "length",
		.size = {sizeof(struct xt_length_info)},
		.run = run_length,
		.print = print_length,
	},
	{
		.name = "iprange",
		.size = {[1] = sizeof(struct xt_iprange_mtinfo)},
		.run = run_iprange,
		.print = print_iprange,
	},
	{.name = NULL},
};
