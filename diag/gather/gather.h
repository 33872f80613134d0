/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Looking at the machine, interpreting nothing. Each function adds its entries (see sources.def)
 * to the bundle; a source that cannot be read is recorded with its errno and is no failure. They
 * return 0, or -ENOMEM when not even that could be recorded.
 */
#ifndef MUX_GATHER_GATHER_H
#define MUX_GATHER_GATHER_H

#include <muxdiag/muxdiag.h>

#include "base/bundle.h"
#include "evaluate/needs.h"

/*
 * Gathers everything but what an evaluator must ask for first, within the question's deadline:
 * resolvers and probes are started at once and everything else is read while they are out.
 */
int gather_all(const struct mux_question *question, struct mux_bundle *bundle);

/*
 * Gathers what a packet's path depends on: the machine, sysctls, routing, every socket, nftables
 * and legacy tables.
 */
int gather_path_facts(struct mux_bundle *bundle);

/* The kernel's own answer for one destination, unless it is there already. */
int gather_route_answer(const struct mux_address *destination, struct mux_bundle *bundle);

/* Generation, tables, chains, sets and objects of nftables, as gather_all() did; for another try
 * when they have changed. */
int gather_nftables(struct mux_bundle *bundle);

/* Gathers what the evaluation asked for. */
int gather_needs(const struct needs *needs, struct mux_bundle *bundle);

/* Reads the nftables generation once more, into "nft/generation-after". */
int gather_generation_after(struct mux_bundle *bundle);

#endif
