/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The helper processes of resolvers.h. */
#ifndef MUX_GATHER_HELPER_H
#define MUX_GATHER_HELPER_H

#include <stdnoreturn.h>

#include "gather/resolvers.h"

/* Asks every question to that resolver, writes the answers to fd, and ends the process. */
noreturn void helper_run(const struct resolvers *resolvers, enum mux_resolver resolver, int fd);

#endif
