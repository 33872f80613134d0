/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The network namespace in which everything happens. */
#ifndef ORACLE_SPACE_H
#define ORACLE_SPACE_H

#include "oracle.h"

/* Moves the process into a user namespace of its own if it may not make network namespaces. Call
 * once, before anything else. Returns 0 or -errno. */
int space_prepare(struct failure *failure);

/* Moves the process into a new network namespace: lo up, no rules, no limits on ICMP errors.
 * Sockets made before stay in the old one. Returns 0 or -errno. */
int space_enter(struct failure *failure);

/* Forgets all that conntrack knows in this namespace. Returns 0 or -errno. */
int space_forget_flows(struct failure *failure);

/* Returns whether a legacy table was ever used in this namespace: it stays until the end. */
bool space_has_legacy(void);

/* Runs argv[0] found by PATH with those files (NULL = /dev/null) as stdin, stdout and stderr.
 * Returns its exit status, 128 + signal, or -errno. */
int space_run(char *const *argv, const char *in, const char *out, const char *err);

#endif
