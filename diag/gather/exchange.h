/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP request on a TCP connection, and the whole of what answers it. */
#ifndef MUX_GATHER_EXCHANGE_H
#define MUX_GATHER_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <muxdiag/snapshot.h>

enum { EXCHANGE_HEAD_BYTES = 8 * 1024 };

struct exchange {
	int fd; /* -1 = not connected */
	int64_t deadline_us;
	/* Of the last response: its first bytes, and how many there were in all. */
	char first[EXCHANGE_HEAD_BYTES];
	size_t n_first;
	int64_t n_bytes;
	bool closed; /* the server closed the connection behind it */
};

/* Connects. Returns 0 or -errno; -ETIMEDOUT at the deadline. */
int exchange_open(struct exchange *exchange, const struct mux_address *address, uint16_t port);

/* Sends the request and receives until the response is complete or the connection ends. Returns 0
 * or -errno: -ETIMEDOUT at the deadline, -EPROTO for what is no response or ends in its midst. */
int exchange_request(struct exchange *exchange, struct mux_slice request);

/* Looks whether the server closes within that time. */
void exchange_await_close(struct exchange *exchange, int64_t patience_us);

/* Closes it, if it is open. */
void exchange_close(struct exchange *exchange);

#endif
