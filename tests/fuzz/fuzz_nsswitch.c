/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fuzz.h"

#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_nsswitch nsswitch = {.source = {.presence = MUX_PRESENT}};
	struct mux_slice bytes = fuzz_slice(data, size);
	struct arena *arena = arena_new();
	size_t i;

	if (arena != NULL && parse_nsswitch(bytes, arena, &nsswitch) == 0) {
		fuzz_check(nsswitch.source.presence == MUX_PRESENT || nsswitch.n_services == 0);
		fuzz_check(nsswitch.line != 0 || nsswitch.n_services == 2);
		for (i = 0; i < nsswitch.n_services; i++)
			fuzz_check(nsswitch.line == 0 ||
				   fuzz_is_inside(nsswitch.services[i].name, nsswitch.text));
		fuzz_touch(nsswitch.text);
	}
	arena_free(arena);
	return 0;
}
