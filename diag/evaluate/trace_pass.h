/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The passes that a trace's reports make up, between trace_read.c, which puts them together, and
 * trace_journeys.c, which follows our packets through them. */
#ifndef MUX_EVALUATE_TRACE_PASS_H
#define MUX_EVALUATE_TRACE_PASS_H

#include "evaluate/trace.h"

/* One hook of a pass. */
struct stop {
	bool seen, left;		   /* left: the last of our chains there was met */
	int32_t after;			   /* priority of the chain of ours that was met last */
	const struct mux_trace_event *end; /* what ended the packet; NULL = nothing did */
	struct arena_list steps;	   /* of struct ev_step */
};

struct pass {
	uint32_t id;
	enum ev_packet packet;
	bool incoming;
	bool selected; /* by a rule of our own: it is ours */
	bool taken;    /* it is part of a journey */
	enum nf_hook hook;
	int32_t priority; /* of the base chain it is in, if that is known */
	/* Before and behind what rules have translated so far. */
	struct mux_trace_packet header, last_header;
	struct stop stops[NF_N_HOOKS];
};

struct reading {
	const struct ev_context *context;
	const struct mux_trace *trace;
	struct arena_list passes; /* of struct pass */
	size_t hint;		  /* where in its chain the last rule was found */
};

/* Returns who reported the event on the hook, as a decision that ends the packet. */
struct nf_decision reading_place(struct reading *reading, const struct mux_trace_event *event,
				 enum nf_hook hook);

/* Does the kernel hand the packet to a program in user space? */
bool reading_is_queue(const struct mux_trace_event *event);

/* Fills *ret from the passes. */
void reading_follow(struct reading *reading, struct ev_conversation *ret);

#endif
