/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nf_tables messages: tables, chains, sets, objects. Attributes are walked here and not by
 * libnftnl: its 1.2.4 reads past the end of a name that has no NUL byte.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include "parse/nft.h"
#include "parse/parse.h"

/* What one dump lists, and how one of its messages becomes an item. */
struct kind {
	const char *entry;
	int type;    /* NFT_MSG_* */
	size_t size; /* of an item */
	void (*fill)(const struct nlmsghdr *message, void *item);
};

enum { TABLES, CHAINS, SETS, OBJECTS, N_KINDS };

static void fill_table(const struct nlmsghdr *message, void *item)
{
	const struct nlattr *attributes[NFTA_TABLE_MAX + 1];
	struct mux_nft_table *table = item;

	nft_attributes(message, attributes, NFTA_TABLE_MAX + 1);
	table->family = nft_family(message);
	table->name = netlink_string(attributes[NFTA_TABLE_NAME]);
	table->handle = netlink_u64_be(attributes[NFTA_TABLE_HANDLE], 0);
	table->flags = netlink_u32_be(attributes[NFTA_TABLE_FLAGS], 0);
}

/* NFTA_HOOK_DEV names one device, NFTA_HOOK_DEVS lists them. */
static struct mux_slice device_of(const struct nlattr *const *hook)
{
	struct mux_slice list = netlink_bytes(hook[NFTA_HOOK_DEVS]), device = {0};
	const struct nlattr *attribute;
	size_t n = 0;

	if (hook[NFTA_HOOK_DEV] != NULL)
		return netlink_string(hook[NFTA_HOOK_DEV]);
	while ((attribute = netlink_next_attribute(&list)) != NULL) {
		device = netlink_string(attribute);
		n++;
	}
	if (n != 1)
		device.len = 0;
	return device;
}

static void fill_base_chain(const struct nlattr *const *attributes, struct mux_nft_chain *chain)
{
	const struct nlattr *hook[NFTA_HOOK_MAX + 1], *counters[NFTA_COUNTER_MAX + 1];

	netlink_nested(attributes[NFTA_CHAIN_HOOK], hook, NFTA_HOOK_MAX + 1);
	chain->hook = netlink_u32_be(hook[NFTA_HOOK_HOOKNUM], 0);
	chain->priority = (int32_t)netlink_u32_be(hook[NFTA_HOOK_PRIORITY], 0);
	chain->device = device_of(hook);
	chain->policy = netlink_u32_be(attributes[NFTA_CHAIN_POLICY], NF_ACCEPT);
	chain->type = netlink_string(attributes[NFTA_CHAIN_TYPE]);
	chain->has_counters = attributes[NFTA_CHAIN_COUNTERS] != NULL;
	netlink_nested(attributes[NFTA_CHAIN_COUNTERS], counters, NFTA_COUNTER_MAX + 1);
	chain->packets = netlink_u64_be(counters[NFTA_COUNTER_PACKETS], 0);
	chain->bytes = netlink_u64_be(counters[NFTA_COUNTER_BYTES], 0);
}

static void fill_chain(const struct nlmsghdr *message, void *item)
{
	const struct nlattr *attributes[NFTA_CHAIN_MAX + 1];
	struct mux_nft_chain *chain = item;

	nft_attributes(message, attributes, NFTA_CHAIN_MAX + 1);
	chain->family = nft_family(message);
	chain->table = netlink_string(attributes[NFTA_CHAIN_TABLE]);
	chain->name = netlink_string(attributes[NFTA_CHAIN_NAME]);
	chain->handle = netlink_u64_be(attributes[NFTA_CHAIN_HANDLE], 0);
	chain->uses = netlink_u32_be(attributes[NFTA_CHAIN_USE], 0);
	chain->base = attributes[NFTA_CHAIN_HOOK] != NULL;
	if (chain->base)
		fill_base_chain(attributes, chain);
}

static void fill_set(const struct nlmsghdr *message, void *item)
{
	const struct nlattr *attributes[NFTA_SET_MAX + 1];
	struct mux_nft_set *set = item;

	nft_attributes(message, attributes, NFTA_SET_MAX + 1);
	set->family = nft_family(message);
	set->table = netlink_string(attributes[NFTA_SET_TABLE]);
	set->name = netlink_string(attributes[NFTA_SET_NAME]);
	set->flags = netlink_u32_be(attributes[NFTA_SET_FLAGS], 0);
	set->key_type = netlink_u32_be(attributes[NFTA_SET_KEY_TYPE], 0);
	set->key_len = netlink_u32_be(attributes[NFTA_SET_KEY_LEN], 0);
	set->data_type = netlink_u32_be(attributes[NFTA_SET_DATA_TYPE], 0);
	set->data_len = netlink_u32_be(attributes[NFTA_SET_DATA_LEN], 0);
}

