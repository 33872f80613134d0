/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's life: made with its sockets, run in its thread, told to drain, freed. */
#ifndef MUXD_LOOP_H
#define MUXD_LOOP_H

#include "worker.h"

/*
 * Makes a worker with room for n_slots connections that listens on the n descriptors given, which
 * are its own from now on, also on failure. Returns 0 with *ret_worker, to be freed with
 * worker_free(), or -errno. The options must outlive it.
 */
int worker_new(const struct options *options, uint32_t n_slots, const int *listeners, size_t n,
	       struct worker **ret_worker);

/* Serves until told to drain and done with that. */
void worker_run(struct worker *worker);

/*
 * From any thread: finish what is in flight within options->drain_ms and return from worker_run();
 * at a second call, without waiting. Never blocks.
 */
void worker_drain(struct worker *worker);

/* Closes and frees everything. The worker must not be running. NULL is allowed. */
void worker_free(struct worker *worker);

#endif
