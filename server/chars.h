/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which byte may stand where: RFC 9110 section 5.6.2 (tokens) and 5.5 (field values), RFC 3986
 * (targets, hosts). Locale-free, total over all 256 bytes.
 */
#ifndef MUXD_CHARS_H
#define MUXD_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	CHAR_TOKEN = 1,	 /* tchar: methods, field names */
	CHAR_TARGET = 2, /* path and query of RFC 3986, '%' included */
	CHAR_VALUE = 4,	 /* field-vchar, SP, HTAB, obs-text: all but controls */
	CHAR_HOST = 8,	 /* reg-name of RFC 3986, '%' included */
	CHAR_HEX = 16,
};

extern const uint8_t chars_table[256];

/* Is the byte in one of the classes, a set of CHAR_ bits? */
static inline bool char_is(char byte, unsigned classes)
{
	return (chars_table[(unsigned char)byte] & classes) != 0;
}

/* Returns how many of the first len bytes, counted from the start, are all in `classes`. */
static inline size_t chars_span(const char *bytes, size_t len, unsigned classes)
{
	size_t n = 0;

	while (n < len && char_is(bytes[n], classes))
		n++;
	return n;
}

/*
 * Is [bytes, bytes + len) the lower-case word, but for the case of ASCII letters? The word may
 * hold lower-case letters, digits and '-'.
 */
bool chars_equal_nocase(const char *bytes, size_t len, const char *word);

/* Returns the value of a hexadecimal digit; only for bytes of CHAR_HEX. */
unsigned char_hex_value(char digit);

#endif