static void fill_object(const struct nlmsghdr *message, void *item)
{
	const struct nlattr *attributes[NFTA_OBJ_MAX + 1];
	struct mux_nft_object *object = item;

	nft_attributes(message, attributes, NFTA_OBJ_MAX + 1);
	object->family = nft_family(message);
	object->table = netlink_string(attributes[NFTA_OBJ_TABLE]);
	object->name = netlink_string(attributes[NFTA_OBJ_NAME]);
	object->type = netlink_u32_be(attributes[NFTA_OBJ_TYPE], 0);
	object->handle = netlink_u64_be(attributes[NFTA_OBJ_HANDLE], 0);
}

static const struct kind kinds[N_KINDS] = {
	[TABLES] = {"nft/tables", NFT_MSG_NEWTABLE, sizeof(struct mux_nft_table), fill_table},
	[CHAINS] = {"nft/chains", NFT_MSG_NEWCHAIN, sizeof(struct mux_nft_chain), fill_chain},
	[SETS] = {"nft/sets", NFT_MSG_NEWSET, sizeof(struct mux_nft_set), fill_set},
	[OBJECTS] = {"nft/objects", NFT_MSG_NEWOBJ, sizeof(struct mux_nft_object), fill_object},
};

/* nfnetlink answers EINVAL for a subsystem or message that the kernel does not have
 * (nfnetlink_rcv_msg()), but only to those who may ask; others get EPERM. */
static void absent_if_unsupported(struct mux_source *source)
{
	if (source->presence == MUX_DENIED &&
	    (source->error == EINVAL || source->error == EOPNOTSUPP ||
	     source->error == EPROTONOSUPPORT || source->error == EAFNOSUPPORT))
		source->presence = MUX_ABSENT;
}

/* Parses one dump into a list. */
static int parse_kind(const struct mux_bundle *bundle, const struct kind *kind, struct arena *arena,
		      struct arena_list *list, struct mux_source *ret_source)
{
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bundle_source(bundle, kind->entry, ret_source));
	absent_if_unsupported(ret_source);
	list->size = kind->size;
	while ((message = nft_next(&messages, kind->type))) {
		void *item = arena_list_add(arena, list);

		if (item == NULL)
			return -ENOMEM;
		kind->fill(message, item);
	}
	netlink_finish(&messages, ret_source);
	return 0;
}

bool parse_generation(const struct mux_bundle *bundle, const char *name,
		      struct mux_source *ret_source, uint32_t *ret_generation)
{
	const struct nlattr *attributes[NFTA_GEN_MAX + 1];
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bundle_source(bundle, name, ret_source));
	absent_if_unsupported(ret_source);
	message = nft_next(&messages, NFT_MSG_NEWGEN);
	if (message == NULL)
		return false;
	nft_attributes(message, attributes, NFTA_GEN_MAX + 1);
	*ret_generation = netlink_u32_be(attributes[NFTA_GEN_ID], 0);
	return true;
}

/* The group is as readable as its tables and chains; sets and objects may be missing on old
 * kernels, but not damaged or denied. Who may not even ask for the generation asks for no more. */
static struct mux_source combine(const struct mux_source *generation,
				 const struct mux_source *sources)
{
	if (sources[TABLES].presence == MUX_NOT_ASKED && generation->presence != MUX_PRESENT)
		return *generation;
	if (sources[TABLES].presence != MUX_PRESENT)
		return sources[TABLES];
	if (sources[CHAINS].presence != MUX_PRESENT)
		return sources[CHAINS];
	if (sources[SETS].presence == MUX_DENIED)
		return sources[SETS];
	return sources[OBJECTS].presence == MUX_DENIED ? sources[OBJECTS] : sources[TABLES];
}

void parse_nft_generations(const struct mux_bundle *bundle, struct mux_source *ret_source,
			   struct mux_nftables *ret)
{
	struct mux_source after;
	uint32_t generation_after = 0;

	ret->changing =
		parse_generation(bundle, "nft/generation", ret_source, &ret->generation) &&
		parse_generation(bundle, "nft/generation-after", &after, &generation_after) &&
		ret->generation != generation_after;
}

int parse_nftables(const struct mux_bundle *bundle, struct arena *arena, struct mux_nftables *ret)
{
	struct arena_list lists[N_KINDS] = {0};
	struct mux_source sources[N_KINDS], generation;
	struct nft_answers answers = {0};
	size_t i;

	memset(ret, 0, sizeof(*ret));
	for (i = 0; i < N_KINDS; i++)
		if (parse_kind(bundle, &kinds[i], arena, &lists[i], &sources[i]) != 0)
			return -ENOMEM;
	parse_nft_generations(bundle, &generation, ret);
	ret->source = combine(&generation, sources);
	ret->tables = lists[TABLES].items;
	ret->n_tables = lists[TABLES].n;
	ret->chains = lists[CHAINS].items;
	ret->n_chains = lists[CHAINS].n;
	ret->sets = lists[SETS].items;
	ret->n_sets = lists[SETS].n;
	ret->objects = lists[OBJECTS].items;
	ret->n_objects = lists[OBJECTS].n;
	return parse_nft_answers(bundle, arena, &answers, ret);
}
