/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "server.h"

#include "loop.h"
#include "notify.h"
#include "restart.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_SIZE = 256 * 1024, CONNECTIONS_MAX = 65536, SPARE_DESCRIPTORS = 16 };

/* Takes as many descriptors as we may have; returns how many connections there may be at once. */
static unsigned count_connections(const struct server *server)
{
	size_t others = SPARE_DESCRIPTORS + server->fleet.n * (server->fleet.n_addresses + 2);
	struct rlimit limit = {.rlim_cur = 1024};

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
	if (server->options.connections != 0)
		return server->options.connections;
	if (limit.rlim_cur > CONNECTIONS_MAX + others)
		return CONNECTIONS_MAX;
	return limit.rlim_cur > others ? (unsigned)(limit.rlim_cur - others) : 1;
}

int server_make_workers(struct server *server)
{
	unsigned n = server->fleet.n, i;
	uint32_t slots = (count_connections(server) + n - 1) / n;
	int error = 0;

	for (i = 0; i < n; i++) {
		int one = worker_new(&server->fleet, slots, server->sockets.fds[i],
				     &server->workers[i]);

		if (one != 0)
			error = one;
	}
	if (error != 0)
		fprintf(stderr, "muxd: cannot start: %s\n", strerror(-error));
	return error == 0 ? 0 : -1;
}

/* A thread of its own. The last one to end tells main. */
static void *run_thread(void *argument)
{
	struct thread *thread = argument;

	worker_run(thread->worker);
	if (atomic_fetch_sub(&thread->server->n_running, 1) == 1)
		kill(getpid(), SIGUSR1);
	return NULL;
}

static int start_thread(struct server *server, const pthread_attr_t *attributes)
{
	struct thread *thread = &server->threads[server->n_threads];
	int error;

	thread->server = server;
	thread->worker = server->workers[server->n_threads];
	atomic_fetch_add(&server->n_running, 1);
	error = pthread_create(&thread->id, attributes, run_thread, thread);
	if (error != 0)
		atomic_fetch_sub(&server->n_running, 1);
	else
		server->n_threads++;
	return error;
}

int server_start_threads(struct server *server)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	server->n_threads = 0;
	if (error == 0)
		error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	while (error == 0 && server->n_threads < server->fleet.n)
		error = start_thread(server, &attributes);
	pthread_attr_destroy(&attributes);
	if (error != 0)
		fprintf(stderr, "muxd: cannot start a worker: %s\n", strerror(error));
	return error == 0 ? 0 : -1;
}

void server_order(struct server *server, enum order order)
{
	unsigned i;

	if (order <= server->order)
		return;
	server->order = order;
	for (i = 0; i < server->fleet.n; i++)
		worker_order(server->workers[i], order);
}

static void drain(struct server *server)
{
	notify_manager("STOPPING=1");
	server_order(server, server->order == ORDER_SERVE ? ORDER_DRAIN : ORDER_END);
}

void server_reap(struct server *server, bool end)
{
	pid_t child;
	int status;

	if (end && server->announcer > 0)
		kill(server->announcer, SIGKILL);
	/* Also children of the muxd we were before a restart. */
	for (;;) {
		bool wait = end && server->announcer > 0;

		child = wait ? waitpid(server->announcer, &status, 0)
			     : waitpid(-1, &status, WNOHANG);
		if (child <= 0)
			break;
		if (child != server->announcer)
			continue;
		server->announcer = 0;
		server->check_status = status;
		if (server->options.action == OPTIONS_CHECK)
			drain(server);
	}
}

static void take_signal(struct server *server, int signal)
{
	switch (signal) {
	case SIGCHLD:
		server_reap(server, false);
		break;
	case SIGHUP:
		if (server->order != ORDER_SERVE || server->options.action == OPTIONS_CHECK ||
		    !restart_is_possible())
			break;
		server->restart = true;
		server_order(server, ORDER_STOP);
		break;
	case SIGTERM:
	case SIGINT:
		drain(server);
		break;
	default:
		break;
	}
}

/* Tells the service manager that all workers have answered since we asked, and asks again. One that
 * drains may have ended, and has a deadline of its own. */
static void feel_pulse(struct server *server)
{
	bool alive = true;
	unsigned i;

	if (!watchdog_is_due(&server->watchdog))
		return;
	for (i = 0; i < server->fleet.n && server->order == ORDER_SERVE; i++)
		alive = alive && worker_has_answered(server->workers[i]);
	if (!alive)
		return;
	notify_manager("WATCHDOG=1");
	for (i = 0; i < server->fleet.n; i++)
		worker_ask(server->workers[i]);
}

/* Returns the next signal, or -1 when it is time for something else. */
static int wait_signal(const struct server *server)
{
	struct timespec left;

	if (!watchdog_left(&server->watchdog, &left))
		return sigwaitinfo(&server->signals, NULL);
	return sigtimedwait(&server->signals, NULL, &left);
}

void server_wait(struct server *server)
{
	unsigned i;

	watchdog_init(&server->watchdog);
	while (atomic_load(&server->n_running) != 0) {
		take_signal(server, wait_signal(server));
		feel_pulse(server);
	}
	for (i = 0; i < server->n_threads; i++)
		pthread_join(server->threads[i].id, NULL);
	server->n_threads = 0;
}

void server_free_workers(struct server *server)
{
	unsigned i;

	for (i = 0; i < server->fleet.n; i++)
		worker_free(server->workers[i]);
}
