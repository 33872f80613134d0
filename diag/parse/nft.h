/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables messages, and the bundle entries that answer needs. */
#ifndef MUX_PARSE_NFT_H
#define MUX_PARSE_NFT_H

#include <linux/netfilter/nfnetlink.h>

#include "parse/netlink.h"
#include "parse/parse.h"

/* As netlink_next(), of the nf_tables messages of that NFT_MSG_*. */
static inline const struct nlmsghdr *nft_next(struct netlink_messages *messages, int type)
{
	return netlink_next(messages, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type),
			    sizeof(struct nfgenmsg));
}

/* As netlink_attributes(). */
static inline void nft_attributes(const struct nlmsghdr *message, const struct nlattr **table,
				  size_t n)
{
	netlink_attributes(message, sizeof(struct nfgenmsg), table, n);
}

/* Returns the NFPROTO_* of a message. */
static inline uint8_t nft_family(const struct nlmsghdr *message)
{
	const struct nfgenmsg *header = mnl_nlmsg_get_payload(message);

	return header->nfgen_family;
}

#endif
