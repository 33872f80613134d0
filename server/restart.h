/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SIGHUP: the program starts anew, under the same pid and on the same sockets, so that no
 * newcomer is turned away; a child finishes what was under way.
 */
#ifndef MUXD_RESTART_H
#define MUXD_RESTART_H

#include "server.h"

/* Notes which program to start. To be called early: it may be replaced while it runs. */
void restart_init(char *const argv[]);

/* Can the program still be started? Says so when not. */
bool restart_is_possible(void);

/*
 * With all workers stopped: forks the child that drains them, and becomes the new program. Returns
 * only when that fails, after saying why, with the exit status; in the child, when it has drained.
 */
int restart_run(struct server *server);

#endif
