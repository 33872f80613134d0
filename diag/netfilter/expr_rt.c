/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_rt.c: what the packet's route says. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const uint8_t zeros[16];
	static const char why[] = "the packet's route";
	const struct nf_live *live = &machine->live;
	uint32_t key, destination;

	if (!nf_attr_u32(attrs, NFTA_RT_KEY, UINT32_MAX, &key) ||
	    !nf_attr_u32(attrs, NFTA_RT_DREG, 0, &destination) || key > NFT_RT_XFRM)
		return NF_STEP_ALIEN;
	if (key == NFT_RT_NEXTHOP4 && machine->live.family != NFPROTO_IPV4)
		return NF_STEP_BREAK;
	if (key == NFT_RT_NEXTHOP6 && machine->live.family != NFPROTO_IPV6)
		return NF_STEP_BREAK;
	switch (key) {
	case NFT_RT_CLASSID:
		return nf_register_store(
			machine, destination,
			&(struct nf_bits){zeros, nf_has_no_realms(machine) ? NULL : zeros, 4, why});
	case NFT_RT_NEXTHOP4:
		/* No route over lo has a gateway, so the destination is next. */
		return nf_register_store(machine, destination,
					 &(struct nf_bits){live->value.network + 16,
							   live->known.network + 16, 4, why});
	case NFT_RT_NEXTHOP6:
		return nf_register_store(machine, destination,
					 &(struct nf_bits){live->value.network + 24,
							   live->known.network + 24, 16, why});
	case NFT_RT_XFRM:
		/* A route through IPsec transforms nothing on lo. */
		return nf_register_store(machine, destination,
					 &(struct nf_bits){.value = zeros, .len = 1});
	default:
		return nf_register_store(machine, destination,
					 &(struct nf_bits){zeros, zeros, 2, why});
	}
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const names[] = {
		[NFT_RT_CLASSID] = "classid",	   [NFT_RT_NEXTHOP4] = "ip nexthop",
		[NFT_RT_NEXTHOP6] = "ip6 nexthop", [NFT_RT_TCPMSS] = "mtu",
		[NFT_RT_XFRM] = "ipsec",
	};
	uint32_t key, destination;

	if (!nf_attr_u32(attrs, NFTA_RT_KEY, UINT32_MAX, &key) || key > NFT_RT_XFRM ||
	    !nf_attr_u32(attrs, NFTA_RT_DREG, 0, &destination))
		return false;
	nf_print_load(printer, destination, arena_printf(printer->arena, "rt %s", names[key]),
		      key == NFT_RT_NEXTHOP4   ? NF_TYPE_IPV4
		      : key == NFT_RT_NEXTHOP6 ? NF_TYPE_IPV6
					       : NF_TYPE_HOST_NUMBER,
		      4);
	return true;
}

const struct nf_expr nf_expr_rt = {
	.name = "rt",
	.attributes = 1u << NFTA_RT_DREG | 1u << NFTA_RT_KEY,
	.run = run,
	.print = print,
};
