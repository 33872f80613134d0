/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/need.h"

#include <errno.h>

#include "base/slice.h"

void needs_init(struct needs *needs)
{
	*needs = (struct needs){.chains = {.size = sizeof(struct need_chain)},
				.elements = {.size = sizeof(struct need_element)}};
}

int needs_add_chain(struct needs *needs, struct arena *arena, const struct need_chain *chain)
{
	const struct need_chain *items = needs->chains.items;
	struct need_chain *item;
	size_t i;

	for (i = 0; i < needs->chains.n; i++)
		if (items[i].family == chain->family && slice_equal(items[i].table, chain->table) &&
		    slice_equal(items[i].chain, chain->chain))
			return 0;
	item = arena_list_add(arena, &needs->chains);
	if (item == NULL)
		return -ENOMEM;
	*item = *chain;
	return 0;
}

int needs_add_element(struct needs *needs, struct arena *arena, const struct need_element *element)
{
	const struct need_element *items = needs->elements.items;
	struct need_element *item;
	size_t i;

	for (i = 0; i < needs->elements.n; i++)
		if (items[i].family == element->family &&
		    slice_equal(items[i].table, element->table) &&
		    slice_equal(items[i].set, element->set) &&
		    slice_equal(items[i].key, element->key))
			return 0;
	item = arena_list_add(arena, &needs->elements);
	if (item == NULL)
		return -ENOMEM;
	*item = *element;
	item->key.data = arena_copy(arena, element->key.data, element->key.len);
	return item->key.data == NULL ? -ENOMEM : 0;
}
