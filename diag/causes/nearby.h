/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listens instead, where nobody listens on the port that is asked for. */
#ifndef MUX_CAUSES_NEARBY_H
#define MUX_CAUSES_NEARBY_H

#include "causes/cause.h"

/* Adds what may have been meant as evidence, the likeliest first, and a fix that names it; adds
 * nothing where it was not looked for. */
void nearby_add(struct findings *findings, struct cause_finding *finding);

/* A database whose port may be missing while it has a socket under a path. */
struct nearby_database {
	uint16_t port;
	const char *name;
	const char *path_end; /* of the socket's path */
	const char *client;  /* how its client is told to use the socket, up to the path; or NULL */
	bool directory;	     /* it wants to know the folder of the socket only */
	const char *by_port; /* what makes it listen on its port: the title of a fix */
};

/* Returns the database whose port is asked for and whose socket is there, or NULL. */
const struct nearby_database *nearby_database(const struct evaluation *evaluation);

/* Returns the socket under a path of the database whose port is asked for, or NULL. */
const struct mux_unix_socket *nearby_unix(const struct evaluation *evaluation);

/* Returns a socket that has the port and is connected to itself, or NULL. */
const struct mux_listener *nearby_self(const struct evaluation *evaluation);

/* Is there such a socket, or was our own probe one? */
bool nearby_meets_itself(const struct evaluation *evaluation);

#endif
