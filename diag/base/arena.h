/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory with one lifetime: allocations are never freed one by one, the arena is freed at once.
 * Running out of memory is sticky: after one failed allocation the arena says so until it is
 * freed, so that a parser may check once at its end.
 */
#ifndef MUX_BASE_ARENA_H
#define MUX_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* Returns an empty arena, to be freed with arena_free(), or NULL when out of memory. */
struct arena *arena_new(void);

/* Frees the arena and everything allocated from it. NULL is allowed. */
void arena_free(struct arena *arena);

/* Returns `size` zeroed bytes aligned for any object, or NULL when out of memory. */
void *arena_alloc(struct arena *arena, size_t size);

/* Returns zeroed room for `n` objects of `size` bytes, or NULL when out of memory or n * size
 * overflows. n = 0 gives a valid pointer. */
void *arena_array(struct arena *arena, size_t n, size_t size);

/* Returns a copy of `len` bytes with a NUL byte behind it, or NULL when out of memory. */
char *arena_copy(struct arena *arena, const void *data, size_t len);

/* Returns printf-formatted text, or NULL when out of memory. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Has an allocation failed since the arena was made? */
bool arena_failed(const struct arena *arena);

/* Makes the n-th allocation from now fail (1 = the next); for tests of what happens then. */
void arena_fail_after(struct arena *arena, size_t n);

/* Bytes taken from the system so far, for tests and -v. */
size_t arena_size(const struct arena *arena);

/* A list that grows inside an arena; `items` is an array of n objects of `size` bytes. */
struct arena_list {
	void *items;
	size_t n, capacity, size;
};

/* Returns room for one more zeroed object at the end of the list (set list->size before the first
 * call), or NULL when out of memory. Pointers to earlier items become stale. */
void *arena_list_add(struct arena *arena, struct arena_list *list);

#endif
