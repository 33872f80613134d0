/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The same thing is said in the same words everywhere. All return text in the arena, never NULL. */
#ifndef MUX_CAUSES_WORDS_H
#define MUX_CAUSES_WORDS_H

#include <muxdiag/muxdiag.h>

#include "base/arena.h"

/* "EACCES: Permission denied", whatever the locale. */
const char *words_error(struct arena *arena, int error);

/* "0.1 ms", "300 ms" */
const char *words_duration(struct arena *arena, int64_t elapsed_us);

/* How a probe ended: "connected after 0.1 ms", "no answer for 300 ms", "ECONNREFUSED: … after …".
 */
const char *words_probe(struct arena *arena, const struct mux_probe *probe);

/* "127.0.0.1", "::1" */
const char *words_address(struct arena *arena, const struct mux_address *address);

/* "127.0.0.1:8000", "[::1]:8000", or without a port as words_address(). */
const char *words_endpoint(struct arena *arena, const struct mux_address *address, uint16_t port);

/* "localhost:8000", "[::1]:8000", escaped */
const char *words_target(struct arena *arena, const struct mux_target *target);

#endif
