/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nf_tables facts: tables, chains, sets, objects, rules per chain, generations. */
#include "parse_room.h"

/* glibc's headers go before the kernel's, which then leave out what is there (libc-compat.h). */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <muxdiag/muxdiag.h>

#include "message.h"
#include "parse/parse.h"

static int parse(const struct mux_bundle *bundle, struct arena *arena)
{
	struct mux_nftables nftables;

	return parse_nftables(bundle, arena, &nftables);
}

static void begin(struct messages *messages, int type, uint8_t family)
{
	struct nfgenmsg *header = message_begin(
		messages, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), sizeof(*header));

	header->nfgen_family = family;
}

static void put_generation(struct mux_bundle *bundle, const char *name, uint32_t generation)
{
	struct messages messages = {0};

	begin(&messages, NFT_MSG_NEWGEN, 0);
	message_put_u32_be(&messages, NFTA_GEN_ID, generation);
	message_end(&messages);
	message_store(&messages, bundle, name);
}

static void put_tables(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	begin(&messages, NFT_MSG_NEWTABLE, NFPROTO_IPV6);
	message_put_string(&messages, NFTA_TABLE_NAME, "filter");
	message_put_u64_be(&messages, NFTA_TABLE_HANDLE, 5);
	message_end(&messages);
	begin(&messages, NFT_MSG_NEWTABLE, NFPROTO_INET);
	/* a name without its NUL byte, at the end of the message */
	message_put_u32_be(&messages, NFTA_TABLE_FLAGS, NFT_TABLE_F_DORMANT);
	mnl_attr_put(messages.last, NFTA_TABLE_NAME, 4, "mine");
	message_end(&messages);
	message_store(&messages, bundle, "nft/tables");
}

static void put_hook(struct messages *messages, uint32_t hook, int32_t priority,
		     const char *const *devices)
{
	struct nlattr *nest = mnl_attr_nest_start(messages->last, NFTA_CHAIN_HOOK), *list;

	message_put_u32_be(messages, NFTA_HOOK_HOOKNUM, hook);
	message_put_u32_be(messages, NFTA_HOOK_PRIORITY, (uint32_t)priority);
	if (devices != NULL) {
		list = mnl_attr_nest_start(messages->last, NFTA_HOOK_DEVS);
		for (; *devices != NULL; devices++)
			message_put_string(messages, NFTA_DEVICE_NAME, *devices);
		mnl_attr_nest_end(messages->last, list);
	}
	mnl_attr_nest_end(messages->last, nest);
}

static void begin_chain(struct messages *messages, uint8_t family, const char *table,
			const char *name)
{
	begin(messages, NFT_MSG_NEWCHAIN, family);
	message_put_string(messages, NFTA_CHAIN_TABLE, table);
	message_put_string(messages, NFTA_CHAIN_NAME, name);
}

/* One device, as kernels before 5.5 and libraries for them say it. */
static void put_device_hook(struct messages *messages, const char *device)
{
	struct nlattr *nest = mnl_attr_nest_start(messages->last, NFTA_CHAIN_HOOK);

	message_put_string(messages, NFTA_HOOK_DEV, device);
	mnl_attr_nest_end(messages->last, nest);
}

