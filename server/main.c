/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * muxd: all sockets, then all workers, then their threads, then signals until the end. What fails
 * ends the program with one line before anybody is served.
 */
#include "announce.h"
#include "loop.h"
#include "options.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_CANNOT = 1, EXIT_BAD_USAGE = 64 };
enum { STACK_SIZE = 256 * 1024, CONNECTIONS_MAX = 65536, SPARE_DESCRIPTORS = 16 };

struct server;

struct thread {
	pthread_t id;
	struct worker *worker;
	struct server *server;
};

struct server {
	struct options options;
	unsigned n_workers;
	int listeners[OPTIONS_WORKERS_MAX][LISTENER_MAX];
	struct worker *workers[OPTIONS_WORKERS_MAX];
	struct thread threads[OPTIONS_WORKERS_MAX];
	unsigned n_threads;
	atomic_uint n_running;
	pid_t announcer; /* 0 = none, or reaped */
};

static unsigned count_cpus(void)
{
	cpu_set_t cpus;
	int n;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return 1;
	n = CPU_COUNT(&cpus);
	return n > OPTIONS_WORKERS_MAX ? OPTIONS_WORKERS_MAX : (unsigned)n;
}

static const char *reason(int error)
{
	switch (error) {
	case -EADDRINUSE:
		return "the port is in use";
	case -EADDRNOTAVAIL:
		return "this machine does not have the address";
	case -EACCES:
		return "not permitted (ports below 1024 need privileges)";
	case -EAFNOSUPPORT:
		return "this machine has no IPv6";
	default:
		return strerror(-error);
	}
}

static void close_listeners(struct server *server)
{
	unsigned worker;
	size_t i;

	for (worker = 0; worker < server->n_workers; worker++)
		for (i = 0; i < server->options.n_addresses; i++)
			if (server->listeners[worker][i] >= 0)
				close(server->listeners[worker][i]);
}

/* '*:0' is one port for both families: the second takes the one the system gave the first. */
static void share_port(struct server *server, size_t i)
{
	struct listener_address *address = &server->options.addresses[i];

	if (address->may_lack && i != 0 && listener_port(address) == 0)
		address->socket.v6.sin6_port = htons(listener_port(address - 1));
}

static void drop_address(struct server *server, size_t i)
{
	struct options *options = &server->options;

	options->n_addresses--;
	memmove(&options->addresses[i], &options->addresses[i + 1],
		(options->n_addresses - i) * sizeof(options->addresses[0]));
}

/* Opens one address for every worker. Returns 0 or -errno. */
static int open_address(struct server *server, size_t i)
{
	unsigned worker;

	for (worker = 0; worker < server->n_workers; worker++) {
		int fd = listener_open(&server->options.addresses[i], worker == 0);

		if (fd < 0)
			return fd;
		server->listeners[worker][i] = fd;
	}
	return 0;
}

/* Says in one line why the address cannot be had. */
static void complain(const struct listener_address *address, int error)
{
	char text[LISTENER_TEXT_MAX], holder[ANNOUNCE_HOLDER_MAX];

	listener_format(address, text);
	if (error == -EADDRINUSE && announce_holder(address, holder))
		fprintf(stderr, "muxd: cannot listen on %s: %s by %s\n", text, reason(error),
			holder);
	else
		fprintf(stderr, "muxd: cannot listen on %s: %s\n", text, reason(error));
}

/* Returns 0, or -1 after saying what is wrong. */
static int open_listeners(struct server *server)
{
	struct options *options = &server->options;
	size_t i = 0;

	memset(server->listeners, -1, sizeof(server->listeners));
	while (i < options->n_addresses) {
		int error;

		share_port(server, i);
		error = open_address(server, i);
		if (error == -EAFNOSUPPORT && options->addresses[i].may_lack) {
			fprintf(stderr, "muxd: this machine has no IPv6: serving IPv4 only\n");
			drop_address(server, i);
			continue;
		}
		if (error != 0) {
			complain(&options->addresses[i], error);
			close_listeners(server);
			return -1;
		}
		i++;
	}
	return 0;
}

