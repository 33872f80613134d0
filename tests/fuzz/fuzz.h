/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the fuzz targets share. Each defines LLVMFuzzerTestOneInput(), which libFuzzer calls with
 * inputs of its own and replay.c with the files of the corpus. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

#include "base/arena.h"
#include "base/bundle.h"

/* Feeds one input to the target. Returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise that a parser makes for any input. */
static inline void fuzz_check(bool holds)
{
	if (!holds)
		abort();
}

static inline struct mux_slice fuzz_slice(const uint8_t *data, size_t size)
{
	return (struct mux_slice){.data = (const char *)data, .len = size};
}

/* Reads every byte, so that a sanitizer sees a slice that is none. */
static inline void fuzz_touch(struct mux_slice slice)
{
	static volatile unsigned char sink;
	size_t i;

	for (i = 0; i < slice.len; i++)
		sink = (unsigned char)slice.data[i];
	(void)sink;
}

/* Lies the slice inside the bytes? */
static inline bool fuzz_is_inside(struct mux_slice slice, struct mux_slice bytes)
{
	return slice.len == 0 || (slice.data >= bytes.data && slice.len <= bytes.len &&
				  (size_t)(slice.data - bytes.data) <= bytes.len - slice.len);
}

/*
 * Makes a bundle of an input for parsers of several entries: a byte that chooses the name, two
 * bytes of length (the low one first), so many bytes of content, and so on. Each entry has an
 * allocation of just its size. Returns NULL when out of memory.
 */
static inline struct mux_bundle *fuzz_bundle(const uint8_t *data, size_t size,
					     const char *const *names, size_t n_names)
{
	struct mux_bundle *bundle = bundle_new();

	while (bundle != NULL && size >= 3) {
		const char *name = names[data[0] % n_names];
		size_t len = (size_t)(data[1] | data[2] << 8);
		char *copy;

		data += 3;
		size -= 3;
		if (len > size)
			len = size;
		copy = malloc(len == 0 ? 1 : len);
		if (copy == NULL)
			break;
		memcpy(copy, data, len);
		bundle_take(bundle, name, copy, len, false);
		data += len;
		size -= len;
	}
	return bundle;
}

#endif
