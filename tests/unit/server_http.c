/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The request parser: what it takes and refuses, and that it says the same however the bytes
 * come: whole, byte by byte, cut in two at every point, and never looking past what is there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "chars.h"
#include "http.h"
#include "server_guard.h"

enum { INPUT_MAX = 40000 };

/* A head and what is expected of it: 0 = it is done, else the status it is refused with. */
struct head_case {
	const char *text;
	int status;
};

static const struct head_case cases[] = {
	{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
	{"GET / HTTP/1.0\r\n\r\n", 0},
	{"GET / HTTP/1.9\r\nHost: a\r\n\r\n", 0},
	{"\r\n\r\nGET / HTTP/1.0\r\n\r\n", 0},
	{"\r\n\r\n\r\n\r\n\r\nGET / HTTP/1.0\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost:\r\n\r\n", 0},
	{"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", 0},
	{"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: []\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: [::1]x\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a:8x\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: :80\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a%4g\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
	/* request line */
	{"GET  / HTTP/1.0\r\n\r\n", 400},
	{"GET /  HTTP/1.0\r\n\r\n", 400},
	{"GET / HTTP/1.0 \r\n\r\n", 400},
	{" GET / HTTP/1.0\r\n\r\n", 400},
	{"GET\t/ HTTP/1.0\r\n\r\n", 400},
	{"GET /\r\n\r\n", 400},
	{"GET\r\n\r\n", 400},
	{"G(T / HTTP/1.0\r\n\r\n", 400},
	{"\x16\x03\x01\x02", 400},
	{"GET / http/1.1\r\n\r\n", 400},
	{"GET / HTTP/11\r\n\r\n", 400},
	{"GET / HTTP/1.10\r\n\r\n", 400},
	{"GET / HTTP/2.0\r\n\r\n", 505},
	{"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
	{"GET / HTTP/0.9\r\n\r\n", 505},
	/* targets */
	{"GET /a%20b?c=%41 HTTP/1.0\r\n\r\n", 0},
	{"GET /a%2 HTTP/1.0\r\n\r\n", 400},
	{"GET /a%g0 HTTP/1.0\r\n\r\n", 400},
	{"GET /a#b HTTP/1.0\r\n\r\n", 400},
	{"GET /a\\b HTTP/1.0\r\n\r\n", 400},
	{"GET /\xc3\xa9 HTTP/1.0\r\n\r\n", 400},
	{"GET a HTTP/1.0\r\n\r\n", 400},
	{"GET * HTTP/1.0\r\n\r\n", 400},
	{"OPTIONS * HTTP/1.0\r\n\r\n", 0},
	{"OPTIONS *x HTTP/1.0\r\n\r\n", 400},
	{"GET http://a/b?c HTTP/1.0\r\n\r\n", 0},
	{"GET HTTP://a HTTP/1.0\r\n\r\n", 0},
	{"GET http://a?b HTTP/1.0\r\n\r\n", 0},
	{"GET http:///b HTTP/1.0\r\n\r\n", 400},
	{"GET http:// HTTP/1.0\r\n\r\n", 400},
	{"GET http://u:p@a/ HTTP/1.0\r\n\r\n", 400},
	{"GET https://a/ HTTP/1.0\r\n\r\n", 421},
	{"GET ftp://a/ HTTP/1.0\r\n\r\n", 400},
	{"CONNECT a:80 HTTP/1.0\r\n\r\n", 0},
	{"CONNECT [::1]:80 HTTP/1.0\r\n\r\n", 0},
	{"CONNECT a HTTP/1.0\r\n\r\n", 400},
	{"CONNECT [::1] HTTP/1.0\r\n\r\n", 400},
	{"CONNECT / HTTP/1.0\r\n\r\n", 400},
	/* lines and fields */
	{"GET / HTTP/1.0\n\n", 400},
	{"GET / HTTP/1.0\r\nA: b\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA: b\rc\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA: b\r\n\n", 400},
	{"GET / HTTP/1.0\r\nA:\r\n\r\n", 0},
	{"GET / HTTP/1.0\r\nA: \t b c\t \r\n\r\n", 0},
	{"GET / HTTP/1.0\r\nA: \x80\xff\r\n\r\n", 0},
	{"GET / HTTP/1.0\r\nA: \x01\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA: \x7f\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA : b\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\n A: b\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA: b\r\n c\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA: b\r\n\tc\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\n: b\r\n\r\n", 400},
	{"GET / HTTP/1.0\r\nA(: b\r\n\r\n", 400},
	/* framing */
	{"POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", 0},
	{"POST / HTTP/1.0\r\nContent-Length: 0005\r\n\r\n", 0},
	{"POST / HTTP/1.0\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: 5, 5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: +5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: -5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: 0x5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: 5 5\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length:\r\n\r\n", 400},
	{"POST / HTTP/1.0\r\nContent-Length: 1048576\r\n\r\n", 0},
	{"POST / HTTP/1.0\r\nContent-Length: 1048577\r\n\r\n", 413},
	{"POST / HTTP/1.0\r\nContent-Length: 18446744073709551621\r\n\r\n", 413},
	{"POST / HTTP/1.0\r\nContent-Length: 99999999999999999999999999999999999\r\n\r\n", 413},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 0},
	{"POST / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:\tCHUNKED \r\n\r\n", 0},
	{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n",
	 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
	 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, chunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: "
	 "chunked\r\n\r\n",
	 501},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: "
	 "identity\r\n\r\n",
	 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked;a=b\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked,\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:\r\n\r\n", 400},
	{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \"chunked\"\r\n\r\n", 400},
	{"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n", 0},
	{"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", 417},
	{"GET / HTTP/1.0\r\nExpect: tea\r\n\r\n", 0},
};

struct outcome {
	enum http_result result;
	struct http_head head;
	size_t used; /* bytes that had come when the result was there */
};

/* Feeds the text up to each of the lengths given, at another address each time. */
static struct outcome feed(const struct guard *guard, const char *text, size_t len, size_t step)
{
	struct outcome outcome = {.result = HTTP_MORE};
	size_t have = 0;

	http_head_init(&outcome.head);
	while (outcome.result == HTTP_MORE && have < len) {
		have = len - have < step ? len : have + step;
		outcome.result = http_head_feed(&outcome.head, guard_put(guard, text, have), have);
	}
	outcome.used = have;
	return outcome;
}

static void assert_same(const struct outcome *a, const struct outcome *b)
{
	assert_int_equal(a->result, b->result);
	if (a->result == HTTP_BAD) {
		assert_int_equal(a->head.status, b->head.status);
		return;
	}
	assert_int_equal(a->head.flags, b->head.flags);
	assert_int_equal(a->head.method, b->head.method);
	assert_int_equal(a->head.minor, b->head.minor);
	assert_int_equal(a->head.len, b->head.len);
	assert_memory_equal(&a->head.path, &b->head.path, sizeof(a->head.path));
	assert_memory_equal(&a->head.query, &b->head.query, sizeof(a->head.query));
	assert_true(a->head.content_length == b->head.content_length);
}

static void check_all_ways(const struct guard *guard, const char *text, size_t len, int status)
{
	struct outcome whole = feed(guard, text, len, len), bytes, split;
	size_t cut;

	assert_int_equal(whole.result, status == 0 ? HTTP_DONE : HTTP_BAD);
	if (status != 0)
		assert_int_equal(whole.head.status, status);
	bytes = feed(guard, text, len, 1);
	assert_same(&whole, &bytes);
	for (cut = 1; cut < len && len < 512; cut++) {
		split = feed(guard, text, len, cut);
		assert_same(&whole, &split);
	}
	/* Every prefix before the byte that decided asks for more. */
	for (cut = 0; cut < bytes.used && len < 512; cut++) {
		struct http_head head;

		http_head_init(&head);
		assert_int_equal(http_head_feed(&head, guard_put(guard, text, cut), cut),
				 HTTP_MORE);
	}
}

static void test_cases(void **state)
{
	struct guard guard = guard_new(INPUT_MAX);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		check_all_ways(&guard, cases[i].text, strlen(cases[i].text), cases[i].status);
	guard_free(&guard);
}

static void test_nul_byte(void **state)
{
	static const char line[] = "GET /\0 HTTP/1.0\r\n\r\n",
			  field[] = "GET / HTTP/1.0\r\nA: \0\r\n";
	struct guard guard = guard_new(INPUT_MAX);

	(void)state;
	check_all_ways(&guard, line, sizeof(line) - 1, 400);
	check_all_ways(&guard, field, sizeof(field) - 1, 400);
	guard_free(&guard);
}

/* prefix, then `fill` n times, then suffix */
static size_t compose(char *out, const char *prefix, char fill, size_t n, const char *suffix)
{
	size_t len = strlen(prefix);

	memcpy(out, prefix, len);
	memset(out + len, fill, n);
	memcpy(out + len + n, suffix, strlen(suffix));
	return len + n + strlen(suffix);
}

static void test_limits(void **state)
{
	struct guard guard = guard_new(INPUT_MAX);
	const size_t line_rest = strlen("GET / HTTP/1.0\r\n");
	static char text[INPUT_MAX];
	size_t len;

	(void)state;
	len = compose(text, "GET /", 'a', HTTP_LINE_MAX - line_rest, " HTTP/1.0\r\n\r\n");
	check_all_ways(&guard, text, len, 0);
	len = compose(text, "GET /", 'a', HTTP_LINE_MAX - line_rest + 1, " HTTP/1.0\r\n\r\n");
	check_all_ways(&guard, text, len, 414);
	len = compose(text, "GET /", 'a', 30000, "");
	check_all_ways(&guard, text, len, 414);
	len = compose(text, "", 'G', HTTP_LINE_MAX + 10, " / HTTP/1.0\r\n\r\n");
	check_all_ways(&guard, text, len, 501);
	len = compose(text, "GET / HTTP/1.0\r\nA:", 'b', HTTP_HEAD_MAX - line_rest - 6, "\r\n\r\n");
	assert_int_equal(len, HTTP_HEAD_MAX);
	check_all_ways(&guard, text, len, 0);
	len = compose(text, "GET / HTTP/1.0\r\nA:", 'b', HTTP_HEAD_MAX - line_rest - 5, "\r\n\r\n");
	check_all_ways(&guard, text, len, 431);
	len = compose(text, "GET / HTTP/1.0\r\nA:", 'b', 30000, "");
	check_all_ways(&guard, text, len, 431);
	guard_free(&guard);
}

static void test_number_of_fields(void **state)
{
	struct guard guard = guard_new(INPUT_MAX);
	static char text[INPUT_MAX];
	size_t len, i;

	(void)state;
	len = compose(text, "GET / HTTP/1.0\r\n", ' ', 0, "");
	for (i = 0; i < HTTP_FIELDS_MAX; i++)
		len += compose(text + len, "A: b\r\n", ' ', 0, "");
	memcpy(text + len, "\r\n", 2);
	check_all_ways(&guard, text, len + 2, 0);
	memcpy(text + len, "A: b\r\n\r\n", 8);
	check_all_ways(&guard, text, len + 8, 431);
	guard_free(&guard);
}

static struct http_head parse(const char *text)
{
	struct http_head head;

	http_head_init(&head);
	assert_int_equal(http_head_feed(&head, text, strlen(text)), HTTP_DONE);
	return head;
}

static void assert_span(const char *text, struct http_span span, const char *expected)
{
	assert_int_equal(span.len, strlen(expected));
	assert_memory_equal(text + span.start, expected, span.len);
}

static void test_targets(void **state)
{
	static const struct {
		const char *text, *path, *query;
	} targets[] = {
		{"GET /a/b?c=d HTTP/1.0\r\n\r\n", "/a/b", "c=d"},
		{"GET /a? HTTP/1.0\r\n\r\n", "/a", ""},
		{"GET /a?b?c HTTP/1.0\r\n\r\n", "/a", "b?c"},
		{"GET http://h:80/a?b HTTP/1.0\r\n\r\n", "/a", "b"},
		{"GET http://h?b HTTP/1.0\r\n\r\n", "", "b"},
		{"GET http://[::1] HTTP/1.0\r\n\r\n", "", ""},
		{"OPTIONS * HTTP/1.0\r\n\r\n", "", ""},
		{"\r\nGET /x HTTP/1.0\r\n\r\n", "/x", ""},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		struct http_head head = parse(targets[i].text);

		assert_span(targets[i].text, head.path, targets[i].path);
		assert_span(targets[i].text, head.query, targets[i].query);
		assert_int_equal(head.len, strlen(targets[i].text));
	}
}

/* RFC 9112 section 9.3 */
static void test_persistence(void **state)
{
	static const struct {
		const char *text;
		bool persistent;
	} heads[] = {
		{"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: a, CLOSE ,b\r\n\r\n", false},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n", true},
		{"GET / HTTP/1.1\r\nHost: a\r\nConnection: , ,\r\nConnection: close\r\n\r\n",
		 false},
		{"GET / HTTP/1.0\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
		{"GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n", false},
		{"GET / HTTP/1.0\r\nProxy-Connection: keep-alive\r\n\r\n", false},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct http_head head = parse(heads[i].text);

		assert_int_equal(http_is_persistent(&head), heads[i].persistent);
	}
}

/* The table of classes against the grammar's own words (RFC 9110 5.6.2, 5.5; RFC 3986 2, 3). */
static void test_char_classes(void **state)
{
	static const char alnum[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		bool letter = c != 0 && strchr(alnum, c) != NULL;
		bool token = letter || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
		bool host = letter || (c != 0 && strchr("-._~%!$&'()*+,;=", c) != NULL);
		bool target = host || (c != 0 && strchr(":@/?", c) != NULL);
		bool value = c == '\t' || (c >= ' ' && c != 0x7f);
		bool hex = c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL;

		assert_int_equal(char_is((char)c, CHAR_TOKEN), token);
		assert_int_equal(char_is((char)c, CHAR_HOST), host);
		assert_int_equal(char_is((char)c, CHAR_TARGET), target);
		assert_int_equal(char_is((char)c, CHAR_VALUE), value);
		assert_int_equal(char_is((char)c, CHAR_HEX), hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	     cmocka_unit_test(test_nul_byte),
		cmocka_unit_test(test_limits),	     cmocka_unit_test(test_number_of_fields),
		cmocka_unit_test(test_targets),	     cmocka_unit_test(test_persistence),
		cmocka_unit_test(test_char_classes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
