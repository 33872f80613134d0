/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text that grows inside an arena, and the one door through which bytes of somebody else's making
 * enter a text: str_add_escaped().
 */
#ifndef MUX_BASE_STR_H
#define MUX_BASE_STR_H

#include <stdarg.h>

#include <muxdiag/snapshot.h>

#include "base/arena.h"

struct str {
	struct arena *arena;
	char *data; /* NUL-terminated whenever it is not NULL */
	size_t len, capacity;
};

/* Starts an empty text in the arena. */
void str_init(struct str *str, struct arena *arena);

/* Appends trusted text. Running out of memory is remembered by the arena. */
void str_add(struct str *str, const char *text);

/* Appends printf-formatted text; its arguments must be trusted. */
void str_addf(struct str *str, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* As str_addf() with a va_list. */
void str_vaddf(struct str *str, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

/*
 * Appends hostile bytes so that a terminal, a JSON text and a person can take them: printable
 * UTF-8 stays, a backslash is doubled, control characters (C0, C1, DEL), bidirectional controls,
 * line separators and invalid UTF-8 become \xHH or \u{HHHH}.
 */
void str_add_escaped(struct str *str, struct mux_slice bytes);

/* Appends text that was escaped so already, and is again where it was not: an escape that is there
 * stays as it is. NULL is an empty text. */
void str_add_text(struct str *str, const char *text);

/* Appends the bytes as one word of a POSIX shell: bare if harmless, else in single quotes. Bytes
 * that a terminal must not see are written as $'\xHH' words. */
void str_add_shell(struct str *str, struct mux_slice bytes);

/* Returns the finished text, never NULL unless the arena has failed. */
const char *str_done(struct str *str);

/* Returns hostile bytes escaped as by str_add_escaped(), in the arena; NULL when out of memory. */
const char *str_escape(struct arena *arena, struct mux_slice bytes);

#endif
