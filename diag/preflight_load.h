/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The load of a run that is watched: a command of the user's, or what he starts elsewhere. */
#ifndef MUX_PREFLIGHT_LOAD_H
#define MUX_PREFLIGHT_LOAD_H

#include <muxdiag/preflight.h>

#include "options.h"

/* The end of what a command printed. */
struct preflight_output {
	char bytes[16 * 1024];
	size_t len;
};

/*
 * Runs options->command, its output untouched, until it ends; without one waits for SIGINT or
 * SIGTERM. Looks at the server every 100 ms meanwhile. Returns 0 with *ret, whose name stays NULL
 * without a command, and which borrows from *output, where what ab prints is kept; or an exit
 * status after a line on standard error.
 */
int preflight_load(const struct options *options, struct mux_run_watch *watch,
		   struct preflight_output *output, struct mux_run_command *ret);

#endif
