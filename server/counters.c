/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "counters.h"

enum { US = 1000, MS = 1000 * US };

const uint64_t counters_bounds_ns[COUNTERS_BUCKETS] = {
	10 * US, 25 * US, 50 * US, 100 * US, 250 * US, 500 * US, 1 * MS,    2500 * US,
	5 * MS,	 10 * MS, 25 * MS, 50 * MS,  100 * MS, 250 * MS, 1000 * MS,
};

void counters_latency(struct counters *counters, uint64_t ns, uint64_t n)
{
	size_t i = 0;

	while (i < COUNTERS_BUCKETS && ns > counters_bounds_ns[i])
		i++;
	counter_add(&counters->latency[i], n);
	counter_add(&counters->latency_ns, ns * n);
}
