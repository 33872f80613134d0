/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <errno.h>

#include "parse/parse.h"

static void reads_queues(void **state)
{
	struct mux_queues queues = {.source.presence = MUX_PRESENT};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_queues(TEXT("number=5 port=42 waiting=3 dropped=1 command=a%20b\n"
					   "number=65536 port=1\n"
					   "port=1\n"
					   "number=0 port=4294963200\n"),
				      arena, &queues),
			 0);
	assert_int_equal(queues.n, 2);
	assert_int_equal(queues.list[0].number, 5);
	assert_int_equal(queues.list[0].port, 42);
	assert_int_equal(queues.list[0].waiting, 3);
	assert_slice(queues.list[0].command, "a b");
	assert_int_equal(queues.list[1].number, 0);
	assert_int_equal(queues.list[1].port, 4294963200u);
	assert_int_equal(queues.list[1].command.len, 0);
	arena_free(arena);
}

static void reads_conntrack(void **state)
{
	struct mux_conntrack conntrack = {.source.presence = MUX_PRESENT};

	(void)state;
	parse_conntrack(TEXT("count=7 max=8\n"), &conntrack);
	assert_int_equal(conntrack.source.presence, MUX_PRESENT);
	assert_int_equal(conntrack.count, 7);
	assert_int_equal(conntrack.max, 8);
}

/* A full table must not be read out of a damaged recording. */
static void knows_damage(void **state)
{
	static const char *const texts[] = {"", "count=7\n", "count=-1 max=0\n", "max=\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mux_conntrack conntrack = {.source.presence = MUX_PRESENT};

		parse_conntrack(slice_of(texts[i]), &conntrack);
		assert_int_equal(conntrack.source.presence, MUX_DENIED);
		assert_int_equal(conntrack.source.error, EBADMSG);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_queues),
		cmocka_unit_test(reads_conntrack),
		cmocka_unit_test(knows_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
