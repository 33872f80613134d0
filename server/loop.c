/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop.h"

#include "connection.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	EVENTS_MAX = 256,
	ACCEPT_BATCH = 64, /* so that accepting cannot starve the accepted */
	LINGER_MS = 5000,
	DRAIN_IDLE_MS = 250, /* for requests that were on their way when we were told to drain */
	RETRY_MS = WHEEL_TICK_MS, /* when descriptors ran out: others may give some back */
};

/* What epoll remembers besides connections, which are never below 2^32. */
enum { DATA_WAKE = LISTENER_MAX };

static uint32_t ticks_of(unsigned ms)
{
	return (ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS + 1;
}

static uint32_t tick_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint32_t)(((uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000) /
			  WHEEL_TICK_MS);
}

static void update_date(struct worker *worker)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	if (now.tv_sec == worker->date_time || now.tv_sec < 0)
		return;
	worker->date_time = now.tv_sec;
	answer_date(now.tv_sec, worker->date);
}

static int watch(struct worker *worker, int op, int fd, uint64_t data, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.u64 = data};

	return epoll_ctl(worker->epoll_fd, op, fd, &event) == 0 ? 0 : -errno;
}

/* Paused listeners stay open: clients wait in the queue instead of being refused. */
static void listen_for(struct worker *worker, uint32_t events)
{
	size_t i;

	for (i = 0; i < worker->n_listeners; i++)
		(void)watch(worker, EPOLL_CTL_MOD, worker->listeners[i], i, events);
	worker->accept_paused = events == 0;
	worker->paused_at = worker->n_connections;
	worker->paused_tick = worker->wheel.now;
}

/*
 * When a slot or a descriptor of ours came free, or RETRY_MS have passed in which others may have
 * given some back (wait_ms() sees to it that we wake up).
 */
static void resume_accepting(struct worker *worker)
{
	if (!worker->accept_paused || worker->n_connections == worker->n_slots)
		return;
	if (worker->n_connections < worker->paused_at || worker->wheel.now != worker->paused_tick)
		listen_for(worker, EPOLLIN);
}

/* Errors of the connection to be accepted, not of accepting (accept(2)). */
static bool is_passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPERM || error == EPROTO ||
	       error == ENETDOWN || error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET ||
	       error == EHOSTUNREACH || error == ENETUNREACH;
}

/* Accepts and serves at most `most`. Returns false when there is nobody left, or no room. */
static bool accept_some(struct worker *worker, int listener, unsigned most)
{
	while (most-- != 0) {
		int fd;

		if (worker->n_connections == worker->n_slots) {
			listen_for(worker, 0);
			return false;
		}
		fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			connection_start(worker, fd);
		} else if (errno == EAGAIN) {
			return false;
		} else if (!is_passing(errno)) {
			/* EMFILE and its like would wake us again at once, and for ever. */
			listen_for(worker, 0);
			return false;
		}
	}
	return true;
}

/* Who is already in the queue was promised a connection; closing the socket would reset them. */
static void begin_draining(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->n_listeners; i++) {
		(void)accept_some(worker, worker->listeners[i], LISTENER_BACKLOG);
		close(worker->listeners[i]);
	}
	worker->n_listeners = 0;
	worker->accept_paused = false;
	worker->drain_until = worker->wheel.now + ticks_of(worker->options->drain_ms);
	connections_hurry(worker, ticks_of(DRAIN_IDLE_MS));
}

static void take_wake(struct worker *worker)
{
	uint64_t count;

	if (read(worker->wake_fd, &count, sizeof(count)) == sizeof(count) &&
	    worker->n_listeners != 0)
		begin_draining(worker);
}

static void dispatch(struct worker *worker, const struct epoll_event *event)
{
	uint64_t data = event->data.u64;
	struct connection *connection;

	if (data < LISTENER_MAX) {
		if (data < worker->n_listeners && !worker->accept_paused)
			(void)accept_some(worker, worker->listeners[data], ACCEPT_BATCH);
	} else if (data == DATA_WAKE) {
		take_wake(worker);
	} else {
		connection = connection_find(worker, data);
		if (connection != NULL)
			connection_event(worker, connection, event->events);
	}
}

static void expire(struct worker *worker, uint32_t now)
{
	struct timer *timer = wheel_turn(&worker->wheel, now);

	while (timer != NULL) {
		struct timer *next = timer->next;

		connection_expire(worker, (struct connection *)timer);
		timer = next;
	}
}

