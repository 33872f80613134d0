/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/record.h"
#include "parse/parse.h"

static uint32_t number_of(struct mux_slice line, const char *key)
{
	int64_t value;

	if (record_number(line, key, &value) != 0 || value < 0 || value > UINT32_MAX)
		return 0;
	return (uint32_t)value;
}

int parse_permissions(struct mux_slice bytes, struct arena *arena, struct mux_permissions *ret)
{
	struct arena_list files = {.size = sizeof(struct mux_permission)};
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_permission file = {
			.mode = number_of(line, "mode"),
			.uid = number_of(line, "uid"),
			.gid = number_of(line, "gid"),
		};
		struct mux_permission *item;

		if (record_text(line, "path", arena, &file.path) != 0)
			continue;
		record_text(line, "link", arena, &file.link);
		item = arena_list_add(arena, &files);
		if (item != NULL)
			*item = file;
	}
	ret->files = files.items;
	ret->n_files = files.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
