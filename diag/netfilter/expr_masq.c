/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_masq.c: masquerade, to a port that a register may hold. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"
#include "netfilter/nat.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct nf_bits port;
	uint32_t min;

	if (!nf_attr_u32(attrs, NFTA_MASQ_REG_PROTO_MIN, 0, &min))
		return NF_STEP_ALIEN;
	if (min == 0)
		return nf_nat_masquerade(machine, NULL);
	if (!nf_register_load(machine, min, 2, &port))
		return NF_STEP_ALIEN;
	return nf_nat_masquerade(machine, &port);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	const char *port;
	uint32_t min;

	if (!nf_attr_u32(attrs, NFTA_MASQ_REG_PROTO_MIN, 0, &min))
		return false;
	port = min == 0 ? NULL : nf_format_register(printer, min, NF_TYPE_NUMBER);
	nf_print(printer, "masquerade%s%s", port == NULL ? "" : " to :", port == NULL ? "" : port);
	return true;
}

const struct nf_expr nf_expr_masq = {
	.name = "masq",
	.attributes = 1u << NFTA_MASQ_FLAGS | 1u << NFTA_MASQ_REG_PROTO_MIN |
		      1u << NFTA_MASQ_REG_PROTO_MAX,
	.run = run,
	.print = print,
};
