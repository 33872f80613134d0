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

/* All 65536 words: each character stands for exactly 1008, and 16 stand for none. */
static void test_no_bias(void **state)
{
	unsigned counts[256] = {0}, skipped = 0, word;
	size_t i;

	(void)state;
	for (word = 0; word < 65536; word++) {
		unsigned char bytes[2] = {(unsigned char)word, (unsigned char)(word >> 8)};
		struct password_source source = {bytes, bytes + 2, dry, NULL};
		char c;

		if (password_draw(&source, PASSWORD_DEFAULT, &c, 1))
			counts[(unsigned char)c]++;
		else
			skipped++;
	}
	assert_int_equal(skipped, 65536 - 65 * 1008);
	for (i = 0; i < PASSWORD_CHARS; i++)
		assert_int_equal(
			counts[(unsigned char)password_alphabet_chars(PASSWORD_DEFAULT)[i]], 1008);
}

static void test_alphabet(void **state)
{
	static const char expected[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789#@$";

	(void)state;
	assert_int_equal(strlen(expected), PASSWORD_CHARS);
	assert_string_equal(password_alphabet_chars(PASSWORD_DEFAULT), expected);
}

/* How blocks are mapped in the test under way; NULL = the portable way. */
static size_t (*mapper)(const unsigned char *bytes, char *out, size_t n);

static int use_portable(void **state)
{
	(void)state;
	mapper = password_map_portable;
	return 0;
}

static int use_best(void **state)
{
	(void)state;
	mapper = password_map_best();
	return 0;
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
		.source = {stream, stream, next_piece, mapper},
		.stream = stream,
		.len = len,
		.piece = piece,
	};
}

enum { STREAM_LEN = 3000 };

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

/* The page is the plain sequence of characters, however the stream is cut. */
static void test_paths_agree(void **state)
{
	static unsigned char stream[STREAM_LEN];
	char expected[PASSWORD_COUNT * PASSWORD_LEN], page[PAGE_ROOM];
	unsigned round;

	(void)state;
	srandom(1);
	for (round = 0; round < 200; round++) {
		struct pieces pieces;
		size_t i;

		fill(stream);
		start(&pieces, stream, STREAM_LEN, STREAM_LEN);
		assert_true(password_draw(&pieces.source, PASSWORD_DEFAULT, expected,
					  sizeof(expected)));
		start(&pieces, stream, STREAM_LEN, 2 + 2 * round);
		assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
		for (i = 0; i < PASSWORD_COUNT; i++)
			assert_memory_equal(page + 1 + i * (PASSWORD_LEN + 1),
					    expected + i * PASSWORD_LEN, PASSWORD_LEN);
	}
}

/* Every word there is, on the way of pages, in an order that leaves many blocks without a skip. */
static void test_every_word_in_pages(void **state)
{
	enum { STEP = 40503 }; /* odd, so all words come */
	static unsigned char stream[2 * 65536];
	static char expected[65536];
	size_t n_chars = (size_t)65 * 1008, i, page_number;
	struct pieces pieces;

	(void)state;
	for (i = 0; i < 65536; i++) {
		unsigned word = (unsigned)(i * STEP) & 0xffff;

		stream[2 * i] = (unsigned char)word;
		stream[2 * i + 1] = (unsigned char)(word >> 8);
	}
	start(&pieces, stream, sizeof(stream), sizeof(stream));
	assert_true(password_draw(&pieces.source, PASSWORD_DEFAULT, expected, n_chars));
	start(&pieces, stream, sizeof(stream), sizeof(stream));
	for (page_number = 0; page_number < n_chars / 1200; page_number++) {
		char page[PAGE_ROOM];

		assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
		for (i = 0; i < PASSWORD_COUNT; i++)
			assert_memory_equal(page + 1 + i * 13,
					    expected + page_number * 1200 + i * 12, 12);
	}
}

