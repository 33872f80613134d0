/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which names the evaluation is about, and what addresses a client finds for each. */
#ifndef MUX_EVALUATE_RESOLVE_H
#define MUX_EVALUATE_RESOLVE_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/* A name of 4096 lines in /etc/hosts is not tried address by address. */
enum { EV_MAX_NAMES = 4, EV_MAX_ADDRESSES = 64 };

/* The addresses of one name in the order a client tries them, each once. */
struct ev_addresses {
	struct mux_address list[EV_MAX_ADDRESSES];
	size_t n;
};

/* Fills names[] with the target, the host name and the loopback literals, each once, and returns
 * their number. Their answers are left open. Running out of memory is remembered by the arena. */
size_t ev_resolve_names(const struct ev_context *context, struct ev_name names[EV_MAX_NAMES]);

/* Fills in what the name stands for and returns its addresses in *ret: what the system's
 * getaddrinfo said, else what it would say. */
void ev_resolve_run(const struct ev_context *context, struct ev_name *name,
		    struct ev_addresses *ret);

/* Sorts the addresses as getaddrinfo would with that policy table (RFC 6724). */
void ev_resolve_order(const struct ev_context *context, const struct mux_gai *gai,
		      struct ev_addresses *addresses);

#endif
