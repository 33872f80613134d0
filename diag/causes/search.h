/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The search list of resolv.conf(5) and LOCALDOMAIN, as far as a cause asks about it. */
#ifndef MUX_CAUSES_SEARCH_H
#define MUX_CAUSES_SEARCH_H

#include "causes/cause.h"

/* How many name servers glibc uses (MAXNS of resolv.h). */
enum { SEARCH_MAX_SERVERS = 3 };

/* Returns the number behind an option "timeout:5" of resolv.conf or RES_OPTIONS, `otherwise` when
 * it is not there or no number, and at most `largest`, as glibc does. */
unsigned search_option(const struct evaluation *evaluation, const char *option, unsigned otherwise,
		       unsigned largest);

/* The search list in force. */
struct search_list {
	size_t n;
	struct mux_slice first;		     /* borrowed; of n != 0 */
	const struct mux_variable *variable; /* LOCALDOMAIN, if that says it; NULL: resolv.conf */
};

/* Returns the search list in force; n = 0 when there is none, or it is not known. */
struct search_list search_list(const struct evaluation *evaluation);

/* Is a domain of the search list tried before, or instead of, the target itself? */
bool search_is_tried(const struct evaluation *evaluation);

/*
 * Did a domain of the search list answer for the target? Only when the system's resolver gave
 * something that its files do not, while the name servers, asked for the bare name, knew nothing.
 */
bool search_captures(const struct evaluation *evaluation);

#endif