/* Go's fmt, Python's repr and JSON, written the long way round. */
static void test_formats(void **state)
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

	(void)state;
	fill(stream);
	for (f = 0; f < PASSWORD_N_FORMATS; f++) {
		char chars[PASSWORD_COUNT * PASSWORD_LEN], page[PAGE_ROOM];
		char expected[PAGE_ROOM];
		struct pieces pieces;
		size_t n = 0;

		start(&pieces, stream, STREAM_LEN, STREAM_LEN);
		assert_true(password_draw(&pieces.source, PASSWORD_DEFAULT, chars, sizeof(chars)));
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

static void test_dry_source(void **state)
{
	static unsigned char stream[STREAM_LEN];
	char page[PAGE_ROOM];
	struct pieces pieces;

	(void)state;
	memset(stream, 0x55, sizeof(stream));
	start(&pieces, stream, 2 * PASSWORD_COUNT * PASSWORD_LEN, 100);
	assert_true(whole_page(&pieces.source, PASSWORD_GO, page));
	start(&pieces, stream, 2 * PASSWORD_COUNT * PASSWORD_LEN - 2, 100);
	assert_false(whole_page(&pieces.source, PASSWORD_GO, page));
}

/* Both ways map every block alike, or both refuse it. */
static void test_maps_agree(void **state)
{
	static unsigned char stream[STREAM_LEN];
	unsigned round, refused = 0;
	size_t i;

	(void)state;
	srandom(2);
	for (round = 0; round < 2000; round++) {
		fill(stream);
		for (i = 0; i + 2 * PASSWORD_BLOCK_CHARS <= STREAM_LEN; i += 331) {
			char portable[PASSWORD_BLOCK_CHARS], best[PASSWORD_BLOCK_CHARS];
			size_t ok = password_map_portable(stream + i, portable, 1);

			assert_int_equal(password_map_best()(stream + i, best, 1), ok);
			if (ok == 1)
				assert_memory_equal(portable, best, PASSWORD_BLOCK_CHARS);
			else
				refused++;
		}
	}
	assert_true(refused > 100);
}

/* The remainder's words, at every place of a block: each is refused, and its neighbours are not. */
static void test_maps_refuse(void **state)
{
	unsigned place, word;

	(void)state;
	for (place = 0; place < PASSWORD_BLOCK_CHARS; place++)
		for (word = 0; word < 65536; word += word % 97 + 1) {
			unsigned char block[2 * PASSWORD_BLOCK_CHARS];
			char out[PASSWORD_BLOCK_CHARS];
			bool kept = (65 * word & 0xffff) >= 16;

			memset(block, 0x55, sizeof(block));
			block[2 * place] = (unsigned char)word;
			block[2 * place + 1] = (unsigned char)(word >> 8);
			assert_int_equal(password_map_portable(block, out, 1), kept);
			assert_int_equal(password_map_best()(block, out, 1), kept);
		}
}

/* A big page in small pieces is the same as in big ones. */
static void test_pieces_of_pages(void **state)
{
	static unsigned char stream[2 * 65536];
	static char whole[70000], cut[70000];
	struct password_page page = {.count = 60, .len = 1024, .format = PASSWORD_PYTHON}, again;
	struct pieces pieces;
	size_t len, at = 0, i;

	(void)state;
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

/* Every word there is: each character of each alphabet equally often. */
static void test_no_bias_anywhere(void **state)
{
	unsigned i, word;
	size_t j;

	(void)state;
	for (i = 0; i < PASSWORD_N_ALPHABETS; i++) {
		const char *chars = password_alphabet_chars(i);
		unsigned counts[256] = {0};

		for (word = 0; word < 65536; word++) {
			unsigned char bytes[2] = {(unsigned char)word, (unsigned char)(word >> 8)};
			struct password_source source = {bytes, bytes + 2, dry, NULL};
			char c;

			if (password_draw(&source, i, &c, 1))
				counts[(unsigned char)c]++;
		}
		for (j = 0; chars[j] != '\0'; j++)
			assert_int_equal(counts[(unsigned char)chars[j]], 65536 / strlen(chars));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_bias),
		cmocka_unit_test(test_alphabet),
		cmocka_unit_test_setup(test_paths_agree, use_portable),
		cmocka_unit_test_setup(test_paths_agree, use_best),
		cmocka_unit_test_setup(test_formats, use_portable),
		cmocka_unit_test_setup(test_formats, use_best),
		cmocka_unit_test_setup(test_every_word_in_pages, use_portable),
		cmocka_unit_test_setup(test_every_word_in_pages, use_best),
		cmocka_unit_test(test_maps_agree),
		cmocka_unit_test(test_maps_refuse),
		cmocka_unit_test_setup(test_pieces_of_pages, use_best),
		cmocka_unit_test(test_alphabets),
		cmocka_unit_test(test_no_bias_anywhere),
		cmocka_unit_test(test_dry_source),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
