/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own counts of IP packets (RFC 4293's ipSystemStats and the TcpExt group), which
 * everybody may read: what they say around one connect() tells where its SYN ended. They are those
 * of the network namespace, so others' packets are in them too.
 */
#ifndef MUX_GATHER_COUNTERS_H
#define MUX_GATHER_COUNTERS_H

#include <stdint.h>

#include "base/str.h"

enum counter {
	COUNTER_OUT_REQUESTS,	  /* made here, before OUTPUT */
	COUNTER_OUT_TRANSMITS,	  /* sent, after POSTROUTING; not in older kernels */
	COUNTER_IN_RECEIVES,	  /* arrived, before PREROUTING */
	COUNTER_IN_DELIVERS,	  /* given to TCP, UDP, ICMP: after INPUT */
	COUNTER_LISTEN_OVERFLOWS, /* found a full accept queue; both families */
	N_COUNTERS
};

/* -1 is not known. */
struct counters {
	int64_t values[N_COUNTERS];
};

/* Reads the counters of AF_INET or AF_INET6. What cannot be read or is not there becomes -1. */
void counters_read(int family, struct counters *ret);

/* Appends " out_requests=1 …" for every counter that is known in both. */
void counters_record(const struct counters *before, const struct counters *after,
		     struct str *records);

#endif