static void put_chains(struct mux_bundle *bundle)
{
	static const char *const one[] = {"lo", NULL}, *const two[] = {"lo", "eth0", NULL};
	struct messages messages = {0};
	struct nlattr *nest;

	begin_chain(&messages, NFPROTO_IPV6, "filter", "OUTPUT");
	message_put_u64_be(&messages, NFTA_CHAIN_HANDLE, 9);
	put_hook(&messages, NF_INET_LOCAL_OUT, -300, NULL);
	message_put_u32_be(&messages, NFTA_CHAIN_POLICY, NF_DROP);
	message_put_string(&messages, NFTA_CHAIN_TYPE, "filter");
	nest = mnl_attr_nest_start(messages.last, NFTA_CHAIN_COUNTERS);
	message_put_u64_be(&messages, NFTA_COUNTER_PACKETS, 17);
	message_put_u64_be(&messages, NFTA_COUNTER_BYTES, (uint64_t)1 << 40);
	mnl_attr_nest_end(messages.last, nest);
	message_end(&messages);
	begin_chain(&messages, NFPROTO_IPV6, "filter", "sub");
	message_put_u32_be(&messages, NFTA_CHAIN_POLICY, NF_DROP);
	message_end(&messages);
	begin_chain(&messages, NFPROTO_NETDEV, "n", "one");
	put_hook(&messages, NF_NETDEV_INGRESS, 0, one);
	message_end(&messages);
	begin_chain(&messages, NFPROTO_NETDEV, "n", "two");
	put_hook(&messages, NF_NETDEV_EGRESS, 0, two);
	message_end(&messages);
	begin_chain(&messages, NFPROTO_NETDEV, "n", "old");
	put_device_hook(&messages, "eth1");
	message_end(&messages);
	message_store(&messages, bundle, "nft/chains");
}

static void put_sets_and_objects(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	begin(&messages, NFT_MSG_NEWSET, NFPROTO_INET);
	message_put_string(&messages, NFTA_SET_TABLE, "mine");
	message_put_string(&messages, NFTA_SET_NAME, "ports");
	message_put_u32_be(&messages, NFTA_SET_FLAGS, NFT_SET_MAP);
	message_put_u32_be(&messages, NFTA_SET_KEY_TYPE, 13);
	message_put_u32_be(&messages, NFTA_SET_KEY_LEN, 2);
	message_put_u32_be(&messages, NFTA_SET_DATA_TYPE, NFT_DATA_VERDICT);
	message_put_u32_be(&messages, NFTA_SET_DATA_LEN, 16);
	message_end(&messages);
	message_store(&messages, bundle, "nft/sets");
	begin(&messages, NFT_MSG_NEWOBJ, NFPROTO_INET);
	message_put_string(&messages, NFTA_OBJ_TABLE, "mine");
	message_put_string(&messages, NFTA_OBJ_NAME, "c");
	message_put_u32_be(&messages, NFTA_OBJ_TYPE, NFT_OBJECT_COUNTER);
	message_put_u64_be(&messages, NFTA_OBJ_HANDLE, 3);
	message_end(&messages);
	message_store(&messages, bundle, "nft/objects");
}

static void put_rule(struct messages *messages, const char *chain, uint64_t handle)
{
	struct nlattr *nest;

	begin(messages, NFT_MSG_NEWRULE, NFPROTO_IPV6);
	message_put_string(messages, NFTA_RULE_TABLE, "filter");
	message_put_string(messages, NFTA_RULE_CHAIN, chain);
	message_put_u64_be(messages, NFTA_RULE_HANDLE, handle);
	nest = mnl_attr_nest_start(messages->last, NFTA_RULE_EXPRESSIONS);
	message_put_string(messages, NFTA_LIST_ELEM, "expression");
	mnl_attr_nest_end(messages->last, nest);
	mnl_attr_put(messages->last, NFTA_RULE_USERDATA, 5, "\0\3hi\0");
	message_end(messages);
}

static void put_rules(struct mux_bundle *bundle)
{
	struct messages messages = {0};

	put_rule(&messages, "OUTPUT", 21);
	put_rule(&messages, "INPUT", 22);
	put_rule(&messages, "OUTPUT", 23);
	message_store(&messages, bundle, "nft/rules/10/filter/OUTPUT");
	bundle_put_error(bundle, "nft/rules/10/a%2fb/c%20d", EPERM);
	bundle_put(bundle, "nft/rules/1/mine/damaged", TEXT("12345"));
	bundle_put(bundle, "nft/rules/x/mine/skipped", TEXT(""));
	bundle_put(bundle, "nft/rules/300/mine/skipped", TEXT(""));
	bundle_put(bundle, "nft/rules/1/mi%zzne/skipped", TEXT(""));
}

