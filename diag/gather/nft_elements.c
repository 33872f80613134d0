/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sets are asked by key, as the packet path looks them up (nft_get_set_elem()): tens of
 * microseconds whatever the size of the set, while its dump is quadratic. For a key inside an
 * interval the kernel gives the element that covers it; what has expired is gone (ENOENT).
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/record.h"
#include "gather/nft.h"

enum { LONGEST_KEY = NFT_DATA_VALUE_MAXLEN };

static const char *entry_name(const struct need_element *need, const char *key, struct arena *arena)
{
	const char *table = record_encode_name(arena, need->table);
	const char *set = record_encode_name(arena, need->set);

	return arena_printf(arena, "nft/elements/%u/%s/%s/%s", need->family, table, set, key);
}

static const char *key_name(const struct need_element *need, struct arena *arena)
{
	static const char digits[] = "0123456789abcdef";
	char key[2 * LONGEST_KEY + 1];
	size_t i;

	for (i = 0; i < need->key.len; i++) {
		key[2 * i] = digits[(uint8_t)need->key.data[i] >> 4];
		key[2 * i + 1] = digits[(uint8_t)need->key.data[i] & 15];
	}
	key[2 * i] = '\0';
	return entry_name(need, key, arena);
}

static int ask(struct netlink *netlink, const struct need_element *need, bool catch_all,
	       struct netlink_answer *ret_answer)
{
	union nft_request request;
	struct nlmsghdr *header = nft_start(&request, NFT_MSG_GETSETELEM, 0, need->family);
	struct nlattr *list, *element, *key;

	nft_put_name(header, NFTA_SET_ELEM_LIST_TABLE, need->table);
	nft_put_name(header, NFTA_SET_ELEM_LIST_SET, need->set);
	list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
	element = mnl_attr_nest_start(header, NFTA_LIST_ELEM);
	if (catch_all) {
		mnl_attr_put_u32(header, NFTA_SET_ELEM_FLAGS, htonl(NFT_SET_ELEM_CATCHALL));
	} else {
		key = mnl_attr_nest_start(header, NFTA_SET_ELEM_KEY);
		mnl_attr_put(header, NFTA_DATA_VALUE, need->key.len, need->key.data);
		mnl_attr_nest_end(header, key);
	}
	mnl_attr_nest_end(header, element);
	mnl_attr_nest_end(header, list);
	return netlink_ask(netlink, header, ret_answer);
}

/* nft_set_catchall_lookup(): what no other element matches. Kernels before 5.13 know no such
 * element and refuse the flag, or a request without a key. */
static int ask_catch_all(struct netlink *netlink, const struct need_element *need,
			 struct mux_bundle *bundle, const char *name)
{
	struct netlink_answer answer;
	int result = ask(netlink, need, true, &answer);

	if (result == -EINVAL || result == -EOPNOTSUPP)
		result = -ENOENT;
	return netlink_store(result, &answer, bundle, name);
}

/* The catch-all element, asked for once a set, answers for a key that is not there: where
 * there are thousands of sets the kernel takes as long to find one as for all the rest. */
static int use_catch_all(struct netlink *netlink, const struct need_element *need,
			 struct arena *arena, struct mux_bundle *bundle, const char *name)
{
	const char *catch_all = entry_name(need, "catch-all", arena);
	const struct bundle_entry *entry;
	int error = 0;

	if (arena_failed(arena))
		return -ENOMEM;
	if (bundle_find(bundle, catch_all) == NULL)
		error = ask_catch_all(netlink, need, bundle, catch_all);
	entry = bundle_find(bundle, catch_all);
	if (error != 0 || entry == NULL)
		return error;
	return entry->error != 0 ? bundle_put_error(bundle, name, entry->error)
				 : bundle_put(bundle, name, entry->bytes);
}

int gather_element(struct netlink *netlink, const struct need_element *need, struct arena *arena,
		   struct mux_bundle *bundle)
{
	struct netlink_answer answer;
	const char *name;
	int result;

	if (need->key.len > LONGEST_KEY)
		return 0;
	name = key_name(need, arena);
	if (arena_failed(arena))
		return -ENOMEM;
	if (need->table.len > NFT_LONGEST_NAME || need->set.len > NFT_LONGEST_NAME)
		return bundle_put_error(bundle, name, ENAMETOOLONG);
	result = ask(netlink, need, false, &answer);
	if (result == -ENOENT)
		return use_catch_all(netlink, need, arena, bundle, name);
	return netlink_store(result, &answer, bundle, name);
}