/* Takes as many descriptors as we may have; returns how many connections there may be at once. */
static unsigned count_connections(const struct server *server)
{
	size_t others = SPARE_DESCRIPTORS + server->n_workers * (server->options.n_addresses + 2);
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

/* Returns 0, or -1 after saying what is wrong. Takes the listeners over in any case. */
static int make_workers(struct server *server)
{
	unsigned n = server->n_workers, i;
	uint32_t slots = (count_connections(server) + n - 1) / n;
	int error = 0;

	for (i = 0; i < n; i++) {
		int one = worker_new(&server->options, slots, server->listeners[i],
				     server->options.n_addresses, &server->workers[i]);

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

/* Returns 0, or -1 after saying what is wrong; some may run then. */
static int start_threads(struct server *server)
{
	pthread_attr_t attributes;
	int error = pthread_attr_init(&attributes);

	if (error == 0)
		error = pthread_attr_setstacksize(&attributes, STACK_SIZE);
	while (error == 0 && server->n_threads < server->n_workers)
		error = start_thread(server, &attributes);
	pthread_attr_destroy(&attributes);
	if (error != 0)
		fprintf(stderr, "muxd: cannot start a worker: %s\n", strerror(error));
	return error == 0 ? 0 : -1;
}

static void drain(struct server *server)
{
	unsigned i;

	for (i = 0; i < server->n_workers; i++)
		worker_drain(server->workers[i]);
}

/* The announcer is not waited for: it is told to go when it is still there at the end. */
static void reap(struct server *server, bool end)
{
	if (server->announcer <= 0)
		return;
	if (end)
		kill(server->announcer, SIGKILL);
	if (waitpid(server->announcer, NULL, end ? 0 : WNOHANG) == server->announcer)
		server->announcer = 0;
}

/* Until all workers have ended. Each SIGTERM or SIGINT is passed on: the second one hurries. */
static void wait_for_end(struct server *server, const sigset_t *signals)
{
	while (atomic_load(&server->n_running) != 0) {
		int signal = sigwaitinfo(signals, NULL);

		if (signal == SIGCHLD)
			reap(server, false);
		else if (signal == SIGTERM || signal == SIGINT)
			drain(server);
	}
}

static void print_addresses(const struct server *server)
{
	const struct options *options = &server->options;
	char text[LISTENER_TEXT_MAX];
	size_t i;

	for (i = 0; i < options->n_addresses; i++)
		printf("muxd: listening on %s\n", listener_format(&options->addresses[i], text));
	fflush(stdout);
}

/* What the kernel cuts our backlog to; a burst beyond it is met with silence. */
static void warn_of_somaxconn(void)
{
	FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
	char line[32] = "";
	long somaxconn = LISTENER_BACKLOG;

	if (file == NULL)
		return;
	if (fgets(line, sizeof(line), file) != NULL)
		somaxconn = strtol(line, NULL, 10);
	fclose(file);
	if (somaxconn < LISTENER_BACKLOG)
		fprintf(stderr,
			"muxd: warning: net.core.somaxconn cuts the accept queue to %ld (of %d)\n",
			somaxconn, LISTENER_BACKLOG);
}

/* Serves until told to end. Returns the exit status. */
static int serve(struct server *server, const sigset_t *signals)
{
	int error = make_workers(server);
	unsigned i;

	if (error == 0) {
		print_addresses(server);
		warn_of_somaxconn();
		if (!server->options.quiet)
			server->announcer = announce_start(server->options.addresses,
							   server->options.n_addresses);
		error = start_threads(server);
		if (error != 0) {
			drain(server);
			drain(server);
		}
		wait_for_end(server, signals);
	}
	reap(server, true);
	for (i = 0; i < server->n_threads; i++)
		pthread_join(server->threads[i].id, NULL);
	for (i = 0; i < server->n_workers; i++)
		worker_free(server->workers[i]);
	return error == 0 ? 0 : EXIT_CANNOT;
}

/* Blocked in every thread and taken one by one with sigwaitinfo(2). */
static void block_signals(sigset_t *ret_signals)
{
	sigemptyset(ret_signals);
	sigaddset(ret_signals, SIGTERM);
	sigaddset(ret_signals, SIGINT);
	sigaddset(ret_signals, SIGCHLD);
	sigaddset(ret_signals, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* If it was inherited as ignored, children would vanish before they are reaped. */
	signal(SIGCHLD, SIG_DFL);
}

int main(int argc, char *argv[])
{
	static struct server server;
	char error[OPTIONS_ERROR_MAX];
	sigset_t signals;

	if (options_parse(argc, argv, &server.options, error) != 0) {
		fprintf(stderr, "%s\n", error);
		return EXIT_BAD_USAGE;
	}
	if (server.options.action == OPTIONS_HELP) {
		fputs(options_help, stdout);
		return 0;
	}
	if (server.options.action == OPTIONS_VERSION) {
		puts("muxd " MUX_VERSION);
		return 0;
	}
	server.n_workers = server.options.workers != 0 ? server.options.workers : count_cpus();
	block_signals(&signals);
	if (open_listeners(&server) != 0)
		return EXIT_CANNOT;
	return serve(&server, &signals);
}
