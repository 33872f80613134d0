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

static size_t hash_bytes(size_t value, struct mux_slice bytes)
{
	size_t i;

	for (i = 0; i < bytes.len; i++)
		value = value * 31 + (uint8_t)bytes.data[i];
	return value;
}

static bool same_element(const struct need_element *a, const struct need_element *b)
{
	return a->family == b->family && slice_equal(a->key, b->key) &&
	       slice_equal(a->set, b->set) && slice_equal(a->table, b->table);
}

/* Returns the slot of the element, or the free one where it belongs. */
static size_t *find_slot(const struct needs *needs, const struct need_element *element)
{
	const struct need_element *items = needs->elements.items;
	size_t at = hash_bytes(hash_bytes(element->family, element->set), element->key);

	for (at &= needs->n_slots - 1; needs->slots[at] != 0; at = (at + 1) & (needs->n_slots - 1))
		if (same_element(&items[needs->slots[at] - 1], element))
			break;
	return &needs->slots[at];
}

static int grow(struct needs *needs, struct arena *arena)
{
	const struct need_element *items = needs->elements.items;
	size_t i, n_slots = needs->n_slots == 0 ? 64 : needs->n_slots * 4;
	size_t *slots = arena_array(arena, n_slots, sizeof(*slots));

	if (slots == NULL)
		return -ENOMEM;
	needs->slots = slots;
	needs->n_slots = n_slots;
	for (i = 0; i < needs->elements.n; i++)
		*find_slot(needs, &items[i]) = i + 1;
	return 0;
}

int needs_add_element(struct needs *needs, struct arena *arena, const struct need_element *element)
{
	struct need_element *item;
	size_t *slot;

	if (needs->elements.n * 2 >= needs->n_slots && grow(needs, arena) != 0)
		return -ENOMEM;
	slot = find_slot(needs, element);
	if (*slot != 0)
		return 0;
	item = arena_list_add(arena, &needs->elements);
	if (item == NULL)
		return -ENOMEM;
	*item = *element;
	*slot = needs->elements.n;
	item->key.data = arena_copy(arena, element->key.data, element->key.len);
	return item->key.data == NULL ? -ENOMEM : 0;
}
