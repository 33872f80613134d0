/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's life: made with its sockets, run in its thread, told to drain, freed. */
#ifndef MUXD_LOOP_H
#define MUXD_LOOP_H

#include "worker.h"

/*
 * Makes a worker with room for n_slots connections that listens on one descriptor for each of the
 * fleet's addresses; they are its own from now on, also on failure. Returns 0 with *ret_worker, to
 * be freed with worker_free(), or -errno. The fleet must outlive it.
 */
int worker_new(const struct fleet *fleet, uint32_t n_slots, const int *listeners,
	       struct worker **ret_worker);

/* Serves until ordered otherwise and done with that. */
void worker_run(struct worker *worker);

/*
 * From any thread: what to do next. A worker that drains returns from worker_run() within
 * options->drain_ms. Never blocks.
 */
void worker_order(struct worker *worker, enum order order);

/* From another thread: asks for a sign of life, which the next turn of the loop gives. */
void worker_ask(struct worker *worker);

/* Has it given what it was asked for, if it was asked? */
bool worker_has_answered(const struct worker *worker);

/*
 * Of a worker that does not run (any more): leaves the listeners to another process, and prepares
 * worker_run() to drain what connections there are.
 */
void worker_leave_listeners(struct worker *worker);

/* Closes and frees everything. The worker must not be running. NULL is allowed. */
void worker_free(struct worker *worker);

#endif
