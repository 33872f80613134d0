/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is read while a load runs, by the contract of gather.h. */
#ifndef MUX_GATHER_RUN_H
#define MUX_GATHER_RUN_H

#include <muxdiag/preflight.h>

#include "base/bundle.h"

struct run_watch {
	struct mux_bundle *bundle;
	uint16_t port;
	int server; /* a process; 0 = none is known */
	int64_t started_us;
	int64_t samples, peak_queue, peak_backlog, peak_us;
};

/* The counters of this moment; `when` is "before" or "after". */
int gather_run_counters(const struct run_watch *watch, const char *when);

/* Looks at the accept queue and remembers the longest. */
int gather_run_sample(struct run_watch *watch);

/* Records what was remembered, and how the command ended (NULL = there was none). */
int gather_run_summary(const struct run_watch *watch, const struct mux_run_command *command);

#endif
