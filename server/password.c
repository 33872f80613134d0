/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password.h"

#include <string.h>

enum { BLOCK_PASSWORDS = PASSWORD_BLOCK_CHARS / PASSWORD_LEN, BATCH_BLOCKS = 25, SLACK = 4 };

_Static_assert(PASSWORD_BLOCK_CHARS % PASSWORD_LEN == 0, "blocks hold whole passwords");

static const struct {
	const char *name, *chars;
} alphabets[PASSWORD_N_ALPHABETS] = {
	[PASSWORD_DEFAULT] = {"default",
			      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$"},
	[PASSWORD_ALNUM] = {"alnum",
			    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"},
	[PASSWORD_LETTERS] = {"letters", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"},
	[PASSWORD_LOWER] = {"lower", "abcdefghijklmnopqrstuvwxyz"},
	[PASSWORD_DIGITS] = {"digits", "0123456789"},
	[PASSWORD_HEX] = {"hex", "0123456789abcdef"},
	[PASSWORD_URL] = {"url",
			  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"},
	[PASSWORD_READABLE] = {"readable",
			       "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"},
};

struct layout {
	const char *name;
	char open[4], separator[4], close[4]; /* no NULs */
	size_t open_len, separator_len, close_len;
};

static const struct layout layouts[PASSWORD_N_FORMATS] = {
	[PASSWORD_GO] = {"go", "[", " ", "]", 1, 1, 1},
	[PASSWORD_PYTHON] = {"python", "['", "', '", "']", 2, 4, 2},
	[PASSWORD_JSON] = {"json", "[\"", "\",\"", "\"]", 2, 3, 2},
	[PASSWORD_LINES] = {"lines", "", "\n", "\n", 0, 1, 1},
};

const char *password_format_name(enum password_format format)
{
	return layouts[format].name;
}

const char *password_alphabet_name(enum password_alphabet alphabet)
{
	return alphabets[alphabet].name;
}

const char *password_alphabet_chars(enum password_alphabet alphabet)
{
	return alphabets[alphabet].chars;
}

struct password_page password_page_default(void)
{
	return (struct password_page){.count = PASSWORD_COUNT, .len = PASSWORD_LEN};
}

size_t password_page_len(const struct password_page *page)
{
	const struct layout *layout = &layouts[page->format];

	return layout->open_len + (size_t)page->count * page->len +
	       (size_t)(page->count - 1) * layout->separator_len + layout->close_len;
}

bool password_draw(struct password_source *source, enum password_alphabet alphabet, char *out,
		   size_t len)
{
	const char *chars = alphabets[alphabet].chars;
	const uint32_t n_chars = (uint32_t)strlen(chars), reject_below = 65536 % n_chars;

	while (len != 0) {
		uint32_t scaled;

		if (source->end - source->next < 2 && !source->refill(source))
			return false;
		scaled = n_chars * ((uint32_t)source->next[0] | (uint32_t)source->next[1] << 8);
		source->next += 2;
		if ((scaled & 0xffff) < reject_below)
			continue;
		*out++ = chars[scaled >> 16];
		len--;
	}
	return true;
}

/*
 * Draws n blocks of the default alphabet: in one of 86 a word must be skipped, and the careful way
 * draws that block.
 */
static bool draw_blocks(struct password_source *source, char *out, size_t n)
{
	size_t (*map)(const unsigned char *, char *, size_t) =
		source->map != NULL ? source->map : password_map_portable;

	while (n != 0) {
		size_t there = (size_t)(source->end - source->next) / (2 * PASSWORD_BLOCK_CHARS);
		size_t mapped = 0;

		/* A source that was never filled has no address to count from. */
		if (there != 0) {
			mapped = map(source->next, out, there < n ? there : n);
			source->next += mapped * 2 * PASSWORD_BLOCK_CHARS;
		}
		out += mapped * PASSWORD_BLOCK_CHARS;
		n -= mapped;
		if (n == 0)
			break;
		if (!password_draw(source, PASSWORD_DEFAULT, out, PASSWORD_BLOCK_CHARS))
			return false;
		out += PASSWORD_BLOCK_CHARS;
		n--;
	}
	return true;
}

/* Writes what stands before the next password. Copies more than its length: there is room. */
static char *put_before(const struct layout *layout, const struct password_page *page, char *out)
{
	if (page->written == 0) {
		memcpy(out, layout->open, sizeof(layout->open));
		return out + layout->open_len;
	}
	memcpy(out, layout->separator, sizeof(layout->separator));
	return out + layout->separator_len;
}

/*
 * Passwords of the ordinary kind, n blocks of them. First all characters, then all passwords: a
 * load that spans two stores still under way would wait for both. Returns NULL when the source is
 * dry.
 */
static char *put_blocks(struct password_source *source, struct password_page *page, char *out,
			size_t n)
{
	const struct layout *layout = &layouts[page->format];
	const size_t separator_len = layout->separator_len;
	char batch[BATCH_BLOCKS * PASSWORD_BLOCK_CHARS + SLACK];
	const char *next = batch, *end = batch + n * PASSWORD_BLOCK_CHARS;
	uint32_t separator;

	if (!draw_blocks(source, batch, n))
		return NULL;
	/* Kept in registers, since the compiler cannot know that `out` is not the layout. */
	memcpy(&separator, layout->separator, sizeof(separator));
	out = put_before(layout, page, out);
	for (;;) {
		/* One move, of which the end is overwritten: there is room on both sides. */
		memcpy(out, next, PASSWORD_LEN + SLACK);
		out += PASSWORD_LEN;
		next += PASSWORD_LEN;
		if (next == end)
			break;
		memcpy(out, &separator, sizeof(separator));
		out += separator_len;
	}
	page->written += (uint16_t)(n * BLOCK_PASSWORDS);
	return out;
}

/* How many blocks can be written at once: of what is left, what there is room for. */
static size_t count_blocks(const struct password_page *page, size_t room)
{
	size_t left = (size_t)(page->count - page->written) / BLOCK_PASSWORDS;
	size_t fit = (room - 8) / (BLOCK_PASSWORDS * (PASSWORD_LEN + 4));
	size_t n = left < fit ? left : fit;

	if (page->alphabet != PASSWORD_DEFAULT || page->len != PASSWORD_LEN)
		return 0;
	return n < BATCH_BLOCKS ? n : BATCH_BLOCKS;
}

static char *put_one(struct password_source *source, struct password_page *page, char *out)
{
	size_t n_blocks = page->alphabet == PASSWORD_DEFAULT ? page->len / PASSWORD_BLOCK_CHARS : 0;
	size_t done = n_blocks * PASSWORD_BLOCK_CHARS;

	out = put_before(&layouts[page->format], page, out);
	if (!draw_blocks(source, out, n_blocks) ||
	    !password_draw(source, page->alphabet, out + done, page->len - done))
		return NULL;
	page->written++;
	return out + page->len;
}

size_t password_page_write(struct password_source *source, struct password_page *page, char *out,
			   size_t room)
{
	const struct layout *layout = &layouts[page->format];
	const char *start = out, *end = out + room;

	while (page->written < page->count && end - out >= (ptrdiff_t)page->len + 8) {
		size_t n_blocks = count_blocks(page, (size_t)(end - out));

		/* Both ways draw the same characters from the same stream. */
		if (n_blocks != 0)
			out = put_blocks(source, page, out, n_blocks);
		else
			out = put_one(source, page, out);
		if (out == NULL)
			return 0;
	}
	if (page->written == page->count) {
		memcpy(out, layout->close, layout->close_len);
		out += layout->close_len;
	}
	return (size_t)(out - start);
}
