/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One real TCP connect and one empty UDP datagram per address, all at once. SO_ERROR is read right
 * after connect() and the error queue is asked for, because an ICMP reject on loopback is there
 * within microseconds, while a waiting connect() learns of it only with the next SYN a second
 * later.
 */
#ifndef MUX_GATHER_PROBES_H
#define MUX_GATHER_PROBES_H

#include <poll.h>

#include "base/str.h"
#include "gather/counters.h"

enum { MAX_PROBES = 64 };

struct probe {
	bool udp;
	bool of_target; /* the address is one that was asked about */
	struct mux_address address;
	uint16_t port, local_port;
	int fd; /* -1 = over */
	int64_t started_us, elapsed_us;
	int64_t deadline_us;
	bool finished, connected;
	bool self; /* it connected to itself */
	int error;
	uint8_t icmp_origin, icmp_type, icmp_code;
	struct counters before, after; /* of the family, around a TCP connect() */
};

struct probes {
	struct probe list[MAX_PROBES];
	size_t n;
};

/* Starts both probes of the address unless it has been probed or there is no more room. A TCP probe
 * that is silent at deadline_us is over. */
void probes_start(struct probes *probes, const struct mux_address *address, uint16_t port,
		  int64_t deadline_us);

/* Remembers that the address, if it was probed, is one that was asked about. */
void probes_mark_target(struct probes *probes, const struct mux_address *address);

/* Is a TCP probe still out? */
bool probes_waiting(const struct probes *probes);

/* Adds what is to be waited for, at most `room` descriptors; returns how many. */
size_t probes_poll(const struct probes *probes, struct pollfd *fds, size_t room);

/* Takes what came in and ends what is overdue. */
void probes_take(struct probes *probes, const struct pollfd *fds, size_t n);

/* Returns the earliest deadline of the TCP probes that are out, or INT64_MAX. */
int64_t probes_deadline(const struct probes *probes);

/* Ends all that is out and appends a record for each. */
void probes_finish(struct probes *probes, struct str *records);

#endif
