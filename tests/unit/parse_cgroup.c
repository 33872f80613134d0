/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <errno.h>

#include "parse/parse.h"

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_cgroup cgroup = {.source.presence = MUX_PRESENT};

	return parse_cgroup(bytes, arena, &cgroup);
}

static void reads_programs(void **state)
{
	struct mux_cgroup cgroup = {.source.presence = MUX_PRESENT};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_cgroup(TEXT("path=/a%20b\nhook=connect6 id=12 name=deny%1b\n"
					   "hook=egress id=4294967295 name=\n"),
				      arena, &cgroup),
			 0);
	assert_int_equal(cgroup.source.presence, MUX_PRESENT);
	assert_slice(cgroup.path, "/a b");
	assert_int_equal(cgroup.n_programs, 2);
	assert_int_equal(cgroup.programs[0].hook, MUX_CGROUP_CONNECT6);
	assert_int_equal(cgroup.programs[0].id, 12);
	assert_slice(cgroup.programs[0].name, "deny\033");
	assert_int_equal(cgroup.programs[1].hook, MUX_CGROUP_EGRESS);
	assert_int_equal(cgroup.programs[1].id, UINT32_MAX);
	assert_int_equal(cgroup.programs[1].name.len, 0);
	arena_free(arena);
}

/* What is not understood may be a program that denies. */
static void what_is_not_understood_is_not_known(void **state)
{
	static const char *const texts[] = {
		"hook=later id=1 name=\n", "hook=egress name=\n",	  "hook=egress id=-1\n",
		"hook=egress id=x\n",	   "hook=egress id=4294967296\n", "hook=%zz id=1\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mux_cgroup cgroup = {.source.presence = MUX_PRESENT};
		struct arena *arena = arena_new();

		assert_int_equal(parse_cgroup(slice_of(texts[i]), arena, &cgroup), 0);
		assert_int_equal(cgroup.source.presence, MUX_DENIED);
		assert_int_equal(cgroup.source.error, EBADMSG);
		arena_free(arena);
	}
}

static void bears_damage_and_no_memory(void **state)
{
	(void)state;
	check_no_memory(TEXT("path=/%41\nhook=connect6 id=12 name=%41\n"), parse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_programs),
		cmocka_unit_test(what_is_not_understood_is_not_known),
		cmocka_unit_test(bears_damage_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
