/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was asked for by name or key: the rules of chains and the elements of sets. Whose they are
 * is in the entry's name. Expressions stay raw bytes, and attributes are walked here and not by
 * libnftnl: its 1.2.4 loses all expressions of a rule in which it does not know one.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <string.h>

#include "base/record.h"
#include "parse/nft.h"
#include "parse/text.h"

static const char rules_prefix[] = "nft/rules/", elements_prefix[] = "nft/elements/";

/* --- rules --------------------------------------------------------------------------------- */

static bool is_of_chain(const struct nlattr *const *attributes, uint8_t family,
			const struct mux_nft_chain_rules *chain)
{
	return family == chain->family &&
	       slice_equal(netlink_string(attributes[NFTA_RULE_TABLE]), chain->table) &&
	       slice_equal(netlink_string(attributes[NFTA_RULE_CHAIN]), chain->chain);
}

static int parse_rules(struct mux_slice bytes, struct arena *arena, struct mux_nft_chain_rules *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_nft_rule)};
	struct netlink_messages messages;
	const struct nlmsghdr *message;

	netlink_begin(&messages, bytes);
	while ((message = nft_next(&messages, NFT_MSG_NEWRULE))) {
		const struct nlattr *attributes[NFTA_RULE_MAX + 1];
		struct mux_nft_rule *rule;

		nft_attributes(message, attributes, NFTA_RULE_MAX + 1);
		/* Kernels that do not know the filter of a dump give the rules of all chains. */
		if (!is_of_chain(attributes, nft_family(message), ret))
			continue;
		rule = arena_list_add(arena, &list);
		if (rule == NULL)
			return -ENOMEM;
		rule->handle = netlink_u64_be(attributes[NFTA_RULE_HANDLE], 0);
		rule->expressions = netlink_bytes(attributes[NFTA_RULE_EXPRESSIONS]);
		rule->user_data = netlink_bytes(attributes[NFTA_RULE_USERDATA]);
	}
	netlink_finish(&messages, &ret->source);
	ret->rules = list.items;
	ret->n_rules = list.n;
	return 0;
}

/* Cuts "<family>/<table>/" off the path. Returns 0, -EINVAL, -ENOMEM. */
static int parse_owner(struct mux_slice *path, struct arena *arena, uint8_t *ret_family,
		       struct mux_slice *ret_table)
{
	uint64_t family;

	if (slice_parse_u64(text_next_item(path, '/'), 10, &family) != 0 || family > UINT8_MAX)
		return -EINVAL;
	*ret_family = (uint8_t)family;
	return record_decode(arena, text_next_item(path, '/'), ret_table);
}

/* Parses an entry "nft/rules/<family>/<table>/<chain>". Returns 0, -EINVAL, -ENOMEM. */
static int add_rules(const struct mux_bundle *bundle, const char *name, struct arena *arena,
		     struct arena_list *list)
{
	struct mux_slice path = slice_of(name + strlen(rules_prefix)), bytes;
	struct mux_nft_chain_rules chain = {0}, *item;
	int error = parse_owner(&path, arena, &chain.family, &chain.table);

	if (error == 0)
		error = record_decode(arena, path, &chain.chain);
	if (error != 0)
		return error;
	bytes = bundle_source(bundle, name, &chain.source);
	error = parse_rules(bytes, arena, &chain);
	item = error == 0 ? arena_list_add(arena, list) : NULL;
	if (item == NULL)
		return -ENOMEM;
	*item = chain;
	return 0;
}

/* --- elements ------------------------------------------------------------------------------ */

static int parse_hex(struct mux_slice text, struct arena *arena, struct mux_slice *ret)
{
	char *bytes = arena_alloc(arena, text.len / 2 + 1);
	uint64_t value;
	size_t i;

	if (bytes == NULL)
		return -ENOMEM;
	if (text.len % 2 != 0)
		return -EINVAL;
	for (i = 0; i < text.len; i += 2) {
		struct mux_slice digits = {text.data + i, 2};

		if (slice_parse_u64(digits, 16, &value) != 0)
			return -EINVAL;
		bytes[i / 2] = (char)value;
	}
	*ret = (struct mux_slice){bytes, text.len / 2};
	return 0;
}

