/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bundle holds some dozens of entries, a few hundred with many chains; a hash index keeps
 * bundle_find() flat when there are thousands. Replaced bytes are kept until the end, because a
 * snapshot parsed earlier may still point into them.
 */
#include "bundle.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

#include "base/arena.h"

struct block {
	struct block *next;
	char *data;
};

struct mux_bundle {
	struct arena *arena; /* names and the entry structs */
	struct block *blocks;
	struct bundle_entry **entries;
	size_t n_entries, capacity;
	size_t *index; /* open addressing: position in entries + 1, 0 = free */
	size_t n_index;
};

struct mux_bundle *bundle_new(void)
{
	struct mux_bundle *bundle = calloc(1, sizeof(*bundle));

	if (bundle == NULL)
		return NULL;
	bundle->arena = arena_new();
	if (bundle->arena == NULL) {
		free(bundle);
		return NULL;
	}
	return bundle;
}

void mux_bundle_free(struct mux_bundle *bundle)
{
	struct block *block, *next;

	if (bundle == NULL)
		return;
	for (block = bundle->blocks; block != NULL; block = next) {
		next = block->next;
		free(block->data);
		free(block);
	}
	free(bundle->entries);
	free(bundle->index);
	arena_free(bundle->arena);
	free(bundle);
}

bool bundle_name_is_safe(const char *name)
{
	const char *c;

	if (name[0] == '\0' || name[0] == '/')
		return false;
	for (c = name; *c != '\0'; c++) {
		bool begins = c == name || c[-1] == '/';

		if (*c <= ' ' || *c > '~' || *c == '\\')
			return false;
		if (begins && (*c == '/' || *c == '.'))
			return false;
	}
	return c[-1] != '/';
}

static size_t hash(const char *name)
{
	size_t value = 5381;

	for (; *name != '\0'; name++)
		value = value * 33 ^ (unsigned char)*name;
	return value;
}

/* Returns the slot of the name, or the free one where it belongs. The index is never full. */
static size_t *index_slot(const struct mux_bundle *bundle, const char *name)
{
	size_t i = hash(name) & (bundle->n_index - 1);

	while (bundle->index[i] != 0 &&
	       strcmp(bundle->entries[bundle->index[i] - 1]->name, name) != 0)
		i = (i + 1) & (bundle->n_index - 1);
	return &bundle->index[i];
}

static void fill_index(struct mux_bundle *bundle)
{
	size_t i;

	for (i = 0; i < bundle->n_entries; i++)
		*index_slot(bundle, bundle->entries[i]->name) = i + 1;
}

static int grow(struct mux_bundle *bundle)
{
	size_t capacity = bundle->capacity == 0 ? 64 : bundle->capacity * 2;
	struct bundle_entry **entries;
	size_t *index;

	entries = reallocarray(bundle->entries, capacity, sizeof(struct bundle_entry *));
	if (entries == NULL)
		return -ENOMEM;
	bundle->entries = entries;
	index = calloc(capacity * 2, sizeof(*index));
	if (index == NULL)
		return -ENOMEM;
	free(bundle->index);
	bundle->index = index;
	bundle->n_index = capacity * 2;
	bundle->capacity = capacity;
	fill_index(bundle);
	return 0;
}

/* Finds or makes the entry of that name. */
static int entry_for(struct mux_bundle *bundle, const char *name, struct bundle_entry **ret_entry)
{
	struct bundle_entry *entry;
	size_t *slot;

	if (!bundle_name_is_safe(name))
		return -EINVAL;
	if (bundle->n_entries == bundle->capacity && grow(bundle) != 0)
		return -ENOMEM;
	slot = index_slot(bundle, name);
	if (*slot != 0) {
		*ret_entry = bundle->entries[*slot - 1];
		return 0;
	}
	entry = arena_alloc(bundle->arena, sizeof(*entry));
	if (entry == NULL)
		return -ENOMEM;
	entry->name = arena_copy(bundle->arena, name, strlen(name));
	if (entry->name == NULL)
		return -ENOMEM;
	bundle->entries[bundle->n_entries++] = entry;
	*slot = bundle->n_entries;
	*ret_entry = entry;
	return 0;
}

