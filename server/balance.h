/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An even share for every worker. The kernel spreads new connections by their hash, which with few
 * of them, long-lived, leaves one worker with half as many again as another; so a worker that has
 * more than its share hands idle ones over. Short-lived connections never become idle and are
 * left alone: there are enough of them to be even.
 */
#ifndef MUXD_BALANCE_H
#define MUXD_BALANCE_H

#include "worker.h"

/* Decides how many connections the worker should give away. To be called every tick. */
void balance_weigh(struct worker *worker);

/*
 * Gives the connection, which must be idle, to the worker with the fewest. Returns true when it is
 * gone; false when it stays, not registered with epoll if it was before.
 */
bool balance_give(struct worker *worker, struct connection *connection);

/* Takes in what others gave. */
void balance_take(struct worker *worker);

#endif
