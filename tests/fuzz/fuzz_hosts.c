/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/hosts: what is kept lies in the input and says what it says of itself. */
#include "fuzz.h"

#include "parse/parse.h"

static void check_entry(const struct mux_hosts *hosts, const struct mux_hosts_entry *entry,
			struct mux_slice bytes)
{
	size_t i, j;

	fuzz_check(entry->line >= 1 && entry->line <= hosts->n_lines);
	fuzz_check(fuzz_is_inside(entry->text, bytes));
	fuzz_check(memchr(entry->text.data, '\n', entry->text.len) == NULL);
	fuzz_check(entry->n_names <= MUX_HOSTS_MAX_NAMES);
	fuzz_check(!entry->commented || (entry->fault == MUX_HOSTS_OK && entry->n_names != 0));
	for (i = 0; i < entry->n_names; i++) {
		struct mux_slice name = entry->names[i];

		fuzz_check(name.len != 0 && fuzz_is_inside(name, entry->text));
		for (j = 0; j < name.len; j++)
			fuzz_check(memchr(" \t\n\v\f\r#", name.data[j], 8) == NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct mux_slice names[] = {SLICE("localhost"), SLICE("a"), SLICE("debian5")};
	const struct parse_interest interest = {.names = names, .n_names = 3};
	struct mux_slice bytes = fuzz_slice(data, size);
	struct mux_hosts hosts = {.source = {.presence = MUX_PRESENT}};
	struct arena *arena = arena_new();
	size_t i;

	if (arena != NULL && parse_hosts(bytes, &interest, arena, &hosts) == 0) {
		fuzz_check(hosts.n_entries <= MUX_HOSTS_MAX_ENTRIES);
		fuzz_check(hosts.n_live + hosts.n_commented <= hosts.n_lines);
		for (i = 0; i < hosts.n_entries; i++)
			check_entry(&hosts, &hosts.entries[i], bytes);
	}
	arena_free(arena);
	return 0;
}
