/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records: what gather writes when a source has no bytes of its own (an answer of getaddrinfo, the
 * fate of a connect). One line each, `key=value` separated by single spaces, values percent-encoded
 * (RFC 3986 section 2.1) except for letters, digits and "-._:,/[]@+". Readable in a folder, exact
 * to parse.
 */
#ifndef MUX_BASE_RECORD_H
#define MUX_BASE_RECORD_H

#include "base/arena.h"
#include "base/slice.h"
#include "base/str.h"

/* Appends " key=value" (without the space at the beginning of a line), the value encoded. */
void record_add(struct str *line, const char *key, struct mux_slice value);

/* As record_add() for a number. */
void record_add_number(struct str *line, const char *key, int64_t value);

/* Ends the record. */
void record_end(struct str *line);

/*
 * Cuts the next line off *rest. Returns false at the end. The line comes without its newline;
 * empty lines are skipped.
 */
bool record_next(struct mux_slice *rest, struct mux_slice *ret_line);

/* Finds the value of a key in a line, decoded into the arena only where it has escapes. Returns 0,
 * -ENOENT, -EINVAL for a bad escape, -ENOMEM. */
int record_text(struct mux_slice line, const char *key, struct arena *arena,
		struct mux_slice *ret_value);

/* As record_text() for a number; additionally -ERANGE. */
int record_number(struct mux_slice line, const char *key, int64_t *ret_value);

/* Percent-encodes bytes for use in a bundle entry's name; '/' is encoded too. */
const char *record_encode_name(struct arena *arena, struct mux_slice bytes);

/* Undoes record_encode_name(). Returns 0, -EINVAL, -ENOMEM. */
int record_decode(struct arena *arena, struct mux_slice text, struct mux_slice *ret_bytes);

#endif
