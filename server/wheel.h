/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Deadlines as a wheel of buckets, one per tick. Setting, moving and dropping one costs a few
 * instructions; moving one further away, which is what every request does, costs a store: the
 * timer stays in its bucket and is put off when the bucket comes round. Pure: the caller has the
 * clock.
 */
#ifndef MUXD_WHEEL_H
#define MUXD_WHEEL_H

#include <stdint.h>

enum {
	WHEEL_TICK_MS = 64,
	WHEEL_BUCKETS = 1024, /* a power of two; later deadlines go round more than once */
};

/* Embedded in what expires. All zero = not set. */
struct timer {
	struct timer *next;
	struct timer **link; /* what points at this timer; NULL = not set */
	uint32_t bucket;     /* tick whose bucket it lies in; never after the deadline */
	uint32_t deadline;   /* tick */
};

/* Ticks are counted modulo 2^32 and compared by their distance. */
struct wheel {
	uint32_t now;
	struct timer *buckets[WHEEL_BUCKETS];
	uint64_t occupied[WHEEL_BUCKETS / 64]; /* a bit may stay behind in an empty bucket */
};

/* Starts an empty wheel at tick `now`. */
void wheel_init(struct wheel *wheel, uint32_t now);

/* Sets or moves the timer: it expires `ticks` from the wheel's now (at least one). */
void wheel_set(struct wheel *wheel, struct timer *timer, uint32_t ticks);

/* Drops the timer. It may be one that is not set. */
void wheel_drop(struct timer *timer);

/*
 * Turns to tick `now`. Returns the timers that have expired, chained by `next` and no longer set,
 * or NULL. The caller takes each off the chain before it may set that one again.
 */
struct timer *wheel_turn(struct wheel *wheel, uint32_t now);

/*
 * Returns how many ticks from now the next bucket that may hold a timer comes round, or -1 when
 * there is none.
 */
int wheel_next(const struct wheel *wheel);

#endif
