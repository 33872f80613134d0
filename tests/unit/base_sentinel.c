/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of a trace's chains: written and read again, and nothing else is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sentinel.h"
#include "base/slice.h"

static void names_come_back(void **state)
{
	char name[SENTINEL_NAME_MAX];
	int32_t priority;
	size_t i, j;

	(void)state;
	for (i = 0; i < SENTINEL_HOOKS; i++)
		for (j = 0; j < sentinel_hooks[i].n; j++) {
			const struct sentinels *hook = &sentinel_hooks[i];

			sentinel_name(hook, hook->priorities[j], name);
			assert_ptr_equal(sentinel_parse(slice_of(name), &priority), hook);
			assert_int_equal(priority, hook->priorities[j]);
		}
}

static void others_are_refused(void **state)
{
	static const char *const names[] = {
		"",	      "output",	      "output/",   "output/0", "output/-301 ",
		"outpu/-301", "OUTPUT/first", "input/-300"};
	int32_t priority;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		assert_null(sentinel_parse(slice_of(names[i]), &priority));
}

/* A packet seen at one of two neighbours and not at the other went between them. */
static void priorities_rise(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < SENTINEL_HOOKS; i++) {
		const struct sentinels *hook = &sentinel_hooks[i];

		assert_int_equal(hook->priorities[0], INT32_MIN);
		assert_int_equal(hook->priorities[hook->n - 1], INT32_MAX);
		for (j = 1; j < hook->n; j++) {
			assert_true(hook->priorities[j - 1] < hook->priorities[j]);
			assert_int_equal(sentinel_next(hook, hook->priorities[j - 1]),
					 hook->priorities[j]);
		}
		assert_int_equal(sentinel_next(hook, INT32_MAX), INT32_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_come_back),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(priorities_rise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
