/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Report of a trace → bytes, pure; mux_trace_render() in trace.c picks the format. */
#ifndef MUX_RENDER_TRACE_H
#define MUX_RENDER_TRACE_H

#include <muxdiag/trace.h>

#include "base/str.h"

/* As render_text() and render_json(). */
int render_trace_text(const struct mux_trace_report *report,
		      const struct mux_render_options *options, char **ret_text, size_t *ret_len);
int render_trace_json(const struct mux_trace_report *report,
		      const struct mux_render_options *options, char **ret_text, size_t *ret_len);

/* Returns the word for the enum, as formats spell it; "unknown" for a number that is none. */
const char *render_fate(enum mux_fate fate);
const char *render_trace_status(enum mux_trace_status status);

#endif
