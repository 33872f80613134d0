/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/index.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "netfilter/sets.h"

enum { MIN_STEPS = 1 << 13, STEPS_PER_RULE = 64 };

static int compare_slices(struct mux_slice a, struct mux_slice b)
{
	int order = memcmp(a.data == NULL ? "" : a.data, b.data == NULL ? "" : b.data,
			   a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_rules(const void *a, const void *b)
{
	const struct mux_nft_chain_rules *first = *(const struct mux_nft_chain_rules *const *)a;
	const struct mux_nft_chain_rules *second = *(const struct mux_nft_chain_rules *const *)b;
	int order = (first->family > second->family) - (first->family < second->family);

	if (order == 0)
		order = compare_slices(first->table, second->table);
	return order != 0 ? order : compare_slices(first->chain, second->chain);
}

const struct mux_nft_chain_rules *nf_index_rules(const struct nf_ruleset *ruleset, uint8_t family,
						 struct mux_slice table, struct mux_slice chain)
{
	const struct mux_nft_chain_rules wanted = {
		.family = family, .table = table, .chain = chain};
	const struct mux_nft_chain_rules *key = &wanted, **found;

	found = bsearch(&key, ruleset->rules, ruleset->n_rules, sizeof(ruleset->rules[0]),
			compare_rules);
	return found == NULL ? NULL : *found;
}

int nf_index_build(const struct mux_nftables *nftables, struct arena *arena,
		   struct nf_ruleset *ret_ruleset)
{
	size_t i, n = nftables->source.presence == MUX_PRESENT ? nftables->n_rules : 0;

	memset(ret_ruleset, 0, sizeof(*ret_ruleset));
	ret_ruleset->rules = arena_array(arena, n, sizeof(ret_ruleset->rules[0]));
	if (ret_ruleset->rules == NULL)
		return -ENOMEM;
	for (i = 0; i < n; i++)
		ret_ruleset->rules[i] = &nftables->rules[i];
	ret_ruleset->n_rules = n;
	if (n != 0)
		qsort(ret_ruleset->rules, n, sizeof(ret_ruleset->rules[0]), compare_rules);
	return nf_sets_build(nftables, arena, ret_ruleset);
}

/* Number of the hook for chains of ip, ip6 and inet (NF_INET_*) and of netdev; -1 = none. */
static const struct {
	int inet, netdev, priority_of_nat;
} hooks[NF_N_HOOKS] = {
	[NF_HOOK_OUTPUT] = {NF_INET_LOCAL_OUT, -1, NF_IP_PRI_NAT_DST},
	[NF_HOOK_POSTROUTING] = {NF_INET_POST_ROUTING, -1, NF_IP_PRI_NAT_SRC},
	[NF_HOOK_EGRESS] = {-1, NF_NETDEV_EGRESS, 0},
	[NF_HOOK_INGRESS] = {NF_INET_INGRESS, NF_NETDEV_INGRESS, 0},
	[NF_HOOK_PREROUTING] = {NF_INET_PRE_ROUTING, -1, NF_IP_PRI_NAT_DST},
	[NF_HOOK_INPUT] = {NF_INET_LOCAL_IN, -1, NF_IP_PRI_NAT_SRC},
};

bool nf_index_is_dormant(const struct mux_nftables *nftables, const struct mux_nft_chain *chain)
{
	size_t i;

	for (i = 0; i < nftables->n_tables; i++)
		if (nftables->tables[i].family == chain->family &&
		    slice_equal(nftables->tables[i].name, chain->table))
			return (nftables->tables[i].flags & NFT_TABLE_F_DORMANT) != 0;
	return false;
}

/* Does the chain see packets of that family on the hook? */
static bool is_on_hook(const struct mux_nft_chain *chain, const struct nf_live *live,
		       enum nf_hook hook)
{
	bool on_device = hook == NF_HOOK_EGRESS || hook == NF_HOOK_INGRESS;

	if (!chain->base)
		return false;
	if (on_device && chain->device.len != 0 && !slice_equal(chain->device, live->link_name))
		return false;
	if (chain->family == NFPROTO_NETDEV)
		return hooks[hook].netdev >= 0 && chain->hook == (uint32_t)hooks[hook].netdev;
	if (chain->family != NFPROTO_INET && (chain->family != live->family || on_device))
		return false;
	return hooks[hook].inet >= 0 && chain->hook == (uint32_t)hooks[hook].inet;
}

static int add_chains(const struct nf_ruleset *ruleset, const struct nf_live *live,
		      enum nf_hook hook, struct arena *arena, struct arena_list *bases)
{
	const struct mux_nftables *nftables = &ruleset->snapshot->nftables;
	struct nf_base *base;
	size_t i;

	for (i = 0; i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (!is_on_hook(chain, live, hook) || nf_index_is_dormant(nftables, chain))
			continue;
		base = arena_list_add(arena, bases);
		if (base == NULL)
			return -ENOMEM;
		base->chain = chain;
		base->nat = slice_is(chain->type, "nat");
		base->inner_priority = chain->priority;
		base->priority = base->nat ? hooks[hook].priority_of_nat : chain->priority;
		base->registered = chain->handle;
	}
	return 0;
}

/* The priorities legacy tables register with: xt_table.priority; mangle, filter, nat, raw and
 * security of iptable_*.c and ip6table_*.c. */
static int32_t legacy_priority(struct mux_slice name, enum nf_hook hook)
{
	if (slice_is(name, "raw"))
		return NF_IP_PRI_RAW;
	if (slice_is(name, "mangle"))
		return NF_IP_PRI_MANGLE;
	if (slice_is(name, "nat"))
		return hooks[hook].priority_of_nat;
	if (slice_is(name, "security"))
		return NF_IP_PRI_SECURITY;
	return NF_IP_PRI_FILTER;
}

/* Is the table there on the hook? Unread tables are judged by their names. */
static bool legacy_on_hook(const struct mux_xtables_table *table, enum nf_hook hook)
{
	bool routing = hook == NF_HOOK_PREROUTING, post = hook == NF_HOOK_POSTROUTING;

	if (hooks[hook].inet < 0 || hook == NF_HOOK_INGRESS)
		return false;
	if (table->source.presence == MUX_PRESENT)
		return (table->valid_hooks >> hooks[hook].inet & 1) != 0;
	if (slice_is(table->name, "filter") || slice_is(table->name, "security"))
		return !routing && !post;
	if (slice_is(table->name, "raw"))
		return routing || hook == NF_HOOK_OUTPUT;
	return true;
}

static int add_legacy(const struct nf_ruleset *ruleset, const struct nf_live *live,
		      enum nf_hook hook, struct arena *arena, struct arena_list *bases)
{
	const struct mux_xtables *xtables = &ruleset->snapshot->xtables;
	struct nf_base *base;
	size_t i;

	for (i = 0; i < xtables->n_tables; i++) {
		const struct mux_xtables_table *table = &xtables->tables[i];

		if (table->family != live->family || !legacy_on_hook(table, hook))
			continue;
		base = arena_list_add(arena, bases);
		if (base == NULL)
			return -ENOMEM;
		base->legacy = table;
		base->nat = slice_is(table->name, "nat");
		base->priority = legacy_priority(table->name, hook);
		base->inner_priority = base->priority;
	}
	return 0;
}

/* nf_hook_entries_grow() puts a new hook before those of equal priority. */
static int compare_bases(const void *a, const void *b)
{
	const struct nf_base *first = a, *second = b;

	if (first->priority != second->priority)
		return first->priority < second->priority ? -1 : 1;
	if (first->inner_priority != second->inner_priority)
		return first->inner_priority < second->inner_priority ? -1 : 1;
	return (first->registered < second->registered) - (first->registered > second->registered);
}

int nf_index_bases(const struct nf_ruleset *ruleset, const struct nf_live *live, enum nf_hook hook,
		   struct arena *arena, struct arena_list *ret_bases)
{
	int r;

	*ret_bases = (struct arena_list){.size = sizeof(struct nf_base)};
	r = add_chains(ruleset, live, hook, arena, ret_bases);
	if (r == 0)
		r = add_legacy(ruleset, live, hook, arena, ret_bases);
	if (r == 0 && ret_bases->n != 0)
		qsort(ret_bases->items, ret_bases->n, sizeof(struct nf_base), compare_bases);
	return r;
}

/* Asks only where somebody wants to know: nat chains. */
static bool has_nat(const struct mux_snapshot *snapshot)
{
	size_t i;

	for (i = 0; i < snapshot->nftables.n_chains; i++)
		if (slice_is(snapshot->nftables.chains[i].type, "nat"))
			return true;
	for (i = 0; i < snapshot->xtables.n_tables; i++)
		if (slice_is(snapshot->xtables.tables[i].name, "nat"))
			return true;
	return false;
}

/* Real rulesets meet most rules once and few a handful of times. */
static size_t max_steps(const struct mux_snapshot *snapshot)
{
	size_t n = 0, i;

	for (i = 0; i < snapshot->nftables.n_rules; i++)
		n += snapshot->nftables.rules[i].n_rules;
	for (i = 0; i < snapshot->xtables.n_tables; i++)
		n += snapshot->xtables.tables[i].n_entries;
	return MIN_STEPS + n * STEPS_PER_RULE;
}

int nf_ruleset_init(const struct mux_snapshot *snapshot, struct arena *arena,
		    struct nf_ruleset *ret_ruleset)
{
	int r = nf_index_build(&snapshot->nftables, arena, ret_ruleset);

	if (r != 0)
		return r;
	ret_ruleset->snapshot = snapshot;
	ret_ruleset->max_steps = max_steps(snapshot);
	if (has_nat(snapshot)) {
		ret_ruleset->conntrack[0] = nf_conntrack_active(ret_ruleset, NFPROTO_IPV4);
		ret_ruleset->conntrack[1] = nf_conntrack_active(ret_ruleset, NFPROTO_IPV6);
	}
	return 0;
}
