/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What only a preflight looks at, by the contract of gather.h: what cannot be read is recorded with
 * its errno; the functions return 0, or -ENOMEM when not even that could be recorded.
 */
#ifndef MUX_GATHER_CAPACITY_H
#define MUX_GATHER_CAPACITY_H

#include <muxdiag/preflight.h>

#include "base/bundle.h"

/* The machine's limits, processors, memory and queues, and those of this process. */
int gather_capacity(const struct mux_load *load, struct mux_bundle *bundle);

/* The limits of one process: "process/<name>/…"; with pid 0 of this one, called "self". */
int gather_process_capacity(int pid, struct mux_bundle *bundle);

/* How a server was built and started, into that entry. */
int gather_build(int pid, const char *entry, struct mux_bundle *bundle);

/* The power supply, idle states and weaknesses of the processors. */
int gather_hardware(struct mux_bundle *bundle);

/* The processor time, memory and threads that the process's control groups leave it, into that
 * entry; pid 0 is this one. */
int gather_quota(int pid, const char *entry, struct mux_bundle *bundle);

/* What requests are made of. */
struct reach_question {
	const struct mux_target *target;
	const struct mux_load *load;
	struct mux_address address;
	int64_t deadline_us; /* of clock_now_us(), for all of them together */
};

/* Makes a few requests to the address, as many as there is time for. */
int gather_reach(const struct reach_question *question, struct mux_bundle *bundle);

#endif
