/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A preflight → bytes, pure; mux_preflight_render() picks the format. */
#ifndef MUX_RENDER_PREFLIGHT_H
#define MUX_RENDER_PREFLIGHT_H

#include <muxdiag/preflight.h>

/* As render_json(). */
int render_preflight_json(const struct mux_preflight *preflight, char **ret_text, size_t *ret_len);

/* Returns the word for it, as formats spell it; "unknown" for a number that is none. */
const char *render_fitness(enum mux_fitness fitness);

#endif
