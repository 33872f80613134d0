/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

static void gives_zeroed_aligned_memory(void **state)
{
	struct arena *arena = arena_new();
	size_t i, j;

	(void)state;
	for (i = 0; i < 2000; i++) {
		unsigned char *data = arena_alloc(arena, i);

		assert_non_null(data);
		assert_int_equal((uintptr_t)data % _Alignof(max_align_t), 0);
		for (j = 0; j < i; j++)
			assert_int_equal(data[j], 0);
		memset(data, 0xff, i);
	}
	assert_true(arena_size(arena) >= 2000 * 1999 / 2);
	assert_non_null(arena_alloc(arena, 16 << 20));
	assert_non_null(arena_array(arena, 0, 8));
	arena_free(arena);
	arena_free(NULL);
}

static void remembers_that_it_failed(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_false(arena_failed(arena));
	assert_null(arena_alloc(arena, SIZE_MAX));
	assert_true(arena_failed(arena));
	assert_non_null(arena_alloc(arena, 1));
	assert_true(arena_failed(arena));
	arena_free(arena);
	arena = arena_new();
	assert_null(arena_array(arena, SIZE_MAX / 2, 3));
	assert_true(arena_failed(arena));
	arena_free(arena);
	arena = arena_new();
	arena_fail_after(arena, 2);
	assert_non_null(arena_alloc(arena, 1));
	assert_null(arena_alloc(arena, 1));
	assert_non_null(arena_alloc(arena, 1));
	arena_free(arena);
}

static void copies_and_prints(void **state)
{
	struct arena *arena = arena_new();

	(void)state;
	assert_string_equal(arena_copy(arena, "abcdef", 3), "abc");
	assert_string_equal(arena_copy(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%s-%d", "x", 7), "x-7");
	arena_fail_after(arena, 1);
	assert_null(arena_copy(arena, "abc", 3));
	arena_fail_after(arena, 1);
	assert_null(arena_printf(arena, "x"));
	arena_free(arena);
}

static void grows_lists(void **state)
{
	struct arena_list list = {.size = sizeof(uint32_t)};
	struct arena *arena = arena_new();
	uint32_t i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		uint32_t *item = arena_list_add(arena, &list);

		assert_non_null(item);
		assert_int_equal(*item, 0);
		*item = i;
	}
	assert_int_equal(list.n, 1000);
	for (i = 0; i < 1000; i++)
		assert_int_equal(((uint32_t *)list.items)[i], i);
	arena_fail_after(arena, 1);
	while (list.n < list.capacity)
		assert_non_null(arena_list_add(arena, &list));
	i = (uint32_t)list.n;
	assert_null(arena_list_add(arena, &list));
	assert_int_equal(list.n, i);
	assert_int_equal(((uint32_t *)list.items)[999], 999);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_zeroed_aligned_memory),
		cmocka_unit_test(remembers_that_it_failed),
		cmocka_unit_test(copies_and_prints),
		cmocka_unit_test(grows_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
