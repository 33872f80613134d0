/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a key stream to pages of passwords. Pure: the same stream gives the same page.
 *
 * The mapping. The stream is a sequence of 16-bit little-endian words w. With m = 65 * w, a word
 * is skipped when m mod 2^16 < 16, else it stands for character number floor(m / 2^16).
 * No bias: for each number i, the words with floor(m / 2^16) = i have their m in a window of 2^16
 * consecutive integers, which holds 1008 or 1009 multiples of 65 (2^16 = 1008 * 65 + 16). The
 * multiples in the window are 65 apart, so its upper 2^16 - 16 = 1008 * 65 integers hold exactly
 * 1008 of them, whatever i. Those are the words kept: each character has 1008 of 65536.
 * (Lemire, "Fast Random Integer Generation in an Interval", 2019.)
 */
#ifndef MUXD_PASSWORD_H
#define MUXD_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>

enum {
	PASSWORD_COUNT = 100, /* passwords on a page */
	PASSWORD_LEN = 12,    /* characters of one */
	PASSWORD_CHARS = 65,  /* a-z A-Z 0-9 # @ $ */
	PASSWORD_PAGE_MAX = 1600,
};

/* How a page is written. */
enum password_format {
	PASSWORD_GO,	 /* [p1 p2 … p100], fmt.Println of a []string */
	PASSWORD_PYTHON, /* ['p1', 'p2', …], repr of a list */
	PASSWORD_JSON,	 /* ["p1","p2",…] */
	PASSWORD_N_FORMATS
};

/* A key stream: random bytes [next, end), and where more come from. */
struct password_source {
	const unsigned char *next;
	const unsigned char *end;
	/* Sets next and end to at least two fresh bytes; returns false when it cannot. */
	bool (*refill)(struct password_source *source);
};

extern const char password_alphabet[PASSWORD_CHARS];

/* Returns the format's name as it stands in ?format=. */
const char *password_format_name(enum password_format format);

/* Returns the length of a page in bytes: 1301, 1600, 1501. */
size_t password_page_len(enum password_format format);

/*
 * Draws `len` characters into out. Returns true, or false when the source ran dry, with out
 * unspecified.
 */
bool password_draw(struct password_source *source, char *out, size_t len);

/*
 * Writes one fresh page, password_page_len(format) bytes without a NUL, into out.
 * Returns true, or false when the source ran dry, with out unspecified.
 */
bool password_page(struct password_source *source, enum password_format format, char *out);

#endif
