/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every stage of an evaluation reads, made ready once; and the words they share. */
#ifndef MUX_EVALUATE_CONTEXT_H
#define MUX_EVALUATE_CONTEXT_H

#include <muxdiag/muxdiag.h>

#include "base/arena.h"
#include "netfilter/index.h"

struct evaluation;

struct ev_context {
	const struct mux_snapshot *snapshot;
	const struct mux_target *target;
	struct arena *arena;
	struct nf_ruleset ruleset;
	const struct mux_link
		*loopback; /* lo; NULL when the links were not read or it is not there */
	bool port_known;   /* listeners and probes were gathered for the target's port */
	const struct evaluation *before; /* of which candidates are taken over; NULL = none */
	unsigned stale;			 /* EV_STALE_…: not of these families */
};

/*
 * Returns the address that packets to `address` carry: an IPv4-mapped one is IPv4, and an
 * unspecified one stands for loopback, as connect(2) takes it (ip_route_connect(),
 * tcp_v6_connect()).
 */
struct mux_address ev_wire_address(const struct mux_address *address);

/* "0.1 ms", "300 ms"; in the arena, NULL when out of memory, as all below. */
const char *ev_duration(struct arena *arena, int64_t elapsed_us);

/* "cannot assign requested address", whatever the locale. */
const char *ev_error_text(struct arena *arena, int error);

/* "[::1]:8000", or "::1" with port 0. */
const char *ev_endpoint(struct arena *arena, const struct mux_address *address, uint16_t port);

#endif
