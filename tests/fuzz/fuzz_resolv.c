/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolv.conf, and host.conf with the same bytes. */
#include "fuzz.h"

#include "parse/parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_resolv resolv = {.source = {.presence = MUX_PRESENT}};
	struct mux_host_conf host_conf = {0};
	struct mux_line_file file = {0};
	struct mux_slice bytes = fuzz_slice(data, size);
	struct arena *arena = arena_new();
	size_t i;

	if (arena != NULL && parse_resolv(bytes, arena, &resolv) == 0) {
		fuzz_check(resolv.n_nameservers != 0);
		for (i = 0; i < resolv.n_search; i++)
			fuzz_check(fuzz_is_inside(resolv.search[i], bytes));
		for (i = 0; i < resolv.n_options; i++)
			fuzz_check(fuzz_is_inside(resolv.options[i], bytes));
	}
	parse_host_conf(bytes, &host_conf);
	fuzz_check(!host_conf.multi || host_conf.multi_line != 0);
	parse_line_file(bytes, &file);
	fuzz_check(fuzz_is_inside(file.text, bytes));
	arena_free(arena);
	return 0;
}
