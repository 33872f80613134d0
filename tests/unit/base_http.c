/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Heads of HTTP responses, whole and in pieces. */
#include "parse_room.h"

#include "base/http.h"

static const char response[] = "HTTP/1.1 200 OK\r\n"
			       "Server:  muxd \r\n"
			       "connection: Keep-Alive , Upgrade\r\n"
			       "Content-Length: 5\r\n"
			       "Content-Length: 6\r\n"
			       "no field\r\n"
			       "\r\n"
			       "hello\r\n\r\n";

static void test_head(void **state)
{
	struct mux_slice bytes = TEXT(response);
	size_t len = http_head_len(bytes), i;

	(void)state;
	assert_int_equal(len, strlen(response) - strlen("hello\r\n\r\n"));
	for (i = 0; i < len; i++) {
		struct guard guard;
		struct mux_slice prefix = {response, i};

		assert_int_equal(http_head_len(guard_copy(&guard, prefix, 1)), 0);
		http_status(guard.bytes);
		http_field(guard.bytes, "Server");
		guard_free(&guard);
	}
}

static void test_status(void **state)
{
	(void)state;
	assert_int_equal(http_status(TEXT("HTTP/1.0 404")), 404);
	assert_int_equal(http_status(TEXT("HTTP/1.1 200 OK")), 200);
	assert_int_equal(http_status(TEXT("HTTP/1.1 99 ")), 0);
	assert_int_equal(http_status(TEXT("HTTP/1.1 600")), 0);
	assert_int_equal(http_status(TEXT("HTTP/2 200")), 0);
	assert_int_equal(http_status(TEXT("SSH-2.0-OpenSSH_9")), 0);
	assert_int_equal(http_status(TEXT("")), 0);
}

static void test_field(void **state)
{
	struct mux_slice head = TEXT(response);

	(void)state;
	assert_slice(http_field(head, "server"), "muxd");
	assert_slice(http_field(head, "Content-Length"), "5");
	assert_slice(http_field(head, "Date"), "");
	assert_slice(http_field(head, "HTTP/1.1 200 OK"), "");
	assert_true(http_field_has(head, "Connection", "keep-alive"));
	assert_true(http_field_has(head, "Connection", "upgrade"));
	assert_false(http_field_has(head, "Connection", "close"));
	assert_false(http_field_has(head, "Date", ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_head),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_field),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
