/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the rules say of a connection's packets: the SYN on its way out and in, and the SYN/ACK that
 * answers it, which passes the same hooks. */
#ifndef MUX_EVALUATE_PATH_H
#define MUX_EVALUATE_PATH_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/*
 * Fills candidate->output and ->input from rules alone. Reads the candidate's address, route,
 * listener and TCP probe (for its local port), which must be filled; replaces the listener where
 * rules send the SYN on to another address or port. Returns 0 or -ENOMEM.
 */
int ev_path_run(const struct ev_context *context, struct ev_candidate *candidate);

/* Can nftables and every legacy table there may be be read? */
bool ev_path_readable(const struct mux_snapshot *snapshot);

#endif
