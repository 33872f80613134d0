/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "loop.h"

#include "accept.h"
#include "access_log.h"
#include "balance.h"
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
	LINGER_MS = 5000,
	DRAIN_IDLE_MS = 250, /* for requests that were on their way when we were told to drain */
};

/* What epoll remembers besides connections, which are never below 2^32. */
enum { DATA_WAKE = LISTENER_MAX };

static uint32_t ticks_of(unsigned ms)
{
	return (ms + WHEEL_TICK_MS - 1) / WHEEL_TICK_MS + 1;
}

static uint32_t tick_of(const struct timespec *now)
{
	return (uint32_t)(((uint64_t)now->tv_sec * 1000 + (uint64_t)now->tv_nsec / 1000000) /
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

/*
 * No newcomers. Whose handshake is under way, or whose request is, has DRAIN_IDLE_MS to get it
 * through; the listeners stay open so long.
 */
static void begin_draining(struct worker *worker)
{
	worker->draining = true;
	worker->drain_until = worker->wheel.now + ticks_of(worker->fleet->options->drain_ms);
	worker->listen_until = worker->wheel.now + ticks_of(DRAIN_IDLE_MS);
	accept_turn_away(worker);
	connections_hurry(worker, ticks_of(DRAIN_IDLE_MS));
}

static void take_wake(struct worker *worker)
{
	uint64_t count;

	(void)!read(worker->wake_fd, &count, sizeof(count));
	atomic_store_explicit(&worker->asked, false, memory_order_relaxed);
	worker->has_mail = true;
	if (!worker->draining &&
	    atomic_load_explicit(&worker->order, memory_order_relaxed) == ORDER_DRAIN)
		begin_draining(worker);
}

static void dispatch(struct worker *worker, const struct epoll_event *event)
{
	uint64_t data = event->data.u64;
	struct connection *connection;

	if (data < LISTENER_MAX) {
		if (data < worker->n_listeners)
			accept_some(worker, data, ACCEPT_BATCH);
	} else if (data == DATA_WAKE) {
		take_wake(worker);
	} else {
		connection = connection_find(worker, data);
		if (connection != NULL)
			connection_event(worker, connection, event->events);
	}
}

static bool worker_is_logging(const struct worker *worker)
{
	return worker->log != NULL && access_log_is_pending(worker->log);
}

/* How long epoll may sleep: to the next deadline, in milliseconds; -1 = for ever. */
static int wait_ms(const struct worker *worker)
{
	int ticks = wheel_next(&worker->wheel);
	int ms = ticks < 0 ? -1 : ticks * WHEEL_TICK_MS;

	/* Out of descriptors, others may give some back; when draining, ticks are counted. */
	if (((worker->accept_paused && worker_load(worker) < worker->n_slots) || worker->draining ||
	     worker_is_logging(worker)) &&
	    (ms < 0 || ms > WHEEL_TICK_MS))
		ms = WHEEL_TICK_MS;
	return ms;
}

/* Told to return, or drained, or out of time for that. */
static bool is_done(struct worker *worker)
{
	unsigned order = atomic_load_explicit(&worker->order, memory_order_relaxed);

	if (order > ORDER_DRAIN)
		return true;
	if (!worker->draining)
		return false;
	if ((int32_t)(worker->wheel.now - worker->drain_until) >= 0)
		return true;
	return worker->n_listeners == 0 && worker_load(worker) == 0 &&
	       mailbox_close(&worker->mailbox);
}

/* What is due once in a tick. */
static void tick(struct worker *worker, uint32_t now)
{
	struct timer *timer = wheel_turn(&worker->wheel, now);

	while (timer != NULL) {
		struct timer *next = timer->next;

		connection_expire(worker, (struct connection *)timer);
		timer = next;
	}
	balance_weigh(worker);
	if (worker->log != NULL)
		access_log_flush(worker->log);
	if (worker->draining && worker->n_listeners != 0 &&
	    (int32_t)(now - worker->listen_until) >= 0)
		accept_end(worker);
}

static void note_time(struct worker *worker)
{
	struct timespec now;
	uint32_t tick_now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	worker->turn_ns = (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
	tick_now = tick_of(&now);
	update_date(worker);
	/* First, because new deadlines are set from the wheel's now. */
	if (tick_now != worker->wheel.now)
		tick(worker, tick_now);
}

void worker_run(struct worker *worker)
{
	struct epoll_event events[EVENTS_MAX];

	while (!is_done(worker)) {
		int n = epoll_wait(worker->epoll_fd, events, EVENTS_MAX, wait_ms(worker)), i;

		note_time(worker);
		for (i = 0; i < n; i++)
			dispatch(worker, &events[i]);
		if (worker->has_mail)
			balance_take(worker);
		accept_resume(worker);
	}
	if (worker->log != NULL)
		access_log_flush(worker->log);
}

static void set_ticks(struct worker *worker)
{
	const struct options *options = worker->fleet->options;

	worker->wait_ticks[WAIT_FIRST] = ticks_of(options->header_ms);
	worker->wait_ticks[WAIT_IDLE] = ticks_of(options->idle_ms);
	worker->wait_ticks[WAIT_HEAD] = ticks_of(options->header_ms);
	worker->wait_ticks[WAIT_BODY] = ticks_of(options->body_ms);
	worker->wait_ticks[WAIT_WRITE] = ticks_of(options->write_ms);
	worker->wait_ticks[WAIT_LINGER] = ticks_of(LINGER_MS);
}

static int open_epoll(struct worker *worker)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = DATA_WAKE};

	worker->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (worker->epoll_fd < 0)
		return -errno;
	worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->wake_fd < 0)
		return -errno;
	if (epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->wake_fd, &event) != 0)
		return -errno;
	return accept_begin(worker);
}

