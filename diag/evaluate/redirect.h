/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that send a connection on to another address or port choose another listener. */
#ifndef MUX_EVALUATE_REDIRECT_H
#define MUX_EVALUATE_REDIRECT_H

#include "evaluate/walk.h"

/* Fills candidate->listen for where the walk was sent on to, with the rule that did it. Returns 0
 * or -ENOMEM. */
int ev_redirect_run(const struct walk *walk, struct ev_candidate *candidate);

#endif
