/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One client: read once, answer everything that came, write once. A connection is a slot of its
 * worker; it is freed in one place, connection_close(), and everything it holds with it.
 */
#ifndef MUXD_CONNECTION_H
#define MUXD_CONNECTION_H

#include "worker.h"

/* Reserves address space for `n` slots; memory follows with use. Returns 0 or -errno. */
int connections_init(struct worker *worker, uint32_t n);

/* Closes what is open and gives the slots back. */
void connections_done(struct worker *worker);

/*
 * Takes over the accepted, non-blocking socket fd and serves what has already come with it.
 * There must be a free slot (n_connections < n_slots).
 */
void connection_start(struct worker *worker, int fd);

/* Takes over an idle connection from another worker; like connection_start(). */
void connection_adopt(struct worker *worker, int fd);

/* Returns the connection that epoll data stands for, or NULL when it is gone. */
struct connection *connection_find(struct worker *worker, uint64_t data);

/* Serves the events that epoll reported. */
void connection_event(struct worker *worker, struct connection *connection, uint32_t events);

/* The deadline of what it waited for has passed: answers 408 where that helps, or closes. */
void connection_expire(struct worker *worker, struct connection *connection);

/* Gives idle connections `ticks` more; others have their own deadline. For draining. */
void connections_hurry(struct worker *worker, uint32_t ticks);

/* The one release path. */
void connection_close(struct worker *worker, struct connection *connection);

#endif
