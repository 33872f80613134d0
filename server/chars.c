/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The grammar's byte classes as one table, so that a byte costs one load and one test. */
#include "chars.h"

#include <string.h>
#include <strings.h>

/* Sixteen bytes a row, from 0x00; tests/unit/server_http.c rebuilds it from the RFCs' words. */
const uint8_t chars_table[256] = {
	0,  0,	0,  0,	0,  0,	0,  0,	0,  4,	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,
	0,  0,	0,  0,	0,  0,	0,  0,	0,  0,	4,  15, 4,  5,	15, 15, 15, 15, 14, 14, 15, 15,
	14, 15, 15, 6,	31, 31, 31, 31, 31, 31, 31, 31, 31, 31, 6,  14, 4,  14, 4,  6,	6,  31,
	31, 31, 31, 31, 31, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 4,	4,  4,	5,  15, 5,  31, 31, 31, 31, 31, 31, 15, 15, 15, 15, 15, 15, 15,
	15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 15, 4,	5,  4,	15, 0,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,	4,  4,
};

bool chars_equal_nocase(const char *bytes, size_t len, const char *word)
{
	/* ASCII's letters only: this program never leaves the C locale. */
	return strlen(word) == len && strncasecmp(bytes, word, len) == 0;
}

unsigned char_hex_value(char digit)
{
	if (digit <= '9')
		return (unsigned)(digit - '0');
	return (unsigned)((digit | 0x20) - 'a' + 10);
}
