/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Matches that lo itself decides: packet type, MAC address, bridge ports, reverse path, IPsec,
 * extension headers. */
#include "netfilter/kernel.h"

#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_policy.h>
#include <linux/netfilter/xt_rpfilter.h>

#include "netfilter/xt.h"

/* PACKET_HOST on both sides of lo (eth_type_trans()). */
static enum nf_step run_pkttype(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_pkttype_info info;

	(void)machine;
	nf_xt_info(use, &info);
	return (info.pkttype == 0) != (info.invert != 0) ? NF_STEP_NEXT : NF_STEP_BREAK;
}

/* mac_mt() gives up on links that are no Ethernet; those headers are not in any packet of ours. */
static enum nf_step run_never(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)machine;
	(void)use;
	return NF_STEP_BREAK;
}

/* nfacct only counts. */
static enum nf_step run_always(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)machine;
	(void)use;
	return NF_STEP_NEXT;
}

/* physdev_mt(), where there is no bridge: only inverted options hold. */
static enum nf_step run_physdev(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_physdev_info info;

	(void)machine;
	nf_xt_info(use, &info);
	return (info.bitmask & XT_PHYSDEV_OP_MASK & ~info.invert) != 0 ? NF_STEP_BREAK
								       : NF_STEP_NEXT;
}

/* rpfilter_is_loopback() */
static enum nf_step run_rpfilter(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_rpfilter_info info;

	(void)machine;
	nf_xt_info(use, &info);
	return info.flags & XT_RPFILTER_INVERT ? NF_STEP_BREAK : NF_STEP_NEXT;
}

/* policy_mt(): nothing on lo went through IPsec. */
static enum nf_step run_policy(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct xt_policy_info info;

	(void)machine;
	nf_xt_info(use, &info);
	return info.flags & XT_POLICY_MATCH_NONE ? NF_STEP_NEXT : NF_STEP_BREAK;
}

static bool print_pkttype(struct nf_printer *printer, const struct nf_xt_use *use)
{
	static const char *const names[] = {"unicast", "broadcast", "multicast"};
	struct xt_pkttype_info info;

	nf_xt_info(use, &info);
	if (info.pkttype < 0 || info.pkttype > 2)
		return false;
	str_addf(&printer->text, " -m pkttype%s --pkt-type %s", info.invert ? " !" : "",
		 names[info.pkttype]);
	return true;
}

static bool print_name(struct nf_printer *printer, const struct nf_xt_use *use)
{
	str_addf(&printer->text, " -m %s [...]", use->xt->name);
	return true;
}

static bool print_rpfilter(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_rpfilter_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m rpfilter%s",
		 info.flags & XT_RPFILTER_INVERT ? " --invert" : "");
	return true;
}

static bool print_policy(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct xt_policy_info info;

	nf_xt_info(use, &info);
	str_addf(&printer->text, " -m policy --dir %s --pol %s",
		 info.flags & XT_POLICY_MATCH_IN ? "in" : "out",
		 info.flags & XT_POLICY_MATCH_NONE ? "none" : "ipsec");
	return true;
}

const struct nf_xt nf_xt_loopback[] = {
	{
		.name = "pkttype",
		.size = {sizeof(struct xt_pkttype_info)},
		.run = run_pkttype,
		.print = print_pkttype,
	},
	{
		.name = "physdev",
		.size = {sizeof(struct xt_physdev_info)},
		.run = run_physdev,
		.print = print_name,
	},
	{
		.name = "rpfilter",
		.size = {sizeof(struct xt_rpfilter_info)},
		.run = run_rpfilter,
		.print = print_rpfilter,
	},
	{
		.name = "policy",
		.size = {sizeof(struct xt_policy_info)},
		.run = run_policy,
		.print = print_policy,
	},
	{.name = "mac", .no_info = true, .run = run_never, .print = print_name},
	{.name = "ah", .no_info = true, .run = run_never, .print = print_name},
	{.name = "esp", .no_info = true, .run = run_never, .print = print_name},
	{.name = "frag", .no_info = true, .run = run_never, .print = print_name},
	{.name = "hbh", .no_info = true, .run = run_never, .print = print_name},
	{.name = "dst", .no_info = true, .run = run_never, .print = print_name},
	{.name = "rt", .no_info = true, .run = run_never, .print = print_name},
	{.name = "mh", .no_info = true, .run = run_never, .print = print_name},
	{.name = "sctp", .no_info = true, .run = run_never, .print = print_name},
	{.name = "dccp", .no_info = true, .run = run_never, .print = print_name},
	{.name = "nfacct", .no_info = true, .run = run_always, .print = print_name},
	{.name = NULL},
};
