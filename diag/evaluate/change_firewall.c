/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One more rule in front of a base chain, byte for byte as the kernel would give it back: nft's
 * `oifname "lo" accept`, and `-o lo -j ACCEPT` of legacy iptables. No other rule is ever offered:
 * these let nothing pass but what this machine sends to itself.
 */
#include "netfilter/kernel.h"

#include "evaluate/change.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "base/slice.h"
#include "netfilter/legacy_entry.h"

static const char loopback_name[IFNAMSIZ] = "lo";

/* --- nftables ---------------------------------------------------------------------------- */

enum { EXPRESSIONS_MAX = 256 };

struct attributes {
	char bytes[EXPRESSIONS_MAX];
	size_t len;
};

/* Returns where it begins, for end(). */
static size_t put(struct attributes *attributes, uint16_t type, const void *data, size_t len)
{
	const struct nlattr header = {.nla_len = (uint16_t)(sizeof(header) + len),
				      .nla_type = type};
	size_t start = attributes->len;

	memcpy(attributes->bytes + start, &header, sizeof(header));
	if (len != 0)
		memcpy(attributes->bytes + start + sizeof(header), data, len);
	attributes->len += (sizeof(header) + len + 3) & ~(size_t)3;
	return start;
}

static size_t begin(struct attributes *attributes, uint16_t type)
{
	return put(attributes, type, NULL, 0);
}

static void end(struct attributes *attributes, size_t start)
{
	const uint16_t len = (uint16_t)(attributes->len - start);

	memcpy(attributes->bytes + start, &len, sizeof(len));
}

static void put_u32(struct attributes *attributes, uint16_t type, uint32_t value)
{
	const uint32_t value_be = htonl(value);

	put(attributes, type, &value_be, sizeof(value_be));
}

/* meta load KEY => reg 1 */
static void put_meta(struct attributes *attributes, uint32_t key)
{
	size_t element = begin(attributes, NFTA_LIST_ELEM), data;

	put(attributes, NFTA_EXPR_NAME, "meta", sizeof("meta"));
	data = begin(attributes, NFTA_EXPR_DATA);
	put_u32(attributes, NFTA_META_DREG, NFT_REG_1);
	put_u32(attributes, NFTA_META_KEY, key);
	end(attributes, data);
	end(attributes, element);
}

/* cmp eq reg 1 "lo" */
static void put_compare(struct attributes *attributes)
{
	size_t element = begin(attributes, NFTA_LIST_ELEM), data, value;

	put(attributes, NFTA_EXPR_NAME, "cmp", sizeof("cmp"));
	data = begin(attributes, NFTA_EXPR_DATA);
	put_u32(attributes, NFTA_CMP_SREG, NFT_REG_1);
	put_u32(attributes, NFTA_CMP_OP, NFT_CMP_EQ);
	value = begin(attributes, NFTA_CMP_DATA);
	put(attributes, NFTA_DATA_VALUE, loopback_name, sizeof(loopback_name));
	end(attributes, value);
	end(attributes, data);
	end(attributes, element);
}

