/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A connection's packets on their way over lo: the SYN, and the SYN/ACK that answers it. Each
 * leaves (OUTPUT, POSTROUTING, egress) and enters again (ingress, PREROUTING, INPUT) with its mark
 * and conntrack kept, so one packet in flight is carried through both sides. Each side is judged
 * whatever the other said: fixing one must not bring up the other as news.
 */
#ifndef MUX_EVALUATE_WALK_H
#define MUX_EVALUATE_WALK_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"
#include "netfilter/live.h"
#include "netfilter/ruleset.h"

/* What the rules do to the two packets on one side. */
struct walk_side {
	struct nf_decision syn, reply;
};

struct walk {
	const struct ev_context *context;
	const struct ev_candidate *candidate;
	bool anonymous; /* nothing is known of who sends */
	struct walk_side output, input;
	/* Where rules send the SYN on to (redirect, DNAT); of no family = nowhere else. */
	struct mux_address sent_on_to;
	uint16_t sent_on_to_port;
};

/* Is the packet's destination known to be that one? */
bool walk_is_for(const struct nf_live *live, const struct mux_address *address, uint16_t port);

/* Does the packet die of the decision? */
bool walk_is_death(const struct nf_decision *decision);

/* Fills the sides, and where the SYN is sent on to; what comes before is given. Returns 0 or
 * -ENOMEM. */
int walk_run(struct walk *walk);

#endif
