/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Chunks grow geometrically, so a small machine costs one malloc and a large ruleset few. In
 * sanitizer builds each allocation is its own poisoned island; otherwise an arena would hide
 * overflows from one object into the next.
 */
#include "arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ARENA_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_ASAN 1
#endif
#endif

#ifdef ARENA_ASAN
#include <sanitizer/asan_interface.h>
#define ARENA_GAP 16
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#define ARENA_GAP				   0
#endif

enum { FIRST_CHUNK = 16 * 1024, LARGEST_STEP = 1024 * 1024 };

struct chunk {
	struct chunk *next;
	size_t used, size; /* bytes of `data` */
	_Alignas(max_align_t) unsigned char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
	size_t total;
	size_t fail_after; /* 0 = never */
	bool failed;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *arena)
{
	struct chunk *chunk, *next;

	if (arena == NULL)
		return;
	for (chunk = arena->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		ASAN_UNPOISON_MEMORY_REGION(chunk->data, chunk->size);
		free(chunk);
	}
	free(arena);
}

static struct chunk *add_chunk(struct arena *arena, size_t need)
{
	size_t size = arena->chunks == NULL ? FIRST_CHUNK : arena->chunks->size * 2;
	struct chunk *chunk;

	if (size > LARGEST_STEP)
		size = LARGEST_STEP;
	if (size < need)
		size = need;
	if (size > SIZE_MAX - sizeof(*chunk))
		return NULL;
	chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->used = 0;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	arena->total += sizeof(*chunk) + size;
	ASAN_POISON_MEMORY_REGION(chunk->data, chunk->size);
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	struct chunk *chunk = arena->chunks;
	size_t rounded;
	void *data;

	if (arena->fail_after != 0 && --arena->fail_after == 0)
		goto fail;
	if (size > SIZE_MAX / 2)
		goto fail;
	rounded = (size + ARENA_GAP + align - 1) / align * align;
	if (rounded == 0)
		rounded = align;
	if (chunk == NULL || chunk->size - chunk->used < rounded)
		chunk = add_chunk(arena, rounded);
	if (chunk == NULL)
		goto fail;
	data = chunk->data + chunk->used;
	chunk->used += rounded;
	ASAN_UNPOISON_MEMORY_REGION(data, size);
	memset(data, 0, size);
	return data;
fail:
	arena->failed = true;
	return NULL;
}

void *arena_array(struct arena *arena, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / size) {
		arena->failed = true;
		return NULL;
	}
	return arena_alloc(arena, n * size);
}

char *arena_copy(struct arena *arena, const void *data, size_t len)
{
	char *copy = arena_alloc(arena, len + 1);

	if (copy != NULL && len != 0)
		memcpy(copy, data, len);
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int len;

	va_start(arguments, format);
	len = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (len >= 0)
		text = arena_alloc(arena, (size_t)len + 1);
	if (text == NULL)
		return NULL;
	va_start(arguments, format);
	vsnprintf(text, (size_t)len + 1, format, arguments);
	va_end(arguments);
	return text;
}

bool arena_failed(const struct arena *arena)
{
	return arena->failed;
}

void arena_fail_after(struct arena *arena, size_t n)
{
	arena->fail_after = n;
}

size_t arena_size(const struct arena *arena)
{
	return arena->total;
}

void *arena_list_add(struct arena *arena, struct arena_list *list)
{
	unsigned char *items;
	size_t capacity;

	if (list->n == list->capacity) {
		capacity = list->capacity == 0 ? 8 : list->capacity * 2;
		items = arena_array(arena, capacity, list->size);
		if (items == NULL)
			return NULL;
		if (list->n != 0)
			memcpy(items, list->items, list->n * list->size);
		list->items = items;
		list->capacity = capacity;
	}
	items = list->items;
	return items + list->n++ * list->size;
}
