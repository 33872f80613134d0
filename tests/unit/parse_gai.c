/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include "base/addr.h"
#include "base/str.h"
#include "parse/parse.h"

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_gai gai = {.source = {.presence = MUX_PRESENT}};

	return parse_gai(bytes, arena, &gai);
}

/* "::1/128=0@3 ": prefix, length, value and line (0 = built-in). */
static const char *describe(const struct mux_gai_row *rows, size_t n, struct arena *arena)
{
	char address[ADDR_TEXT_MAX];
	struct str text;
	size_t i;

	str_init(&text, arena);
	for (i = 0; i < n; i++)
		str_addf(&text, "%s/%u=%d@%zu ", addr_format(&rows[i].prefix, address),
			 rows[i].prefix_len, rows[i].value, rows[i].line);
	return str_done(&text);
}

static const char labels[] = "::1/128=0@0 ::/96=3@0 ::ffff:0.0.0.0/96=4@0 2001::/32=7@0 "
			     "2002::/16=2@0 fec0::/10=5@0 fc00::/7=6@0 ::/0=1@0 ";
static const char precedences[] = "::1/128=50@0 ::/96=20@0 ::ffff:0.0.0.0/96=10@0 "
				  "2002::/16=30@0 ::/0=40@0 ";
static const char scopes4[] = "169.254.0.0/16=2@0 127.0.0.0/8=2@0 0.0.0.0/0=14@0 ";

static const struct variant {
	struct mux_slice bytes;
	const char *labels, *precedences, *scopes4;
} variants[] = {
	{SLICE(""), labels, precedences, scopes4},
	/* The usual wish: IPv4 first. One row drops the other built-in ones of its kind. */
	{SLICE("precedence ::ffff:0:0/96  100\n"), labels, "::ffff:0.0.0.0/96=100@1 ::/0=40@0 ",
	 scopes4},
	{SLICE("#precedence ::1/128 1\n\tlabel\t::1/128 9 # x\n"), "::1/128=9@2 ::/0=1@0 ",
	 precedences, scopes4},
	/* sorted by length; the first of equal ones stays first; what matches everything is used */
	{SLICE("label ::/0 5\nlabel fc00::/7 1\nlabel ::1 2\nlabel fd00::/7 3"),
	 "::1/128=2@3 fc00::/7=1@2 fd00::/7=3@4 ::/0=5@1 ", precedences, scopes4},
	{SLICE("scopev4 ::ffff:127.0.0.0/104 3\nscopev4 10.1.2.3/8 5 more\r\nscopev4 0.0.0.0/0 "
	       "1\n"),
	 labels, precedences, "127.0.0.0/8=3@1 10.0.0.0/8=5@2 0.0.0.0/0=1@3 "},
	{SLICE("scopev4 192.0.2.1 5\n"), labels, precedences, "192.0.2.1/32=5@1 0.0.0.0/0=14@0 "},
	/* strtoul(3) of nothing is 0 */
	{SLICE("label ::1/ 7\nlabel ::2/128\n"), "::2/128=0@2 ::1/0=7@1 ", precedences, scopes4},
	{SLICE("precedence ::1/128 2147483647\n"), labels, "::1/128=2147483647@1 ::/0=40@0 ",
	 scopes4},
	/* refused rows */
	{SLICE("precedence ::1/128 2147483648\nprecedence ::1/129 1\nprecedence 127.0.0.1 1\n"
	       "precedence ::1/128 -1\nprecedence ::1/128 1x\nprecedence ::1/12x 1\n"
	       "precedence\nprecedence ::1/99999999999999999999 1\nprecedences ::1 1\n"
	       "label ::1/128/1 0\nLabel ::1 0\nreload yes\n"
	       "scopev4 ::1/128 1\nscopev4 ::ffff:1.2.3.4/95 1\nscopev4 1.2.3.4/33 1\n"
	       "label ::1\0/128 0\n"
	       "precedence ::1/00000000000000000000000000000000000000 1\n"),
	 "::1/128=0@16 ::/0=1@0 ", precedences, scopes4},
};

static void reads_as_glibc_does(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct mux_gai gai = {.source = {.presence = MUX_PRESENT}};
		struct arena *arena = arena_new();
		struct guard guard;

		print_message("%s\n", variants[i].bytes.data);
		assert_int_equal(parse_gai(guard_copy(&guard, variants[i].bytes, 1), arena, &gai),
				 0);
		assert_string_equal(describe(gai.labels, gai.n_labels, arena), variants[i].labels);
		assert_string_equal(describe(gai.precedences, gai.n_precedences, arena),
				    variants[i].precedences);
		assert_string_equal(describe(gai.scopes4, gai.n_scopes4, arena),
				    variants[i].scopes4);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_as_glibc_does),
		cmocka_unit_test(bears_every_prefix_and_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
