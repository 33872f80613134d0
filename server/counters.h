/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a worker counts. Written by its own thread only, read by any: relaxed atomics without a
 * locked instruction.
 */
#ifndef MUXD_COUNTERS_H
#define MUXD_COUNTERS_H

#include "answer.h"

#include <stdatomic.h>
#include <stdint.h>

enum { COUNTERS_BUCKETS = 15 };

/* What a connection waits for. Decides its deadline and which event it is registered for. */
enum wait {
	WAIT_FIRST,  /* the first byte of its first request */
	WAIT_IDLE,   /* the first byte of another one */
	WAIT_HEAD,   /* the rest of a head */
	WAIT_BODY,   /* the rest of a request's content */
	WAIT_WRITE,  /* room for the rest of an answer */
	WAIT_LINGER, /* the client's end, after ours */
	WAIT_N
};

/* A struct, so that nothing but the functions below touches it. */
struct counter {
	atomic_uint_least64_t value;
};

struct counters {
	struct counter requests[ANSWER_N_STATUSES]; /* answered, by answer_index() */
	struct counter latency[COUNTERS_BUCKETS + 1];
	struct counter latency_ns;
	struct counter accepted, received_bytes, sent_bytes, accept_pauses;
	struct counter handed_over; /* connections given to another worker */
	struct counter log_dropped; /* lines of the access log that nobody took */
	struct counter timeouts[WAIT_N];
	struct counter connections[WAIT_N]; /* how many wait for what, now */
};

/* Upper bounds of the latency buckets, in nanoseconds; the last bucket has none. */
extern const uint64_t counters_bounds_ns[COUNTERS_BUCKETS];

static inline uint64_t counter_get(const struct counter *counter)
{
	return atomic_load_explicit(&counter->value, memory_order_relaxed);
}

static inline void counter_set(struct counter *counter, uint64_t value)
{
	atomic_store_explicit(&counter->value, value, memory_order_relaxed);
}

/* By the thread that owns it. */
static inline void counter_add(struct counter *counter, uint64_t n)
{
	counter_set(counter, counter_get(counter) + n);
}

/* Counts n requests that took so long each. */
void counters_latency(struct counters *counters, uint64_t ns, uint64_t n);

#endif
