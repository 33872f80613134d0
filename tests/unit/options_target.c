/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TARGET: what is understood, and what is refused with which words. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <muxdiag/muxdiag.h>

static struct mux_target target;
static struct mux_error error;

static int parse(const char *text)
{
	memset(&error, 0, sizeof(error));
	return mux_target_parse(text, &target, &error);
}

static void test_good(void **state)
{
	static const struct {
		const char *text, *host;
		uint16_t port;
		const char *scheme, *path;
	} cases[] = {
		{"localhost", "localhost", 0, "", ""},
		{"localhost:8000", "localhost", 8000, "", ""},
		{"LOCALHOST.:1", "LOCALHOST.", 1, "", ""},
		{"127.0.0.1:65535", "127.0.0.1", 65535, "", ""},
		{"::1", "::1", 0, "", ""},
		{"[::1]", "::1", 0, "", ""},
		{"[::1]:8000", "::1", 8000, "", ""},
		{"my_host-1.example", "my_host-1.example", 0, "", ""},
		{"http://localhost", "localhost", 80, "http", "/"},
		{"http://localhost:/", "localhost", 80, "http", "/"},
		{"HTTPS://localhost/", "localhost", 443, "https", "/"},
		{"http://[::1]:8080/password?format=json#top", "::1", 8080, "http",
		 "/password?format=json"},
		{"http://localhost?x=1", "localhost", 80, "http", "/?x=1"},
		{"http://localhost/a://b", "localhost", 80, "http", "/a://b"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (parse(cases[i].text) != 0)
			fail_msg("%s: %s", cases[i].text, error.message);
		assert_string_equal(target.host, cases[i].host);
		assert_int_equal(target.port, cases[i].port);
		assert_string_equal(target.scheme, cases[i].scheme);
		assert_string_equal(target.path, cases[i].path);
	}
}

static void test_bad(void **state)
{
	static const char *const cases[][2] = {
		{"", "empty"},
		{"localhost:", "no port"},
		{"localhost:0", "no port"},
		{"localhost:65536", "no port"},
		{"localhost:99999999999999999999", "no port"},
		{"localhost:+80", "no port"},
		{"localhost:80a", "no port"},
		{"localhost:80:90", "no port"},
		{":8000", "no host name"},
		{".", "no host name"},
		{"a..b", "empty"},
		{".a", "empty"},
		{"[::1", "']'"},
		{"[::1]8000", ":port"},
		{"[127.0.0.1]", "no IPv6"},
		{"[::1%25lo]", "no IPv6"},
		{"user:secret@localhost", "user information"},
		{"http://user@localhost/", "user information"},
		{"ftp://localhost/", "only http"},
		{"://localhost", "only http"},
		{"http:///path", "no host name"},
		{"localhost/path", "http://"},
		{"local host", "byte 6"},
		{"localhost\n", "byte 10"},
		{"\033[2J", "\\x1b"},
		{"b\303\274cher", "byte 2"},
		{"$(id)", "'$'"},
		{"a;b", "';'"},
	};
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(&target, 0x5a, sizeof(target));
		assert_int_equal(parse(cases[i][0]), -EINVAL);
		if (strstr(error.message, cases[i][1]) == NULL)
			fail_msg("'%s' gives '%s'", cases[i][0], error.message);
		assert_int_equal(target.host[0], 0x5a);
		for (j = 0; error.message[j] != '\0'; j++)
			assert_in_range(error.message[j], ' ', '~');
	}
}

/* RFC 1035 section 2.3.4 */
static void test_lengths(void **state)
{
	char name[2048];
	size_t i;

	(void)state;
	memset(name, 'a', sizeof(name));
	for (i = 63; i < sizeof(name); i += 64)
		name[i] = '.';
	name[253] = '\0';
	assert_int_equal(parse(name), 0);
	assert_int_equal(strlen(target.host), 253);
	name[253] = '.';
	name[254] = '\0';
	assert_int_equal(parse(name), 0);
	assert_int_equal(strlen(target.host), 253);
	name[253] = 'a';
	assert_int_equal(parse(name), -EINVAL);
	assert_non_null(strstr(error.message, "254"));
	memset(name, 'a', 64);
	name[64] = '\0';
	assert_int_equal(parse(name), -EINVAL);
	memcpy(name, "http://x/", 9);
	memset(name + 9, 'p', sizeof(name) - 9);
	name[8 + 1023] = '\0';
	assert_int_equal(parse(name), 0);
	assert_int_equal(strlen(target.path), 1023);
	name[8 + 1023] = 'p';
	name[8 + 1024] = '\0';
	assert_int_equal(parse(name), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_lengths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
