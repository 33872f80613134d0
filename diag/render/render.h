/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Report → bytes, pure. formats.def lists the formats; mux_render() in format.c picks one. */
#ifndef MUX_RENDER_RENDER_H
#define MUX_RENDER_RENDER_H

#include <muxdiag/muxdiag.h>

#include "base/str.h"

/* Each renders the whole report into a malloc'ed, NUL-terminated buffer; 0 or -ENOMEM. */
int render_text(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len);
int render_json(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len);
int render_html(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len);
int render_prometheus(const struct mux_report *report, const struct mux_render_options *options,
		      char **ret_text, size_t *ret_len);

/* Appends the text to *text; running out of memory is remembered by its arena. render_text() is
 * this with an arena of its own. */
void render_page(const struct mux_report *report, const struct mux_render_options *options,
		 struct str *text);

/*
 * Appends text of a report. It is escaped already; this is the belt beside the braces: what a
 * terminal must not see is escaped even if an earlier stage let it through, and an escape that is
 * there stays as it is. NULL is an empty text.
 */
void render_add(struct str *str, const char *text);

/* Returns the words of the report's enums, as formats spell them: "yes", "critical", "warning",
 * "output". A number that is none gives "unknown". */
const char *render_answer(enum mux_answer answer);
const char *render_severity(enum mux_severity severity);
const char *render_status(enum mux_status status);
const char *render_stage(enum mux_stage stage);

#endif
