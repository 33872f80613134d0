/* SPDX-License-Identifier: GPL-2.0-or-later */
/* gai.conf: every table is sorted and ends with a row that matches everything. */
#include "fuzz.h"

#include <sys/socket.h>

#include "parse/parse.h"

static void check_table(const struct mux_gai_row *rows, size_t n, int family)
{
	size_t i;

	fuzz_check(n != 0 && rows[n - 1].prefix_len == 0);
	for (i = 0; i < n; i++) {
		fuzz_check(rows[i].prefix.family == family && rows[i].value >= 0);
		fuzz_check(rows[i].prefix_len <= (family == AF_INET ? 32 : 128));
		fuzz_check(i == 0 || rows[i].prefix_len <= rows[i - 1].prefix_len);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_gai gai = {.source = {.presence = MUX_PRESENT}};
	struct arena *arena = arena_new();

	if (arena != NULL && parse_gai(fuzz_slice(data, size), arena, &gai) == 0) {
		check_table(gai.labels, gai.n_labels, AF_INET6);
		check_table(gai.precedences, gai.n_precedences, AF_INET6);
		check_table(gai.scopes4, gai.n_scopes4, AF_INET);
	}
	arena_free(arena);
	return 0;
}
