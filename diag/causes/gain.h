/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What one world has over another: the measure of a fix, and its words. */
#ifndef MUX_CAUSES_GAIN_H
#define MUX_CAUSES_GAIN_H

#include "base/arena.h"
#include "evaluate/evaluation.h"

enum gain_verdict {
	GAIN_NONE,
	GAIN_UNSURE,  /* something is no longer in the way, or not known any more */
	GAIN_CERTAIN, /* a client, an address or a name works that did not */
};

struct gain {
	enum gain_verdict verdict;
	size_t gained_clients, lost_clients; /* that work, or work without delay */
	size_t gained_addresses, gained_names;
	bool unsure;
	size_t n_working, n_clients; /* afterwards, of those that ask no proxy */
	size_t n_proxied;
};

/* Compares two worlds, for that client (NULL = all). */
struct gain gain_compare(const struct evaluation *before, const struct evaluation *after,
			 const struct ev_client *only);

/* Returns what comes of it: the clients that notice, else the addresses, else the names. In the
 * arena; NULL when out of memory. */
const char *gain_describe(const struct evaluation *before, const struct evaluation *after,
			  const struct gain *gain, struct arena *arena);

#endif
