/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of our URLs will work from here: asked of libmuxdiag, said at start. */
#ifndef MUXD_ANNOUNCE_H
#define MUXD_ANNOUNCE_H

#include "listener.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { ANNOUNCE_HOLDER_MAX = 64 };

/*
 * Starts a child process that looks at the machine, prints the URLs that will work (host name
 * first) and a warning for each that will not, and ends; within about a second. Its exit status is
 * 0 when some URL of each address works. The sockets must
 * be listening, and the process must have one thread. Returns the child's pid, which the caller
 * reaps, or -errno.
 */
pid_t announce_start(const struct listener_address *addresses, size_t n);

/*
 * Finds out who listens on the address's port, for the message that it is taken. Writes a program
 * name and pid such as "nginx (pid 123)" into text, without control bytes, and returns true; or
 * returns false when it is not readable. Takes up to a second.
 */
bool announce_holder(const struct listener_address *address, char text[static ANNOUNCE_HOLDER_MAX]);

#endif
