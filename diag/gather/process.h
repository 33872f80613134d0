/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which process holds a socket. */
#ifndef MUX_GATHER_PROCESS_H
#define MUX_GATHER_PROCESS_H

#include "base/bundle.h"

/*
 * Looks up the processes that hold the sockets of the "netlink/diag/" dumps and records them as
 * "processes". Walks /proc for a few milliseconds at most: who is not found by then, or belongs to
 * somebody else, stays unknown. Returns 0 or -ENOMEM.
 */
int gather_processes(struct mux_bundle *bundle);

#endif
