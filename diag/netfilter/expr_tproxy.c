/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_tproxy.c: gives the packet to a listener that is looked up then; breaks without one. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	(void)attrs;
	if (!nf_is_protocol(machine, IPPROTO_TCP) && !nf_is_protocol(machine, IPPROTO_UDP))
		return NF_STEP_BREAK;
	return nf_doubt(machine, "whether tproxy finds a listener");
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	uint32_t address, port;
	const char *text;

	if (!nf_attr_u32(attrs, NFTA_TPROXY_REG_ADDR, 0, &address) ||
	    !nf_attr_u32(attrs, NFTA_TPROXY_REG_PORT, 0, &port))
		return false;
	text = nf_format_register(printer, port, NF_TYPE_NUMBER);
	nf_print(printer, "tproxy to :%s", text == NULL ? "?" : text);
	return true;
}

const struct nf_expr nf_expr_tproxy = {
	.name = "tproxy",
	.attributes =
		1u << NFTA_TPROXY_FAMILY | 1u << NFTA_TPROXY_REG_ADDR | 1u << NFTA_TPROXY_REG_PORT,
	.run = run,
	.print = print,
};
