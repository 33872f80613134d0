/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts. The rows of `variants` were put to glibc 2.36 (`getent -s files ahosts localhost`)
 * before they were written down here; `glibc` is what it answered.
 */
#include "parse_room.h"

#include <stdio.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "parse/parse.h"

static const struct mux_slice interesting[] = {
	SLICE("localhost"),
	SLICE("ip6-localhost"),
	SLICE("debian5"),
};

static const struct parse_interest interest = {
	.names = interesting,
	.n_names = sizeof(interesting) / sizeof(interesting[0]),
};

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_hosts hosts = {.source = {.presence = MUX_PRESENT}};

	return parse_hosts(bytes, &interest, arena, &hosts);
}

/* Writes the addresses that nss_files gives for localhost, each with a blank behind it. */
static void answer(const struct mux_hosts *hosts, char *text, size_t size)
{
	char address[ADDR_TEXT_MAX];
	size_t i, j, len = 0;

	text[0] = '\0';
	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		if (entry->commented || entry->address.family == 0)
			continue;
		for (j = 0; j < entry->n_names; j++) {
			if (!slice_equal_nocase(entry->names[j], slice_of("localhost")))
				continue;
			len += (size_t)snprintf(text + len, size - len, "%s ",
						addr_format(&entry->address, address));
			break;
		}
	}
}

