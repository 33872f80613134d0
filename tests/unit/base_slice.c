/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

static void compares(void **state)
{
	(void)state;
	assert_int_equal(slice_of(NULL).len, 0);
	assert_true(slice_equal(slice_of("a"), TEXT("a")));
	assert_true(slice_equal(slice_of(NULL), TEXT("")));
	assert_false(slice_equal(TEXT("a"), TEXT("ab")));
	assert_false(slice_equal(TEXT("a\0b"), TEXT("a\0c")));
	assert_true(slice_is(TEXT("abc"), "abc"));
	assert_true(slice_equal_nocase(TEXT("LocalHost"), TEXT("localhost")));
	assert_false(slice_equal_nocase(TEXT("[ab"), TEXT("{ab")));
	/* no locale: only ASCII letters have a case */
	assert_false(slice_equal_nocase(TEXT("\xc4"), TEXT("\xe4")));
	assert_true(slice_starts_with(TEXT("abc"), "ab"));
	assert_true(slice_starts_with(TEXT(""), ""));
	assert_false(slice_starts_with(TEXT("a"), "ab"));
}

static void trims(void **state)
{
	(void)state;
	assert_slice(slice_trim(TEXT(" \t\r\n\v\fa b\n ")), "a b");
	assert_slice(slice_trim(TEXT(" \n")), "");
	assert_slice(slice_trim(slice_of(NULL)), "");
	/* a NUL byte is no blank */
	assert_int_equal(slice_trim(TEXT("a\0 ")).len, 2);
}

static void parses_numbers(void **state)
{
	static const struct {
		struct mux_slice text;
		int base;
		int error;
		uint64_t value;
	} rows[] = {
		{SLICE("0"), 10, 0, 0},
		{SLICE("007"), 10, 0, 7},
		{SLICE("18446744073709551615"), 10, 0, UINT64_MAX},
		{SLICE("18446744073709551616"), 10, -ERANGE, 0},
		{SLICE("99999999999999999999"), 10, -ERANGE, 0},
		{SLICE("ffffffffffffffff"), 16, 0, UINT64_MAX},
		{SLICE("10000000000000000"), 16, -ERANGE, 0},
		{SLICE("Ff"), 16, 0, 255},
		{SLICE(""), 10, -EINVAL, 0},
		{SLICE(" 1"), 10, -EINVAL, 0},
		{SLICE("1 "), 10, -EINVAL, 0},
		{SLICE("a"), 10, -EINVAL, 0},
		{SLICE("g"), 16, -EINVAL, 0},
		{SLICE("0x1"), 16, -EINVAL, 0},
		{SLICE("-1"), 10, -EINVAL, 0},
		{SLICE("1\0"), 10, -EINVAL, 0},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t value = 42;
		struct guard guard;

		guard_copy(&guard, rows[i].text, 1);
		assert_int_equal(slice_parse_u64(guard.bytes, rows[i].base, &value), rows[i].error);
		assert_int_equal(value, rows[i].error == 0 ? rows[i].value : 42);
		guard_free(&guard);
	}
}

static void parses_signed_numbers(void **state)
{
	int64_t value = 42;

	(void)state;
	assert_int_equal(slice_parse_i64(TEXT("-11"), &value), 0);
	assert_int_equal(value, -11);
	assert_int_equal(slice_parse_i64(TEXT("9223372036854775807"), &value), 0);
	assert_int_equal(value, INT64_MAX);
	assert_int_equal(slice_parse_i64(TEXT("9223372036854775808"), &value), -ERANGE);
	assert_int_equal(slice_parse_i64(TEXT("-"), &value), -EINVAL);
	assert_int_equal(slice_parse_i64(TEXT("--1"), &value), -EINVAL);
	assert_int_equal(slice_parse_i64(TEXT(""), &value), -EINVAL);
	assert_int_equal(value, INT64_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compares),
		cmocka_unit_test(trims),
		cmocka_unit_test(parses_numbers),
		cmocka_unit_test(parses_signed_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
