/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Content: where it ends, whole, byte by byte and cut at every point. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "body.h"
#include "server_guard.h"

enum { MORE = -1, INPUT_MAX = 8192 };

/* status: 0 = ends, with `rest` bytes left over; MORE = has not ended yet; else refused */
static const struct {
	const char *text;
	int status;
	size_t rest;
} cases[] = {
	{"0\r\n\r\n", 0, 0},
	{"0\r\n\r\nGET", 0, 3},
	{"5\r\nhello\r\n0\r\n\r\n", 0, 0},
	{"5\r\nhello\r\n0\r\n\r\n\r\n", 0, 2},
	{"A\r\n0123456789\r\n0a\r\n0123456789\r\n000\r\n\r\n", 0, 0},
	{"5;a=b;c=\"d\"\r\nhello\r\n0;x\r\n\r\n", 0, 0},
	{"5 ;a=b\r\nhello\r\n0\r\n\r\n", 0, 0},
	{"0\r\nA: b\r\nC: d\r\n\r\n", 0, 0},
	{"0\r\nA:\r\n\r\n", 0, 0},
	{"5\r\nhel", MORE, 0},
	{"0\r\n", MORE, 0},
	{"0\r\n\r", MORE, 0},
	{"", MORE, 0},
	{"\r\n", 400, 0},
	{"x\r\n", 400, 0},
	{"-1\r\n", 400, 0},
	{"+1\r\n", 400, 0},
	{"0x1\r\n", 400, 0},
	{" 1\r\n", 400, 0},
	{"1 \r\n", 400, 0},
	{"1\n", 400, 0},
	{"1\r\r\n", 400, 0},
	{"1;a\nb\r\n", 400, 0},
	{"1;\x01\r\n", 400, 0},
	{"1\r\nab\r\n", 400, 0},
	{"1\r\na\n", 400, 0},
	{"1\r\na\rb", 400, 0},
	{"0\r\n\n", 400, 0},
	{"0\r\n\rx", 400, 0},
	{"0\r\n A: b\r\n\r\n", 400, 0},
	{"0\r\nA : b\r\n\r\n", 400, 0},
	{"0\r\n: b\r\n\r\n", 400, 0},
	{"0\r\nA: b\n\r\n", 400, 0},
	{"0\r\nA: b\x7f\r\n\r\n", 400, 0},
	{"100001\r\n", 413, 0},
	{"ffffffffffffffff\r\n", 413, 0},
	{"10000000000000005\r\nhello\r\n", 413, 0},
};

struct outcome {
	enum http_result result;
	size_t rest;
	int status;
};

static struct outcome feed(const struct guard *guard, const struct http_head *head,
			   const char *text, size_t step)
{
	struct outcome outcome = {.result = HTTP_MORE};
	size_t len = strlen(text), at = 0;
	struct body body;

	body_init(&body, head);
	while (outcome.result == HTTP_MORE && at < len) {
		size_t n = len - at < step ? len - at : step, used = n;

		outcome.result =
			body_feed(&body, guard_put(guard, text + at, n), n, &used, &outcome.status);
		at += used;
	}
	outcome.rest = len - at;
	return outcome;
}

static void test_chunked(void **state)
{
	const struct http_head head = {.flags = HTTP_HAS_CODING | HTTP_CHUNKED};
	struct guard guard = guard_new(INPUT_MAX);
	size_t i, step;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (step = 1; step <= strlen(cases[i].text) + 1; step++) {
			struct outcome outcome = feed(&guard, &head, cases[i].text, step);

			if (cases[i].status == 0) {
				assert_int_equal(outcome.result, HTTP_DONE);
				assert_int_equal(outcome.rest, cases[i].rest);
			} else if (cases[i].status == MORE) {
				assert_int_equal(outcome.result, HTTP_MORE);
			} else {
				assert_int_equal(outcome.result, HTTP_BAD);
				assert_int_equal(outcome.status, cases[i].status);
			}
		}
	guard_free(&guard);
}

static void test_length(void **state)
{
	const struct http_head head = {.flags = HTTP_HAS_LENGTH, .content_length = 5};
	struct guard guard = guard_new(INPUT_MAX);
	size_t step;

	(void)state;
	for (step = 1; step < 10; step++) {
		assert_int_equal(feed(&guard, &head, "hello", step).result, HTTP_DONE);
		assert_int_equal(feed(&guard, &head, "hell", step).result, HTTP_MORE);
		assert_int_equal(feed(&guard, &head, "hello, you", step).rest, 5);
	}
	guard_free(&guard);
}

/* Lines that never end, content that never ends: all are bounded. */
static void test_bounds(void **state)
{
	const struct http_head head = {.flags = HTTP_HAS_CODING | HTTP_CHUNKED};
	struct guard guard = guard_new(INPUT_MAX);
	static char text[INPUT_MAX], data[HTTP_BODY_MAX / 2];
	struct body body;
	size_t used = 0;
	int status = 0, i;

	(void)state;
	memset(text, '0', BODY_LINE_MAX + 1);
	assert_int_equal(feed(&guard, &head, text, 7).status, 400);
	memset(text, 'a', BODY_TRAILERS_MAX + 10);
	memcpy(text, "0\r\n", 3);
	assert_int_equal(feed(&guard, &head, text, 7).status, 431);
	guard_free(&guard);

	body_init(&body, &head);
	for (i = 0; i < 2; i++) {
		assert_int_equal(body_feed(&body, "80000\r\n", 7, &used, &status), HTTP_MORE);
		assert_int_equal(body_feed(&body, data, sizeof(data), &used, &status), HTTP_MORE);
		assert_int_equal(body_feed(&body, "\r\n", 2, &used, &status), HTTP_MORE);
	}
	assert_int_equal(body_feed(&body, "1\r\n", 3, &used, &status), HTTP_BAD);
	assert_int_equal(status, 413);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_chunked),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
