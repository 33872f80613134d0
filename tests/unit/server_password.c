/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mapping from key stream to passwords: exactly even, and the same on every path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "password.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_ROOM = 2048 };

/* A whole page of the ordinary size. */
static bool whole_page(struct password_source *source, enum password_format format,
		       char out[static PAGE_ROOM])
{
	struct password_page page = password_page_default();

	page.format = (uint8_t)format;
	return password_page_write(source, &page, out, PAGE_ROOM) == password_page_len(&page) &&
	       page.written == page.count;
}

static bool dry(struct password_source *source)
{
	(void)source;
	return false;
}

/* All 65536 words: each pair of characters stands for exactly 15, and the others for none. */
static void test_no_bias(void **state)
{
	static unsigned counts[256][256];
	const char *chars = password_alphabet_chars(PASSWORD_DEFAULT);
	unsigned skipped = 0, word;
	size_t i, j;

	(void)state;
	for (word = 0; word < 65536; word++) {
		unsigned char bytes[2] = {(unsigned char)word, (unsigned char)(word >> 8)};
		struct password_source source = {bytes, bytes + 2, dry, NULL};
		char pair[2];

		if (password_draw(&source, PASSWORD_DEFAULT, pair, 2))
			counts[(unsigned char)pair[0]][(unsigned char)pair[1]]++;
		else
			skipped++;
	}
	assert_int_equal(skipped, 65536 - 65 * 65 * 15);
	for (i = 0; i < PASSWORD_CHARS; i++)
		for (j = 0; j < PASSWORD_CHARS; j++)
			assert_int_equal(counts[(unsigned char)chars[i]][(unsigned char)chars[j]],
					 15);
}

