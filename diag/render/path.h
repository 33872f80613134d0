/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Answers about paths → bytes, pure. */
#ifndef MUX_RENDER_PATH_H
#define MUX_RENDER_PATH_H

#include <muxdiag/path.h>

#include "base/str.h"

/* What the renderers of paths are given. */
struct path_page {
	const struct mux_paths *paths;
	const char *target;
	const struct mux_render_options *options;
	struct arena *arena;
};

/* Each renders all of it into a malloc'ed, NUL-terminated buffer; 0 or -ENOMEM. */
int path_text(const struct path_page *page, char **ret_text, size_t *ret_len);
int path_json(const struct path_page *page, char **ret_text, size_t *ret_len);
int path_svg(const struct path_page *page, char **ret_text, size_t *ret_len);

/* Words of the enums, as all formats spell them: "accept", "drop", …; "connected", …, and the name
 * of an errno. */
const char *path_verdict_word(enum mux_path_verdict verdict);
const char *path_result_word(const struct mux_path *path);
const char *path_protocol_word(uint8_t protocol);

/* Appends the address, in [] for IPv6 where a port follows. */
void path_add_endpoint(struct str *str, const struct mux_path_question *question);

/* Appends one sentence: what happens to the question's packets, and what a client sees of it. */
void path_add_summary(struct str *str, const struct mux_path *path);

/* Does the step matter to somebody who asks what became of the packets? */
bool path_step_matters(const struct mux_path_step *step);

#endif