/* The one element of a reply. What ends an interval is no element. */
static enum mux_presence parse_reply(const struct nlmsghdr *message, struct mux_nft_element *ret)
{
	const struct nlattr *list[NFTA_SET_ELEM_LIST_MAX + 1], *element[NFTA_SET_ELEM_MAX + 1];
	const struct nlattr *first;
	struct mux_slice rest;

	if (message == NULL)
		return MUX_DENIED;
	nft_attributes(message, list, NFTA_SET_ELEM_LIST_MAX + 1);
	rest = netlink_bytes(list[NFTA_SET_ELEM_LIST_ELEMENTS]);
	first = netlink_next_attribute(&rest);
	if (first == NULL)
		return MUX_DENIED;
	netlink_nested(first, element, NFTA_SET_ELEM_MAX + 1);
	if ((netlink_u32_be(element[NFTA_SET_ELEM_FLAGS], 0) & NFT_SET_ELEM_INTERVAL_END) != 0)
		return MUX_ABSENT;
	ret->data = netlink_bytes(element[NFTA_SET_ELEM_DATA]);
	ret->object = netlink_string(element[NFTA_SET_ELEM_OBJREF]);
	ret->expression = netlink_bytes(element[NFTA_SET_ELEM_EXPR]);
	ret->expressions = netlink_bytes(element[NFTA_SET_ELEM_EXPRESSIONS]);
	return MUX_PRESENT;
}

/* Parses an entry "nft/elements/<family>/<table>/<set>/<key>". Returns 0, -EINVAL, -ENOMEM. */
static int add_element(const struct mux_bundle *bundle, const char *name, struct arena *arena,
		       struct arena_list *list)
{
	struct mux_slice path = slice_of(name + strlen(elements_prefix));
	struct mux_nft_element element = {.source = {.name = NULL}}, *item;
	struct netlink_messages messages;
	int error = parse_owner(&path, arena, &element.family, &element.table);

	if (error == 0)
		error = record_decode(arena, text_next_item(&path, '/'), &element.set);
	if (error == 0)
		error = parse_hex(path, arena, &element.key);
	if (error != 0)
		return error;
	netlink_begin(&messages, bundle_source(bundle, name, &element.source));
	if (element.source.presence == MUX_PRESENT) {
		element.source.presence =
			parse_reply(nft_next(&messages, NFT_MSG_NEWSETELEM), &element);
		element.source.error = element.source.presence == MUX_DENIED ? EBADMSG : 0;
	}
	item = arena_list_add(arena, list);
	if (item == NULL)
		return -ENOMEM;
	*item = element;
	return 0;
}

/* --- both ---------------------------------------------------------------------------------- */

static bool begins(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

int parse_nft_answers(const struct mux_bundle *bundle, struct arena *arena,
		      struct nft_answers *answers, struct mux_nftables *ret)
{
	const struct bundle_entry *entry;

	answers->rules.size = sizeof(struct mux_nft_chain_rules);
	answers->elements.size = sizeof(struct mux_nft_element);
	for (; (entry = bundle_at(bundle, answers->n_entries)) != NULL; answers->n_entries++) {
		int error = 0;

		if (begins(entry->name, rules_prefix))
			error = add_rules(bundle, entry->name, arena, &answers->rules);
		else if (begins(entry->name, elements_prefix))
			error = add_element(bundle, entry->name, arena, &answers->elements);
		if (error == -ENOMEM)
			return -ENOMEM;
	}
	ret->rules = answers->rules.items;
	ret->n_rules = answers->rules.n;
	ret->elements = answers->elements.items;
	ret->n_elements = answers->elements.n;
	return 0;
}
