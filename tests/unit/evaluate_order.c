/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Destination address selection: the examples of RFC 6724 section 10.2, glibc's deviations, and
 * what each rule decides by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/order.h"
#include "parse/parse.h"

enum { MAX = 4 };

enum flags { DEPRECATED = 1, HOME = 2, TUNNEL = 4 };

struct place {
	const char *destination, *source; /* source NULL = unusable */
	unsigned prefix_len;
	unsigned flags;
};

struct example {
	const char *what;
	const char *gai; /* gai.conf; NULL = built-in tables */
	struct place places[MAX];
	const char *order; /* expected */
};

/* The policy table of RFC 6724 section 2.1, which glibc 2.36 does not have built in. */
static const char rfc6724[] =
	"precedence ::1/128 50\nprecedence ::/0 40\nprecedence ::ffff:0:0/96 35\n"
	"precedence 2002::/16 30\nprecedence 2001::/32 5\nprecedence fc00::/7 3\n"
	"precedence ::/96 1\nprecedence fec0::/10 1\nprecedence 3ffe::/16 1\n"
	"label ::1/128 0\nlabel ::/0 1\nlabel ::ffff:0:0/96 4\nlabel 2002::/16 2\n"
	"label 2001::/32 5\nlabel fc00::/7 13\nlabel ::/96 3\nlabel fec0::/10 11\n"
	"label 3ffe::/16 12\n";

static const struct example examples[] = {
	/* RFC 6724 section 10.2, in its order */
	{"prefer matching scope",
	 rfc6724,
	 {{"198.51.100.121", "169.254.13.78", 16, 0}, {"2001:db8:1::1", "2001:db8:1::2", 64, 0}},
	 "2001:db8:1::1 198.51.100.121"},
	{"prefer matching scope, IPv4",
	 rfc6724,
	 {{"2001:db8:1::1", "fe80::1", 64, 0}, {"198.51.100.121", "198.51.100.117", 24, 0}},
	 "198.51.100.121 2001:db8:1::1"},
	{"prefer higher precedence",
	 rfc6724,
	 {{"10.1.2.3", "10.1.2.4", 24, 0}, {"2001:db8:1::1", "2001:db8:1::2", 64, 0}},
	 "2001:db8:1::1 10.1.2.3"},
	{"prefer smaller scope",
	 rfc6724,
	 {{"2001:db8:1::1", "2001:db8:1::2", 64, 0}, {"fe80::1", "fe80::2", 64, 0}},
	 "fe80::1 2001:db8:1::1"},
	{"prefer home address",
	 rfc6724,
	 {{"fe80::1", "fe80::2", 64, 0}, {"2001:db8:1::1", "2001:db8:3::1", 64, HOME}},
	 "2001:db8:1::1 fe80::1"},
	{"avoid deprecated addresses",
	 rfc6724,
	 {{"fe80::1", "fe80::2", 64, DEPRECATED}, {"2001:db8:1::1", "2001:db8:1::2", 64, 0}},
	 "2001:db8:1::1 fe80::1"},
	{"longest matching prefix",
	 rfc6724,
	 {{"2001:db8:3ffe::1", "2001:db8:3f44::2", 64, 0},
	  {"2001:db8:1::1", "2001:db8:1::2", 64, 0}},
	 "2001:db8:1::1 2001:db8:3ffe::1"},
	{"prefer matching label",
	 rfc6724,
	 {{"2001:db8:1::1", "2002:c633:6401::2", 64, 0},
	  {"2002:c633:6401::1", "2002:c633:6401::2", 64, 0}},
	 "2002:c633:6401::1 2001:db8:1::1"},
	{"prefer higher precedence over 6to4",
	 rfc6724,
	 {{"2002:c633:6401::1", "2002:c633:6401::2", 64, 0},
	  {"2001:db8:1::1", "2001:db8:1::2", 64, 0}},
	 "2001:db8:1::1 2002:c633:6401::1"},
	/* this machine */
	{"::1 first",
	 NULL,
	 {{"127.0.0.1", "127.0.0.1", 8, 0}, {"::1", "::1", 128, 0}},
	 "::1 127.0.0.1"},
	{"::1 cannot be used",
	 NULL,
	 {{"::1", NULL, 0, 0}, {"127.0.0.1", "127.0.0.1", 8, 0}},
	 "127.0.0.1 ::1"},
	{"127.0.0.1 cannot be used",
	 NULL,
	 {{"127.0.0.1", NULL, 0, 0}, {"::1", "::1", 128, 0}},
	 "::1 127.0.0.1"},
	{"nothing can be used: precedence still counts",
	 NULL,
	 {{"127.0.0.1", NULL, 0, 0}, {"::1", NULL, 0, 0}},
	 "::1 127.0.0.1"},
	{"the usual line of gai.conf",
	 "precedence ::ffff:0:0/96 100\n",
	 {{"::1", "::1", 128, 0}, {"127.0.0.1", "127.0.0.1", 8, 0}},
	 "127.0.0.1 ::1"},
	{"a precedence for ::1 alone drops the other rows",
	 "precedence ::1/128 1\n",
	 {{"::1", "::1", 128, 0}, {"127.0.0.1", "127.0.0.1", 8, 0}},
	 "127.0.0.1 ::1"},
	{"huge precedences",
	 "precedence ::1/128 2147483647\n",
	 {{"127.0.0.1", "127.0.0.1", 8, 0}, {"::1", "::1", 128, 0}},
	 "::1 127.0.0.1"},
	{"scopev4",
	 "scopev4 ::ffff:127.0.0.0/104 14\nprecedence ::/0 1\n",
	 {{"127.0.0.1", "127.0.0.1", 8, 0}, {"::1", "::1", 128, 0}},
	 "::1 127.0.0.1"},
	{"equals keep their order",
	 NULL,
	 {{"127.0.1.2", "127.0.0.1", 8, 0}, {"127.0.1.1", "127.0.0.1", 8, 0}},
	 "127.0.1.2 127.0.1.1"},
	{"nearer to the source",
	 NULL,
	 {{"127.0.2.1", "127.0.0.1", 8, 0}, {"127.0.1.1", "127.0.0.1", 8, 0}},
	 "127.0.1.1 127.0.2.1"},
	/* glibc: bits beyond the source's own IPv4 network mean nothing */
	{"IPv4 prefix in the network",
	 NULL,
	 {{"10.0.9.1", "10.0.0.1", 16, 0}, {"10.0.0.9", "10.0.0.1", 16, 0}},
	 "10.0.0.9 10.0.9.1"},
	{"IPv4 prefix beyond the network",
	 NULL,
	 {{"10.9.0.1", "10.0.0.1", 24, 0}, {"10.1.0.1", "10.0.0.1", 24, 0}},
	 "10.9.0.1 10.1.0.1"},
	{"native before tunnel",
	 NULL,
	 {{"2001:db8:1::1", "2001:db8:1::2", 64, TUNNEL},
	  {"2001:db8:2::1", "2001:db8:2::2", 64, 0}},
	 "2001:db8:2::1 2001:db8:1::1"},
	{"multicast has its own scope",
	 NULL,
	 {{"ff0e::1", "2001:db8::1", 64, 0}, {"ff02::1", "fe80::1", 64, 0}},
	 "ff02::1 ff0e::1"},
	{"site-local before global",
	 "precedence ::/0 40\nlabel ::/0 1\n",
	 {{"2001:db8::1", "2001:db8::2", 64, 0}, {"fec0::1", "fec0::2", 64, 0}},
	 "fec0::1 2001:db8::1"},
	{"fec0 is no link's scope",
	 "label ::/0 1\nprecedence ::/0 1\n",
	 {{"fec0::1", "fec0::2", 64, 0}, {"fe80::1", "fe80::2", 64, 0}},
	 "fe80::1 fec0::1"},
	{"one alone", NULL, {{"::1", NULL, 0, 0}}, "::1"},
};

