/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Texts, and the door through which hostile bytes enter them. */
#include "parse_room.h"

#include "base/str.h"

static void appends(void **state)
{
	struct arena *arena = arena_new();
	struct str text;
	int i;

	(void)state;
	str_init(&text, arena);
	assert_string_equal(str_done(&text), "");
	for (i = 0; i < 1000; i++) {
		str_add(&text, "ab");
		str_addf(&text, "%03d", i);
	}
	assert_int_equal(text.len, 5000);
	assert_int_equal(strlen(str_done(&text)), 5000);
	assert_memory_equal(text.data + 4995, "ab999", 6);
	arena_free(arena);
}

static void escapes(void **state)
{
	static const struct {
		struct mux_slice bytes;
		const char *text;
	} rows[] = {
		{SLICE("plain text"), "plain text"},
		{SLICE("m\xc3\xbcnchen \xe2\x9c\x93 \xf0\x9f\x98\x80"),
		 "m\xc3\xbcnchen \xe2\x9c\x93 \xf0\x9f\x98\x80"},
		{SLICE("a\\b"), "a\\\\b"},
		{SLICE("\x1b[31m\r\n\t\0\x7f"), "\\x1b[31m\\x0d\\x0a\\x09\\x00\\x7f"},
		/* C1 controls, alone and as UTF-8 */
		{SLICE("\x9b"
		       "31m \xc2\x9b"),
		 "\\x9b31m \\u{009b}"},
		/* bidirectional controls, zero width, byte order mark, separators, tags, signs that
		 * enclose what follows, private use */
		{SLICE("\xd8\x81\xee\x80\x80"), "\\u{0601}\\u{e000}"},
		{SLICE("\xe2\x80\xae\xe2\x81\xa6\xe2\x80\x8b"), "\\u{202e}\\u{2066}\\u{200b}"},
		{SLICE("\xef\xbb\xbf\xe2\x80\xa8\xf3\xa0\x80\x81"), "\\u{feff}\\u{2028}\\u{e0001}"},
		/* overlong, surrogate, beyond Unicode, cut off, stray continuation */
		{SLICE("\xc0\xaf"), "\\xc0\\xaf"},
		{SLICE("\xed\xa0\x80"), "\\xed\\xa0\\x80"},
		{SLICE("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80"},
		{SLICE("\xe2\x9c"), "\\xe2\\x9c"},
		{SLICE("\x80"), "\\x80"},
		{SLICE("\xc3("), "\\xc3("},
	};
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct guard guard;

		guard_copy(&guard, rows[i].bytes, 1);
		assert_string_equal(str_escape(arena, guard.bytes), rows[i].text);
		guard_free(&guard);
	}
	arena_free(arena);
}

static void quotes_for_the_shell(void **state)
{
	static const struct {
		struct mux_slice bytes;
		const char *text;
	} rows[] = {
		{SLICE("filter"), "filter"},
		{SLICE("/etc/hosts"), "/etc/hosts"},
		{SLICE(""), "''"},
		{SLICE("a b"), "'a b'"},
		{SLICE("it's"), "'it'\\''s'"},
		{SLICE("$(rm -rf x);`y`"), "'$(rm -rf x);`y`'"},
		{SLICE("~x"), "'~x'"},
		{SLICE("a\nb'"), "$'a\\x0ab\\x27'"},
	};
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct str text;

		str_init(&text, arena);
		str_add_shell(&text, rows[i].bytes);
		assert_string_equal(str_done(&text), rows[i].text);
	}
	arena_free(arena);
}

static void survives_without_memory(void **state)
{
	size_t n;

	(void)state;
	for (n = 1; n < 6; n++) {
		struct arena *arena = arena_new();
		struct str text;
		int i;

		str_init(&text, arena);
		arena_fail_after(arena, n);
		for (i = 0; i < 100; i++) {
			str_add(&text, "0123456789");
			str_addf(&text, "%d", i);
			str_add_escaped(&text, TEXT("\x01"));
		}
		assert_true(arena_failed(arena));
		arena_free(arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends),
		cmocka_unit_test(escapes),
		cmocka_unit_test(quotes_for_the_shell),
		cmocka_unit_test(survives_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
