/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The side of a probe that people see: what connecting, or asking, ends in. */
#ifndef ORACLE_CLIENT_H
#define ORACLE_CLIENT_H

#include "oracle.h"

enum { CLIENT_PENDING = 0, CLIENT_CONNECTED = -1 }; /* an errno otherwise */

struct client {
	const struct probe *probe;
	int fd;
	int outcome; /* CLIENT_*, or the errno that the program would get */
	bool sent;   /* the first data, or the query */
};

/* Sends the SYN, the query or the echo request from the loopback address to itself. Returns 0, or
 * -errno if there is no such socket; what the network says is the outcome. */
int client_start(struct client *client, const struct probe *probe, struct failure *failure);

/* Looks whether there is an outcome; once connected, sends the first data. */
void client_look(struct client *client);

void client_close(struct client *client);

#endif