int bundle_take(struct mux_bundle *bundle, const char *name, char *data, size_t len, bool truncated)
{
	struct block *block = malloc(sizeof(*block));
	struct bundle_entry *entry;
	int error = -ENOMEM;

	if (block == NULL)
		goto fail;
	error = entry_for(bundle, name, &entry);
	if (error != 0)
		goto fail;
	block->data = data;
	block->next = bundle->blocks;
	bundle->blocks = block;
	entry->bytes.data = data;
	entry->bytes.len = len;
	entry->error = 0;
	entry->truncated = truncated;
	return 0;
fail:
	free(block);
	free(data);
	return error;
}

int bundle_put(struct mux_bundle *bundle, const char *name, struct mux_slice bytes)
{
	char *data = malloc(bytes.len + 1);

	if (data == NULL)
		return -ENOMEM;
	if (bytes.len != 0)
		memcpy(data, bytes.data, bytes.len);
	data[bytes.len] = '\0';
	return bundle_take(bundle, name, data, bytes.len, false);
}

int bundle_append(struct mux_bundle *bundle, const char *name, struct mux_slice bytes)
{
	const struct bundle_entry *entry = bundle_find(bundle, name);
	size_t old = entry == NULL ? 0 : entry->bytes.len;
	char *data = malloc(old + bytes.len + 1);

	if (data == NULL)
		return -ENOMEM;
	if (old != 0)
		memcpy(data, entry->bytes.data, old);
	if (bytes.len != 0)
		memcpy(data + old, bytes.data, bytes.len);
	data[old + bytes.len] = '\0';
	return bundle_take(bundle, name, data, old + bytes.len, false);
}

int bundle_put_error(struct mux_bundle *bundle, const char *name, int error)
{
	struct bundle_entry *entry;
	int result = entry_for(bundle, name, &entry);

	if (result != 0)
		return result;
	entry->bytes.data = NULL;
	entry->bytes.len = 0;
	entry->error = error;
	entry->truncated = false;
	return 0;
}

void bundle_remove(struct mux_bundle *bundle, const char *prefix)
{
	size_t i, n = 0, len = strlen(prefix);

	for (i = 0; i < bundle->n_entries; i++)
		if (strncmp(bundle->entries[i]->name, prefix, len) != 0)
			bundle->entries[n++] = bundle->entries[i];
	bundle->n_entries = n;
	if (bundle->n_index != 0)
		memset(bundle->index, 0, bundle->n_index * sizeof(*bundle->index));
	fill_index(bundle);
}

const struct bundle_entry *bundle_find(const struct mux_bundle *bundle, const char *name)
{
	size_t *slot;

	if (bundle->n_index == 0)
		return NULL;
	slot = index_slot(bundle, name);
	return *slot == 0 ? NULL : bundle->entries[*slot - 1];
}

const struct bundle_entry *bundle_at(const struct mux_bundle *bundle, size_t i)
{
	return i < bundle->n_entries ? bundle->entries[i] : NULL;
}

struct mux_slice bundle_source(const struct mux_bundle *bundle, const char *name,
			       struct mux_source *ret_source)
{
	const struct bundle_entry *entry = bundle_find(bundle, name);
	struct mux_source source = {.presence = MUX_NOT_ASKED};
	struct mux_slice none = {0};

	if (entry != NULL) {
		source.name = entry->name;
		source.error = entry->error;
		source.truncated = entry->truncated;
		source.presence = entry->error == 0	   ? MUX_PRESENT
				  : entry->error == ENOENT ? MUX_ABSENT
							   : MUX_DENIED;
	}
	*ret_source = source;
	return entry == NULL ? none : entry->bytes;
}
