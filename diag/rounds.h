/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second and later rounds of gathering: what running packets on the facts still lacks. */
#ifndef MUX_ROUNDS_H
#define MUX_ROUNDS_H

#include "base/bundle.h"
#include "netfilter/packet.h"

/*
 * Gathers what running these packets, and the conversations they begin, lacks in a bundle of
 * mux_gather(). When the ruleset has changed since, all of it is read again. Returns 0 or -errno
 * (-ENOMEM); what could not be read is recorded and is no error.
 */
int rounds_for_packets(struct mux_bundle *bundle, const struct nf_packet *packets,
		       size_t n_packets);

#endif
