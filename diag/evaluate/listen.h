/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who would accept a connection that arrives for an address? */
#ifndef MUX_EVALUATE_LISTEN_H
#define MUX_EVALUATE_LISTEN_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/* Fills *ret for the address as a client names it; running out of memory is remembered by the
 * arena. */
void ev_listen_run(const struct ev_context *context, const struct mux_address *address,
		   struct ev_listen *ret);

#endif
