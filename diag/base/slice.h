/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Borrowed bytes (struct mux_slice) and the few questions one asks of them. Never allocates. */
#ifndef MUX_BASE_SLICE_H
#define MUX_BASE_SLICE_H

#include <muxdiag/snapshot.h>

/* A slice of a string literal, usable in initialisers. */
#define SLICE(literal)                                                                             \
	{                                                                                          \
		.data = (literal), .len = sizeof(literal) - 1                                      \
	}

/* Returns a slice of the NUL-terminated text, without its NUL; NULL gives the empty slice. */
struct mux_slice slice_of(const char *text);

/* Are the bytes the same? */
bool slice_equal(struct mux_slice a, struct mux_slice b);

/* Are the bytes those of the NUL-terminated text? */
bool slice_is(struct mux_slice slice, const char *text);

/* Are they the same but for the case of ASCII letters, whatever the locale? (RFC 4343) */
bool slice_equal_nocase(struct mux_slice a, struct mux_slice b);

/* Does it begin with the NUL-terminated text? */
bool slice_starts_with(struct mux_slice slice, const char *text);

/* Returns it without leading and trailing blanks (space, tab, CR, LF, VT, FF). */
struct mux_slice slice_trim(struct mux_slice slice);

/*
 * Parses all of it as a decimal (or, with base 16, hexadecimal without prefix) number.
 * Returns 0, -EINVAL when it is none, -ERANGE when it does not fit; *ret_value as it was then.
 */
int slice_parse_u64(struct mux_slice slice, int base, uint64_t *ret_value);

/* As slice_parse_u64(), with an optional '-'. */
int slice_parse_i64(struct mux_slice slice, int64_t *ret_value);

#endif
