/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "parse/parse.h"

static void reads_surroundings(void **state)
{
	struct mux_surroundings surroundings = {.source.presence = MUX_PRESENT};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(
		parse_surroundings(TEXT("first_netns=0 no_new_privs=1 seccomp=2 docker=1 podman=0 "
					"modules=lockdown,landlock label=a%20b selinux=1 "
					"release=6.1 ipv6_off=1 parameter=ipv6.disable%3d1\n"),
				   arena, &surroundings),
		0);
	assert_int_equal(surroundings.first_netns, MUX_NO);
	assert_int_equal(surroundings.no_new_privs, MUX_YES);
	assert_int_equal(surroundings.seccomp, MUX_YES);
	assert_true(surroundings.docker && !surroundings.podman);
	assert_true(surroundings.selinux_enforcing && surroundings.ipv6_off);
	assert_slice(surroundings.label, "a b");
	assert_slice(surroundings.parameter, "ipv6.disable=1");
	arena_free(arena);
}

/* What was not recorded is not known, and accuses nobody. */
static void knows_nothing_of_nothing(void **state)
{
	static const char *const texts[] = {"", "x=1\n", "first_netns=a seccomp= ipv6_off=0\n",
					    "ipv6_off=N selinux=0\n"};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mux_surroundings surroundings = {.source.presence = MUX_NOT_ASKED};
		struct arena *arena = arena_new();

		assert_int_equal(parse_surroundings(slice_of(texts[i]), arena, &surroundings), 0);
		assert_int_equal(surroundings.first_netns, MUX_UNKNOWN);
		assert_int_equal(surroundings.seccomp, MUX_UNKNOWN);
		assert_false(surroundings.selinux_enforcing || surroundings.ipv6_off);
		arena_free(arena);
	}
}

static void reads_strangers(void **state)
{
	/* As a little-endian and as a big-endian machine writes 127.0.0.1. */
	const uint32_t probe = 1;
	bool little = *(const uint8_t *)&probe == 1;
	struct mux_strangers strangers = {.source.presence = MUX_PRESENT};
	struct arena *arena = arena_new();
	struct mux_slice bytes =
		little ? TEXT("namespaces=3 cut=1\naddress=0100007F uid=7 pid=42 holds=1 "
			      "command=muxd%1b cgroup=0::/ name=blue\n"
			      "address=00000000000000000000000001000000 uid=0 pid=43 holds=0\n")
		       : TEXT("namespaces=3 cut=1\naddress=7F000001 uid=7 pid=42 holds=1 "
			      "command=muxd%1b cgroup=0::/ name=blue\n"
			      "address=00000000000000000000000000000001 uid=0 pid=43 holds=0\n");

	(void)state;
	assert_int_equal(parse_strangers(bytes, arena, &strangers), 0);
	assert_int_equal(strangers.n_namespaces, 3);
	assert_true(strangers.cut);
	assert_int_equal(strangers.n_sockets, 2);
	assert_true(addr_equal(&strangers.sockets[0].address, &addr_loopback4));
	assert_true(addr_equal(&strangers.sockets[1].address, &addr_loopback6));
	assert_int_equal(strangers.sockets[0].pid, 42);
	assert_true(strangers.sockets[0].holds && !strangers.sockets[1].holds);
	assert_slice(strangers.sockets[0].command, "muxd\033");
	assert_slice(strangers.sockets[0].name, "blue");
	arena_free(arena);
}

static void skips_damaged_strangers(void **state)
{
	struct mux_strangers strangers = {.source.presence = MUX_PRESENT};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_strangers(TEXT("namespaces=-1 cut=x\naddress=01 uid=1 pid=1\n"
					      "address=0100007G uid=1 pid=1\n"
					      "address=0100007F uid=-1 pid=1\n"
					      "address=0100007F uid=1 pid=0\n"),
					 arena, &strangers),
			 0);
	assert_int_equal(strangers.n_namespaces, 0);
	assert_int_equal(strangers.n_sockets, 0);
	arena_free(arena);
}

static int surroundings_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_surroundings surroundings = {.source.presence = MUX_PRESENT};

	return parse_surroundings(bytes, arena, &surroundings);
}

static int strangers_of(struct mux_slice bytes, struct arena *arena)
{
	struct mux_strangers strangers = {.source.presence = MUX_PRESENT};

	return parse_strangers(bytes, arena, &strangers);
}

static void bears_no_memory(void **state)
{
	(void)state;
	check_no_memory(TEXT("seccomp=2 label=%41 modules=%42\n"), surroundings_of);
	check_no_memory(TEXT("address=0100007F uid=1 pid=1 command=%41\n"), strangers_of);
}

static void reads_unix_sockets(void **state)
{
	struct arena *arena = arena_new();
	struct mux_snapshot snapshot = {0};

	(void)state;
	assert_int_equal(parse_unix_sockets(TEXT("path=/run/a%20b inode=7\ninode=8\npath=/x "
						 "inode=-1\n"),
					    arena, &snapshot),
			 0);
	assert_int_equal(snapshot.n_unix_sockets, 2);
	assert_slice(snapshot.unix_sockets[0].path, "/run/a b");
	assert_int_equal(snapshot.unix_sockets[0].inode, 7);
	assert_int_equal(snapshot.unix_sockets[1].inode, 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_surroundings),	    cmocka_unit_test(reads_unix_sockets),
		cmocka_unit_test(knows_nothing_of_nothing), cmocka_unit_test(reads_strangers),
		cmocka_unit_test(skips_damaged_strangers),  cmocka_unit_test(bears_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
