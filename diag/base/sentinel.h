/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The empty chains of a trace, one on either side of every place where something that no nftables
 * trace names may take a packet: legacy tables, conntrack and nat (linux/netfilter_ipv4.h). They
 * are called HOOK/PRIORITY, HOOK/first and HOOK/last, so that a report tells by itself how far a
 * packet came.
 */
#ifndef MUX_BASE_SENTINEL_H
#define MUX_BASE_SENTINEL_H

#include <muxdiag/snapshot.h>

enum { SENTINEL_HOOKS = 5, SENTINEL_PRIORITIES = 14, SENTINEL_NAME_MAX = 32 };

/* The chains of one hook. */
struct sentinels {
	const char *hook; /* "output" */
	size_t n;
	int32_t priorities[SENTINEL_PRIORITIES]; /* rising; first INT32_MIN, last INT32_MAX */
};

extern const struct sentinels sentinel_hooks[SENTINEL_HOOKS];

/* What begins the name of every table of a trace. */
extern const char sentinel_table[];

/* Writes the name of a hook's chain into buffer and returns it. */
const char *sentinel_name(const struct sentinels *hook, int32_t priority,
			  char buffer[static SENTINEL_NAME_MAX]);

/* Reads such a name. Returns the hook, or NULL for any other name. */
const struct sentinels *sentinel_parse(struct mux_slice chain, int32_t *ret_priority);

/* Returns the lowest priority of the hook's chains above this one, INT32_MAX when there is none. */
int32_t sentinel_next(const struct sentinels *hook, int32_t priority);

#endif
