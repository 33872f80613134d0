/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipt_REJECT.c and ip6t_REJECT.c: drop, and answer. */
#include "netfilter/kernel.h"

#include <linux/netfilter_ipv4/ipt_REJECT.h>
#include <linux/netfilter_ipv6/ip6t_REJECT.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "netfilter/xt.h"

static const struct {
	const char *name;
	enum nf_reject_kind kind;
	uint8_t code;
} ways4[] =
	{
		[IPT_ICMP_NET_UNREACHABLE] = {"icmp-net-unreachable", NF_REJECT_ICMP,
					      ICMP_NET_UNREACH},
		[IPT_ICMP_HOST_UNREACHABLE] = {"icmp-host-unreachable", NF_REJECT_ICMP,
					       ICMP_HOST_UNREACH},
		[IPT_ICMP_PROT_UNREACHABLE] = {"icmp-proto-unreachable", NF_REJECT_ICMP,
					       ICMP_PROT_UNREACH},
		[IPT_ICMP_PORT_UNREACHABLE] = {"icmp-port-unreachable", NF_REJECT_ICMP,
					       ICMP_PORT_UNREACH},
		[IPT_ICMP_NET_PROHIBITED] = {"icmp-net-prohibited", NF_REJECT_ICMP, ICMP_NET_ANO},
		[IPT_ICMP_HOST_PROHIBITED] = {"icmp-host-prohibited", NF_REJECT_ICMP,
					      ICMP_HOST_ANO},
		[IPT_TCP_RESET] = {"tcp-reset", NF_REJECT_TCP_RESET, 0},
		[IPT_ICMP_ADMIN_PROHIBITED] = {"icmp-admin-prohibited", NF_REJECT_ICMP,
					       ICMP_PKT_FILTERED},
},
  ways6[] = {
	  [IP6T_ICMP6_NO_ROUTE] = {"icmp6-no-route", NF_REJECT_ICMP, ICMP6_DST_UNREACH_NOROUTE},
	  [IP6T_ICMP6_ADM_PROHIBITED] = {"icmp6-adm-prohibited", NF_REJECT_ICMP,
					 ICMP6_DST_UNREACH_ADMIN},
	  [IP6T_ICMP6_ADDR_UNREACH] = {"icmp6-addr-unreachable", NF_REJECT_ICMP,
				       ICMP6_DST_UNREACH_ADDR},
	  [IP6T_ICMP6_PORT_UNREACH] = {"icmp6-port-unreachable", NF_REJECT_ICMP,
				       ICMP6_DST_UNREACH_NOPORT},
	  [IP6T_TCP_RESET] = {"tcp-reset", NF_REJECT_TCP_RESET, 0},
	  [IP6T_ICMP6_POLICY_FAIL] = {"icmp6-policy-fail", NF_REJECT_ICMP, 5},
	  [IP6T_ICMP6_REJECT_ROUTE] = {"icmp6-reject-route", NF_REJECT_ICMP, 6},
};

enum {
	N_WAYS4 = sizeof(ways4) / sizeof(ways4[0]),
	N_WAYS6 = sizeof(ways6) / sizeof(ways6[0]),
};

/* Finds how the family answers. Returns false for numbers that are not modelled. */
static bool find(uint8_t family, uint32_t with, struct nf_reject *reject, const char **name)
{
	bool v4 = family == NFPROTO_IPV4;

	if (with >= (v4 ? (uint32_t)N_WAYS4 : (uint32_t)N_WAYS6))
		return false;
	*name = v4 ? ways4[with].name : ways6[with].name;
	reject->kind = v4 ? ways4[with].kind : ways6[with].kind;
	reject->type = v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH;
	reject->code = v4 ? ways4[with].code : ways6[with].code;
	return *name != NULL;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	struct ip6t_reject_info info;
	const char *name;

	nf_xt_info(use, &info);
	if (!find(machine->live.family, info.with, &machine->verdict.reject, &name))
		return NF_STEP_ALIEN;
	machine->verdict.code = NF_CODE_REJECT;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct ip6t_reject_info info;
	struct nf_reject reject;
	const char *name;

	nf_xt_info(use, &info);
	if (!find(printer->family, info.with, &reject, &name))
		return false;
	str_addf(&printer->text, " -j REJECT --reject-with %s", name);
	return true;
}

const struct nf_xt nf_xt_reject[] = {
	{
		.name = "REJECT",
		.target = true,
		.size = {sizeof(struct ipt_reject_info)},
		.run = run,
		.print = print,
	},
	{.name = NULL},
};
