/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The whole server: its workers and their threads. */
#ifndef MUXD_SERVER_H
#define MUXD_SERVER_H

#include "sockets.h"
#include "watchdog.h"
#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <sys/types.h>

struct server;

struct thread {
	pthread_t id;
	struct worker *worker;
	struct server *server;
};

struct server {
	struct options options;
	struct routes routes;
	struct sockets sockets;
	struct fleet fleet;
	struct worker *workers[OPTIONS_WORKERS_MAX];
	struct thread threads[OPTIONS_WORKERS_MAX];
	unsigned n_threads;
	atomic_uint n_running;
	enum order order;
	bool restart;	  /* SIGHUP came: when the workers have stopped */
	pid_t announcer;  /* 0 = none, or reaped */
	int check_status; /* what the announcer ended with */
	struct watchdog watchdog;
	sigset_t signals; /* taken one by one with sigwaitinfo(2), blocked everywhere */
};

/* Makes the workers. Returns 0, or -1 after saying what is wrong. Takes the sockets over. */
int server_make_workers(struct server *server);

/* Starts the workers' threads. Returns 0, or -1 after saying what is wrong; some may run then. */
int server_start_threads(struct server *server);

/*
 * Takes signals until all threads have ended; joins them. SIGTERM and SIGINT drain, the second one
 * ends at once; SIGHUP sets server->restart and stops; the end of the announcer is noted, and
 * drains when it was all there was to do (OPTIONS_CHECK). Meanwhile the service manager hears that
 * all workers still turn, when it asks for that.
 */
void server_wait(struct server *server);

/* Gives an order to all workers; orders only go up. */
void server_order(struct server *server, enum order order);

/* Frees the workers. */
void server_free_workers(struct server *server);

/* Ends the announcer if it still runs, and takes what children have left. */
void server_reap(struct server *server, bool end);

#endif
