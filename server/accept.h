/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A worker's listening sockets: watched, accepted from, paused when full, given up at the end. */
#ifndef MUXD_ACCEPT_H
#define MUXD_ACCEPT_H

#include "worker.h"

enum { ACCEPT_BATCH = 64 }; /* at once, so that accepting cannot starve the accepted */

/* Begins to watch the listeners. Returns 0 or -errno. */
int accept_begin(struct worker *worker);

/*
 * Accepts and serves at most `most` connections of the listener with that number. Pauses accepting
 * when there is no slot or no descriptor for one more.
 */
void accept_some(struct worker *worker, size_t listener, unsigned most);

/* Resumes accepting when it was paused and there may be room. To be called after every batch. */
void accept_resume(struct worker *worker);

/*
 * Lets no newcomers in from now on, while those whose handshake has begun still may finish it and
 * be accepted: they were promised an answer.
 */
void accept_turn_away(struct worker *worker);

/* Accepts who is left in the queues, and closes the listeners. */
void accept_end(struct worker *worker);

/* Closes this process's copies of the listeners, which somebody else goes on to serve. */
void accept_leave(struct worker *worker);

#endif
