/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "parse_room.h"

#include <sys/socket.h>

#include "base/addr.h"

static struct mux_address address_of(const char *text)
{
	struct mux_address address = {0};

	assert_int_equal(addr_parse(slice_of(text), &address), 0);
	return address;
}

static const char *const good[] = {
	"127.0.0.1", "0.0.0.0",		"::", "::1", "fe80::1", "::ffff:1.2.3.4", "1:2:3:4:5:6:7:8",
	"ABCD::",    "2001:0db8::0001",
};
static const char *const bad[] = {
	"",
	"127.1",
	"127.000.000.001",
	"1.2.3.4 ",
	" 1.2.3.4",
	"1.2.3.4.5",
	"256.0.0.1",
	"0x7f.0.0.1",
	"[::1]",
	"fe80::1%lo",
	":::",
	"1::2::3",
	"localhost",
	"12345::",
	"1:2:3:4:5:6:7:8:9",
	"1111:1111:1111:1111:1111:1111:111.111.111.1111",
};

/* Exactly what inet_pton(3) takes. */
static void parses_as_inet_pton_does(void **state)
{
	struct mux_address address;
	struct guard guard;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(addr_parse(guard_copy(&guard, slice_of(good[i]), 1), &address), 0);
		guard_free(&guard);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		address.family = 77;
		assert_int_equal(addr_parse(guard_copy(&guard, slice_of(bad[i]), 1), &address),
				 -EINVAL);
		assert_int_equal(address.family, 77);
		guard_free(&guard);
	}
	assert_int_equal(addr_parse(TEXT("127.0.0.1\0"), &address), -EINVAL);
}

static void formats(void **state)
{
	static const struct {
		const char *text;
		uint32_t scope_id;
		uint16_t port;
		const char *plain, *with_port;
	} rows[] = {
		{"127.0.0.1", 0, 0, "127.0.0.1", "127.0.0.1"},
		{"127.0.0.1", 0, 8000, "127.0.0.1", "127.0.0.1:8000"},
		{"0:0::1", 0, 65535, "::1", "[::1]:65535"},
		{"::1", 0, 0, "::1", "::1"},
		{"fe80::1", 7, 80, "fe80::1%7", "[fe80::1%7]:80"},
		{"1111:2222:3333:4444:5555:6666:7777:8888", 4294967295, 65535,
		 "1111:2222:3333:4444:5555:6666:7777:8888%4294967295",
		 "[1111:2222:3333:4444:5555:6666:7777:8888%4294967295]:65535"},
	};
	const struct mux_address none = {0};
	char text[ADDR_TEXT_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_address address = address_of(rows[i].text);

		address.scope_id = rows[i].scope_id;
		assert_string_equal(addr_format(&address, text), rows[i].plain);
		assert_string_equal(addr_format_port(&address, rows[i].port, text),
				    rows[i].with_port);
	}
	assert_string_equal(addr_format(&none, text), "-");
}

static void classifies(void **state)
{
	static const struct {
		const char *text;
		bool loopback, unspecified, mapped;
	} rows[] = {
		{"127.0.0.1", true, false, false},
		{"127.255.0.9", true, false, false},
		{"128.0.0.1", false, false, false},
		{"0.0.0.0", false, true, false},
		{"::", false, true, false},
		{"::1", true, false, false},
		{"::2", false, false, false},
		{"::ffff:127.0.0.1", true, false, true},
		{"::ffff:128.0.0.1", false, false, true},
		{"::127.0.0.1", false, false, false},
		{"7f00::1", false, false, false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct mux_address address = address_of(rows[i].text);

		print_message("%s\n", rows[i].text);
		assert_int_equal(addr_is_loopback(&address), rows[i].loopback);
		assert_int_equal(addr_is_unspecified(&address), rows[i].unspecified);
		assert_int_equal(addr_is_mapped(&address), rows[i].mapped);
	}
}

static void compares(void **state)
{
	struct mux_address a = address_of("10.1.2.3"), b = address_of("10.1.2.129");
	struct mux_address net = address_of("10.0.0.0"), six = address_of("a01:203::");

	(void)state;
	assert_true(addr_equal(&a, &a));
	assert_false(addr_equal(&a, &b));
	assert_false(addr_equal(&a, &six));
	assert_int_equal(addr_common_prefix(&a, &b), 24);
	assert_int_equal(addr_common_prefix(&a, &a), 32);
	assert_int_equal(addr_common_prefix(&six, &six), 128);
	assert_int_equal(addr_common_prefix(&a, &six), 0);
	assert_true(addr_in_prefix(&a, &net, 8));
	assert_true(addr_in_prefix(&a, &net, 0));
	assert_false(addr_in_prefix(&a, &net, 16));
	assert_false(addr_in_prefix(&six, &net, 0));
	b = a;
	b.scope_id = 1;
	assert_false(addr_equal(&a, &b));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses_as_inet_pton_does),
		cmocka_unit_test(formats),
		cmocka_unit_test(classifies),
		cmocka_unit_test(compares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
