/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets by name and elements by key: a cluster's ruleset has thousands of both, and a lookup in
 * every other rule. */
#include "netfilter/sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/slice.h"
#include "netfilter/machine.h"

static int compare_slices(struct mux_slice a, struct mux_slice b)
{
	if (a.len != b.len)
		return a.len < b.len ? -1 : 1;
	return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

static int compare_sets(const void *a, const void *b)
{
	const struct mux_nft_set *first = *(const struct mux_nft_set *const *)a;
	const struct mux_nft_set *second = *(const struct mux_nft_set *const *)b;
	int order = (first->family > second->family) - (first->family < second->family);

	if (order == 0)
		order = compare_slices(first->name, second->name);
	return order != 0 ? order : compare_slices(first->table, second->table);
}

static int compare_elements(const void *a, const void *b)
{
	const struct mux_nft_element *first = *(const struct mux_nft_element *const *)a;
	const struct mux_nft_element *second = *(const struct mux_nft_element *const *)b;
	int order = compare_slices(first->key, second->key);

	if (order == 0)
		order = compare_slices(first->set, second->set);
	if (order == 0)
		order = (first->family > second->family) - (first->family < second->family);
	return order != 0 ? order : compare_slices(first->table, second->table);
}

int nf_sets_build(const struct mux_nftables *nftables, struct arena *arena,
		  struct nf_ruleset *ruleset)
{
	size_t i, n_sets = nftables->n_sets, n_elements = nftables->n_elements;

	ruleset->sets = arena_array(arena, n_sets, sizeof(ruleset->sets[0]));
	ruleset->elements = arena_array(arena, n_elements, sizeof(ruleset->elements[0]));
	if (ruleset->sets == NULL || ruleset->elements == NULL)
		return -ENOMEM;
	for (i = 0; i < n_sets; i++)
		ruleset->sets[i] = &nftables->sets[i];
	for (i = 0; i < n_elements; i++)
		ruleset->elements[i] = &nftables->elements[i];
	ruleset->n_sets = n_sets;
	ruleset->n_elements = n_elements;
	qsort(ruleset->sets, n_sets, sizeof(ruleset->sets[0]), compare_sets);
	qsort(ruleset->elements, n_elements, sizeof(ruleset->elements[0]), compare_elements);
	return 0;
}

const struct mux_nft_set *nf_set_find(const struct nf_machine *machine, struct mux_slice name)
{
	const struct nf_ruleset *ruleset = machine->ruleset;
	const struct mux_nft_set wanted = {
		.family = machine->place.family, .table = machine->place.table, .name = name};
	const struct mux_nft_set *key = &wanted, **found;

	found = bsearch(&key, ruleset->sets, ruleset->n_sets, sizeof(ruleset->sets[0]),
			compare_sets);
	return found == NULL ? NULL : *found;
}

const struct mux_nft_element *nf_element_find(struct nf_machine *machine, struct mux_slice set,
					      struct mux_slice key)
{
	const struct nf_ruleset *ruleset = machine->ruleset;
	const struct mux_nft_element wanted = {.family = machine->place.family,
					       .table = machine->place.table,
					       .set = set,
					       .key = key};
	const struct mux_nft_element *wanted_key = &wanted, **found;

	found = bsearch(&wanted_key, ruleset->elements, ruleset->n_elements,
			sizeof(ruleset->elements[0]), compare_elements);
	if (found != NULL && (*found)->source.presence != MUX_NOT_ASKED)
		return *found;
	if (ruleset->needs != NULL)
		needs_add_element(ruleset->needs, machine->arena,
				  &(struct need_element){wanted.family, wanted.table, set, key});
	return NULL;
}
