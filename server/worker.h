/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one thread owns: a loop, its listening sockets, its connections, its key stream. Workers
 * share nothing but the port and the one flag that tells them to drain.
 */
#ifndef MUXD_WORKER_H
#define MUXD_WORKER_H

#include "answer.h"
#include "body.h"
#include "entropy.h"
#include "http.h"
#include "listener.h"
#include "options.h"
#include "wheel.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	WORKER_IN_SIZE = 32768,	 /* read at once; a whole head fits */
	WORKER_OUT_SIZE = 65536, /* written at once */
};

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

/* Bytes of one connection that had to wait, in either direction. On the heap: this is not the
 * path of ordinary requests. */
struct spill {
	uint32_t start; /* output: sent up to here */
	uint32_t len;
	uint32_t size;
	struct http_head head; /* input: what is known of the head that starts here */
	char bytes[];
};

enum {
	CONNECTION_LAST = 1 << 0,	 /* its last answer was decided on */
	CONNECTION_PEER_CLOSES = 1 << 1, /* and the client wanted it so, and sent nothing more */
	CONNECTION_IN_BODY = 1 << 2,	 /* `body` and `answer` mean something */
	CONNECTION_IN_USE = 1 << 3,
};

/* One slot. Idle connections are many: keep it below 100 bytes. */
struct connection {
	struct timer timer; /* first: timers are turned back into connections */
	struct spill *in, *out;
	struct body body;
	struct answer answer; /* given when the body has been read */
	int fd;
	uint32_t generation; /* of the slot; never 0 */
	uint32_t next_free;
	uint8_t wait;	  /* enum wait */
	uint8_t interest; /* registered with epoll: 0, EPOLLIN or EPOLLOUT */
	uint8_t flags;
};

_Static_assert(sizeof(struct connection) <= 100, "idle connections must stay small");

struct worker {
	const struct options *options;
	int epoll_fd, wake_fd; /* wake_fd: an eventfd, written to when draining changes */
	int listeners[LISTENER_MAX];
	size_t n_listeners;
	atomic_uint draining; /* 0 = serve, 1 = finish what is in flight, 2 = end at once */

	struct wheel wheel;
	uint32_t wait_ticks[WAIT_N];
	uint32_t drain_until; /* tick */

	struct connection *slots;
	uint32_t n_slots, n_touched; /* slots from n_touched on were never used */
	uint32_t first_free;	     /* n_slots = none */
	uint32_t n_connections;
	bool accept_paused;
	uint32_t paused_at; /* how many connections there were then */
	uint32_t paused_tick;

	struct entropy *entropy;
	int64_t date_time; /* the second that `date` says */
	char date[ANSWER_DATE_LEN];
	struct http_head head; /* of the request being read from `in` */
	char in[WORKER_IN_SIZE];
	char out[WORKER_OUT_SIZE];
};

/* Is the worker told to end? */
static inline bool worker_is_draining(const struct worker *worker)
{
	return atomic_load_explicit(&worker->draining, memory_order_relaxed) != 0;
}

#endif
