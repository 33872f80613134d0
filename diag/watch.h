/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag check` again and again: while the machine changes, or until the target works. */
#ifndef MUX_WATCH_H
#define MUX_WATCH_H

#include "options.h"

/* Prints the answer, and then every change of it with what changed on the machine, until it is
 * ended by a signal. Returns an exit status only when something goes wrong. */
int watch_changes(const struct options *options);

/* Waits until the target works, at most options->deadline_s. Returns 0 when it does, else the exit
 * status of the last check. */
int watch_until(const struct options *options);

#endif
