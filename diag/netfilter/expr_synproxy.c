/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_synproxy.c: answers SYNs itself; what becomes of the connection is not modelled. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	(void)attrs;
	if (!nf_is_protocol(machine, IPPROTO_TCP))
		return NF_STEP_BREAK;
	nf_doubt(machine, "answered by synproxy");
	machine->verdict.code = NF_CODE_UNKNOWN;
	return NF_STEP_DOUBT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	(void)attrs;
	nf_print(printer, "synproxy");
	return true;
}

const struct nf_expr nf_expr_synproxy = {
	.name = "synproxy",
	.attributes =
		1u << NFTA_SYNPROXY_MSS | 1u << NFTA_SYNPROXY_WSCALE | 1u << NFTA_SYNPROXY_FLAGS,
	.run = run,
	.print = print,
};
