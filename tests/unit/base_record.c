/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <muxdiag/muxdiag.h>

#include "base/record.h"

static void survives_a_round_trip(void **state)
{
	struct mux_slice hostile = TEXT("a b=%\n\0\xff~\x1b");
	struct arena *arena = arena_new();
	struct mux_slice rest, line, value;
	struct str text;
	int64_t number;

	(void)state;
	str_init(&text, arena);
	record_add(&text, "name", TEXT("localhost"));
	record_add(&text, "hostile", hostile);
	record_add_number(&text, "number", -11);
	record_end(&text);
	record_add(&text, "name", TEXT("second"));
	record_end(&text);
	assert_string_equal(str_done(&text),
			    "name=localhost hostile=a%20b%3d%25%0a%00%ff%7e%1b number=-11\n"
			    "name=second\n");
	rest = slice_of(str_done(&text));
	assert_true(record_next(&rest, &line));
	assert_int_equal(record_text(line, "name", arena, &value), 0);
	assert_slice(value, "localhost");
	assert_int_equal(record_text(line, "hostile", arena, &value), 0);
	assert_true(slice_equal(value, hostile));
	assert_int_equal(record_number(line, "number", &number), 0);
	assert_int_equal(number, -11);
	assert_true(record_next(&rest, &line));
	assert_int_equal(record_text(line, "name", arena, &value), 0);
	assert_slice(value, "second");
	assert_false(record_next(&rest, &line));
	arena_free(arena);
}

static void finds_keys(void **state)
{
	struct mux_slice line = TEXT("ab=1 b= c=%41 d=%4 e=%zz f=99999999999999999999 b=2");
	struct arena *arena = arena_new();
	struct mux_slice value;
	int64_t number = 42;

	(void)state;
	assert_int_equal(record_text(line, "a", arena, &value), -ENOENT);
	assert_int_equal(record_text(line, "b", arena, &value), 0);
	assert_slice(value, "");
	assert_int_equal(record_text(line, "c", arena, &value), 0);
	assert_slice(value, "A");
	assert_int_equal(record_text(line, "d", arena, &value), -EINVAL);
	assert_int_equal(record_text(line, "e", arena, &value), -EINVAL);
	assert_int_equal(record_number(line, "b", &number), -EINVAL);
	assert_int_equal(record_number(line, "f", &number), -ERANGE);
	assert_int_equal(record_number(line, "g", &number), -ENOENT);
	assert_int_equal(number, 42);
	arena_fail_after(arena, 1);
	assert_int_equal(record_text(line, "c", arena, &value), -ENOMEM);
	arena_free(arena);
}

static void skips_empty_lines(void **state)
{
	struct mux_slice rest = TEXT("\n\na=1\n\nb=2"), line;

	(void)state;
	assert_true(record_next(&rest, &line));
	assert_slice(line, "a=1");
	assert_true(record_next(&rest, &line));
	assert_slice(line, "b=2");
	assert_false(record_next(&rest, &line));
	rest = TEXT("\n\n");
	assert_false(record_next(&rest, &line));
}

/* A name in a path can neither leave its folder nor become two parts. */
static void encodes_names(void **state)
{
	static const struct {
		struct mux_slice name;
		const char *encoded;
	} rows[] = {
		{SLICE("filter"), "filter"}, {SLICE("a/b"), "a%2fb"},	    {SLICE(".."), "%2e%2e"},
		{SLICE("x:y z"), "x:y%20z"}, {SLICE("\0\n%"), "%00%0a%25"},
	};
	struct arena *arena = arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *encoded = record_encode_name(arena, rows[i].name);
		struct mux_slice decoded;

		assert_string_equal(encoded, rows[i].encoded);
		assert_true(bundle_name_is_safe(encoded));
		assert_int_equal(record_decode(arena, slice_of(encoded), &decoded), 0);
		assert_true(slice_equal(decoded, rows[i].name));
	}
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_a_round_trip),
		cmocka_unit_test(finds_keys),
		cmocka_unit_test(skips_empty_lines),
		cmocka_unit_test(encodes_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
