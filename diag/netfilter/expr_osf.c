/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_osf.c: guesses the sender's system from a SYN; the fingerprints are not known. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const uint8_t zeros[16];
	uint32_t destination;

	if (!nf_attr_has(attrs, NFTA_OSF_DREG) ||
	    !nf_attr_u32(attrs, NFTA_OSF_DREG, 0, &destination))
		return NF_STEP_ALIEN;
	/* nft_osf_eval(): only SYNs are looked at. */
	if (!nf_is_protocol(machine, IPPROTO_TCP) ||
	    (machine->live.value.transport[13] & 0x02) == 0)
		return NF_STEP_BREAK;
	return nf_register_store(
		machine, destination,
		&(struct nf_bits){zeros, zeros, sizeof(zeros), "the sender's system fingerprint"});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	uint32_t destination;

	if (!nf_attr_u32(attrs, NFTA_OSF_DREG, 0, &destination))
		return false;
	nf_print_load(printer, destination, "osf name", NF_TYPE_NAME, 16);
	return true;
}

const struct nf_expr nf_expr_osf = {
	.name = "osf",
	.attributes = 1u << NFTA_OSF_DREG | 1u << NFTA_OSF_TTL | 1u << NFTA_OSF_FLAGS,
	.run = run,
	.print = print,
};
