/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one thread owns: a loop, its listening sockets, its connections, its key stream. Workers
 * share nothing but the port and the one flag that tells them to drain.
 */
#ifndef MUXD_WORKER_H
#define MUXD_WORKER_H

#include "answer.h"
#include "body.h"
#include "counters.h"
#include "entropy.h"
#include "http.h"
#include "listener.h"
#include "mailbox.h"
#include "options.h"
#include "routes.h"
#include "wheel.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
	WORKER_IN_SIZE = 32768,	 /* read at once; a whole head fits */
	WORKER_OUT_SIZE = 65536, /* written at once */
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
	CONNECTION_IN_PAGE = 1 << 4, /* `answer` is a page that is not written to its end */
};

/* One slot. Idle connections are many: keep it below 100 bytes. */
struct connection {
	struct timer timer; /* first: timers are turned back into connections */
	struct spill *in, *out;
	struct body body;
	struct answer answer; /* given when the body has been read, or under way */
	int fd;
	uint32_t generation; /* of the slot; never 0 */
	uint32_t next_free;
	uint8_t wait;	  /* enum wait */
	uint8_t interest; /* registered with epoll: 0, EPOLLIN or EPOLLOUT */
	uint8_t flags;
};

_Static_assert(sizeof(struct connection) <= 100, "idle connections must stay small");

/* What all workers have in common. Does not change while they run. */
struct fleet {
	const struct options *options;
	const struct routes *routes;
	int log_fd; /* of the access log; -1 = none */
	const struct listener_address *addresses;
	size_t n_addresses;
	struct worker **workers;
	unsigned n;
};

/* What to do next, as told by another thread; only ever raised. */
enum order {
	ORDER_SERVE,
	ORDER_DRAIN, /* finish what is in flight */
	ORDER_END,   /* without waiting */
	ORDER_STOP,  /* return from worker_run() at once, as things are */
};

struct access_log;

struct worker {
	const struct fleet *fleet;
	struct counters counters;
	uint64_t turn_ns;      /* when the events being served were reported */
	int epoll_fd, wake_fd; /* wake_fd: an eventfd, written to with an order or mail */
	int listeners[LISTENER_MAX];
	size_t n_listeners;
	atomic_uint order; /* enum order */
	bool draining;	   /* ORDER_DRAIN was begun */
	atomic_bool asked; /* worker_ask() was not answered yet */
	struct mailbox mailbox;
	bool has_mail;	  /* that found no slot */
	uint32_t surplus; /* how many connections it should give away */

	struct wheel wheel;
	uint32_t wait_ticks[WAIT_N];
	uint32_t drain_until, listen_until; /* ticks, when draining */

	struct connection *slots;
	uint32_t n_slots, n_touched; /* slots from n_touched on were never used */
	uint32_t first_free;	     /* n_slots = none */
	struct counter n_connections;
	bool accept_paused;
	uint32_t paused_at; /* how many connections there were then */
	uint32_t paused_tick;

	struct entropy *entropy;
	struct access_log *log; /* NULL = none */
	int64_t date_time;	/* the second that `date` says */
	char date[ANSWER_DATE_LEN];
	struct http_head head; /* of the request being read from `in` */
	char in[WORKER_IN_SIZE];
	char out[WORKER_OUT_SIZE];
};

/* How many connections it has; from any thread. */
static inline uint32_t worker_load(const struct worker *worker)
{
	return (uint32_t)counter_get(&worker->n_connections);
}

/* Is the worker told to end? */
static inline bool worker_is_draining(const struct worker *worker)
{
	return atomic_load_explicit(&worker->order, memory_order_relaxed) != ORDER_SERVE;
}

#endif
