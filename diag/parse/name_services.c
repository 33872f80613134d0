/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/record.h"
#include "parse/parse.h"

int parse_name_services(struct mux_slice bytes, struct arena *arena, struct mux_nss_modules *ret)
{
	struct arena_list modules = {.size = sizeof(struct mux_nss_module)};
	struct mux_slice line;
	int64_t value;

	while (record_next(&bytes, &line)) {
		struct mux_nss_module module = {0}, *item;

		if (record_number(line, "nscd", &value) == 0)
			ret->nscd |= value != 0;
		if (record_text(line, "service", arena, &module.service) != 0 ||
		    record_number(line, "found", &value) != 0)
			continue;
		module.found = value != 0;
		item = arena_list_add(arena, &modules);
		if (item != NULL)
			*item = module;
	}
	ret->list = modules.items;
	ret->n = modules.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
