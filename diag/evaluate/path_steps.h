/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes down what the packets of a conversation meet. */
#ifndef MUX_EVALUATE_PATH_STEPS_H
#define MUX_EVALUATE_PATH_STEPS_H

#include <muxdiag/path.h>

#include "netfilter/index.h"
#include "netfilter/talk.h"

struct path_steps {
	struct nf_observer observer;
	enum nf_talk_packet packet; /* on its way now */
	uint8_t protocol;
	bool brief; /* rules of nftables that do not match have no text and no reason */
	struct arena *arena;
	struct arena_list list; /* of struct mux_path_step */
};

/* Makes *steps ready, whose `brief` is set: its observer is for the ruleset, its packet for the
 * question. */
void path_steps_begin(struct path_steps *steps, uint8_t protocol, struct arena *arena);

/* Puts the steps into the path and marks the one where the packet dies. */
void path_steps_end(struct path_steps *steps, struct mux_path *path);

/* Names the place of a decision, escaped, in the arena. */
void path_place_set(const struct nf_decision *decision, struct arena *arena,
		    struct mux_path_place *ret);

/* Returns "SYN", "SYN/ACK", "query", "echo reply", … */
const char *path_packet_name(uint8_t protocol, enum nf_talk_packet packet);

#endif
