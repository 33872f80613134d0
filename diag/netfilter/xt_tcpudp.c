/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_tcpudp.c: ports, TCP flags, ICMP types. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_tcpudp.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "netfilter/xt.h"

/* port_match() on both ports. */
static enum nf_step run_ports(struct nf_machine *machine, const uint16_t sources[2],
			      const uint16_t destinations[2], unsigned invert)
{
	enum mux_answer source = nf_invert(nf_port_between(machine, true, sources[0], sources[1]),
					   invert & XT_TCP_INV_SRCPT);
	enum mux_answer destination =
		nf_invert(nf_port_between(machine, false, destinations[0], destinations[1]),
			  invert & XT_TCP_INV_DSTPT);
	bool any_source = sources[0] == 0 && sources[1] == UINT16_MAX;
	bool any_destination = destinations[0] == 0 && destinations[1] == UINT16_MAX;

	if (!any_destination || invert & XT_TCP_INV_DSTPT)
		if (nf_step_of(machine, destination, "the destination port is not known") ==
		    NF_STEP_BREAK)
			return NF_STEP_BREAK;
	if (!any_source || invert & XT_TCP_INV_SRCPT)
		return nf_step_of(machine, source, "the source port is not known");
	return NF_STEP_NEXT;
}

static enum nf_step run_tcp(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_tcp info;
	enum mux_answer flags;
	size_t offset, len;

	nf_xt_info(use, &info);
	if (!nf_is_protocol(machine, IPPROTO_TCP) ||
	    run_ports(machine, info.spts, info.dpts, info.invflags) == NF_STEP_BREAK)
		return NF_STEP_BREAK;
	flags = nf_masked_equal(machine->live.value.transport[13],
				machine->live.known.transport[13], info.flg_mask, info.flg_cmp);
	if (nf_step_of(machine, nf_invert(flags, info.invflags & XT_TCP_INV_FLAGS),
		       "the TCP flags are not known") == NF_STEP_BREAK)
		return NF_STEP_BREAK;
	if (info.option == 0)
		return NF_STEP_NEXT;
	return nf_step_of(machine,
			  nf_invert(nf_live_tcp_option(&machine->live, info.option, &offset, &len),
				    info.invflags & XT_TCP_INV_OPTION),
			  "whether the packet has a TCP option");
}

static enum nf_step run_udp(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_udp info;

	nf_xt_info(use, &info);
	if (!nf_is_protocol(machine, IPPROTO_UDP))
		return NF_STEP_BREAK;
	return run_ports(machine, info.spts, info.dpts, info.invflags);
}

/* icmp_type_code_match(): 255 is any type, for IPv4 only. */
static enum nf_step run_icmp_of(struct nf_machine *machine, const struct nf_xt_use *use,
				uint8_t protocol)
{
	const uint8_t *value = machine->live.value.transport;
	struct ipt_icmp info;
	bool matches;

	nf_xt_info(use, &info);
	if (!nf_is_protocol(machine, protocol))
		return NF_STEP_BREAK;
	matches = (info.type == 0xff && protocol == IPPROTO_ICMP) ||
		  (value[0] == info.type && value[1] >= info.code[0] && value[1] <= info.code[1]);
	return matches != ((info.invflags & IPT_ICMP_INV) != 0) ? NF_STEP_NEXT : NF_STEP_BREAK;
}

static enum nf_step run_icmp(struct nf_machine *machine, const struct nf_xt_use *use)
{
	return run_icmp_of(machine, use, IPPROTO_ICMP);
}

static enum nf_step run_icmp6(struct nf_machine *machine, const struct nf_xt_use *use)
{
	return run_icmp_of(machine, use, IPPROTO_ICMPV6);
}

static void print_both_ports(struct nf_printer *printer, const uint16_t sources[2],
			     const uint16_t destinations[2], unsigned invert)
{
	if (sources[0] != 0 || sources[1] != UINT16_MAX)
		nf_print_ports(printer, "sport", invert & XT_TCP_INV_SRCPT, sources[0], sources[1]);
	if (destinations[0] != 0 || destinations[1] != UINT16_MAX)
		nf_print_ports(printer, "dport", invert & XT_TCP_INV_DSTPT, destinations[0],
			       destinations[1]);
}

static void print_flags(struct nf_printer *printer, uint8_t flags)
{
	static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
	const char *separator = " ";
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (flags >> i & 1) {
			str_addf(&printer->text, "%s%s", separator, names[i]);
			separator = ",";
		}
	if (separator[0] == ' ')
		str_add(&printer->text, " NONE");
}

static bool print_tcp(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_tcp info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m tcp");
	print_both_ports(printer, info.spts, info.dpts, info.invflags);
	if (info.option != 0)
		str_addf(&printer->text, "%s --tcp-option %u",
			 info.invflags & XT_TCP_INV_OPTION ? " !" : "", info.option);
	if (info.flg_mask == 0)
		return true;
	str_addf(&printer->text, "%s --tcp-flags", info.invflags & XT_TCP_INV_FLAGS ? " !" : "");
	print_flags(printer, info.flg_mask);
	print_flags(printer, info.flg_cmp);
	return true;
}

static bool print_udp(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_udp info;

	nf_xt_info(use, &info);
	str_add(&printer->text, " -m udp");
	print_both_ports(printer, info.spts, info.dpts, info.invflags);
	return true;
}

static bool print_icmp(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct ipt_icmp info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m %s%s --%s-type %u", use->xt->name,
		 info.invflags & IPT_ICMP_INV ? " !" : "",
		 use->xt->run == run_icmp6 ? "icmpv6" : "icmp", info.type);
	if (info.code[0] == info.code[1])
		str_addf(&printer->text, "/%u", info.code[0]);
	return true;
}

const struct nf_xt nf_xt_tcpudp[] = {
	{.name = "tcp", .size = {sizeof(struct xt_tcp)}, .run = run_tcp, .print = print_tcp},
	{.name = "udp", .size = {sizeof(struct xt_udp)}, .run = run_udp, .print = print_udp},
	{.name = "icmp", .size = {sizeof(struct ipt_icmp)}, .run = run_icmp, .print = print_icmp},
	{.name = "icmp6",
	 .size = {sizeof(struct ip6t_icmp)},
	 .run = run_icmp6,
	 .print = print_icmp},
	{.name = NULL},
};
