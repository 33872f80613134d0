/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * muxd: all sockets, then all workers, then their threads, then signals until the end. What fails
 * ends the program with one line before anybody is served.
 */
#include "announce.h"
#include "check.h"
#include "notify.h"
#include "restart.h"
#include "server.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { EXIT_CANNOT = 1, EXIT_BAD_USAGE = 64 };

static unsigned count_cpus(void)
{
	cpu_set_t cpus;
	int n;

	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		return 1;
	n = CPU_COUNT(&cpus);
	return n > OPTIONS_WORKERS_MAX ? OPTIONS_WORKERS_MAX : (unsigned)n;
}

static void print_addresses(const struct sockets *sockets)
{
	char text[LISTENER_TEXT_MAX];
	size_t i;

	for (i = 0; i < sockets->n_addresses; i++)
		printf("muxd: listening on %s\n", listener_format(&sockets->addresses[i], text));
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

/* Blocked in every thread and taken one by one with sigwaitinfo(2). */
static void block_signals(sigset_t *ret_signals)
{
	static const int taken[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1};
	size_t i;

	sigemptyset(ret_signals);
	for (i = 0; i < sizeof(taken) / sizeof(taken[0]); i++)
		sigaddset(ret_signals, taken[i]);
	pthread_sigmask(SIG_BLOCK, ret_signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* If it was inherited as ignored, children would vanish before they are reaped. */
	signal(SIGCHLD, SIG_DFL);
}

/* Content of /healthz: who answers, so that a muxd can be told from what stands in its place. */
static int name_instance(struct routes *routes)
{
	uint64_t random;

	if (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
		fprintf(stderr, "muxd: cannot start: getrandom: %s\n", strerror(errno));
		return -1;
	}
	snprintf(routes->instance, sizeof(routes->instance), "muxd/%s %ld-%016llx\n", MUX_VERSION,
		 (long)getpid(), (unsigned long long)random);
	return 0;
}

/* Content of /check: for browsers, which do not know what this host is called. */
static int make_check_page(struct routes *routes)
{
	char host[HOST_NAME_MAX + 1] = "";

	/* Without a name the page leaves it out. A name too long for us is cut. */
	if (gethostname(host, sizeof(host) - 1) != 0)
		host[0] = '\0';
	routes->check = check_page_new(host);
	if (routes->check != NULL)
		return 0;
	fprintf(stderr, "muxd: cannot start: %s\n", strerror(ENOMEM));
	return -1;
}

/* Returns 0 with the descriptor or -1 for none, or -1 after saying what is wrong. */
static int open_log(const char *path, int *ret_fd)
{
	*ret_fd = -1;
	if (path == NULL)
		return 0;
	*ret_fd = strcmp(path, "-") == 0
			  ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
			  : open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOCTTY, 0640);
	if (*ret_fd >= 0)
		return 0;
	fprintf(stderr, "muxd: cannot write the access log: %s\n", strerror(errno));
	return -1;
}

/* Returns 0, or -1 after saying what is wrong. */
static int prepare(struct server *server)
{
	struct options *options = &server->options;
	unsigned n_workers = options->workers != 0 ? options->workers : count_cpus();
	int log_fd;

	block_signals(&server->signals);
	server->routes.seed = options->seed;
	/* The sockets first: inherited ones lie where the next descriptors would. */
	if (sockets_open(options, n_workers, &server->sockets) != 0 ||
	    name_instance(&server->routes) != 0 || make_check_page(&server->routes) != 0 ||
	    open_log(options->access_log, &log_fd) != 0)
		return -1;
	server->fleet = (struct fleet){
		.options = options,
		.routes = &server->routes,
		.log_fd = log_fd,
		.addresses = server->sockets.addresses,
		.n_addresses = server->sockets.n_addresses,
		.workers = server->workers,
		.n = server->sockets.n_workers,
	};
	return server_make_workers(server);
}

/* Says what is served where; not again after a restart, when nothing has changed. */
static void announce(struct server *server)
{
	const struct sockets *sockets = &server->sockets;

	if (sockets->restarted)
		return;
	warn_of_somaxconn();
	print_addresses(sockets);
	if (!server->options.quiet || server->options.action == OPTIONS_CHECK)
		server->announcer = announce_start(sockets->addresses, sockets->n_addresses);
}

/* Serves until told to end. Returns the exit status. */
static int serve(struct server *server)
{
	int error = server_start_threads(server);

	if (error != 0)
		server_order(server, ORDER_END);
	else
		notify_ready();
	server_wait(server);
	if (server->restart)
		return restart_run(server);
	server_reap(server, true);
	server_free_workers(server);
	free(server->routes.check);
	sockets_unlink(&server->sockets);
	if (server->options.action == OPTIONS_CHECK)
		return server->check_status == 0 ? 0 : EXIT_CANNOT;
	return error == 0 ? 0 : EXIT_CANNOT;
}

int main(int argc, char *argv[])
{
	static struct server server;
	char error[OPTIONS_ERROR_MAX];

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
	restart_init(argv);
	if (prepare(&server) != 0)
		return EXIT_CANNOT;
	announce(&server);
	return serve(&server);
}
