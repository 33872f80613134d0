/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the probes add to what the rules, routes and sockets say: the truth about the connection,
 * and conclusions about stages that could not be read. */
#ifndef MUX_EVALUATE_INFER_H
#define MUX_EVALUATE_INFER_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/* How a real connection ended, as far as it tells anything. */
enum ev_fate {
	EV_FATE_NONE,	   /* none was tried, or it was not waited for long enough */
	EV_FATE_CONNECTED, /* the handshake was completed */
	EV_FATE_SILENT,	   /* nothing came back */
	EV_FATE_RESET,	   /* a TCP reset came back */
	EV_FATE_ICMP,	   /* an ICMP error came back */
	EV_FATE_LOCAL,	   /* the call failed before any packet was sent */
};

/* Returns how the candidate's TCP probe ended. Silence tells nothing about another machine. */
enum ev_fate ev_fate_of(const struct ev_candidate *candidate);

/*
 * Reconciles the candidate's stages with its probes: fills in `works` and what can be concluded
 * about unknown stages, and marks what a real connection contradicts. Its route, paths and listener
 * must have been filled from facts. Running out of memory is remembered by the arena.
 */
void ev_infer_run(const struct ev_context *context, struct ev_candidate *candidate);

/* Fills candidate->text and ->blocked from everything else in it. */
void ev_conclude(const struct ev_context *context, struct ev_candidate *candidate);

#endif
