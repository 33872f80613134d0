/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "parse/parse.h"
#include "parse/text.h"

/* As __res_hostalias() of glibc reads it: the alias begins its line. */
int parse_host_aliases(struct mux_slice bytes, struct arena *arena, struct mux_host_aliases *ret)
{
	struct arena_list aliases = {.size = sizeof(struct mux_host_alias)};
	struct text_lines lines;
	struct mux_slice line;

	text_begin(&lines, bytes);
	while (text_next_line(&lines, &line)) {
		struct mux_host_alias alias = {.line = lines.line}, *item;

		if (line.len == 0 || text_is_space(line.data[0]))
			continue;
		text_next_word(&line, &alias.name);
		text_next_word(&line, &alias.target);
		item = arena_list_add(arena, &aliases);
		if (item != NULL)
			*item = alias;
	}
	ret->list = aliases.items;
	ret->n = aliases.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
