/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Would the kernel deliver packets to an address on this machine, and if not, why not? */
#ifndef MUX_EVALUATE_ROUTE_H
#define MUX_EVALUATE_ROUTE_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

enum { IPV6_LEAST_MTU = 1280 }; /* RFC 8200 section 5 */

/* Fills *ret for the address as a client names it; running out of memory is remembered by the
 * arena. */
void ev_route_run(const struct ev_context *context, const struct mux_address *address,
		  struct ev_route *ret);

/*
 * Returns the source address that the kernel would use for packets to a wire address: its own
 * answer, or as the local table of an ordinary machine has it.
 */
struct mux_address ev_route_source(const struct ev_route *route, const struct mux_address *wire);

/* Returns the interface address that is exactly this one, or NULL. */
const struct mux_interface_address *ev_route_own(const struct mux_routing *routing,
						 const struct mux_address *address);

/* Returns the link of that index, or NULL. */
const struct mux_link *ev_route_link(const struct mux_routing *routing, int index);

/* Returns lo, or NULL. */
const struct mux_link *ev_route_loopback(const struct mux_routing *routing);

/* Is the link's MTU too small for IPv6? Not that of NULL. */
bool ev_route_is_small(const struct mux_link *link);

#endif
