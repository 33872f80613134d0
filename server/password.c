/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "password.h"

#include <string.h>

enum { BATCH_PASSWORDS = 100, SLACK = 4 };

_Static_assert(PASSWORD_LEN % 2 == 0, "a batch is drawn as its passwords would be, one by one");

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

/* Draws what is left to draw of what is in the source, word by word. Returns how many. */
static size_t draw_words(struct password_source *source, enum password_alphabet alphabet, char *out,
			 size_t len)
{
	const char *chars = alphabets[alphabet].chars;
	const uint32_t n_chars = (uint32_t)strlen(chars),
		       reject_below = 65536 % (n_chars * n_chars);
	size_t n = 0;

	while (n < len && source->end - source->next >= 2) {
		uint32_t word = (uint32_t)source->next[0] | (uint32_t)source->next[1] << 8;
		uint32_t first = n_chars * word, second = n_chars * (first & 0xffff);

		source->next += 2;
		if ((second & 0xffff) < reject_below)
			continue;
		out[n++] = chars[first >> 16];
		if (n < len)
			out[n++] = chars[second >> 16];
	}
	return n;
}

static const struct password_way *way_of(const struct password_source *source)
{
	return source->way != NULL ? source->way : &password_ways[password_n_ways - 1];
}

bool password_draw(struct password_source *source, enum password_alphabet alphabet, char *out,
		   size_t len)
{
	while (len != 0) {
		size_t n = 0;

		if (source->end - source->next < 2 && !source->refill(source))
			return false;
		if (alphabet == PASSWORD_DEFAULT)
			n = way_of(source)->map(source, out, len);
		n += draw_words(source, alphabet, out + n, len - n);
		out += n;
		len -= n;
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
 * Passwords of the ordinary kind, n of them. First all characters, then all passwords: a
 * load that spans two stores still under way would wait for both. Returns NULL when the source is
 * dry.
 */
static char *put_batch(struct password_source *source, struct password_page *page, char *out,
		       size_t n)
{
	const struct layout *layout = &layouts[page->format];
	const size_t stride = PASSWORD_LEN + layout->separator_len;
	char batch[BATCH_PASSWORDS * PASSWORD_LEN + SLACK];
	const char *next = batch, *end = batch + n * PASSWORD_LEN;
	void (*spread)(const char *, size_t, char, char *) = way_of(source)->spread;
	uint32_t separator;

	if (!password_draw(source, PASSWORD_DEFAULT, batch, n * PASSWORD_LEN))
		return NULL;
	out = put_before(layout, page, out);
	page->written += (uint16_t)n;
	if (layout->separator_len == 1 && spread != NULL && n % PASSWORD_SPREAD == 0) {
		spread(batch, n, layout->separator[0], out);
		return out + n * stride - 1;
	}
	/* Kept in registers, since the compiler cannot know that `out` is not the layout. */
	memcpy(&separator, layout->separator, sizeof(separator));
	/* Each by one move, of which the end is overwritten: there is room on both sides. */
	for (; end - next > 2 * PASSWORD_LEN; next += 2 * PASSWORD_LEN, out += 2 * stride) {
		memcpy(out, next, PASSWORD_LEN + SLACK);
		memcpy(out + PASSWORD_LEN, &separator, sizeof(separator));
		memcpy(out + stride, next + PASSWORD_LEN, PASSWORD_LEN + SLACK);
		memcpy(out + stride + PASSWORD_LEN, &separator, sizeof(separator));
	}
	for (; next < end; next += PASSWORD_LEN, out += stride) {
		memcpy(out, next, PASSWORD_LEN + SLACK);
		memcpy(out + PASSWORD_LEN, &separator, sizeof(separator));
	}
	return out - layout->separator_len;
}

/* How many can be written at once: of what is left, what there is room for. */
static size_t count_batch(const struct password_page *page, size_t room)
{
	size_t left = (size_t)(page->count - page->written);
	size_t fit = (room - 8) / (PASSWORD_LEN + 4);
	size_t n = left < fit ? left : fit;

	if (page->alphabet != PASSWORD_DEFAULT || page->len != PASSWORD_LEN)
		return 0;
	return n < BATCH_PASSWORDS ? n : BATCH_PASSWORDS;
}

static char *put_one(struct password_source *source, struct password_page *page, char *out)
{
	out = put_before(&layouts[page->format], page, out);
	if (!password_draw(source, page->alphabet, out, page->len))
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
		size_t n = count_batch(page, (size_t)(end - out));

		/* Both ways draw the same characters from the same stream. */
		if (n != 0)
			out = put_batch(source, page, out, n);
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
