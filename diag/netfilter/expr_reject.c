/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_reject_inet.c: drops, and answers. */
#include "netfilter/kernel.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>

#include "netfilter/expr.h"

struct reject {
	uint32_t type;
	uint8_t code;
};

static bool decode(const struct nf_attrs *attrs, struct reject *reject)
{
	return nf_attr_has(attrs, NFTA_REJECT_TYPE) &&
	       nf_attr_u32(attrs, NFTA_REJECT_TYPE, 0, &reject->type) &&
	       nf_attr_u8(attrs, NFTA_REJECT_ICMP_CODE, 0, &reject->code) &&
	       reject->type <= NFT_REJECT_ICMPX_UNREACH &&
	       (reject->type != NFT_REJECT_ICMPX_UNREACH ||
		reject->code <= NFT_REJECT_ICMPX_ADMIN_PROHIBITED);
}

/* nft_reject_icmp_code(), nft_reject_icmpv6_code() */
static uint8_t code_of(const struct reject *reject, bool v4)
{
	static const uint8_t codes4[] = {
		[NFT_REJECT_ICMPX_NO_ROUTE] = ICMP_NET_UNREACH,
		[NFT_REJECT_ICMPX_PORT_UNREACH] = ICMP_PORT_UNREACH,
		[NFT_REJECT_ICMPX_HOST_UNREACH] = ICMP_HOST_UNREACH,
		[NFT_REJECT_ICMPX_ADMIN_PROHIBITED] = ICMP_PKT_FILTERED,
	};
	static const uint8_t codes6[] = {
		[NFT_REJECT_ICMPX_NO_ROUTE] = ICMP6_DST_UNREACH_NOROUTE,
		[NFT_REJECT_ICMPX_PORT_UNREACH] = ICMP6_DST_UNREACH_NOPORT,
		[NFT_REJECT_ICMPX_HOST_UNREACH] = ICMP6_DST_UNREACH_ADDR,
		[NFT_REJECT_ICMPX_ADMIN_PROHIBITED] = ICMP6_DST_UNREACH_ADMIN,
	};

	if (reject->type != NFT_REJECT_ICMPX_UNREACH)
		return reject->code;
	return v4 ? codes4[reject->code] : codes6[reject->code];
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	bool v4 = machine->live.family == NFPROTO_IPV4;
	struct reject reject;

	if (!decode(attrs, &reject))
		return NF_STEP_ALIEN;
	machine->verdict.code = NF_CODE_REJECT;
	machine->verdict.reject = (struct nf_reject){
		.kind = NF_REJECT_ICMP,
		.type = v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH,
		.code = code_of(&reject, v4),
	};
	if (reject.type == NFT_REJECT_TCP_RST)
		machine->verdict.reject = (struct nf_reject){.kind = NF_REJECT_TCP_RESET};
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const icmpx[] = {
		[NFT_REJECT_ICMPX_NO_ROUTE] = "no-route",
		[NFT_REJECT_ICMPX_PORT_UNREACH] = "port-unreachable",
		[NFT_REJECT_ICMPX_HOST_UNREACH] = "host-unreachable",
		[NFT_REJECT_ICMPX_ADMIN_PROHIBITED] = "admin-prohibited",
	};
	struct reject reject;

	if (!decode(attrs, &reject))
		return false;
	if (reject.type == NFT_REJECT_TCP_RST)
		nf_print(printer, "reject with tcp reset");
	else if (reject.type == NFT_REJECT_ICMPX_UNREACH)
		nf_print(printer, "reject with icmpx %s", icmpx[reject.code]);
	else
		nf_print(printer, "reject with %s %s",
			 printer->family == NFPROTO_IPV6 ? "icmpv6" : "icmp",
			 nf_unreachable_name(printer->family, reject.code));
	return true;
}

const struct nf_expr nf_expr_reject = {
	.name = "reject",
	.attributes = 1u << NFTA_REJECT_TYPE | 1u << NFTA_REJECT_ICMP_CODE,
	.run = run,
	.print = print,
};
