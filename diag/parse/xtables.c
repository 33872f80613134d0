/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Legacy tables as IP6T_SO_GET_INFO and IP6T_SO_GET_ENTRIES (and the IPv4 twins) give them. The
 * blob is checked once, as the kernel's own xt_check_entry_offsets(), check_underflow() and
 * find_jump_target() would: afterwards whoever walks it may follow next_offset, target_offset,
 * match sizes, jumps and hook entries without looking. A blob that fails is no blob.
 */
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "parse/parse.h"
#include "parse/text.h"

/* What differs between the families; everything else has one layout (linux/netfilter/x_tables.h).
 */
struct family {
	const char *name; /* in the bundle's entries */
	const char *names_entry;
	uint8_t nfproto;
	size_t entry_size;	   /* of struct ipt_entry */
	size_t target_at, next_at; /* of target_offset and next_offset in it */
	size_t entries_at;	   /* of entrytable in struct ipt_get_entries */
};

static const struct family families[] = {
	{
		.name = "ip",
		.names_entry = "file/proc/net/ip_tables_names",
		.nfproto = NFPROTO_IPV4,
		.entry_size = sizeof(struct ipt_entry),
		.target_at = offsetof(struct ipt_entry, target_offset),
		.next_at = offsetof(struct ipt_entry, next_offset),
		.entries_at = offsetof(struct ipt_get_entries, entrytable),
	},
	{
		.name = "ip6",
		.names_entry = "file/proc/net/ip6_tables_names",
		.nfproto = NFPROTO_IPV6,
		.entry_size = sizeof(struct ip6t_entry),
		.target_at = offsetof(struct ip6t_entry, target_offset),
		.next_at = offsetof(struct ip6t_entry, next_offset),
		.entries_at = offsetof(struct ip6t_get_entries, entrytable),
	},
};

enum { N_FAMILIES = sizeof(families) / sizeof(families[0]) };

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo) &&
		       offsetof(struct ipt_getinfo, size) == offsetof(struct ip6t_getinfo, size),
	       "both families have one struct for the geometry");

/* The blob while it is checked. */
struct blob {
	const struct family *family;
	const char *data;
	size_t size;
	uint8_t *starts; /* bit i: an entry begins at byte i * ALIGNMENT */
};

/* One entry of it. */
struct entry {
	size_t at, target_at, next_at; /* offsets into the blob */
};

/* XT_ALIGN(): entries, matches and targets begin where any of them may. */
enum { ALIGNMENT = _Alignof(struct _xt_align) };

/* The kernel has five tables a family; this many names are noise. */
enum { MAX_TABLES = 64 };

static uint16_t read_u16(const struct blob *blob, size_t at)
{
	uint16_t value;

	memcpy(&value, blob->data + at, sizeof(value));
	return value;
}

static int32_t read_i32(const struct blob *blob, size_t at)
{
	int32_t value;

	memcpy(&value, blob->data + at, sizeof(value));
	return value;
}

static void mark_start(struct blob *blob, size_t at)
{
	blob->starts[at / ALIGNMENT / 8] |= (uint8_t)(1u << at / ALIGNMENT % 8);
}

static bool is_start(const struct blob *blob, size_t at)
{
	return at < blob->size && at % ALIGNMENT == 0 &&
	       (blob->starts[at / ALIGNMENT / 8] >> at / ALIGNMENT % 8 & 1) != 0;
}

/* Cuts the entry at `at` out. Returns false when it does not lie in the blob. */
static bool read_entry(const struct blob *blob, size_t at, struct entry *ret)
{
	if (at % ALIGNMENT != 0 || blob->size - at < blob->family->entry_size)
		return false;
	ret->at = at;
	ret->target_at = at + read_u16(blob, at + blob->family->target_at);
	ret->next_at = at + read_u16(blob, at + blob->family->next_at);
	return ret->next_at <= blob->size && ret->target_at >= at + blob->family->entry_size &&
	       ret->target_at % ALIGNMENT == 0 && ret->next_at % ALIGNMENT == 0 &&
	       ret->target_at + sizeof(struct xt_entry_target) <= ret->next_at;
}

/* Both struct xt_entry_match and struct xt_entry_target begin with size, name and revision. */
static bool has_name(const struct blob *blob, size_t at)
{
	return memchr(blob->data + at + offsetof(struct xt_entry_target, u.user.name), '\0',
		      XT_EXTENSION_MAXNAMELEN) != NULL;
}