static struct mux_address address_of(const char *text)
{
	struct mux_address address;

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

static const char *run(const struct example *example, struct arena *arena)
{
	struct ev_destination destinations[MAX] = {0};
	struct mux_gai gai = {0};
	char address[ADDR_TEXT_MAX];
	struct str text;
	size_t i, n;

	assert_int_equal(parse_gai(slice_of(example->gai), arena, &gai), 0);
	for (n = 0; n < MAX && example->places[n].destination != NULL; n++) {
		const struct place *place = &example->places[n];

		destinations[n].address = address_of(place->destination);
		destinations[n].usable = place->source != NULL;
		if (place->source != NULL)
			destinations[n].source = address_of(place->source);
		destinations[n].source_prefix_len = place->prefix_len;
		destinations[n].deprecated = (place->flags & DEPRECATED) != 0;
		destinations[n].home = (place->flags & HOME) != 0;
		destinations[n].encapsulated = (place->flags & TUNNEL) != 0;
	}
	assert_int_equal(ev_order(destinations, n, &gai, arena), 0);
	str_init(&text, arena);
	for (i = 0; i < n; i++)
		str_addf(&text, "%s%s", i == 0 ? "" : " ",
			 addr_format(&destinations[i].address, address));
	return str_done(&text);
}

static void orders_as_the_examples(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
		struct arena *arena = arena_new();
		const char *order = run(&examples[i], arena);

		if (strcmp(order, examples[i].order) != 0)
			fail_msg("%s: %s", examples[i].what, order);
		arena_free(arena);
	}
}

static void takes_nothing_and_much(void **state)
{
	enum { MANY = 1000 };
	static struct ev_destination destinations[MANY];
	struct arena *arena = arena_new();
	struct mux_gai gai = {0};
	size_t i;

	(void)state;
	assert_int_equal(parse_gai((struct mux_slice){0}, arena, &gai), 0);
	assert_int_equal(ev_order(NULL, 0, &gai, arena), 0);
	for (i = 0; i < MANY; i++)
		destinations[i].address = i % 2 ? addr_loopback4 : addr_loopback6;
	assert_int_equal(ev_order(destinations, MANY, &gai, arena), 0);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(destinations[i].address.family, i < MANY / 2 ? AF_INET6 : AF_INET);
		assert_true(i % (MANY / 2) == 0 ||
			    destinations[i].position > destinations[i - 1].position);
	}
	arena_fail_after(arena, 1);
	assert_true(ev_order(destinations, MANY, &gai, arena) < 0);
	arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders_as_the_examples),
		cmocka_unit_test(takes_nothing_and_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
