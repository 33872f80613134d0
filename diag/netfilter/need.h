/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What running packets on a ruleset lacked. Gather is asked for exactly this (evaluate/needs.h). */
#ifndef MUX_NETFILTER_NEED_H
#define MUX_NETFILTER_NEED_H

#include <muxdiag/snapshot.h>

#include "base/arena.h"

/* The rules of one nftables chain. */
struct need_chain {
	uint8_t family; /* NFPROTO_* */
	struct mux_slice table, chain;
};

/* The element of one set for one key. */
struct need_element {
	uint8_t family; /* NFPROTO_* */
	struct mux_slice table, set;
	struct mux_slice key; /* of the set's key_len */
};

struct needs {
	struct arena_list chains;   /* of struct need_chain */
	struct arena_list elements; /* of struct need_element */
	size_t *slots;		    /* open hash of elements: index + 1, 0 = free */
	size_t n_slots;		    /* a power of two, or 0 */
};

/* Starts empty lists. */
void needs_init(struct needs *needs);

/* Adds a chain unless it is there already. Returns 0 or -ENOMEM. */
int needs_add_chain(struct needs *needs, struct arena *arena, const struct need_chain *chain);

/* Adds an element unless it is there already, with a copy of its key. Returns 0 or -ENOMEM. */
int needs_add_element(struct needs *needs, struct arena *arena, const struct need_element *element);

#endif