static bool has_name_of(const struct blob *blob, size_t at, const char *name)
{
	return strcmp(blob->data + at + offsetof(struct xt_entry_target, u.user.name), name) == 0;
}

static bool matches_fit(const struct blob *blob, const struct entry *entry)
{
	size_t at = entry->at + blob->family->entry_size;

	while (at < entry->target_at) {
		size_t size;

		if (entry->target_at - at < sizeof(struct xt_entry_match))
			return false;
		size = read_u16(blob, at);
		if (size < sizeof(struct xt_entry_match) || size % ALIGNMENT != 0 ||
		    size > entry->target_at - at || !has_name(blob, at))
			return false;
		at += size;
	}
	return true;
}

static bool target_fits(const struct blob *blob, const struct entry *entry)
{
	size_t size = read_u16(blob, entry->target_at);

	if (size < sizeof(struct xt_entry_target) || size > entry->next_at - entry->target_at ||
	    !has_name(blob, entry->target_at))
		return false;
	if (has_name_of(blob, entry->target_at, XT_STANDARD_TARGET))
		return size >= sizeof(struct xt_standard_target);
	if (has_name_of(blob, entry->target_at, XT_ERROR_TARGET))
		return size >= sizeof(struct xt_error_target) &&
		       memchr(blob->data + entry->target_at +
				      offsetof(struct xt_error_target, errorname),
			      '\0', XT_FUNCTION_MAXNAMELEN) != NULL;
	return true;
}

/* A standard target with a verdict of 0 or more jumps there. */
static bool jump_fits(const struct blob *blob, const struct entry *entry)
{
	int32_t verdict;

	if (!has_name_of(blob, entry->target_at, XT_STANDARD_TARGET))
		return true;
	verdict = read_i32(blob, entry->target_at + offsetof(struct xt_standard_target, verdict));
	return verdict < 0 || is_start(blob, (size_t)verdict);
}

static bool entries_fit(struct blob *blob, size_t n_entries)
{
	struct entry entry;
	size_t at, n = 0;

	for (at = 0; at < blob->size; at = entry.next_at, n++) {
		if (!read_entry(blob, at, &entry) || !matches_fit(blob, &entry) ||
		    !target_fits(blob, &entry))
			return false;
		mark_start(blob, at);
	}
	if (n != n_entries)
		return false;
	for (at = 0; at < blob->size; at = entry.next_at)
		if (!read_entry(blob, at, &entry) || !jump_fits(blob, &entry))
			return false;
	return true;
}

static bool hooks_fit(const struct blob *blob, const struct mux_xtables_table *table)
{
	unsigned hook;

	if (table->valid_hooks >> NF_INET_NUMHOOKS != 0)
		return false;
	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if ((table->valid_hooks >> hook & 1) != 0 &&
		    (!is_start(blob, table->hook_entry[hook]) ||
		     !is_start(blob, table->underflow[hook])))
			return false;
	return true;
}

/* Checks the blob that `table` describes. Returns 0, -EBADMSG, -ENOMEM. */
static int check(const struct family *family, const struct mux_xtables_table *table,
		 struct arena *arena)
{
	struct blob blob = {
		.family = family,
		.data = table->entries.data,
		.size = table->entries.len,
	};

	blob.starts = arena_alloc(arena, blob.size / ALIGNMENT / 8 + 1);
	if (blob.starts == NULL)
		return -ENOMEM;
	return entries_fit(&blob, table->n_entries) && hooks_fit(&blob, table) ? 0 : -EBADMSG;
}

/* Fills the table from both structs. Returns 0, -EBADMSG. */
static int read_geometry(const struct family *family, struct mux_slice info_bytes,
			 struct mux_slice bytes, struct mux_xtables_table *ret)
{
	struct ipt_getinfo info;
	uint32_t size;

	if (info_bytes.len < sizeof(info) || bytes.len < family->entries_at ||
	    (uintptr_t)(bytes.data + family->entries_at) % ALIGNMENT != 0)
		return -EBADMSG;
	memcpy(&info, info_bytes.data, sizeof(info));
	memcpy(&size, bytes.data + offsetof(struct ipt_get_entries, size), sizeof(size));
	if (size != info.size || size > bytes.len - family->entries_at)
		return -EBADMSG;
	ret->valid_hooks = info.valid_hooks;
	memcpy(ret->hook_entry, info.hook_entry, sizeof(ret->hook_entry));
	memcpy(ret->underflow, info.underflow, sizeof(ret->underflow));
	ret->n_entries = info.num_entries;
	ret->entries.data = bytes.data + family->entries_at;
	ret->entries.len = size;
	return 0;
}

