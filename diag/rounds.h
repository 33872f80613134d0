/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second and later rounds of gathering: what running packets on the facts still lacks. */
#ifndef MUX_ROUNDS_H
#define MUX_ROUNDS_H

#include <muxdiag/path.h>

#include "base/bundle.h"
#include "netfilter/packet.h"

/*
 * Gathers what running these packets, and the conversations they begin, lacks in a bundle of
 * mux_gather(). When the ruleset has changed since, all of it is read again. Returns 0 or -errno
 * (-ENOMEM); what could not be read is recorded and is no error.
 */
int rounds_for_packets(struct mux_bundle *bundle, const struct nf_packet *packets,
		       size_t n_packets);

/* As rounds_for_packets(), of the conversations that these questions are about. */
int rounds_for_paths(struct mux_bundle *bundle, const struct mux_path_question *paths,
		     size_t n_paths);

#endif
