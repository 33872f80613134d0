/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Destination address selection (RFC 6724 section 6) as rfc3484_sort() of glibc 2.36 does it, with
 * the source of each destination given instead of found by connecting sockets.
 */
#ifndef MUX_EVALUATE_ORDER_H
#define MUX_EVALUATE_ORDER_H

#include <muxdiag/snapshot.h>

#include "base/arena.h"

struct ev_destination {
	struct mux_address address;
	bool usable;		    /* the kernel has a route, and `source` is what it would use */
	struct mux_address source;  /* of the same family as the address */
	unsigned source_prefix_len; /* of the source on its link, bits */
	bool deprecated;	    /* the source is (RFC 4862 section 5.5.4) */
	bool home;		    /* the source is a mobile node's home address (RFC 6275) */
	bool encapsulated;	    /* it is reached through a tunnel */
	size_t position;	    /* set by ev_order(): where it stood before */
};

/* Sorts the destinations in place, best first; equals keep their order. Returns 0 or -ENOMEM. */
int ev_order(struct ev_destination *destinations, size_t n, const struct mux_gai *gai,
	     struct arena *arena);

#endif
