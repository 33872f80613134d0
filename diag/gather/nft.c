/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "base/record.h"
#include "gather/gather.h"
#include "gather/mechanism.h"
#include "gather/nft.h"

struct nlmsghdr *nft_start(union nft_request *request, uint16_t message, uint16_t flags,
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

void nft_put_name(struct nlmsghdr *header, uint16_t type, struct mux_slice name)
{
	char text[NFT_LONGEST_NAME + 1] = {0};

	memcpy(text, name.data, name.len);
	mnl_attr_put_strz(header, type, text);
}

static int ask(struct netlink *netlink, struct nlmsghdr *header, struct mux_bundle *bundle,
	       const char *name)
{
	struct netlink_answer answer;
	int result = netlink_ask(netlink, header, &answer);

	return netlink_store(result, &answer, bundle, name);
}

static int read_generation(struct netlink *netlink, const char *name, struct mux_bundle *bundle)
{
	union nft_request request;

	return ask(netlink, nft_start(&request, NFT_MSG_GETGEN, 0, NFPROTO_UNSPEC), bundle, name);
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
	struct netlink netlink = {.bus = NETLINK_NETFILTER};
	union nft_request request;
	int error = read_generation(&netlink, "nft/generation", bundle);
	size_t i;

	for (i = 0; error == 0 && i < sizeof(dumps) / sizeof(dumps[0]); i++)
		error = ask(&netlink,
			    nft_start(&request, dumps[i].message, NLM_F_DUMP, NFPROTO_UNSPEC),
			    bundle, dumps[i].name);
	netlink_close(&netlink);
	return error;
}

int gather_generation_after(struct mux_bundle *bundle)
{
	struct netlink netlink = {.bus = NETLINK_NETFILTER};
	int error;

	if (bundle_find(bundle, "nft/generation") == NULL)
		return 0;
	error = read_generation(&netlink, "nft/generation-after", bundle);
	netlink_close(&netlink);
	return error;
}

static int dump_chain(struct netlink *netlink, const struct need_chain *need, struct arena *arena,
		      struct mux_bundle *bundle)
{
	const char *table = record_encode_name(arena, need->table);
	const char *chain = record_encode_name(arena, need->chain);
	const char *name = arena_printf(arena, "nft/rules/%u/%s/%s", need->family, table, chain);
	union nft_request request;
	struct nlmsghdr *header;

	if (arena_failed(arena))
		return -ENOMEM;
	if (need->table.len > NFT_LONGEST_NAME || need->chain.len > NFT_LONGEST_NAME)
		return bundle_put_error(bundle, name, ENAMETOOLONG);
	header = nft_start(&request, NFT_MSG_GETRULE, NLM_F_DUMP, need->family);
	nft_put_name(header, NFTA_RULE_TABLE, need->table);
	nft_put_name(header, NFTA_RULE_CHAIN, need->chain);
	return ask(netlink, header, bundle, name);
}

int gather_needs(const struct needs *needs, struct mux_bundle *bundle)
{
	const struct need_chain *chains = needs->chains.items;
	const struct need_element *elements = needs->elements.items;
	struct netlink netlink = {.bus = NETLINK_NETFILTER};
	struct arena *arena = arena_new();
	int error = arena == NULL ? -ENOMEM : 0;
	size_t i;

	for (i = 0; error == 0 && i < needs->chains.n; i++)
		error = dump_chain(&netlink, &chains[i], arena, bundle);
	for (i = 0; error == 0 && i < needs->elements.n; i++)
		error = gather_element(&netlink, &elements[i], arena, bundle);
	netlink_close(&netlink);
	arena_free(arena);
	return error;
}