/* How long epoll may sleep: to the next deadline, in milliseconds; -1 = for ever. */
static int wait_ms(const struct worker *worker)
{
	int ticks = wheel_next(&worker->wheel);
	int ms = ticks < 0 ? -1 : ticks * WHEEL_TICK_MS;

	if (worker->accept_paused && worker->n_connections < worker->n_slots &&
	    (ms < 0 || ms > RETRY_MS))
		ms = RETRY_MS;
	if (worker->n_listeners == 0 && (ms < 0 || ms > WHEEL_TICK_MS))
		ms = WHEEL_TICK_MS;
	return ms;
}

/* Drained, told not to wait, or out of time. */
static bool is_done(const struct worker *worker)
{
	if (worker->n_listeners != 0)
		return false;
	return worker->n_connections == 0 ||
	       atomic_load_explicit(&worker->draining, memory_order_relaxed) > 1 ||
	       (int32_t)(worker->wheel.now - worker->drain_until) >= 0;
}

void worker_run(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];

	while (!is_done(worker)) {
		int n = epoll_wait(worker->epoll_fd, events, EVENTS_MAX, wait_ms(worker)), i;
		uint32_t now = tick_now();

		update_date(worker);
		/* First, because new deadlines are set from the wheel's now. */
		if (now != worker->wheel.now)
			expire(worker, now);
		for (i = 0; i < n; i++)
			dispatch(worker, &events[i]);
		resume_accepting(worker);
	}
}

static void set_ticks(struct worker *worker)
{
	const struct options *options = worker->options;

	worker->wait_ticks[WAIT_FIRST] = ticks_of(options->header_ms);
	worker->wait_ticks[WAIT_IDLE] = ticks_of(options->idle_ms);
	worker->wait_ticks[WAIT_HEAD] = ticks_of(options->header_ms);
	worker->wait_ticks[WAIT_BODY] = ticks_of(options->body_ms);
	worker->wait_ticks[WAIT_WRITE] = ticks_of(options->write_ms);
	worker->wait_ticks[WAIT_LINGER] = ticks_of(LINGER_MS);
}

static int open_epoll(struct worker *worker)
{
	int error = 0;
	size_t i;

	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll_fd < 0)
		return -errno;
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->wake_fd < 0)
		return -errno;
	error = watch(worker, EPOLL_CTL_ADD, worker->wake_fd, DATA_WAKE, EPOLLIN);
	for (i = 0; i < worker->n_listeners && error == 0; i++)
		error = watch(worker, EPOLL_CTL_ADD, worker->listeners[i], i, EPOLLIN);
	return error;
}

int worker_new(const struct options *options, uint32_t n_slots, const int *listeners, size_t n,
	       struct worker **ret_worker)
{
	/* Pages of its own: no two workers share a cache line. */
	struct worker *worker = mmap(NULL, sizeof(*worker), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int error;
	size_t i;

	if (worker == MAP_FAILED) {
		error = -errno;
		for (i = 0; i < n; i++)
			close(listeners[i]);
		return error;
	}
	worker->options = options;
	worker->epoll_fd = worker->wake_fd = -1;
	memcpy(worker->listeners, listeners, n * sizeof(listeners[0]));
	worker->n_listeners = n;
	worker->date_time = -1;
	wheel_init(&worker->wheel, tick_now());
	set_ticks(worker);
	error = entropy_new(&worker->entropy);
	if (error == 0)
		error = connections_init(worker, n_slots);
	if (error == 0)
		error = open_epoll(worker);
	if (error != 0) {
		worker_free(worker);
		return error;
	}
	*ret_worker = worker;
	return 0;
}

void worker_drain(struct worker *worker)
{
	const uint64_t one = 1;

	atomic_fetch_add_explicit(&worker->draining, 1, memory_order_relaxed);
	/* Fails only when it is full, and then it is readable anyway. */
	(void)!write(worker->wake_fd, &one, sizeof(one));
}

void worker_free(struct worker *worker)
{
	size_t i;

	if (worker == NULL)
		return;
	connections_done(worker);
	for (i = 0; i < worker->n_listeners; i++)
		close(worker->listeners[i]);
	if (worker->wake_fd >= 0)
		close(worker->wake_fd);
	if (worker->epoll_fd >= 0)
		close(worker->epoll_fd);
	entropy_free(worker->entropy);
	explicit_bzero(worker->out, sizeof(worker->out));
	munmap(worker, sizeof(*worker));
}
