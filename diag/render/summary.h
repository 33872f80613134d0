/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MUX_RENDER_SUMMARY_H
#define MUX_RENDER_SUMMARY_H

#include <muxdiag/summary.h>

/* Renders into a malloc'ed, NUL-terminated buffer. Returns 0 or -ENOMEM. */
int render_summary_json(const struct mux_summary *summary, char **ret_text, size_t *ret_len);

#endif
