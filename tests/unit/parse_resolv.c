/* SPDX-License-Identifier: GPL-2.0-or-later */
/* resolv.conf and host.conf. */
#include "parse_room.h"

#include "base/addr.h"
#include "base/str.h"
#include "parse/parse.h"

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_resolv resolv = {.source = {.presence = MUX_PRESENT}};

	return parse_resolv(bytes, arena, &resolv);
}

static void add_words(struct str *text, const char *title, const struct mux_slice *words, size_t n)
{
	size_t i;

	str_add(text, n == 0 ? "" : title);
	for (i = 0; i < n; i++) {
		str_add(text, " ");
		str_add_escaped(text, words[i]);
	}
}

static const char *describe(const struct mux_resolv *resolv, struct arena *arena)
{
	char address[ADDR_TEXT_MAX];
	struct str text;
	size_t i;

	str_init(&text, arena);
	for (i = 0; i < resolv->n_nameservers; i++)
		str_addf(&text, "%s%s", i == 0 ? "" : " ",
			 addr_format(&resolv->nameservers[i], address));
	add_words(&text, " search", resolv->search, resolv->n_search);
	add_words(&text, " options", resolv->options, resolv->n_options);
	return str_done(&text);
}

static const struct variant {
	struct mux_slice bytes;
	const char *facts;
} variants[] = {
	{SLICE(""), "127.0.0.1"},
	{SLICE("nameserver 192.0.2.1\nnameserver\t2001:db8::1 # x\n"), "192.0.2.1 2001:db8::1"},
	{SLICE("nameserver 192.0.2.1"), "192.0.2.1"},
	{SLICE("nameserver 1.1.1.1\nnameserver 2.2.2.2\nnameserver 3.3.3.3\nnameserver 4.4.4.4\n"),
	 "1.1.1.1 2.2.2.2 3.3.3.3 4.4.4.4"},
	{SLICE("nameserver fe80::1%3\nnameserver fe80::1%eth0\n"), "fe80::1%3 fe80::1"},
	/* inet_aton(3) forms, and its indifference to what comes behind a white space */
	{SLICE("nameserver 127.1\nnameserver 010.0.0.1\n"), "127.0.0.1 8.0.0.1"},
	{SLICE("nameserver 192.0.2.1\r\nnameserver ::1\r\n"), "192.0.2.1"},
	/* not in the first column, no blank behind the keyword, other case, bad address */
	{SLICE(" nameserver 192.0.2.1\n"), "127.0.0.1"},
	{SLICE("nameserver\n"), "127.0.0.1"},
	{SLICE("nameserver:192.0.2.1\n"), "127.0.0.1"},
	{SLICE("Nameserver 192.0.2.1\n"), "127.0.0.1"},
	{SLICE("nameserver localhost\n"), "127.0.0.1"},
	{SLICE("#nameserver 192.0.2.1\n;nameserver 192.0.2.2\n"), "127.0.0.1"},
	{SLICE("nameserver 192.0.2.1\0nameserver\n"), "192.0.2.1"},
	{SLICE("search a.example  b.example\t\n"), "127.0.0.1 search a.example b.example"},
	{SLICE("search a\ndomain b c\n"), "127.0.0.1 search b"},
	{SLICE("domain b\nsearch a c\n"), "127.0.0.1 search a c"},
	{SLICE("search a\nsearch \t\n"), "127.0.0.1 search a"},
	/* The carriage return is part of the last domain for glibc. */
	{SLICE("search a b\r\n"), "127.0.0.1 search a b\\x0d"},
	{SLICE("options ndots:2 rotate\noptions\tedns0\r\n"),
	 "127.0.0.1 options ndots:2 rotate edns0"},
};

static void reads_resolv_conf(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		struct mux_resolv resolv = {.source = {.presence = MUX_PRESENT}};
		struct arena *arena = arena_new();
		struct guard guard;

		print_message("%s\n", variants[i].bytes.data);
		assert_int_equal(
			parse_resolv(guard_copy(&guard, variants[i].bytes, 1), arena, &resolv), 0);
		assert_string_equal(describe(&resolv, arena), variants[i].facts);
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

static const struct host_conf_variant {
	struct mux_slice bytes;
	bool multi;
	size_t line;
} host_conf_variants[] = {
	{SLICE(""), false, 0},
	{SLICE("multi on\n"), true, 1},
	{SLICE("# x\n\tMULTI\tON # y"), true, 2},
	{SLICE("multi on\nmulti off\n"), false, 2},
	{SLICE("multi off\r\nmulti on\r\n"), true, 2},
	{SLICE("multi onwards\n"), true, 1},
	{SLICE("multi yes\n"), false, 0},
	{SLICE("multi\n"), false, 0},
	{SLICE("multion\n"), false, 0},
	{SLICE("multi#on\n"), false, 0},
	{SLICE("#multi on\norder hosts,bind\n"), false, 0},
	{SLICE("multi\0on\n"), false, 0},
};

static int parse_host(struct mux_slice bytes, struct arena *arena)
{
	struct mux_host_conf host_conf = {0};

	(void)arena;
	return parse_host_conf(bytes, &host_conf);
}

static void reads_host_conf(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(host_conf_variants) / sizeof(host_conf_variants[0]); i++) {
		const struct host_conf_variant *variant = &host_conf_variants[i];
		struct mux_host_conf host_conf = {.multi = true, .multi_line = 99};
		struct guard guard;

		print_message("%s\n", variant->bytes.data);
		parse_host_conf(guard_copy(&guard, variant->bytes, 1), &host_conf);
		assert_int_equal(host_conf.multi, variant->multi);
		assert_int_equal(host_conf.multi_line, variant->line);
		guard_free(&guard);
		check_prefixes(variant->bytes, parse_host, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_resolv_conf),
		cmocka_unit_test(bears_every_prefix_and_no_memory),
		cmocka_unit_test(reads_host_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
