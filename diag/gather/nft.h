/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of nf_tables. */
#ifndef MUX_GATHER_NFT_H
#define MUX_GATHER_NFT_H

#include <libmnl/libmnl.h>

#include "base/arena.h"
#include "evaluate/needs.h"
#include "gather/netlink.h"

/* Table, chain and set names have up to 255 bytes (NFT_NAME_MAXLEN); a request has two, and a key.
 */
enum { NFT_REQUEST_BYTES = 1024, NFT_LONGEST_NAME = 255 };

union nft_request {
	struct nlmsghdr header;
	char bytes[NFT_REQUEST_BYTES];
};

/* Begins a request: an NFT_MSG_*, NLM_F_* beside NLM_F_REQUEST, an NFPROTO_*. Returns its header.
 */
struct nlmsghdr *nft_start(union nft_request *request, uint16_t message, uint16_t flags,
			   uint8_t family);

/* Adds a name of at most NFT_LONGEST_NAME bytes, with its NUL. */
void nft_put_name(struct nlmsghdr *header, uint16_t type, struct mux_slice name);

/*
 * Asks for the element of one key, and for the catch-all element when there is none, into
 * "nft/elements/…". Returns 0, or -ENOMEM.
 */
int gather_element(struct netlink *netlink, const struct need_element *need, struct arena *arena,
		   struct mux_bundle *bundle);

#endif
