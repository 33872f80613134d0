/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The second and later rounds of gathering: what answering questions on the facts still lacks. */
#ifndef MUX_ROUNDS_H
#define MUX_ROUNDS_H

#include <muxdiag/path.h>

#include "base/bundle.h"

/*
 * Gathers what the conversations of the questions lack in a bundle that has all other facts. When
 * the ruleset has changed since, all of it is read again. Returns 0 or -errno (-ENOMEM); what could
 * not be read is recorded and is no error.
 */
int rounds_for_paths(struct mux_bundle *bundle, const struct mux_path_question *questions,
		     size_t n_questions);

#endif
