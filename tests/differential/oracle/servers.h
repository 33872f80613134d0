/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The listeners that probes meet: TCP accepts, UDP answers what it gets. */
#ifndef ORACLE_SERVERS_H
#define ORACLE_SERVERS_H

#include <stddef.h>

#include "oracle.h"

enum { SERVERS_MAX = 64 };

struct server {
	int family, protocol, fd; /* fd -1 = not open */
	uint16_t port;
	unsigned uid; /* who listens */
};

struct servers {
	struct server list[SERVERS_MAX];
	unsigned n;
	int accepted[SERVERS_MAX]; /* connections of the present probe */
	unsigned n_accepted;
	bool got_data;
};

/* Opens one more, on all addresses of its family. Returns 0 or -errno. */
int servers_add(struct servers *servers, const struct server *server, struct failure *failure);

/* Opens all again in the present namespace. Returns 0 or -errno. */
int servers_reopen(struct servers *servers, struct failure *failure);

/* Does what there is to do now for clients of that family and protocol. */
void servers_serve(struct servers *servers, int family, int protocol);

/* Ends all connections at once, leaving no TIME_WAIT. */
void servers_hang_up(struct servers *servers);

/* Closes everything. */
void servers_close(struct servers *servers);

/* Closes a socket; TCP with a reset. */
void close_at_once(int fd);

#endif