static int init(struct worker *worker, uint32_t n_slots)
{
	struct timespec now;
	int error;

	clock_gettime(CLOCK_MONOTONIC, &now);
	wheel_init(&worker->wheel, tick_of(&now));
	set_ticks(worker);
	mailbox_init(&worker->mailbox);
	error = entropy_new(&worker->entropy);
	if (error == 0 && worker->fleet->log_fd >= 0)
		error = access_log_new(worker->fleet->log_fd, &worker->counters, &worker->log);
	if (error == 0)
		error = connections_init(worker, n_slots);
	if (error == 0)
		error = open_epoll(worker);
	return error;
}

int worker_new(const struct fleet *fleet, uint32_t n_slots, const int *listeners,
	       struct worker **ret_worker)
{
	/* Pages of its own: no two workers share a cache line. */
	struct worker *worker = mmap(NULL, sizeof(*worker), PROT_READ | PROT_WRITE,
				     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t i, n = fleet->n_addresses;
	int error;

	if (worker == MAP_FAILED) {
		error = -errno;
		for (i = 0; i < n; i++)
			close(listeners[i]);
		return error;
	}
	worker->fleet = fleet;
	worker->epoll_fd = worker->wake_fd = -1;
	memcpy(worker->listeners, listeners, n * sizeof(listeners[0]));
	worker->n_listeners = n;
	worker->date_time = -1;
	error = init(worker, n_slots);
	if (error != 0) {
		worker_free(worker);
		return error;
	}
	*ret_worker = worker;
	return 0;
}

static void wake(struct worker *worker)
{
	const uint64_t one = 1;

	/* Fails only when it is full, and then it is readable anyway. */
	(void)!write(worker->wake_fd, &one, sizeof(one));
}

void worker_order(struct worker *worker, enum order order)
{
	atomic_store_explicit(&worker->order, order, memory_order_relaxed);
	wake(worker);
}

void worker_ask(struct worker *worker)
{
	atomic_store_explicit(&worker->asked, true, memory_order_relaxed);
	wake(worker);
}

bool worker_has_answered(const struct worker *worker)
{
	return !atomic_load_explicit(&worker->asked, memory_order_relaxed);
}

void worker_leave_listeners(struct worker *worker)
{
	accept_leave(worker);
	atomic_store_explicit(&worker->order, ORDER_DRAIN, memory_order_relaxed);
	begin_draining(worker);
	worker->has_mail = true;
}

void worker_free(struct worker *worker)
{
	size_t i;
	int fd;

	if (worker == NULL)
		return;
	connections_done(worker);
	for (fd = mailbox_take(&worker->mailbox); fd >= 0; fd = mailbox_take(&worker->mailbox))
		close(fd);
	access_log_free(worker->log);
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
