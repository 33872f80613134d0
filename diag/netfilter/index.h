/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A ruleset made ready to run packets on: rules found by the name of their chain, base chains by
 * hook. Borrows from the snapshot. */
#ifndef MUX_NETFILTER_INDEX_H
#define MUX_NETFILTER_INDEX_H

#include "base/arena.h"
#include "netfilter/live.h"
#include "netfilter/need.h"
#include "netfilter/ruleset.h"

/* One base chain or legacy table on a hook. */
struct nf_base {
	int32_t priority;	/* where it runs: of a nat chain that of the nat core */
	int32_t inner_priority; /* its own, among the nat chains of one nat core */
	uint64_t registered;	/* chain handle: among equals of one table the highest runs first */
	bool nat;
	const struct mux_nft_chain *chain;	/* or NULL */
	const struct mux_xtables_table *legacy; /* or NULL */
};

struct nf_machine;

/*
 * Is told of every rule that runs and of every policy that is met (machine->place.rule is NULL
 * then). machine says where, with which verdict, and why a match is in doubt; `matches` is whether
 * the rule does. What `machine` points to must be copied to be kept.
 */
struct nf_observer {
	void (*seen)(void *context, const struct nf_machine *machine, enum mux_answer matches);
	void *context;
};

/* How would a packet fare if …? Nothing of it is so where rules are just run. */
struct nf_what_if {
	bool busy;    /* limits on rates and connections may be used up */
	bool tracked; /* conntrack has seen every packet, before any rule did */
};

struct nf_ruleset {
	const struct mux_snapshot *snapshot;
	const struct mux_nft_chain_rules **rules; /* sorted by family, table, chain */
	size_t n_rules;
	const struct mux_nft_set **sets; /* these two sorted as sets.c likes */
	size_t n_sets;
	const struct mux_nft_element **elements;
	size_t n_elements;
	/* Where what is lacking is noted, and which buckets have been drawn from; NULL = nowhere.
	 */
	struct needs *needs;
	struct nf_memory *memory;
	const struct nf_observer *observer; /* NULL = nobody watches */
	/* Rules run for one hook before it is given up: branches that cannot be told apart
	 * multiply. */
	size_t max_steps;
	struct nf_what_if what_if;
	/* Is conntrack active for the family? [0] IPv4, [1] IPv6. */
	enum mux_answer conntrack[2];
};

/* What packets that ran before have used up, so that a limit's fresh bucket runs dry. */
struct nf_memory {
	struct arena *arena;
	struct arena_list spent; /* of struct nf_spent */
};

struct nf_spent {
	const void *bucket; /* the bytes of its expression; NULL of xt_recent's lists */
	const char *name;   /* of such a list */
	uint32_t n;
};

/* Makes the rules ready to be found by chain, in the arena. Returns 0 or -ENOMEM. */
int nf_index_build(const struct mux_nftables *nftables, struct arena *arena,
		   struct nf_ruleset *ret_ruleset);

/* Makes the whole ruleset ready to run packets on, in the arena. Returns 0 or -ENOMEM. */
int nf_ruleset_init(const struct mux_snapshot *snapshot, struct arena *arena,
		    struct nf_ruleset *ret_ruleset);

/* Is conntrack active for packets of that family? MUX_UNKNOWN when chains that were not read may
 * have activated it. */
enum mux_answer nf_conntrack_active(const struct nf_ruleset *ruleset, uint8_t family);

/* Is the chain's table dormant? */
bool nf_index_is_dormant(const struct mux_nftables *nftables, const struct mux_nft_chain *chain);

/* Returns the rules of that chain, or NULL when they are not in the facts. */
const struct mux_nft_chain_rules *nf_index_rules(const struct nf_ruleset *ruleset, uint8_t family,
						 struct mux_slice table, struct mux_slice chain);

/*
 * Lists what runs on the hook for packets of live's family on its link, in the kernel's order.
 * Dormant tables are left out. Items of *ret_bases are struct nf_base. Returns 0 or -ENOMEM.
 */
int nf_index_bases(const struct nf_ruleset *ruleset, const struct nf_live *live, enum nf_hook hook,
		   struct arena *arena, struct arena_list *ret_bases);

#endif
