/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The steps of a path in the order of a picture: the packets of a conversation on their way there
 * and back, each over the hooks of lo, the chains of each hook, and of a chain the rules that are
 * worth showing. Knows nothing of shapes.
 */
#ifndef MUX_RENDER_JOURNEY_H
#define MUX_RENDER_JOURNEY_H

#include <muxdiag/path.h>

#include "base/arena.h"

enum journey_state {
	JOURNEY_PASSES,
	JOURNEY_DIES,
	JOURNEY_UNKNOWN, /* it may die here, or somebody else decides */
	JOURNEY_NEVER,	 /* the packet does not get here, or was not followed so far */
};

/* A step, or some that are summed up. */
struct journey_row {
	const struct mux_path_step *step; /* NULL = it stands for n_rules of them */
	size_t n_rules;
	bool some_match; /* though they decide nothing */
	enum journey_state state;
};

/* A base chain with the chains it jumps to. */
struct journey_chain {
	const struct mux_path_step *first; /* NULL = it stands for n_chains that let it pass */
	size_t n_chains;
	size_t n_rules; /* met, without policies */
	enum journey_state state;
	const struct journey_row *rows;
	size_t n_rows;
};

enum {
	JOURNEY_OUTPUT,
	JOURNEY_POSTROUTING,
	JOURNEY_EGRESS,
	JOURNEY_INGRESS,
	JOURNEY_PREROUTING,
	JOURNEY_INPUT,
	JOURNEY_N_HOOKS
};

struct journey_hook {
	const char *name;
	enum journey_state state;
	const struct journey_chain *chains; /* in the order they are met */
	size_t n_chains;
};

/* One packet. */
struct journey {
	const char *packet;
	bool back; /* towards the client */
	enum journey_state state;
	struct journey_hook hooks[JOURNEY_N_HOOKS];
};

/* Of one path: the request, what comes back, and packets behind these that do not pass. */
struct journeys {
	const struct mux_path *path;
	const struct journey *list;
	size_t n;
	const char *others; /* "ACK, first data": these pass, too, and are not listed; "" = none */
};

/* Sorts the steps of the path, into the arena; running out of memory is remembered by it. */
void journeys_find(const struct mux_path *path, struct arena *arena, struct journeys *ret);

/* Returns what becomes of a conversation in one word: "passes", "dropped", "nobody listens", …, and
 * in *ret_state how good that is. */
const char *journeys_outcome(const struct mux_path *path, enum journey_state *ret_state);

/* Is it known of no hook what it does to the packet? */
bool journey_is_open(const struct journey *journey);

/* Is the hook worth a place when nothing is on it? Chains of netdev tables are rare. */
bool journey_is_common(size_t hook);

#endif
