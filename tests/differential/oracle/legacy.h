/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Legacy xtables give no trace events. That one of their tables lost a packet is known from the
 * chains around it; which rule it was is known from the counters before and after.
 */
#ifndef ORACLE_LEGACY_H
#define ORACLE_LEGACY_H

#include <stddef.h>

#include "oracle.h"

enum { LEGACY_MAX_TABLES = 5 };

struct legacy_table {
	char name[32];
	unsigned char *blob; /* its entries, as the kernel copies them */
	size_t len;
	unsigned hook_entry[5], underflow[5];
	unsigned valid_hooks;
};

/* All tables of one family at one moment. */
struct legacy {
	int family;
	struct legacy_table tables[LEGACY_MAX_TABLES];
	unsigned n_tables;
};

/* Who dropped it: one, or several of which it was one, as A|B. */
struct legacy_culprit {
	char chain[256];
	char handle[128]; /* the rule's position, from 1, or "policy" */
	bool is_reject;
	unsigned n;
};

/* Reads the tables that are in use for AF_INET or AF_INET6. Returns 0 or -errno; legacy_done() in
 * either case. */
int legacy_read(int family, struct legacy *ret, struct failure *failure);

void legacy_done(struct legacy *legacy);

/* Finds the rules and policies of that table, reached from that hook ("input", …), that took
 * packets between the two readings and let none pass. Returns 0, or -ENOENT if there is none. */
int legacy_find(const struct legacy *before, const struct legacy *after, const char *table,
		const char *hook, struct legacy_culprit *ret);

#endif
