/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_socket.c: the socket that sends the packet, or the one it is for; who listens where is not
 * asked. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	static const uint8_t zeros[8];
	enum mux_answer exists;
	uint32_t key, destination;
	size_t len = 4;

	if (!nf_attr_u32(attrs, NFTA_SOCKET_KEY, UINT32_MAX, &key) ||
	    !nf_attr_u32(attrs, NFTA_SOCKET_DREG, 0, &destination) || key > NFT_SOCKET_CGROUPV2)
		return NF_STEP_ALIEN;
	if (key == NFT_SOCKET_TRANSPARENT || key == NFT_SOCKET_WILDCARD)
		len = 1;
	else if (key == NFT_SOCKET_CGROUPV2)
		len = 8;
	/* The sender's own: connect(2) and listen(2) make no socket transparent. */
	exists = machine->place.hook != NF_HOOK_OUTPUT ? nf_receiver(machine).exists
		 : machine->live.has_socket	       ? MUX_YES
						       : MUX_UNKNOWN;
	if (exists == MUX_NO)
		return NF_STEP_BREAK;
	if (exists == MUX_YES && key == NFT_SOCKET_TRANSPARENT) {
		nf_assume(machine, "that no socket is transparent");
		return nf_register_store(machine, destination,
					 &(struct nf_bits){.value = zeros, .len = 1});
	}
	nf_doubt(machine, "whether a local socket wants the packet");
	return nf_register_store(
		machine, destination,
		&(struct nf_bits){zeros, zeros, len, "the socket the packet is for"});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const names[] = {
		[NFT_SOCKET_TRANSPARENT] = "transparent",
		[NFT_SOCKET_MARK] = "mark",
		[NFT_SOCKET_WILDCARD] = "wildcard",
		[NFT_SOCKET_CGROUPV2] = "cgroupv2",
	};
	uint32_t key, destination;

	if (!nf_attr_u32(attrs, NFTA_SOCKET_KEY, UINT32_MAX, &key) || key > NFT_SOCKET_CGROUPV2 ||
	    !nf_attr_u32(attrs, NFTA_SOCKET_DREG, 0, &destination))
		return false;
	nf_print_load(printer, destination, arena_printf(printer->arena, "socket %s", names[key]),
		      NF_TYPE_HOST_NUMBER, 4);
	return true;
}

const struct nf_expr nf_expr_socket = {
	.name = "socket",
	.attributes = 1u << NFTA_SOCKET_KEY | 1u << NFTA_SOCKET_DREG | 1u << NFTA_SOCKET_LEVEL,
	.run = run,
	.print = print,
};