/* Begins the reply for one element; its attributes follow. */
static void begin_element(struct messages *messages, struct nlattr *nests[2])
{
	begin(messages, NFT_MSG_NEWSETELEM, NFPROTO_INET);
	message_put_string(messages, NFTA_SET_ELEM_LIST_TABLE, "mine");
	message_put_string(messages, NFTA_SET_ELEM_LIST_SET, "ports");
	nests[0] = mnl_attr_nest_start(messages->last, NFTA_SET_ELEM_LIST_ELEMENTS);
	nests[1] = mnl_attr_nest_start(messages->last, NFTA_LIST_ELEM);
}

static void end_element(struct messages *messages, struct nlattr *const nests[2],
			struct mux_bundle *bundle, const char *name)
{
	mnl_attr_nest_end(messages->last, nests[1]);
	mnl_attr_nest_end(messages->last, nests[0]);
	message_end(messages);
	message_store(messages, bundle, name);
}

static void put_elements(struct mux_bundle *bundle)
{
	struct messages messages = {0};
	struct nlattr *nests[2], *data;

	begin_element(&messages, nests);
	data = mnl_attr_nest_start(messages.last, NFTA_SET_ELEM_DATA);
	mnl_attr_put(messages.last, NFTA_DATA_VALUE, 2, "\1\2");
	mnl_attr_nest_end(messages.last, data);
	message_put_string(&messages, NFTA_SET_ELEM_OBJREF, "c");
	mnl_attr_put(messages.last, NFTA_SET_ELEM_EXPR, 3, "one");
	mnl_attr_put(messages.last, NFTA_SET_ELEM_EXPRESSIONS, 4, "many");
	end_element(&messages, nests, bundle, "nft/elements/1/mine/p%2fs/1f40");
	begin_element(&messages, nests);
	message_put_u32_be(&messages, NFTA_SET_ELEM_FLAGS, NFT_SET_ELEM_INTERVAL_END);
	end_element(&messages, nests, bundle, "nft/elements/1/mine/ports/1f41");
	bundle_put_error(bundle, "nft/elements/1/mine/ports/0050", ENOENT);
	bundle_put_error(bundle, "nft/elements/1/mine/ports/0051", EPERM);
	bundle_put(bundle, "nft/elements/1/mine/ports/0052", TEXT(""));
	bundle_put(bundle, "nft/elements/1/mine/ports/005", TEXT(""));
	bundle_put(bundle, "nft/elements/1/mine/ports/00zz", TEXT(""));
	bundle_put(bundle, "nft/elements/1/mine", TEXT(""));
}

static struct mux_bundle *make_bundle(void)
{
	struct mux_bundle *bundle = bundle_new();

	assert_non_null(bundle);
	put_generation(bundle, "nft/generation", 4);
	put_tables(bundle);
	put_chains(bundle);
	put_sets_and_objects(bundle);
	put_rules(bundle);
	put_elements(bundle);
	put_generation(bundle, "nft/generation-after", 4);
	return bundle;
}

