/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Legacy tables: what the parser lets through is walked here without any check, as the parser
 * promises that one may. */
#include "fuzz.h"

/* glibc's headers go before the kernel's, which then leave out what is there (libc-compat.h). */
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>

#include "parse/parse.h"

/* Where an entry's offsets are, by family. */
struct layout {
	size_t size, target_at, next_at;
};

static const struct layout layout4 = {
	sizeof(struct ipt_entry),
	offsetof(struct ipt_entry, target_offset),
	offsetof(struct ipt_entry, next_offset),
};

static const struct layout layout6 = {
	sizeof(struct ip6t_entry),
	offsetof(struct ip6t_entry, target_offset),
	offsetof(struct ip6t_entry, next_offset),
};

static uint16_t offset_at(const char *entry, size_t at)
{
	return *(const uint16_t *)(const void *)(entry + at);
}

static struct mux_slice part(const char *data, size_t len)
{
	return (struct mux_slice){.data = data, .len = len};
}

static void walk_entry(const struct mux_xtables_table *table, const struct layout *layout,
		       const char *entry)
{
	const struct xt_standard_target *target;
	const char *at = entry + layout->size;

	target = (const void *)(entry + offset_at(entry, layout->target_at));
	while (at < (const char *)target) {
		const struct xt_entry_match *match = (const void *)at;

		fuzz_touch(part(at, match->u.user.match_size));
		fuzz_check(strlen(match->u.user.name) < XT_EXTENSION_MAXNAMELEN);
		at += match->u.user.match_size;
	}
	fuzz_check(at == (const char *)target);
	fuzz_touch(part((const char *)target, target->target.u.user.target_size));
	if (strcmp(target->target.u.user.name, XT_STANDARD_TARGET) == 0 && target->verdict >= 0)
		fuzz_touch(part(table->entries.data + target->verdict, layout->size));
}

static void walk_table(const struct mux_xtables_table *table)
{
	const struct layout *layout = table->family == NFPROTO_IPV4 ? &layout4 : &layout6;
	size_t at, n = 0;
	unsigned hook;

	for (at = 0; at < table->entries.len; n++) {
		const char *entry = table->entries.data + at;

		walk_entry(table, layout, entry);
		at += offset_at(entry, layout->next_at);
	}
	fuzz_check(at == table->entries.len && n == table->n_entries);
	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++) {
		if ((table->valid_hooks >> hook & 1) == 0)
			continue;
		walk_entry(table, layout, table->entries.data + table->hook_entry[hook]);
		walk_entry(table, layout, table->entries.data + table->underflow[hook]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {
		"xtables/ip/filter/info",	 "xtables/ip/filter/entries",
		"xtables/ip6/filter/info",	 "xtables/ip6/filter/entries",
		"file/proc/net/ip_tables_names", "file/proc/net/ip6_tables_names",
	};
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	struct arena *arena = arena_new();
	struct mux_xtables xtables;
	size_t i;

	if (bundle != NULL && arena != NULL && parse_xtables(bundle, arena, &xtables) == 0)
		for (i = 0; i < xtables.n_tables; i++)
			if (xtables.tables[i].source.presence == MUX_PRESENT)
				walk_table(&xtables.tables[i]);
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
