/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When a service manager wants to hear that we still live: sd_watchdog_enabled(3)'s variables. */
#ifndef MUXD_WATCHDOG_H
#define MUXD_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct watchdog {
	uint64_t interval_ns; /* half of what the manager allows; 0 = it does not ask */
	uint64_t due_ns;      /* on the monotonic clock */
};

/* Reads $WATCHDOG_USEC, and $WATCHDOG_PID, which is another's when it is not ours. */
void watchdog_init(struct watchdog *watchdog);

/* Returns false when nobody asks, else true with the time until it is due, which may be 0. */
bool watchdog_left(const struct watchdog *watchdog, struct timespec *ret_left);

/* Is it due? Then it is set to the next time. */
bool watchdog_is_due(struct watchdog *watchdog);

#endif
