/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "restart.h"

#include "loop.h"
#include "notify.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char program[PATH_MAX];
static char *const *arguments;

void restart_init(char *const argv[])
{
	ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);

	program[len < 0 ? 0 : len] = '\0';
	arguments = argv;
}

bool restart_is_possible(void)
{
	if (access(program, X_OK) == 0)
		return true;
	fprintf(stderr, "muxd: cannot restart %s: %s\n", program, strerror(errno));
	return false;
}

/* The child: another process has the port now, we have the connections. */
static int drain(struct server *server)
{
	unsigned i;

	unsetenv("NOTIFY_SOCKET"); /* what we do is not what the service does */
	server->restart = false;
	server->announcer = 0;
	server->order = ORDER_DRAIN;
	for (i = 0; i < server->fleet.n; i++)
		worker_leave_listeners(server->workers[i]);
	if (server_start_threads(server) == 0)
		server_wait(server);
	server_free_workers(server);
	return 0;
}

int restart_run(struct server *server)
{
	pid_t child;
	int error;

	notify_reloading();
	server_reap(server, true);
	fflush(stdout);
	child = fork();
	if (child == 0)
		return drain(server);
	/* Without the child the connections end with us; the sockets still are handed over. */
	if (child < 0)
		fprintf(stderr, "muxd: cannot finish what is under way: %s\n", strerror(errno));
	error = sockets_hand_over(&server->sockets);
	if (error == 0) {
		execv(program, arguments);
		error = -errno;
	}
	fprintf(stderr, "muxd: cannot restart %s: %s\n", program, strerror(-error));
	return 1;
}
