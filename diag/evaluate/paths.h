/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What evaluating questions about paths still lacks, for another round of gathering. */
#ifndef MUX_EVALUATE_PATHS_H
#define MUX_EVALUATE_PATHS_H

#include <muxdiag/path.h>

#include "base/arena.h"
#include "netfilter/need.h"

/* Evaluates the questions with the facts there are, and lists what that lacked: elements of sets,
 * by key, and chains. Returns 0 or -ENOMEM; keys are in the arena. */
int needs_of_paths(const struct mux_snapshot *snapshot, const struct mux_path_question *questions,
		   size_t n_questions, struct arena *arena, struct needs *ret_needs);

#endif
