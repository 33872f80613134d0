/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Report → bytes, pure. formats.def lists the formats; mux_render() in format.c picks one. */
#ifndef MUX_RENDER_RENDER_H
#define MUX_RENDER_RENDER_H

#include <muxdiag/muxdiag.h>

/* Each renders the whole report into a malloc'ed, NUL-terminated buffer; 0 or -ENOMEM. */
int render_text(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len);
int render_json(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len);

#endif
