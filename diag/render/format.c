/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "render/render.h"

typedef int render_function(const struct mux_report *report,
			    const struct mux_render_options *options, char **ret_text,
			    size_t *ret_len);

static render_function *const formats[] = {
#define FORMAT(name) render_##name,
#include "render/formats.def"
#undef FORMAT
};

int mux_render(const struct mux_report *report, const struct mux_render_options *options,
	       char **ret_text, size_t *ret_len)
{
	size_t format = (size_t)options->format;

	if (format >= sizeof(formats) / sizeof(formats[0]))
		return -EINVAL;
	return formats[format](report, options, ret_text, ret_len);
}
