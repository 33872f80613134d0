/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an evaluation still lacks. Gather answers exactly this, and evaluation runs again until it
 * needs nothing. Sets are asked by key and large rulesets by chain, because the kernel's dump of
 * everything is quadratic in its size.
 */
#ifndef MUX_EVALUATE_NEEDS_H
#define MUX_EVALUATE_NEEDS_H

#include <muxdiag/muxdiag.h>
#include <muxdiag/path.h>

#include "base/arena.h"
#include "base/slice.h"
#include "netfilter/need.h"

/*
 * Lists the chains whose rules are wanted before any packet runs: all that are not in the facts yet
 * if together they are few, so that a recorded machine can be asked other questions later; else
 * none, and running packets finds out which matter. Bridges and ARP concern no loopback packet.
 * Returns 0 or -ENOMEM; the names are borrowed from the facts, here and below.
 */
int needs_of_nftables(const struct mux_nftables *nftables, struct arena *arena,
		      struct needs *ret_needs);

/* Can packets lack anything? Not where every chain that concerns them is read and there is no set:
 * then running them to find out is spared. */
bool needs_can_arise(const struct mux_nftables *nftables);

/*
 * Evaluates the target with the facts there are, and lists what that lacked: elements of sets, by
 * key, and chains. Returns 0 or -ENOMEM; keys are in the arena.
 */
int needs_of_target(const struct mux_snapshot *snapshot, const struct mux_target *target,
		    struct arena *arena, struct needs *ret_needs);

/* As needs_of_target(), of the questions of mux_gather_paths(). */
int needs_of_paths(const struct mux_snapshot *snapshot, const struct mux_path_question *questions,
		   size_t n_questions, struct arena *arena, struct needs *ret_needs);

#endif
