/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_exthdr.c: IPv6 extension headers, IPv4 and TCP options. Nothing on lo has the first two. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

struct exthdr {
	uint32_t destination, offset, len, flags, op;
	uint8_t type;
	bool writes;
};

static bool decode(const struct nf_attrs *attrs, struct exthdr *exthdr)
{
	exthdr->writes =
		nf_attr_has(attrs, NFTA_EXTHDR_SREG) || !nf_attr_has(attrs, NFTA_EXTHDR_DREG);
	return nf_attr_u32(attrs, NFTA_EXTHDR_DREG, 0, &exthdr->destination) &&
	       nf_attr_u8(attrs, NFTA_EXTHDR_TYPE, 0, &exthdr->type) &&
	       nf_attr_u32(attrs, NFTA_EXTHDR_OFFSET, 0, &exthdr->offset) &&
	       nf_attr_u32(attrs, NFTA_EXTHDR_LEN, 0, &exthdr->len) &&
	       nf_attr_u32(attrs, NFTA_EXTHDR_FLAGS, 0, &exthdr->flags) &&
	       nf_attr_u32(attrs, NFTA_EXTHDR_OP, NFT_EXTHDR_OP_IPV6, &exthdr->op) &&
	       exthdr->len <= 64 && exthdr->op <= NFT_EXTHDR_OP_SCTP;
}

/* nft_exthdr_tcp_eval() */
static enum nf_step load_tcp_option(struct nf_machine *machine, const struct exthdr *exthdr)
{
	static const uint8_t zeros[64];
	static const char why[] = "a TCP option";
	const struct nf_live *live = &machine->live;
	bool asks_presence = (exthdr->flags & NFT_EXTHDR_F_PRESENT) != 0;
	size_t offset = 0, len = 0;
	enum mux_answer found = nf_live_tcp_option(live, exthdr->type, &offset, &len);
	const uint8_t present = found == MUX_YES;

	if (found != MUX_UNKNOWN && asks_presence)
		return nf_register_store(machine, exthdr->destination,
					 &(struct nf_bits){.value = &present, .len = 1});
	if (found == MUX_NO || (found == MUX_YES && (size_t)exthdr->offset + exthdr->len > len))
		return NF_STEP_BREAK;
	if (found == MUX_YES)
		return nf_register_store(
			machine, exthdr->destination,
			&(struct nf_bits){live->value.transport + offset + exthdr->offset,
					  live->known.transport + offset + exthdr->offset,
					  exthdr->len, why});
	if (!asks_presence)
		nf_doubt(machine, "whether the packet has a TCP option");
	return nf_register_store(
		machine, exthdr->destination,
		&(struct nf_bits){zeros, zeros, asks_presence ? 1 : exthdr->len, why});
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const uint8_t zeros[64];
	struct exthdr exthdr;

	if (!decode(attrs, &exthdr))
		return NF_STEP_ALIEN;
	if (exthdr.writes && exthdr.op != NFT_EXTHDR_OP_TCPOPT)
		return NF_STEP_ALIEN;
	if (exthdr.writes) {
		nf_live_forget_tcp_options(&machine->live);
		return NF_STEP_NEXT;
	}
	if (exthdr.op == NFT_EXTHDR_OP_TCPOPT && nf_is_protocol(machine, IPPROTO_TCP))
		return load_tcp_option(machine, &exthdr);
	if (exthdr.flags & NFT_EXTHDR_F_PRESENT)
		return nf_register_store(machine, exthdr.destination,
					 &(struct nf_bits){.value = zeros, .len = 1});
	return NF_STEP_BREAK;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const ops[] = {"exthdr", "tcp option", "ip option", "sctp chunk"};
	struct exthdr exthdr;

	if (!decode(attrs, &exthdr) || exthdr.writes)
		return false;
	nf_print_load(printer, exthdr.destination,
		      arena_printf(printer->arena, "%s %u", ops[exthdr.op], exthdr.type),
		      NF_TYPE_NUMBER, exthdr.len);
	return true;
}

const struct nf_expr nf_expr_exthdr = {
	.name = "exthdr",
	.attributes = 1u << NFTA_EXTHDR_DREG | 1u << NFTA_EXTHDR_TYPE | 1u << NFTA_EXTHDR_OFFSET |
		      1u << NFTA_EXTHDR_LEN | 1u << NFTA_EXTHDR_FLAGS | 1u << NFTA_EXTHDR_OP |
		      1u << NFTA_EXTHDR_SREG,
	.run = run,
	.print = print,
};
