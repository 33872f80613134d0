/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a key stream to pages of passwords. Pure: the same stream gives the same page.
 *
 * The mapping. The stream is a sequence of 16-bit little-endian words w, and a word stands for two
 * characters. For an alphabet of n characters let N = n * n and m = N * w: a word is skipped when
 * m mod 2^16 < 2^16 mod N, else it stands for the pair number floor(m / 2^16), whose digits to the
 * base n are the two characters. Of an odd number of characters the last word gives only its first.
 * No bias: for each number i, the words with floor(m / 2^16) = i have their m in a window of 2^16
 * consecutive integers. The multiples of N in a window are N apart, so its upper
 * 2^16 - 2^16 mod N integers, a multiple of N, hold exactly floor(2^16 / N) of them, whatever i.
 * Those are the words kept: with n = 65 each pair has 15 of 65536, and 2161 are skipped.
 * (Lemire, "Fast Random Integer Generation in an Interval", 2019.)
 */
#ifndef MUXD_PASSWORD_H
#define MUXD_PASSWORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	PASSWORD_COUNT = 100, /* passwords on a page, unless told otherwise */
	PASSWORD_COUNT_MAX = 10000,
	PASSWORD_LEN = 12, /* characters of one, unless told otherwise */
	PASSWORD_LEN_MAX = 1024,
	PASSWORD_SPREAD = 4,			  /* passwords are spread so many at once */
	PASSWORD_CHARS = 65,			  /* the default alphabet: a-z A-Z 0-9 # @ $ */
	PASSWORD_STEP_MAX = PASSWORD_LEN_MAX + 8, /* bytes for one password and what surrounds it */
};

/* How a page is written. */
enum password_format {
	PASSWORD_GO,	 /* [p1 p2 … p100], fmt.Println of a []string */
	PASSWORD_PYTHON, /* ['p1', 'p2', …], repr of a list */
	PASSWORD_JSON,	 /* ["p1","p2",…] */
	PASSWORD_LINES,	 /* one a line */
	PASSWORD_N_FORMATS
};

/* Sets of characters that need no quoting in any of the formats. */
enum password_alphabet {
	PASSWORD_DEFAULT,  /* a-z A-Z 0-9 # @ $ */
	PASSWORD_ALNUM,	   /* a-z A-Z 0-9 */
	PASSWORD_LETTERS,  /* a-z A-Z */
	PASSWORD_LOWER,	   /* a-z */
	PASSWORD_DIGITS,   /* 0-9 */
	PASSWORD_HEX,	   /* 0-9 a-f */
	PASSWORD_URL,	   /* the unreserved characters of RFC 3986: a-z A-Z 0-9 - . _ ~ */
	PASSWORD_READABLE, /* a-z A-Z 0-9 without those taken for one another: 0 O o 1 I l */
	PASSWORD_N_ALPHABETS
};

/* A page, asked for, and how much of it has been written. */
struct password_page {
	uint16_t count;	  /* passwords on it: 1 … PASSWORD_COUNT_MAX */
	uint16_t len;	  /* characters of each: 1 … PASSWORD_LEN_MAX */
	uint16_t written; /* passwords written so far */
	uint8_t format;	  /* enum password_format */
	uint8_t alphabet; /* enum password_alphabet */
};

struct password_way;

/* A key stream: random bytes [next, end), and where more come from. */
struct password_source {
	const unsigned char *next;
	const unsigned char *end;
	/* Sets next and end to at least two fresh bytes; returns false when it cannot. */
	bool (*refill)(struct password_source *source);
	const struct password_way *way; /* password_way_best(); NULL = the portable one */
};

/* Returns the name of a format or an alphabet as it stands in a query. */
const char *password_format_name(enum password_format format);
const char *password_alphabet_name(enum password_alphabet alphabet);

/* Returns the characters of an alphabet, NUL-terminated. */
const char *password_alphabet_chars(enum password_alphabet alphabet);

/* Returns a page as it is when nothing else is asked for. */
struct password_page password_page_default(void);

/* Returns the length of the whole page in bytes; by default 1301, 1600, 1501 and 1300. */
size_t password_page_len(const struct password_page *page);

/*
 * Draws `len` characters into out. Returns true, or false when the source ran dry, with out
 * unspecified.
 */
bool password_draw(struct password_source *source, enum password_alphabet alphabet, char *out,
		   size_t len);

/*
 * Writes on: as much of the page as fits into `room` bytes, which must be PASSWORD_STEP_MAX or
 * more, so that page->written always grows. Returns the bytes written, without a NUL; the page is
 * complete when page->written == page->count. Returns 0 when the source ran dry.
 */
size_t password_page_write(struct password_source *source, struct password_page *page, char *out,
			   size_t room);

/*
 * A way to draw many characters of the default alphabet at once. All give the same characters.
 * `map` draws from what is in the source at most `len` characters, an even number, and stops where
 * its steps would go beyond `len` or the source's end: the rest, perhaps all, is to be drawn in
 * another way. Returns how many it drew.
 */
struct password_way {
	const char *name;
	bool (*works_here)(void); /* has this CPU what it takes? */
	size_t (*map)(struct password_source *source, char *out, size_t len);
	/*
	 * Sets n passwords of PASSWORD_LEN characters, a multiple of PASSWORD_SPREAD, apart, each
	 * with the separator behind it. Writes up to PASSWORD_LEN bytes behind the last one. NULL =
	 * none that is faster than copying one by one.
	 */
	void (*spread)(const char *chars, size_t n, char separator, char *out);
};

/* All ways, fastest first; the last one, the portable way, works everywhere. */
extern const struct password_way password_ways[];
extern const size_t password_n_ways;

/* Returns the fastest that works here. */
const struct password_way *password_way_best(void);

#endif
