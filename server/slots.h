/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between connection.c and slots.c: what a connection is made of. */
#ifndef MUXD_SLOTS_H
#define MUXD_SLOTS_H

#include "worker.h"

/* Takes a free slot, which must exist, for fd. Never fails. */
struct connection *connection_take(struct worker *worker, int fd);

/* Gives the slot back without closing its socket, which somebody else has now. */
void connection_release(struct worker *worker, struct connection *connection);

/* Says what the connection waits for, WAIT_N for nothing, and counts it. */
static inline void connection_set_wait(struct worker *worker, struct connection *connection,
				       enum wait wait)
{
	if (connection->wait != WAIT_N)
		counter_add(&worker->counters.connections[connection->wait], UINT64_MAX);
	if (wait != WAIT_N)
		counter_add(&worker->counters.connections[wait], 1);
	connection->wait = (uint8_t)wait;
}

/* Returns what epoll is to remember the connection by; never below 2^32. */
uint64_t connection_data(const struct worker *worker, const struct connection *connection);

/*
 * Keeps a copy of the bytes in *spill, which may be NULL or hold older ones. Returns 0, or -ENOMEM
 * with *spill unchanged.
 */
int spill_set(struct spill **spill, const char *bytes, size_t len);

/* Likewise, but behind what is in it already. Returns 0, or -ENOMEM with *spill unchanged. */
int spill_append(struct spill **spill, const char *bytes, size_t len);

/* Wipes and frees *spill and sets it to NULL, which it may be already. */
void spill_free(struct spill **spill);

#endif