static void test_alphabet(void **state)
{
	static const char expected[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$";

	(void)state;
	assert_int_equal(strlen(expected), PASSWORD_CHARS);
	assert_string_equal(password_alphabet_chars(PASSWORD_DEFAULT), expected);
}

/* How characters are drawn in the test under way. */
static const struct password_way *way;

/* Runs the test with each way that this CPU has. */
static void each_way(void (*test)(void))
{
	for (way = password_ways; way < password_ways + password_n_ways; way++)
		if (way->works_here())
			test();
}

/* A stream that is handed out in pieces of `piece` bytes. */
struct pieces {
	struct password_source source; /* first */
	unsigned char *stream;
	size_t len, at, piece;
};

static bool next_piece(struct password_source *source)
{
	struct pieces *pieces = (struct pieces *)source;
	size_t n = pieces->len - pieces->at;

	/* Whole words: an odd byte would be lost between two pieces. */
	n = n < pieces->piece ? n : pieces->piece;
	if (n < 2)
		return false;
	source->next = pieces->stream + pieces->at;
	source->end = source->next + n;
	pieces->at += n;
	return true;
}

static void start(struct pieces *pieces, unsigned char *stream, size_t len, size_t piece)
{
	*pieces = (struct pieces){
		.source = {stream, stream, next_piece, way},
		.stream = stream,
		.len = len,
		.piece = piece,
	};
}

enum { STREAM_LEN = 2000 };

/* Words of which about every tenth has to be skipped. */
static void fill(unsigned char stream[static STREAM_LEN])
{
	size_t i;

	for (i = 0; i < STREAM_LEN; i += 2) {
		unsigned word = (unsigned)random() & 0xffff;

		if (random() % 10 == 0)
			word = 0;
		stream[i] = (unsigned char)word;
		stream[i + 1] = (unsigned char)(word >> 8);
	}
}

/* Characters drawn word by word, as the header says. */
static void draw_plainly(const unsigned char *stream, char *out, size_t len)
{
	const char *chars = password_alphabet_chars(PASSWORD_DEFAULT);
	size_t n = 0;

	for (; n < len; stream += 2) {
		unsigned scaled = 65u * 65u * ((unsigned)stream[0] | (unsigned)stream[1] << 8);

		if (scaled % 65536 < 65536 % (65 * 65))
			continue;
		out[n++] = chars[scaled / 65536 / 65];
		if (n < len)
			out[n++] = chars[scaled / 65536 % 65];
	}
}

/* The page is the plain sequence of characters, however the stream is cut. */
static void paths_agree(void)
{
	static unsigned char stream[STREAM_LEN];
	char expected[PASSWORD_COUNT * PASSWORD_LEN], page[PAGE_ROOM];
	unsigned round;

	srandom(1);
	for (round = 0; round < 200; round++) {
		struct pieces pieces;
		size_t i;

		fill(stream);
		draw_plainly(stream, expected, sizeof(expected));
		start(&pieces, stream, STREAM_LEN, 2 + 2 * round);
		assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
		for (i = 0; i < PASSWORD_COUNT; i++)
			assert_memory_equal(page + 1 + i * (PASSWORD_LEN + 1),
					    expected + i * PASSWORD_LEN, PASSWORD_LEN);
	}
}

/* Every word there is, on the way of pages. */
static void every_word_in_pages(void)
{
	enum { STEP = 40503, N_CHARS = 2 * 65 * 65 * 15 }; /* an odd step, so all words come */
	static unsigned char stream[2 * 65536];
	static char expected[N_CHARS];
	size_t i, page_number;
	struct pieces pieces;

	for (i = 0; i < 65536; i++) {
		unsigned word = (unsigned)(i * STEP) & 0xffff;

		stream[2 * i] = (unsigned char)word;
		stream[2 * i + 1] = (unsigned char)(word >> 8);
	}
	draw_plainly(stream, expected, N_CHARS);
	start(&pieces, stream, sizeof(stream), sizeof(stream));
	for (page_number = 0; page_number < N_CHARS / 1200; page_number++) {
		char page[PAGE_ROOM];

		assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
		for (i = 0; i < PASSWORD_COUNT; i++)
			assert_memory_equal(page + 1 + i * 13,
					    expected + page_number * 1200 + i * 12, 12);
	}
}

/* Go's fmt, Python's repr and JSON, written the long way round. */
static void formats_are_right(void)
{
	static const struct {
		enum password_format format;
		const char *name, *open, *separator, *close;
		size_t len;
	} formats[] = {
		{PASSWORD_GO, "go", "[", " ", "]", 1301},
		{PASSWORD_PYTHON, "python", "['", "', '", "']", 1600},
		{PASSWORD_JSON, "json", "[\"", "\",\"", "\"]", 1501},
		{PASSWORD_LINES, "lines", "", "\n", "\n", 1300},
	};
	static unsigned char stream[STREAM_LEN];
	size_t f, i;

	fill(stream);
	for (f = 0; f < PASSWORD_N_FORMATS; f++) {
		char chars[PASSWORD_COUNT * PASSWORD_LEN], page[PAGE_ROOM];
		char expected[PAGE_ROOM];
		struct pieces pieces;
		size_t n = 0;

		draw_plainly(stream, chars, sizeof(chars));
		for (i = 0; i < PASSWORD_COUNT; i++)
			n += (size_t)sprintf(expected + n, "%s%.12s",
					     i == 0 ? formats[f].open : formats[f].separator,
					     chars + i * PASSWORD_LEN);
		n += (size_t)sprintf(expected + n, "%s", formats[f].close);
		start(&pieces, stream, STREAM_LEN, STREAM_LEN);
		assert_true(whole_page(&pieces.source, formats[f].format, page));
		assert_int_equal(n, formats[f].len);
		assert_memory_equal(page, expected, n);
		assert_string_equal(password_format_name(formats[f].format), formats[f].name);
	}
}

static void dry_source_is_told(void)
{
	static unsigned char stream[STREAM_LEN];
	char page[PAGE_ROOM];
	struct pieces pieces;

	memset(stream, 0x55, sizeof(stream));
	start(&pieces, stream, PASSWORD_COUNT * PASSWORD_LEN, 100);
	assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
	start(&pieces, stream, PASSWORD_COUNT * PASSWORD_LEN - 2, 100);
	assert_false(whole_page(&pieces.source, PASSWORD_GO, page));
}

/* A way keeps within `len` and the source, whatever they are, and leaves the rest. */
static void way_keeps_within(void)
{
	static unsigned char stream[STREAM_LEN];
	size_t n_bytes, len;

	fill(stream);
	for (n_bytes = 0; n_bytes < 300; n_bytes++)
		for (len = 0; len < 200; len += 3) {
			char out[256], expected[256];
			struct password_source source = {stream, stream + n_bytes, dry, NULL};
			size_t n;

			memset(out, '!', sizeof(out));
			n = way->map(&source, out, len);
			assert_in_range(n, 0, len);
			assert_true(source.next <= source.end);
			assert_int_equal(n % 2, 0);
			draw_plainly(stream, expected, n);
			assert_memory_equal(out, expected, n);
			assert_int_equal(out[len], '!');
		}
}

/* A big page in small pieces is the same as in big ones. */
static void pieces_of_pages(void)
{
	static unsigned char stream[2 * 65536];
	static char whole[70000], cut[70000];
	struct password_page page = {.count = 60, .len = 1023, .format = PASSWORD_PYTHON}, again;
	struct pieces pieces;
	size_t len, at = 0, i;

	srandom(3);
	for (i = 0; i < sizeof(stream); i++)
		stream[i] = (unsigned char)random();
	again = page;
	start(&pieces, stream, sizeof(stream), sizeof(stream));
	len = password_page_write(&pieces.source, &page, whole, sizeof(whole));
	assert_int_equal(len, password_page_len(&page));
	start(&pieces, stream, sizeof(stream), 1000);
	while (again.written < again.count) {
		size_t n = password_page_write(&pieces.source, &again, cut + at, PASSWORD_STEP_MAX);

		assert_in_range(n, 1, PASSWORD_STEP_MAX);
		at += n;
	}
	assert_int_equal(at, len);
	assert_memory_equal(whole, cut, len);
}

/* Every alphabet: named, without repetition, nothing that a format would have to quote. */
static void test_alphabets(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < PASSWORD_N_ALPHABETS; i++) {
		const char *chars = password_alphabet_chars(i), *c;

		assert_true(strlen(chars) >= 10 && strlen(password_alphabet_name(i)) > 2);
		for (c = chars; *c != '\0'; c++) {
			assert_ptr_equal(strchr(chars, *c), c);
			assert_null(strchr(" '\"\\<>&", *c));
			assert_in_range(*c, '!', '~');
		}
	}
}

