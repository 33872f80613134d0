/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every parser must bear: any prefix of its input, and memory that runs out at any moment. */
#ifndef TESTS_UNIT_PARSE_ROOM_H
#define TESTS_UNIT_PARSE_ROOM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/arena.h"
#include "base/bundle.h"
#include "base/slice.h"
#include "guard.h"

/* A slice of a string literal, NUL bytes inside included, as a value. */
#define TEXT(literal) ((struct mux_slice){.data = (literal), .len = sizeof(literal) - 1})

#define assert_slice(slice, text)                                                                  \
	do {                                                                                       \
		struct mux_slice slice_ = (slice);                                                 \
                                                                                                   \
		assert_int_equal(slice_.len, strlen(text));                                        \
		if (slice_.len != 0)                                                               \
			assert_memory_equal(slice_.data, text, slice_.len);                        \
	} while (0)

static inline void check_prefixes(struct mux_slice bytes,
				  int (*parse)(struct mux_slice, struct arena *), size_t align)
{
	size_t len;

	for (len = 0; len <= bytes.len; len++) {
		struct mux_slice prefix = {.data = bytes.data, .len = len};
		struct arena *arena = arena_new();
		struct guard guard;

		assert_non_null(arena);
		assert_int_equal(parse(guard_copy(&guard, prefix, align), arena), 0);
		guard_free(&guard);
		arena_free(arena);
	}
}

/* Lets the first allocation fail, then the second, … until the parser needs no more. */
static inline void check_no_memory(struct mux_slice bytes,
				   int (*parse)(struct mux_slice, struct arena *))
{
	bool failed = true;
	size_t n;

	for (n = 1; failed; n++) {
		struct arena *arena = arena_new();
		int error;

		assert_non_null(arena);
		arena_fail_after(arena, n);
		error = parse(bytes, arena);
		failed = arena_failed(arena);
		assert_int_equal(error, failed ? -ENOMEM : 0);
		arena_free(arena);
	}
}

/* As check_no_memory() for a parser of several entries. */
static inline void check_no_memory_bundle(const struct mux_bundle *bundle,
					  int (*parse)(const struct mux_bundle *, struct arena *))
{
	bool failed = true;
	size_t n;

	for (n = 1; failed; n++) {
		struct arena *arena = arena_new();
		int error;

		assert_non_null(arena);
		arena_fail_after(arena, n);
		error = parse(bundle, arena);
		failed = arena_failed(arena);
		assert_int_equal(error, failed ? -ENOMEM : 0);
		arena_free(arena);
	}
}

/* Parses the bundle with one entry cut to each of its prefixes, and damaged in each of its bytes.
 * The entry's bytes come from malloc() of just that size, for the sanitizers' sake. */
static inline void check_entry(struct mux_bundle *bundle, const char *name,
			       int (*parse)(const struct mux_bundle *, struct arena *))
{
	const struct bundle_entry *entry = bundle_find(bundle, name);
	struct mux_slice whole = entry->bytes;
	struct arena *arena;
	size_t i;

	for (i = 0; i < whole.len * 2; i++) {
		size_t len = i < whole.len ? i : whole.len;
		char *data = malloc(len == 0 ? 1 : len);

		assert_non_null(data);
		memcpy(data, whole.data, len);
		if (i >= whole.len)
			data[i - whole.len] ^= (char)0xff;
		assert_int_equal(bundle_take(bundle, name, data, len, false), 0);
		arena = arena_new();
		assert_non_null(arena);
		assert_int_equal(parse(bundle, arena), 0);
		arena_free(arena);
	}
	assert_int_equal(bundle_put(bundle, name, whole), 0);
}

#endif