static void reads_tables_and_chains(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_nftables nftables;
	const struct mux_nft_chain *chains;

	(void)state;
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_int_equal(nftables.source.presence, MUX_PRESENT);
	assert_int_equal(nftables.generation, 4);
	assert_false(nftables.changing);
	assert_int_equal(nftables.n_tables, 2);
	assert_int_equal(nftables.tables[0].family, NFPROTO_IPV6);
	assert_slice(nftables.tables[0].name, "filter");
	assert_int_equal(nftables.tables[0].handle, 5);
	assert_slice(nftables.tables[1].name, "mine");
	assert_int_equal(nftables.tables[1].flags, NFT_TABLE_F_DORMANT);
	assert_int_equal(nftables.n_chains, 5);
	chains = nftables.chains;
	assert_true(chains[0].base && chains[0].has_counters);
	assert_int_equal(chains[0].handle, 9);
	assert_int_equal(chains[0].hook, NF_INET_LOCAL_OUT);
	assert_int_equal(chains[0].priority, -300);
	assert_int_equal(chains[0].policy, NF_DROP);
	assert_slice(chains[0].type, "filter");
	assert_int_equal(chains[0].packets, 17);
	assert_int_equal(chains[0].bytes, (uint64_t)1 << 40);
	assert_int_equal(chains[0].device.len, 0);
	assert_false(chains[1].base || chains[1].has_counters);
	assert_slice(chains[1].name, "sub");
	assert_slice(chains[2].device, "lo");
	assert_int_equal(chains[2].policy, NF_ACCEPT);
	assert_int_equal(chains[3].device.len, 0);
	assert_slice(chains[4].device, "eth1");
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void reads_sets_and_objects(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_nftables nftables;

	(void)state;
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_int_equal(nftables.n_sets, 1);
	assert_slice(nftables.sets[0].table, "mine");
	assert_slice(nftables.sets[0].name, "ports");
	assert_int_equal(nftables.sets[0].flags, NFT_SET_MAP);
	assert_int_equal(nftables.sets[0].key_type, 13);
	assert_int_equal(nftables.sets[0].key_len, 2);
	assert_int_equal(nftables.sets[0].data_type, NFT_DATA_VERDICT);
	assert_int_equal(nftables.sets[0].data_len, 16);
	assert_int_equal(nftables.n_objects, 1);
	assert_slice(nftables.objects[0].table, "mine");
	assert_slice(nftables.objects[0].name, "c");
	assert_int_equal(nftables.objects[0].type, NFT_OBJECT_COUNTER);
	assert_int_equal(nftables.objects[0].handle, 3);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void reads_rules_per_chain(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_nftables nftables;
	const struct mux_nft_chain_rules *chains;

	(void)state;
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_int_equal(nftables.n_rules, 3);
	chains = nftables.rules;
	assert_int_equal(chains[0].family, NFPROTO_IPV6);
	assert_slice(chains[0].table, "filter");
	assert_slice(chains[0].chain, "OUTPUT");
	/* An old kernel gives the rules of other chains too. */
	assert_int_equal(chains[0].n_rules, 2);
	assert_int_equal(chains[0].rules[0].handle, 21);
	assert_int_equal(chains[0].rules[1].handle, 23);
	assert_int_equal(chains[0].rules[0].expressions.len, 16);
	assert_string_equal(chains[0].rules[0].expressions.data + 4, "expression");
	assert_int_equal(chains[0].rules[0].user_data.len, 5);
	assert_slice(chains[1].table, "a/b");
	assert_slice(chains[1].chain, "c d");
	assert_int_equal(chains[1].source.error, EPERM);
	assert_int_equal(chains[2].source.presence, MUX_DENIED);
	assert_int_equal(chains[2].source.error, EBADMSG);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void notices_a_moving_ruleset(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct mux_nftables nftables;

	(void)state;
	put_generation(bundle, "nft/generation-after", 5);
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_true(nftables.changing);
	bundle_put_error(bundle, "nft/generation-after", EPERM);
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_false(nftables.changing);
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void says_what_is_unreadable(void **state)
{
	static const struct {
		const char *name;
		int error;
		enum mux_presence presence;
	} rows[] = {
		{"nft/tables", EPERM, MUX_DENIED},  {"nft/tables", EINVAL, MUX_ABSENT},
		{"nft/tables", ENOENT, MUX_ABSENT}, {"nft/tables", EPROTONOSUPPORT, MUX_ABSENT},
		{"nft/chains", EINTR, MUX_DENIED},  {"nft/sets", EINTR, MUX_DENIED},
		{"nft/objects", EINTR, MUX_DENIED}, {"nft/objects", EINVAL, MUX_PRESENT},
	};
	struct arena *arena = arena_new();
	struct mux_nftables nftables;
	struct mux_bundle *bundle;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bundle = make_bundle();
		bundle_put_error(bundle, rows[i].name, rows[i].error);
		assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
		assert_int_equal(nftables.source.presence, rows[i].presence);
		mux_bundle_free(bundle);
	}
	bundle = bundle_new();
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_int_equal(nftables.source.presence, MUX_NOT_ASKED);
	bundle_put_error(bundle, "nft/generation", EPERM);
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_int_equal(nftables.source.presence, MUX_DENIED);
	assert_int_equal(nftables.source.error, EPERM);
	mux_bundle_free(bundle);
	arena_free(arena);
}

static void reads_elements_by_key(void **state)
{
	static const enum mux_presence presences[] = {MUX_PRESENT, MUX_ABSENT, MUX_ABSENT,
						      MUX_DENIED, MUX_DENIED};
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	const struct mux_nft_element *element;
	struct mux_nftables nftables;
	size_t i;

	(void)state;
	assert_int_equal(parse_nftables(bundle, arena, &nftables), 0);
	assert_true(nftables.n_elements >= 5);
	for (i = 0; i < 5; i++)
		assert_int_equal(nftables.elements[i].source.presence, presences[i]);
	element = nftables.elements;
	assert_int_equal(element->family, NFPROTO_INET);
	assert_slice(element->table, "mine");
	assert_slice(element->set, "p/s");
	assert_slice(element->key, "\x1f\x40");
	assert_int_equal(element->data.len, 8);
	assert_memory_equal(element->data.data + 4, "\1\2", 2);
	assert_slice(element->object, "c");
	assert_slice(element->expression, "one");
	assert_slice(element->expressions, "many");
	assert_int_equal(nftables.elements[3].source.error, EPERM);
	assert_int_equal(nftables.elements[4].source.error, EBADMSG);
	/* A name without a key is that of an empty one: nothing asks for it. */
	for (i = 5; i < nftables.n_elements; i++)
		assert_int_equal(nftables.elements[i].key.len, 0);
	arena_free(arena);
	mux_bundle_free(bundle);
}

/* What comes later is added to what was read before. */
static void reads_only_what_is_new(void **state)
{
	struct mux_bundle *bundle = make_bundle();
	struct arena *arena = arena_new();
	struct nft_answers answers = {0};
	struct mux_nftables nftables = {0};
	size_t n_rules, n_elements;

	(void)state;
	assert_int_equal(parse_nft_answers(bundle, arena, &answers, &nftables), 0);
	n_rules = nftables.n_rules;
	n_elements = nftables.n_elements;
	assert_int_equal(parse_nft_answers(bundle, arena, &answers, &nftables), 0);
	assert_int_equal(nftables.n_rules, n_rules);
	bundle_put_error(bundle, "nft/rules/1/mine/more", EPERM);
	bundle_put_error(bundle, "nft/elements/1/mine/ports/ffff", ENOENT);
	assert_int_equal(parse_nft_answers(bundle, arena, &answers, &nftables), 0);
	assert_int_equal(nftables.n_rules, n_rules + 1);
	assert_int_equal(nftables.n_elements, n_elements + 1);
	assert_slice(nftables.rules[n_rules].chain, "more");
	assert_slice(nftables.elements[n_elements].key, "\xff\xff");
	arena_free(arena);
	mux_bundle_free(bundle);
}

static void bears_damage_and_no_memory(void **state)
{
	static const char *const names[] = {
		"nft/generation",
		"nft/tables",
		"nft/chains",
		"nft/sets",
		"nft/objects",
		"nft/rules/10/filter/OUTPUT",
		"nft/elements/1/mine/p%2fs/1f40",
	};
	struct mux_bundle *bundle = make_bundle();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		check_entry(bundle, names[i], parse);
	check_no_memory_bundle(bundle, parse);
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_tables_and_chains),
		cmocka_unit_test(reads_sets_and_objects),
		cmocka_unit_test(reads_rules_per_chain),
		cmocka_unit_test(reads_elements_by_key),
		cmocka_unit_test(reads_only_what_is_new),
		cmocka_unit_test(notices_a_moving_ruleset),
		cmocka_unit_test(says_what_is_unreadable),
		cmocka_unit_test(bears_damage_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