static const struct variant {
	const char *what;
	struct mux_slice bytes;
	const char *glibc;
	enum mux_hosts_fault fault; /* of the first kept entry */
} variants[] = {
	{"plain", SLICE("127.0.0.1 localhost\n::1 localhost\n"), "127.0.0.1 ::1 ", 0},
	{"CRLF", SLICE("127.0.0.1 localhost\r\n::1 localhost\r\n"), "127.0.0.1 ::1 ", 0},
	{"tabs", SLICE("127.0.0.1\t\tlocalhost\n"), "127.0.0.1 ", 0},
	{"vertical tab", SLICE("127.0.0.1\vlocalhost\n"), "127.0.0.1 ", 0},
	{"leading blanks", SLICE(" \t127.0.0.1 localhost\n"), "127.0.0.1 ", 0},
	{"leading form feed", SLICE("\f127.0.0.1 localhost\n"), "127.0.0.1 ", 0},
	{"no final newline", SLICE("127.0.0.1 localhost"), "127.0.0.1 ", 0},
	{"upper case", SLICE("127.0.0.1 LOCALHOST\n"), "127.0.0.1 ", 0},
	{"comment behind", SLICE("127.0.0.1 localhost#x\n"), "127.0.0.1 ", 0},
	{"alias", SLICE("127.0.0.1 a b localhost\n"), "127.0.0.1 ", 0},
	{"two v4 lines", SLICE("127.0.0.1 localhost\n127.0.1.1 localhost\n"),
	 "127.0.0.1 127.0.1.1 ", 0},
	{"duplicate", SLICE("::1 localhost\n::1 localhost\n"), "::1 ::1 ", 0},
	{"unspecified", SLICE("0.0.0.0 localhost\n"), "0.0.0.0 ", 0},
	{"mapped", SLICE("::ffff:127.0.0.1 localhost\n"), "::ffff:127.0.0.1 ", 0},
	{"CR inside", SLICE("127.0.0.1 x\rlocalhost\n"), "127.0.0.1 ", 0},
	{"CR only", SLICE("127.0.0.1 localhost\r::1 localhost\r"), "127.0.0.1 ",
	 MUX_HOSTS_BAD_NAME},
	{"BOM",
	 SLICE("\xef\xbb\xbf"
	       "127.0.0.1 localhost\n::1 localhost\n"),
	 "::1 ", MUX_HOSTS_BOM},
	{"trailing dot", SLICE("127.0.0.1 localhost.\n"), "", MUX_HOSTS_BAD_NAME},
	{"comma", SLICE("127.0.0.1 localhost,x\n"), "", MUX_HOSTS_BAD_NAME},
	{"with port", SLICE("127.0.0.1 localhost:8000\n"), "", MUX_HOSTS_BAD_NAME},
	{"good beside bad", SLICE("127.0.0.1 *.x localhost\n"), "127.0.0.1 ", MUX_HOSTS_BAD_NAME},
	{"name commented", SLICE("127.0.0.1 #localhost\n"), "", MUX_HOSTS_NO_NAME},
	{"name commented, no blank", SLICE("127.0.0.1#localhost\n"), "", MUX_HOSTS_NO_NAME},
	{"swapped", SLICE("localhost 127.0.0.1\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"leading zeros", SLICE("127.000.000.001 localhost\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"short form", SLICE("127.1 localhost\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"scope", SLICE("fe80::1%lo localhost\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"brackets", SLICE("[::1] localhost\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"no-break space", SLICE("127.0.0.1\xc2\xa0localhost\n"), "", MUX_HOSTS_BAD_ADDRESS},
	{"no-break space behind", SLICE("127.0.0.1 localhost\xc2\xa0\n"), "", MUX_HOSTS_BAD_NAME},
	{"NUL behind the name", SLICE("127.0.0.1 localhost\0x\n"), "127.0.0.1 ", MUX_HOSTS_BINARY},
	{"NUL in front", SLICE("\0 127.0.0.1 localhost\n"), "", MUX_HOSTS_BINARY},
	{"NUL behind the address", SLICE("127.0.0.1\0 localhost\n"), "", MUX_HOSTS_BINARY},
	{"UTF-16",
	 SLICE("\xff\xfe"
	       "1\0 \0l\0o\0\n\0"
	       "1\0 \0l\0\n\0"),
	 "", MUX_HOSTS_BINARY},
	{"wrapped line", SLICE("127.0.0.1 \n localhost\n"), "", MUX_HOSTS_NO_NAME},
};

static void answers_as_glibc_does(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const struct variant *variant = &variants[i];
		struct mux_hosts hosts = {.source = {.presence = MUX_PRESENT}};
		struct arena *arena = arena_new();
		struct guard guard;
		char text[128];

		print_message("%s\n", variant->what);
		assert_int_equal(parse_hosts(guard_copy(&guard, variant->bytes, 1), &interest,
					     arena, &hosts),
				 0);
		answer(&hosts, text, sizeof(text));
		assert_string_equal(text, variant->glibc);
		assert_true(hosts.n_entries > 0);
		assert_int_equal(hosts.entries[0].fault, variant->fault);
		assert_int_equal(hosts.n_faults == 0, variant->fault == MUX_HOSTS_OK);
		assert_int_equal(hosts.source.presence, MUX_PRESENT);
		guard_free(&guard);
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

/* The second machine of the project's first users: every line commented out. */
static void keeps_commented_entries(void **state)
{
	static const char text[] = "#127.0.0.1       localhost\n"
				   "#127.0.1.1       debian5\n"
				   "# The following lines are desirable for IPv6 capable hosts\n"
				   "#::1     localhost ip6-localhost ip6-loopback\n"
				   "#ff02::1 ip6-allnodes\n"
				   " \t## # 127.0.0.2 LocalHost # again\n"
				   "# localhost is 127.0.0.1\n"
				   "# 127.0.0.1\n"
				   "# deadbeef localhost\n";
	struct mux_hosts hosts = {0};
	struct arena *arena = arena_new();

	(void)state;
	assert_int_equal(parse_hosts(slice_of(text), &interest, arena, &hosts), 0);
	assert_int_equal(hosts.n_lines, 9);
	assert_int_equal(hosts.n_live, 0);
	assert_int_equal(hosts.n_faults, 0);
	assert_int_equal(hosts.n_commented, 5);
	assert_int_equal(hosts.n_entries, 4);
	assert_int_equal(hosts.entries[0].line, 1);
	assert_true(hosts.entries[0].commented);
	assert_true(addr_equal(&hosts.entries[0].address, &addr_loopback4));
	assert_slice(hosts.entries[0].text, "#127.0.0.1       localhost");
	assert_slice(hosts.entries[1].names[0], "debian5");
	assert_int_equal(hosts.entries[2].line, 4);
	assert_int_equal(hosts.entries[2].n_names, 3);
	assert_slice(hosts.entries[2].names[2], "ip6-loopback");
	assert_int_equal(hosts.entries[3].line, 6);
	assert_int_equal(hosts.entries[3].n_names, 1);
	arena_free(arena);
}

static void describes_the_file(void **state)
{
	struct mux_hosts hosts = {0};
	struct arena *arena = arena_new();

	(void)state;
	parse_hosts(TEXT(""), &interest, arena, &hosts);
	assert_int_equal(hosts.n_lines, 0);
	assert_true(hosts.final_newline);
	parse_hosts(TEXT("\xef\xbb\xbf# comment\r\n\r\n1.2.3.4 x\0"), &interest, arena, &hosts);
	assert_true(hosts.bom);
	assert_true(hosts.crlf);
	assert_true(hosts.binary);
	assert_false(hosts.final_newline);
	assert_int_equal(hosts.n_lines, 3);
	assert_int_equal(hosts.n_live, 1);
	/* A byte order mark in front of a comment does no harm. */
	assert_int_equal(hosts.n_faults, 1);
	assert_int_equal(hosts.entries[0].fault, MUX_HOSTS_BINARY);
	parse_hosts(TEXT("127.0.0.1 localhost\r\n"), &interest, arena, &hosts);
	assert_true(hosts.entries[0].crlf);
	assert_slice(hosts.entries[0].text, "127.0.0.1 localhost");
	assert_slice(hosts.entries[0].names[0], "localhost");
	assert_false(hosts.bom || hosts.binary);
	arena_free(arena);
}

/* Lines of no interest are only counted; faulty ones are kept up to a limit, and beyond it when
 * they speak of a name of interest. */
static void bounds_what_it_keeps(void **state)
{
	struct mux_hosts hosts = {0};
	struct arena *arena = arena_new();
	struct mux_slice bytes;
	char *text, *end;
	int i;

	(void)state;
	text = malloc(20000 * 32);
	assert_non_null(text);
	end = text;
	for (i = 0; i < 9000; i++)
		end += sprintf(end, "10.0.%d.%d host%d\n", i / 256, i % 256, i);
	for (i = 0; i < 100; i++)
		end += sprintf(end, "10.0.0 bad%d\n", i);
	end += sprintf(end, "10.0.0.1 #(localhost.)\n");
	for (i = 0; i < 9000; i++)
		end += sprintf(end, "127.0.0.1 localhost\n");
	bytes = (struct mux_slice){.data = text, .len = (size_t)(end - text)};
	assert_int_equal(parse_hosts(bytes, &interest, arena, &hosts), 0);
	assert_int_equal(hosts.n_lines, 18101);
	assert_int_equal(hosts.n_live, 18000);
	assert_int_equal(hosts.n_faults, 101);
	assert_int_equal(hosts.n_entries, MUX_HOSTS_MAX_ENTRIES);
	assert_int_equal(hosts.entries[MUX_HOSTS_MAX_FAULTS - 1].line, 9000 + MUX_HOSTS_MAX_FAULTS);
	assert_int_equal(hosts.entries[MUX_HOSTS_MAX_FAULTS].line, 9101);
	assert_true(hosts.source.truncated);
	free(text);
	arena_free(arena);
}

static void bounds_the_names_of_a_line(void **state)
{
	struct mux_hosts hosts = {0};
	struct arena *arena = arena_new();
	char text[8 + 3000 * 2 + 32], *end = text;
	int i;

	(void)state;
	end += sprintf(end, "::1 first");
	for (i = 0; i < 3000; i++)
		end += sprintf(end, " x");
	sprintf(end, " localhost\n");
	assert_int_equal(parse_hosts(slice_of(text), &interest, arena, &hosts), 0);
	assert_int_equal(hosts.entries[0].n_names, 2);
	assert_slice(hosts.entries[0].names[0], "first");
	assert_slice(hosts.entries[0].names[1], "localhost");
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_as_glibc_does),
		cmocka_unit_test(bears_every_prefix_and_no_memory),
		cmocka_unit_test(keeps_commented_entries),
		cmocka_unit_test(describes_the_file),
		cmocka_unit_test(bounds_what_it_keeps),
		cmocka_unit_test(bounds_the_names_of_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
