/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between connection.c and slots.c: what a connection is made of. */
#ifndef MUXD_SLOTS_H
#define MUXD_SLOTS_H

#include "worker.h"

/* Takes a free slot, which must exist, for fd. Never fails. */
struct connection *connection_take(struct worker *worker, int fd);

/* Returns what epoll is to remember the connection by; never below 2^32. */
uint64_t connection_data(const struct worker *worker, const struct connection *connection);

/*
 * Keeps a copy of the bytes in *spill, which may be NULL or hold older ones. Returns 0, or -ENOMEM
 * with *spill unchanged.
 */
int spill_set(struct spill **spill, const char *bytes, size_t len);

/* Wipes and frees *spill and sets it to NULL, which it may be already. */
void spill_free(struct spill **spill);

#endif