static int parse_table(const struct mux_bundle *bundle, struct arena *arena,
		       const struct family *family, struct mux_xtables_table *ret)
{
	const char *base = arena_printf(arena, "xtables/%s/%.*s", family->name, (int)ret->name.len,
					ret->name.data);
	const char *info_name = arena_printf(arena, "%s/info", base != NULL ? base : "");
	const char *entries_name = arena_printf(arena, "%s/entries", base != NULL ? base : "");
	struct mux_slice info, entries;
	int error;

	if (arena_failed(arena))
		return -ENOMEM;
	info = bundle_source(bundle, info_name, &ret->source);
	if (ret->source.presence != MUX_PRESENT)
		return 0;
	entries = bundle_source(bundle, entries_name, &ret->source);
	if (ret->source.presence != MUX_PRESENT)
		return 0;
	error = read_geometry(family, info, entries, ret);
	if (error == 0)
		error = check(family, ret, arena);
	if (error != -EBADMSG)
		return error;
	ret->source.presence = MUX_DENIED;
	ret->source.error = EBADMSG;
	return 0;
}

/* Finds the table or appends it, still unread. */
static int add_table(struct arena *arena, struct arena_list *list, uint8_t nfproto,
		     struct mux_slice name)
{
	struct mux_xtables_table *tables = list->items, *table;
	size_t i;

	if (name.len == 0 || name.len >= XT_TABLE_MAXNAMELEN)
		return 0;
	for (i = 0; i < list->n; i++)
		if (tables[i].family == nfproto && slice_equal(tables[i].name, name))
			return 0;
	if (list->n == MAX_TABLES)
		return -EBADMSG;
	table = arena_list_add(arena, list);
	if (table == NULL)
		return -ENOMEM;
	table->family = nfproto;
	table->name = name;
	return 0;
}

/* Adds the tables of /proc/net/ip{,6}_tables_names: one that gather did not read stays "not asked",
 * so that nobody takes it for empty. */
static int add_named(struct mux_slice names, struct arena *arena, struct arena_list *list,
		     uint8_t nfproto)
{
	struct mux_slice name;
	int error = 0;

	while (error == 0 && text_next_word(&names, &name))
		error = add_table(arena, list, nfproto, name);
	return error;
}

static bool take_prefix(struct mux_slice *text, const char *prefix)
{
	if (!slice_starts_with(*text, prefix))
		return false;
	text->data += strlen(prefix);
	text->len -= strlen(prefix);
	return true;
}

/* Adds the tables that gather read. */
static int add_gathered(const struct mux_bundle *bundle, struct arena *arena,
			struct arena_list *list, const struct family *family)
{
	const struct bundle_entry *entry;
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && (entry = bundle_at(bundle, i)) != NULL; i++) {
		struct mux_slice name = slice_of(entry->name);

		if (!take_prefix(&name, "xtables/") || !take_prefix(&name, family->name) ||
		    !take_prefix(&name, "/"))
			continue;
		error = add_table(arena, list, family->nfproto, text_before(name, '/'));
	}
	return error;
}

/* Lists the tables of one family; too many of them are damage. */
static int list_tables(const struct mux_bundle *bundle, struct arena *arena,
		       const struct family *family, struct arena_list *list,
		       struct mux_source *ret_names)
{
	struct mux_slice names = bundle_source(bundle, family->names_entry, ret_names);
	int error = add_named(names, arena, list, family->nfproto);

	if (error == 0)
		error = add_gathered(bundle, arena, list, family);
	if (error != -EBADMSG)
		return error;
	ret_names->presence = MUX_DENIED;
	ret_names->error = EBADMSG;
	return 0;
}

int parse_xtables(const struct mux_bundle *bundle, struct arena *arena, struct mux_xtables *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_xtables_table)};
	struct mux_source *const names[N_FAMILIES] = {&ret->names4, &ret->names6};
	struct mux_xtables_table *tables;
	size_t family, i, n = 0;
	int error;

	memset(ret, 0, sizeof(*ret));
	for (family = 0; family < N_FAMILIES; family++) {
		error = list_tables(bundle, arena, &families[family], &list, names[family]);
		if (error != 0)
			return error;
		tables = list.items;
		for (i = n; i < list.n; i++) {
			error = parse_table(bundle, arena, &families[family], &tables[i]);
			if (error != 0)
				return error;
		}
		n = list.n;
	}
	ret->tables = list.items;
	ret->n_tables = list.n;
	return 0;
}
