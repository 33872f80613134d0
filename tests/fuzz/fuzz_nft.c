/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "parse/parse.h"

static void touch_rules(const struct mux_nftables *nftables)
{
	size_t i, j;

	for (i = 0; i < nftables->n_rules; i++) {
		const struct mux_nft_chain_rules *chain = &nftables->rules[i];

		fuzz_touch(chain->table);
		fuzz_touch(chain->chain);
		for (j = 0; j < chain->n_rules; j++) {
			fuzz_touch(chain->rules[j].expressions);
			fuzz_touch(chain->rules[j].user_data);
		}
	}
}

static void touch_elements(const struct mux_nftables *nftables)
{
	size_t i;

	for (i = 0; i < nftables->n_elements; i++) {
		const struct mux_nft_element *element = &nftables->elements[i];

		fuzz_touch(element->key);
		fuzz_touch(element->data);
		fuzz_touch(element->object);
		fuzz_touch(element->expression);
		fuzz_touch(element->expressions);
	}
}

static void touch_chains(const struct mux_nftables *nftables)
{
	size_t i;

	for (i = 0; i < nftables->n_chains; i++) {
		fuzz_touch(nftables->chains[i].table);
		fuzz_touch(nftables->chains[i].name);
		fuzz_touch(nftables->chains[i].type);
		fuzz_touch(nftables->chains[i].device);
		fuzz_check(nftables->chains[i].base || nftables->chains[i].type.len == 0);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"nft/generation",
		"nft/tables",
		"nft/chains",
		"nft/sets",
		"nft/objects",
		"nft/generation-after",
		"nft/rules/1/t/out",
		"nft/rules/10/filter/INPUT",
		"nft/elements/1/t/s/1f40",
	};
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	struct arena *arena = arena_new();
	struct mux_nftables nftables;
	size_t i;

	if (bundle != NULL && arena != NULL && parse_nftables(bundle, arena, &nftables) == 0) {
		for (i = 0; i < nftables.n_tables; i++)
			fuzz_touch(nftables.tables[i].name);
		for (i = 0; i < nftables.n_sets; i++)
			fuzz_touch(nftables.sets[i].name);
		for (i = 0; i < nftables.n_objects; i++)
			fuzz_touch(nftables.objects[i].name);
		touch_chains(&nftables);
		touch_rules(&nftables);
		touch_elements(&nftables);
	}
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
