/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/needs.h"

#include <errno.h>
#include <string.h>

#include "base/slice.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"

/* Chains that a loopback packet can reach, each once; the list grows while it is walked. */
struct search {
	const struct mux_nftables *nftables;
	const struct nf_ruleset *ruleset;
	struct arena *arena;
	struct arena_list reached; /* of struct need_chain */
	struct need_chain *slots;  /* open hash of the same */
	size_t n_slots;
};

static size_t hash(const struct need_chain *chain)
{
	size_t value = chain->family, i;

	for (i = 0; i < chain->table.len; i++)
		value = value * 31 + (uint8_t)chain->table.data[i];
	for (i = 0; i < chain->chain.len; i++)
		value = value * 31 + (uint8_t)chain->chain.data[i];
	return value;
}

static bool same(const struct need_chain *a, const struct need_chain *b)
{
	return a->family == b->family && slice_equal(a->table, b->table) &&
	       slice_equal(a->chain, b->chain);
}

static int grow(struct search *search)
{
	const struct need_chain *old = search->reached.items;
	size_t i, at;

	search->n_slots = search->n_slots == 0 ? 64 : search->n_slots * 4;
	search->slots = arena_array(search->arena, search->n_slots, sizeof(*search->slots));
	if (search->slots == NULL)
		return -ENOMEM;
	for (i = 0; i < search->reached.n; i++) {
		for (at = hash(&old[i]) % search->n_slots; search->slots[at].chain.data != NULL;)
			at = (at + 1) % search->n_slots;
		search->slots[at] = old[i];
	}
	return 0;
}

/* Notes that the chain can be reached. Returns 0 or -ENOMEM. */
static int reach(struct search *search, const struct need_chain *chain)
{
	struct need_chain *item;
	size_t at;

	if (chain->chain.len == 0)
		return 0;
	if (search->reached.n * 2 >= search->n_slots && grow(search) != 0)
		return -ENOMEM;
	for (at = hash(chain) % search->n_slots; search->slots[at].chain.data != NULL;
	     at = (at + 1) % search->n_slots)
		if (same(&search->slots[at], chain))
			return 0;
	item = arena_list_add(search->arena, &search->reached);
	if (item == NULL)
		return -ENOMEM;
	*item = *chain;
	search->slots[at] = *chain;
	return 0;
}

/* Follows the jumps of one rule. */
static int follow_rule(struct search *search, const struct need_chain *from,
		       const struct mux_nft_rule *rule)
{
	struct mux_slice rest = rule->expressions, name;
	struct need_chain target = *from;
	struct nf_verdict verdict;
	struct nf_attrs attrs;
	bool damaged = false;
	int r = 0;

	while (r == 0 && nf_expr_next(&rest, &name, &attrs, &damaged)) {
		if (!slice_is(name, "immediate") ||
		    !nf_attr_verdict(&attrs, NFTA_IMMEDIATE_DATA, &verdict))
			continue;
		target.chain = verdict.chain;
		r = reach(search, &target);
	}
	return r;
}

static bool is_reachable_base(const struct mux_nft_chain *chain)
{
	if (!chain->base)
		return false;
	switch (chain->family) {
	case NFPROTO_NETDEV:
		return chain->device.len == 0 || slice_is(chain->device, "lo");
	case NFPROTO_INET:
	case NFPROTO_IPV4:
	case NFPROTO_IPV6:
		return chain->hook != NF_INET_FORWARD;
	default:
		return false;
	}
}

static int reach_bases(struct search *search)
{
	const struct mux_nftables *nftables = search->nftables;
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (is_reachable_base(chain) && !nf_index_is_dormant(nftables, chain))
			r = reach(search,
				  &(struct need_chain){chain->family, chain->table, chain->name});
	}
	return r;
}

/* Follows the known rules of a chain, or notes that they are needed. */
static int visit(struct search *search, const struct need_chain *chain, struct needs *needs)
{
	const struct mux_nft_chain_rules *rules =
		nf_index_rules(search->ruleset, chain->family, chain->table, chain->chain);
	struct need_chain *need;
	size_t i;
	int r = 0;

	if (rules == NULL || rules->source.presence == MUX_NOT_ASKED) {
		need = arena_list_add(search->arena, &needs->chains);
		if (need == NULL)
			return -ENOMEM;
		*need = *chain;
		return 0;
	}
	for (i = 0; rules->source.presence == MUX_PRESENT && r == 0 && i < rules->n_rules; i++)
		r = follow_rule(search, chain, &rules->rules[i]);
	return r;
}

int needs_of_nftables(const struct mux_nftables *nftables, struct arena *arena,
		      struct needs *ret_needs)
{
	struct search search = {.nftables = nftables,
				.arena = arena,
				.reached = {.size = sizeof(struct need_chain)}};
	struct nf_ruleset ruleset;
	size_t i;
	int r;

	needs_init(ret_needs);
	if (nftables->source.presence != MUX_PRESENT)
		return 0;
	r = nf_index_build(nftables, arena, &ruleset);
	search.ruleset = &ruleset;
	if (r == 0)
		r = reach_bases(&search);
	for (i = 0; r == 0 && i < search.reached.n; i++) {
		struct need_chain chain = ((struct need_chain *)search.reached.items)[i];

		r = visit(&search, &chain, ret_needs);
	}
	return r;
}

int needs_of_packets(const struct mux_snapshot *snapshot, const struct nf_packet *packets,
		     size_t n_packets, struct arena *arena, struct needs *ret_needs)
{
	struct nf_ruleset ruleset;
	struct nf_decision decision;
	struct nf_live live;
	enum nf_hook hook;
	size_t i;
	int r;

	needs_init(ret_needs);
	r = nf_ruleset_init(snapshot, arena, &ruleset);
	ruleset.needs = ret_needs;
	for (i = 0; r == 0 && i < n_packets; i++) {
		nf_live_init(&live, &packets[i]);
		for (hook = 0; r == 0 && hook < NF_N_HOOKS; hook++)
			r = nf_run_hook_on(&ruleset, &live, hook, arena, &decision);
	}
	return r;
}
