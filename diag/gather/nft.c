/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/record.h"
#include "gather/gather.h"
#include "gather/mechanism.h"
#include "gather/netlink.h"

/* Table and chain names have up to 255 bytes (NFT_NAME_MAXLEN). */
enum { REQUEST_BYTES = 1024, LONGEST_NAME = 255 };

union request {
	struct nlmsghdr header;
	char bytes[REQUEST_BYTES];
};

static struct nlmsghdr *start(union request *request, uint16_t message, uint16_t flags,
			      uint8_t family)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(request->bytes);
	struct nfgenmsg *nfgen;

	header->nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | message);
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	nfgen = mnl_nlmsg_put_extra_header(header, sizeof(*nfgen));
	nfgen->nfgen_family = family;
	nfgen->version = NFNETLINK_V0;
	return header;
}

static int read_generation(const char *name, struct mux_bundle *bundle)
{
	union request request;

	return netlink_request(NETLINK_NETFILTER,
			       start(&request, NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC), bundle, name);
}

int gather_nftables(struct mux_bundle *bundle)
{
	static const struct {
		uint16_t message;
		const char *name;
	} dumps[] = {
		{NFT_MSG_GETTABLE, "nft/tables"},
		{NFT_MSG_GETCHAIN, "nft/chains"},
		{NFT_MSG_GETSET, "nft/sets"},
		{NFT_MSG_GETOBJ, "nft/objects"},
	};
	union request request;
	int error = read_generation("nft/generation", bundle);
	size_t i;

	for (i = 0; error == 0 && i < sizeof(dumps) / sizeof(dumps[0]); i++)
		error = netlink_request(
			NETLINK_NETFILTER,
			start(&request, dumps[i].message, NLM_F_DUMP, NFPROTO_UNSPEC), bundle,
			dumps[i].name);
	return error;
}

int gather_generation_after(struct mux_bundle *bundle)
{
	const struct bundle_entry *before = bundle_find(bundle, "nft/generation");

	if (before == NULL)
		return 0;
	return read_generation("nft/generation-after", bundle);
}

static void put_name(struct nlmsghdr *header, uint16_t type, struct mux_slice name)
{
	char text[LONGEST_NAME + 1] = {0};

	memcpy(text, name.data, name.len);
	mnl_attr_put_strz(header, type, text);
}

static int dump_chain(const struct need_chain *need, struct arena *arena, struct mux_bundle *bundle)
{
	const char *table = record_encode_name(arena, need->table);
	const char *chain = record_encode_name(arena, need->chain);
	const char *name = arena_printf(arena, "nft/rules/%u/%s/%s", need->family, table, chain);
	union request request;
	struct nlmsghdr *header;

	if (arena_failed(arena))
		return -ENOMEM;
	if (need->table.len > LONGEST_NAME || need->chain.len > LONGEST_NAME)
		return bundle_put_error(bundle, name, ENAMETOOLONG);
	header = start(&request, NFT_MSG_GETRULE, NLM_F_DUMP, need->family);
	put_name(header, NFTA_RULE_TABLE, need->table);
	put_name(header, NFTA_RULE_CHAIN, need->chain);
	return netlink_request(NETLINK_NETFILTER, header, bundle, name);
}

int gather_needs(const struct needs *needs, struct mux_bundle *bundle)
{
	const struct need_chain *chains = needs->chains.items;
	struct arena *arena = arena_new();
	int error = arena == NULL ? -ENOMEM : 0;
	size_t i;

	for (i = 0; error == 0 && i < needs->chains.n; i++)
		error = dump_chain(&chains[i], arena, bundle);
	arena_free(arena);
	return error;
}