/* Every word there is: each character of each alphabet equally often in both places. */
static void test_no_bias_anywhere(void **state)
{
	unsigned i, word;
	size_t j;

	(void)state;
	for (i = 0; i < PASSWORD_N_ALPHABETS; i++) {
		const char *chars = password_alphabet_chars(i);
		unsigned counts[2][256] = {{0}};
		unsigned n_chars = (unsigned)strlen(chars);

		for (word = 0; word < 65536; word++) {
			unsigned char bytes[2] = {(unsigned char)word, (unsigned char)(word >> 8)};
			struct password_source source = {bytes, bytes + 2, dry, NULL};
			char pair[2];

			if (!password_draw(&source, i, pair, 2))
				continue;
			counts[0][(unsigned char)pair[0]]++;
			counts[1][(unsigned char)pair[1]]++;
		}
		for (j = 0; j < 2 * n_chars; j++)
			assert_int_equal(counts[j % 2][(unsigned char)chars[j / 2]],
					 65536 / (n_chars * n_chars) * n_chars);
	}
}

static void test_paths_agree(void **state)
{
	(void)state;
	each_way(paths_agree);
}

static void test_every_word_in_pages(void **state)
{
	(void)state;
	each_way(every_word_in_pages);
}

static void test_formats(void **state)
{
	(void)state;
	each_way(formats_are_right);
}

static void test_dry_source(void **state)
{
	(void)state;
	each_way(dry_source_is_told);
}

static void test_ways_keep_within(void **state)
{
	(void)state;
	each_way(way_keeps_within);
}

static void test_pieces_of_pages(void **state)
{
	(void)state;
	each_way(pieces_of_pages);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_bias),
		cmocka_unit_test(test_alphabet),
		cmocka_unit_test(test_no_bias_anywhere),
		cmocka_unit_test(test_alphabets),
		cmocka_unit_test(test_paths_agree),
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_every_word_in_pages),
		cmocka_unit_test(test_ways_keep_within),
		cmocka_unit_test(test_pieces_of_pages),
		cmocka_unit_test(test_dry_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
