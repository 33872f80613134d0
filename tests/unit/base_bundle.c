/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <stdio.h>

#include <muxdiag/muxdiag.h>

static void keeps_entries_in_order(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	char name[32];
	int i;

	(void)state;
	assert_null(bundle_find(bundle, "x"));
	assert_null(bundle_at(bundle, 0));
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "entry/%d", i);
		assert_int_equal(bundle_put(bundle, name, slice_of(name)), 0);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "entry/%d", i);
		assert_slice(bundle_find(bundle, name)->bytes, name);
		assert_string_equal(bundle_at(bundle, (size_t)i)->name, name);
	}
	assert_null(bundle_at(bundle, 1000));
	assert_null(bundle_find(bundle, "entry/1000"));
	mux_bundle_free(bundle);
	mux_bundle_free(NULL);
}

/* A snapshot may still point into the bytes of an entry that was replaced. */
static void keeps_replaced_bytes(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct mux_slice old;

	(void)state;
	bundle_put(bundle, "a", TEXT("one"));
	old = bundle_find(bundle, "a")->bytes;
	bundle_put(bundle, "a", TEXT("two"));
	bundle_append(bundle, "a", TEXT(" three"));
	bundle_append(bundle, "b", TEXT("new"));
	assert_slice(old, "one");
	assert_slice(bundle_find(bundle, "a")->bytes, "two three");
	assert_slice(bundle_find(bundle, "b")->bytes, "new");
	bundle_put_error(bundle, "a", EACCES);
	assert_int_equal(bundle_find(bundle, "a")->error, EACCES);
	assert_int_equal(bundle_find(bundle, "a")->bytes.len, 0);
	bundle_put(bundle, "a", TEXT("back"));
	assert_int_equal(bundle_find(bundle, "a")->error, 0);
	assert_null(bundle_at(bundle, 2));
	mux_bundle_free(bundle);
}

static void refuses_names_that_leave_a_folder(void **state)
{
	static const char *const bad[] = {
		"",	  "/",	   "/etc", "a/",  "a//b", ".",	  "..",	      "../a",  "a/..",
		"a/../b", "a/./b", ".a",   "a b", "a\nb", "a\\b", "\xc3\xa4", "a\x7f",
	};
	static const char *const good[] = {"a", "a/b", "file/etc/hosts", "a..b", "a%2fb", "::1"};
	struct mux_bundle *bundle = bundle_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(bundle_put(bundle, bad[i], TEXT("x")), -EINVAL);
		assert_int_equal(bundle_put_error(bundle, bad[i], EPERM), -EINVAL);
	}
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_int_equal(bundle_put(bundle, good[i], TEXT("x")), 0);
	mux_bundle_free(bundle);
}

static void says_how_a_source_answered(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	struct mux_source source;

	(void)state;
	bundle_take(bundle, "cut", calloc(4, 1), 4, true);
	bundle_put_error(bundle, "gone", ENOENT);
	bundle_put_error(bundle, "secret", EACCES);
	assert_int_equal(bundle_source(bundle, "cut", &source).len, 4);
	assert_int_equal(source.presence, MUX_PRESENT);
	assert_true(source.truncated);
	assert_string_equal(source.name, "cut");
	assert_int_equal(bundle_source(bundle, "gone", &source).len, 0);
	assert_int_equal(source.presence, MUX_ABSENT);
	assert_int_equal(bundle_source(bundle, "secret", &source).len, 0);
	assert_int_equal(source.presence, MUX_DENIED);
	assert_int_equal(source.error, EACCES);
	assert_int_equal(bundle_source(bundle, "other", &source).len, 0);
	assert_int_equal(source.presence, MUX_NOT_ASKED);
	assert_null(source.name);
	mux_bundle_free(bundle);
}

static void removes_by_prefix(void **state)
{
	struct mux_bundle *bundle = bundle_new();
	const char *bytes;

	(void)state;
	bundle_remove(bundle, "a");
	bundle_put(bundle, "nft/a", TEXT("x"));
	bundle_put(bundle, "file/a", TEXT("y"));
	bundle_put(bundle, "nft/b", TEXT("z"));
	bytes = bundle_find(bundle, "nft/a")->bytes.data;
	bundle_remove(bundle, "nft/");
	assert_null(bundle_find(bundle, "nft/a"));
	assert_null(bundle_find(bundle, "nft/b"));
	assert_string_equal(bundle_at(bundle, 0)->name, "file/a");
	assert_null(bundle_at(bundle, 1));
	assert_non_null(bundle_find(bundle, "file/a"));
	assert_string_equal(bytes, "x");
	bundle_put(bundle, "nft/b", TEXT("again"));
	assert_string_equal(bundle_at(bundle, 1)->name, "nft/b");
	mux_bundle_free(bundle);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_entries_in_order),
		cmocka_unit_test(keeps_replaced_bytes),
		cmocka_unit_test(refuses_names_that_leave_a_folder),
		cmocka_unit_test(says_how_a_source_answered),
		cmocka_unit_test(removes_by_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
