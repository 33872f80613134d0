/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_fib.c: asks the routing table about an address of the packet. On lo every address is this
 * machine's own. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"
#include "netfilter/xt.h"

struct fib {
	uint32_t destination, result, flags;
};

static bool decode(const struct nf_attrs *attrs, struct fib *fib)
{
	return nf_attr_has(attrs, NFTA_FIB_DREG) &&
	       nf_attr_u32(attrs, NFTA_FIB_DREG, 0, &fib->destination) &&
	       nf_attr_u32(attrs, NFTA_FIB_RESULT, 0, &fib->result) &&
	       nf_attr_u32(attrs, NFTA_FIB_FLAGS, 0, &fib->flags) &&
	       fib->result > NFT_FIB_RESULT_UNSPEC && fib->result <= NFT_FIB_RESULT_ADDRTYPE &&
	       (fib->flags & ~0x3fu) == 0;
}

static enum nf_step store_type(struct nf_machine *machine, const struct fib *fib)
{
	static const uint32_t unknown;
	bool source = (fib->flags & NFTA_FIB_F_SADDR) != 0;
	bool has_link = (fib->flags & (NFTA_FIB_F_IIF | NFTA_FIB_F_OIF)) == 0;
	uint32_t type;

	if (!nf_address_type(machine, source, &type) || !has_link)
		return nf_register_store(machine, fib->destination,
					 &(struct nf_bits){(const uint8_t *)&unknown,
							   (const uint8_t *)&unknown, 4,
							   "the type of an address"});
	return nf_register_store_u32(machine, fib->destination, type);
}

/* nft_fib4_eval(), nft_fib6_eval(): what came in through lo is answered with lo, unasked. */
static enum nf_step store_link(struct nf_machine *machine, const struct fib *fib)
{
	static const uint8_t zeros[IFNAMSIZ];
	bool answered = nf_has_input(machine) && (fib->flags & NFTA_FIB_F_SADDR) != 0;
	uint8_t name[IFNAMSIZ] = {0};
	uint8_t present = 1;
	size_t i;

	if (!answered)
		return nf_register_store(
			machine, fib->destination,
			&(struct nf_bits){zeros, zeros,
					  fib->result == NFT_FIB_RESULT_OIFNAME ? IFNAMSIZ : 4,
					  "what the routing table says"});
	if (fib->flags & NFTA_FIB_F_PRESENT)
		return nf_register_store(machine, fib->destination,
					 &(struct nf_bits){.value = &present, .len = 1});
	if (fib->result == NFT_FIB_RESULT_OIF)
		return nf_register_store_u32(machine, fib->destination,
					     (uint32_t)machine->live.link_index);
	for (i = 0; i < machine->live.link_name.len && i < IFNAMSIZ - 1; i++)
		name[i] = (uint8_t)machine->live.link_name.data[i];
	return nf_register_store(machine, fib->destination,
				 &(struct nf_bits){.value = name, .len = IFNAMSIZ});
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct fib fib;

	if (!decode(attrs, &fib))
		return NF_STEP_ALIEN;
	return fib.result == NFT_FIB_RESULT_ADDRTYPE ? store_type(machine, &fib)
						     : store_link(machine, &fib);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const results[] = {"", "oif", "oifname", "type"};
	struct fib fib;

	if (!decode(attrs, &fib))
		return false;
	nf_print_load(printer, fib.destination,
		      arena_printf(printer->arena, "fib %s%s%s%s %s",
				   fib.flags & NFTA_FIB_F_SADDR ? "saddr" : "daddr",
				   fib.flags & NFTA_FIB_F_MARK ? " . mark" : "",
				   fib.flags & NFTA_FIB_F_IIF ? " . iif" : "",
				   fib.flags & NFTA_FIB_F_OIF ? " . oif" : "", results[fib.result]),
		      fib.result == NFT_FIB_RESULT_ADDRTYPE  ? NF_TYPE_FIB_TYPE
		      : fib.result == NFT_FIB_RESULT_OIFNAME ? NF_TYPE_NAME
							     : NF_TYPE_HOST_NUMBER,
		      fib.result == NFT_FIB_RESULT_OIFNAME ? IFNAMSIZ : 4);
	return true;
}

const struct nf_expr nf_expr_fib = {
	.name = "fib",
	.attributes = 1u << NFTA_FIB_DREG | 1u << NFTA_FIB_RESULT | 1u << NFTA_FIB_FLAGS,
	.run = run,
	.print = print,
};