/* immediate reg 0 accept */
static void put_accept(struct attributes *attributes)
{
	size_t element = begin(attributes, NFTA_LIST_ELEM), data, value, verdict;

	put(attributes, NFTA_EXPR_NAME, "immediate", sizeof("immediate"));
	data = begin(attributes, NFTA_EXPR_DATA);
	put_u32(attributes, NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	value = begin(attributes, NFTA_IMMEDIATE_DATA);
	verdict = begin(attributes, NFTA_DATA_VERDICT);
	put_u32(attributes, NFTA_VERDICT_CODE, NF_ACCEPT);
	end(attributes, verdict);
	end(attributes, value);
	end(attributes, data);
	end(attributes, element);
}

static bool is_chain(const struct mux_nft_chain_rules *rules, const struct change *change)
{
	return rules->family == change->accept.family &&
	       slice_equal(rules->table, change->accept.table) &&
	       slice_equal(rules->chain, change->accept.chain);
}

/* Finds the rules of the chain, or makes room for them; the copy is the caller's to change. */
static struct mux_nft_chain_rules *own_rules(struct change_world *world,
					     const struct change *change)
{
	struct mux_nftables *nftables = &world->snapshot.nftables;
	struct mux_nft_chain_rules *copy = change_insert(
		world->arena, nftables->rules, nftables->n_rules, sizeof(*copy), nftables->n_rules);
	size_t i;

	if (copy == NULL)
		return NULL;
	nftables->rules = copy;
	for (i = 0; i < nftables->n_rules; i++)
		if (is_chain(&copy[i], change))
			return &copy[i];
	/* A chain without rules has none that were read. */
	copy[i] = (struct mux_nft_chain_rules){
		.source = {.name = nftables->source.name, .presence = MUX_PRESENT},
		.family = change->accept.family,
		.table = change->accept.table,
		.chain = change->accept.chain,
	};
	nftables->n_rules++;
	return &copy[i];
}

int change_nft_accept(struct change_world *world, const struct change *change)
{
	struct attributes attributes = {.len = 0};
	struct mux_nft_chain_rules *chain = own_rules(world, change);
	struct mux_nft_rule *rules;

	if (chain == NULL)
		return -ENOMEM;
	if (chain->source.presence != MUX_PRESENT)
		return -ENOENT;
	put_meta(&attributes, change->accept.out ? NFT_META_OIFNAME : NFT_META_IIFNAME);
	put_compare(&attributes);
	put_accept(&attributes);
	rules = change_insert(world->arena, chain->rules, chain->n_rules, sizeof(*rules), 0);
	if (rules == NULL)
		return -ENOMEM;
	rules[0].expressions.data = arena_copy(world->arena, attributes.bytes, attributes.len);
	rules[0].expressions.len = attributes.len;
	chain->rules = rules;
	chain->n_rules++;
	return rules[0].expressions.data == NULL ? -ENOMEM : 0;
}

/* --- legacy tables ----------------------------------------------------------------------- */

/* An interface's mask of its name with the NUL, so that "lo" is not "lo0". */
enum { NAME_LEN = sizeof("lo") };

static void set_link(char *name, unsigned char *mask)
{
	memcpy(name, loopback_name, NAME_LEN);
	memset(mask, 0xff, NAME_LEN);
}

enum { ENTRY_MAX = sizeof(struct ip6t_entry) + sizeof(struct xt_standard_target) };

static size_t put_header4(bool out, char *bytes)
{
	struct ipt_entry entry = {.target_offset = sizeof(entry),
				  .next_offset = sizeof(entry) + sizeof(struct xt_standard_target)};

	if (out)
		set_link(entry.ip.outiface, entry.ip.outiface_mask);
	else
		set_link(entry.ip.iniface, entry.ip.iniface_mask);
	memcpy(bytes, &entry, sizeof(entry));
	return sizeof(entry);
}

static size_t put_header6(bool out, char *bytes)
{
	struct ip6t_entry entry = {.target_offset = sizeof(entry),
				   .next_offset =
					   sizeof(entry) + sizeof(struct xt_standard_target)};

	if (out)
		set_link(entry.ipv6.outiface, entry.ipv6.outiface_mask);
	else
		set_link(entry.ipv6.iniface, entry.ipv6.iniface_mask);
	memcpy(bytes, &entry, sizeof(entry));
	return sizeof(entry);
}

/* "-o lo -j ACCEPT"; returns its length. */
static size_t make_entry(uint8_t family, bool out, char bytes[ENTRY_MAX])
{
	const struct xt_standard_target target = {.target.u.target_size = sizeof(target),
						  .verdict = -NF_ACCEPT - 1};
	size_t len = family == NFPROTO_IPV4 ? put_header4(out, bytes) : put_header6(out, bytes);

	memcpy(bytes + len, &target, sizeof(target));
	return len + sizeof(target);
}

/* A jump to what lay behind `from` goes `by` further. */
static void shift_jump(char *entries, const struct mux_xtables_table *table,
		       const struct nf_entry *entry, size_t from, size_t by)
{
	int32_t verdict;

	if (!nf_entry_standard(entry, &verdict) || verdict < 0 || (size_t)verdict <= from)
		return;
	verdict += (int32_t)by;
	memcpy(entries + (entry->target_info.data - table->entries.data), &verdict,
	       sizeof(verdict));
}

/* Returns the entries with the new one in front of offset `from`, or NULL: damaged, or no memory.
 */
static char *splice(struct change_world *world, const struct mux_xtables_table *table, size_t from,
		    struct mux_slice added)
{
	char *jumps = arena_copy(world->arena, table->entries.data, table->entries.len);
	char *made = arena_alloc(world->arena, table->entries.len + added.len);
	struct nf_entry entry;
	size_t at;

	if (jumps == NULL || made == NULL)
		return NULL;
	for (at = 0; at < table->entries.len; at += entry.len) {
		if (!nf_entry_read(table, at, &entry) || entry.len == 0)
			return NULL;
		shift_jump(jumps, table, &entry, from, added.len);
	}
	memcpy(made, jumps, from);
	memcpy(made + from, added.data, added.len);
	memcpy(made + from + added.len, jumps + from, table->entries.len - from);
	return made;
}

static void shift_hooks(struct mux_xtables_table *table, unsigned hook, size_t from, uint32_t by)
{
	unsigned i;

	for (i = 0; i < NF_INET_NUMHOOKS; i++) {
		if (i != hook && table->hook_entry[i] > from)
			table->hook_entry[i] += by;
		/* An empty chain begins with its policy, which now stands behind the new rule. */
		if (table->underflow[i] > from || (i == hook && table->underflow[i] == from))
			table->underflow[i] += by;
	}
}

static int insert_entry(struct change_world *world, const struct change *change,
			struct mux_xtables_table *table)
{
	char bytes[ENTRY_MAX];
	unsigned hook = change->accept.hook;
	size_t from = table->hook_entry[hook];
	struct mux_slice added = {bytes, 0};
	char *entries;

	added.len = make_entry(table->family, change->accept.out, bytes);
	if (from > table->entries.len)
		return -ENOENT;
	entries = splice(world, table, from, added);
	if (entries == NULL)
		return arena_failed(world->arena) ? -ENOMEM : -ENOENT;
	table->entries.data = entries;
	table->entries.len += added.len;
	table->n_entries++;
	shift_hooks(table, hook, from, (uint32_t)added.len);
	return 0;
}

int change_xt_accept(struct change_world *world, const struct change *change)
{
	struct mux_xtables *xtables = &world->snapshot.xtables;
	struct mux_xtables_table *tables =
		arena_array(world->arena, xtables->n_tables, sizeof(*tables));
	size_t i;

	if (tables == NULL)
		return -ENOMEM;
	for (i = 0; i < xtables->n_tables; i++)
		tables[i] = xtables->tables[i];
	xtables->tables = tables;
	for (i = 0; i < xtables->n_tables; i++)
		if (tables[i].family == change->accept.family &&
		    slice_equal(tables[i].name, change->accept.table) &&
		    tables[i].source.presence == MUX_PRESENT &&
		    change->accept.hook < NF_INET_NUMHOOKS &&
		    (tables[i].valid_hooks >> change->accept.hook & 1) != 0)
			return insert_entry(world, change, &tables[i]);
	return -ENOENT;
}
