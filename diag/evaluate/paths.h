/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From a question about a path to the packet that it begins with. */
#ifndef MUX_EVALUATE_PATHS_H
#define MUX_EVALUATE_PATHS_H

#include <muxdiag/path.h>

#include "netfilter/packet.h"

enum paths_steps {
	PATHS_NO_STEPS,
	PATHS_BRIEF_STEPS, /* what does not match is only counted: without its text */
	PATHS_ALL_STEPS,
};

/* As mux_paths_evaluate(), with such steps. */
const struct mux_paths *paths_evaluate(const struct mux_snapshot *snapshot,
				       const struct mux_path_question *questions,
				       size_t n_questions, enum paths_steps steps,
				       struct mux_error *reterr);

/* Builds the first packet of the conversation, as this machine would send it. */
void paths_request(const struct mux_snapshot *snapshot, const struct mux_path_question *question,
		   struct nf_packet *ret_packet);

#endif
