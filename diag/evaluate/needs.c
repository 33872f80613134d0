/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/needs.h"

#include <errno.h>

#include "base/slice.h"
#include "netfilter/index.h"

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
