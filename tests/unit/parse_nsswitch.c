/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nsswitch.conf. What glibc makes of each file was seen on glibc 2.36 with the file mounted over
 * its own, a missing service (UNAVAIL) telling which part was read. */
#include "parse_room.h"

#include "base/str.h"
#include "parse/parse.h"

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_nsswitch nsswitch = {.source = {.presence = MUX_PRESENT}};

	return parse_nsswitch(bytes, arena, &nsswitch);
}

/* "files:r---": a letter per status, in the order of enum mux_nss_status. */
static const char *describe(const struct mux_nsswitch *nsswitch, struct arena *arena)
{
	struct str text;
	size_t i, status;

	str_init(&text, arena);
	for (i = 0; i < nsswitch->n_services; i++) {
		str_add(&text, i == 0 ? "" : " ");
		str_add_escaped(&text, nsswitch->services[i].name);
		str_add(&text, ":");
		for (status = 0; status < 4; status++) {
			static const char *const letters[] = {
				[MUX_NSS_CONTINUE] = "-",
				[MUX_NSS_RETURN] = "r",
				[MUX_NSS_MERGE] = "m",
			};

			str_add(&text, letters[nsswitch->services[i].actions[status]]);
		}
	}
	return str_done(&text);
}

static const struct variant {
	struct mux_slice bytes;
	const char *services;
	size_t line;
} variants[] = {
	{SLICE(""), "files:r--- dns:r---", 0},
	{SLICE("passwd: files\n"), "files:r--- dns:r---", 0},
	{SLICE("hosts: files dns\n"), "files:r--- dns:r---", 1},
	{SLICE("a: b\n  hosts:\tfiles\r\n"), "files:r---", 2},
	{SLICE("hosts:\n"), "", 1},
	{SLICE("hosts files\n"), "files:r---", 1},
	{SLICE("hosts : : files\n"), "files:r---", 1},
	{SLICE("Hosts: nope\n"), "files:r--- dns:r---", 0},
	/* The last one counts. */
	{SLICE("hosts: nope\nhosts: files\n"), "files:r---", 2},
	/* A last line without its newline does not. */
	{SLICE("hosts: nope"), "files:r--- dns:r---", 0},
	{SLICE("hosts: nope\nhosts: files"), "nope:r---", 1},
	/* Databases that glibc does not know are not read at all. */
	{SLICE("sudoers: files [FOO=return]\nhosts: x\n"), "x:r---", 2},
	/* '#' begins no comment, except that no database is called that. */
	{SLICE("hosts: nope # files\n"), "nope:r--- #:r--- files:r---", 1},
	{SLICE("#hosts: nope\n# hosts: nope\n"), "files:r--- dns:r---", 0},
	{SLICE("hosts: nope\0 files\n"), "nope:r---", 1},
	{SLICE("hosts: mdns4_minimal [NOTFOUND=return] dns\n"), "mdns4_minimal:rr-- dns:r---", 1},
	{SLICE("hosts: files[notfound=Return]dns\n"), "files:rr-- dns:r---", 1},
	{SLICE("hosts: x [ UNAVAIL = return ] y\n"), "x:r-r- y:r---", 1},
	{SLICE("hosts: x [NOTFOUND=return TRYAGAIN=continue SUCCESS=merge] y\n"), "x:mr-- y:r---",
	 1},
	{SLICE("hosts: dns [!UNAVAIL=return] files\n"), "dns:rr-r files:r---", 1},
	{SLICE("hosts: x [!SUCCESS=return] files\n"), "x:rrrr files:r---", 1},
	{SLICE("hosts: x [!NOTFOUND=continue] files\n"), "x:---- files:r---", 1},
	{SLICE("hosts: x ]y\n"), "x:r--- ]y:r---", 1},
	/* Criteria without a service in front end the list. */
	{SLICE("hosts: [UNAVAIL=return] files\n"), "", 1},
	{SLICE("hosts: x [UNAVAIL=return] [UNAVAIL=return] y\n"), "x:r-r-", 1},
};

static void reads_as_glibc_does(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct mux_nsswitch nsswitch = {.source = {.presence = MUX_PRESENT}};
		struct arena *arena = arena_new();
		struct guard guard;

		print_message("%s\n", variants[i].bytes.data);
		assert_int_equal(
			parse_nsswitch(guard_copy(&guard, variants[i].bytes, 1), arena, &nsswitch),
			0);
		assert_string_equal(describe(&nsswitch, arena), variants[i].services);
		assert_int_equal(nsswitch.line, variants[i].line);
		assert_int_equal(nsswitch.source.presence, MUX_PRESENT);
		assert_int_equal(nsswitch.text.len != 0, variants[i].line != 0);
		guard_free(&guard);
		arena_free(arena);
	}
}

/* One bad action makes glibc refuse the file and every look-up fail. */
static void refuses_what_glibc_refuses(void **state)
{
	static const char *const texts[] = {
		"hosts: files [FOO=return]\n",
		"hosts: files [SUCCESS=stop]\n",
		"hosts: files []\n",
		"hosts: files [UNAVAIL]\n",
		"hosts: files [UNAVAIL=]\n",
		"hosts: files [UNAVAIL=return\n",
		"hosts: files [UNAVAIL=return=]\n",
		"hosts: files [!!UNAVAIL=return]\n",
		"passwd: files [FOO=return]\n",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mux_nsswitch nsswitch = {.source = {.presence = MUX_PRESENT}};
		struct arena *arena = arena_new();
		char text[128] = "hosts: files\n";

		print_message("%s", texts[i]);
		strcat(text, texts[i]);
		assert_int_equal(parse_nsswitch(slice_of(text), arena, &nsswitch), 0);
		assert_int_equal(nsswitch.source.presence, MUX_DENIED);
		assert_int_equal(nsswitch.source.error, EBADMSG);
		assert_int_equal(nsswitch.line, 2);
		assert_int_equal(nsswitch.n_services, 0);
		assert_memory_equal(nsswitch.text.data, texts[i], nsswitch.text.len);
		arena_free(arena);
	}
}

static void bears_every_prefix_and_no_memory(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		check_prefixes(variants[i].bytes, parse, 1);
		check_no_memory(variants[i].bytes, parse);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_glibc_does),
		cmocka_unit_test(refuses_what_glibc_refuses),
		cmocka_unit_test(bears_every_prefix_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
