/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/needs.h"

#include <errno.h>

#include "base/slice.h"
#include "netfilter/index.h"
#include "netfilter/talk.h"

/* Rules, and what leads to chains, that are read without asking what for: some milliseconds. */
enum { FEW = 4096 };

static bool concerns_loopback(uint8_t family)
{
	return family == NFPROTO_INET || family == NFPROTO_IPV4 || family == NFPROTO_IPV6 ||
	       family == NFPROTO_NETDEV;
}

static bool are_few(const struct mux_nftables *nftables)
{
	uint64_t uses = 0;
	size_t i;

	for (i = 0; i < nftables->n_chains; i++)
		if (concerns_loopback(nftables->chains[i].family))
			uses += 1 + (uint64_t)nftables->chains[i].uses;
	return uses <= FEW;
}

int needs_of_nftables(const struct mux_nftables *nftables, struct arena *arena,
		      struct needs *ret_needs)
{
	struct nf_ruleset ruleset;
	struct need_chain *need;
	size_t i;
	int r;

	needs_init(ret_needs);
	if (nftables->source.presence != MUX_PRESENT || !are_few(nftables))
		return 0;
	r = nf_index_build(nftables, arena, &ruleset);
	for (i = 0; r == 0 && i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (!concerns_loopback(chain->family) ||
		    nf_index_rules(&ruleset, chain->family, chain->table, chain->name) != NULL)
			continue;
		need = arena_list_add(arena, &ret_needs->chains);
		if (need == NULL)
			return -ENOMEM;
		*need = (struct need_chain){chain->family, chain->table, chain->name};
	}
	return r;
}

bool needs_can_arise(const struct mux_nftables *nftables)
{
	size_t i, n_chains = 0;

	if (nftables->n_sets != 0)
		return true;
	for (i = 0; i < nftables->n_chains; i++)
		n_chains += concerns_loopback(nftables->chains[i].family);
	return nftables->n_rules < n_chains;
}

/* Rejects and closed ports send packets of their own, so both ends of the conversation matter. */
static int converse(const struct nf_ruleset *ruleset, const struct nf_packet *request,
		    struct arena *arena)
{
	struct nf_talk_question question = {.request = *request, .listens = MUX_YES};
	struct nf_talk_answer answer;
	int r = nf_talk(ruleset, &question, arena, &answer);

	question.listens = MUX_NO;
	return r != 0 ? r : nf_talk(ruleset, &question, arena, &answer);
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
		if (r == 0 && !packets[i].reply)
			r = converse(&ruleset, &packets[i], arena);
	}
	return r;
}
