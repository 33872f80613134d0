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

/*
 * As fuzz_bundle(), for any entry there is: a byte of the name's length, the name, two bytes of the
 * content's length (the low one first), the content, and so on. `tests/fuzz/seed` writes it from a
 * recorded folder.
 */
static inline struct mux_bundle *fuzz_whole_bundle(const uint8_t *data, size_t size)
{
	struct mux_bundle *bundle = bundle_new();
	char name[256], *copy;

	while (bundle != NULL && size >= 3 && size - 3 >= data[0]) {
		size_t name_len = data[0], len;

		memcpy(name, data + 1, name_len);
		name[name_len] = '\0';
		len = (size_t)(data[name_len + 1] | data[name_len + 2] << 8);
		data += name_len + 3;
		size -= name_len + 3;
		if (len > size)
			len = size;
		copy = malloc(len == 0 ? 1 : len);
		if (copy == NULL)
			break;
		memcpy(copy, data, len);
		if (bundle_name_is_safe(name))
			bundle_take(bundle, name, copy, len, false);
		else
			free(copy);
		data += len;
		size -= len;
	}
	return bundle;
}

/* May the text be put on a terminal: valid UTF-8 without controls but the newline? */
static inline void fuzz_check_printable(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)text[i];

		fuzz_check((byte >= 0x20 && byte != 0x7f) || byte == '\n');
		/* C1 controls are C2 80 to C2 9F. */
		if (byte == 0xc2)
			fuzz_check((unsigned char)text[i + 1] >= 0xa0);
	}
}

#endif
