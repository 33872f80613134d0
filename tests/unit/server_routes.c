/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which answer a request gets, and how it looks on the wire. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "routes.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const char date[] = "Mon, 23 Nov 2026 08:46:31 GMT";

static bool never_dry(struct password_source *source)
{
	static const unsigned char stream[64] =
		"The words do not matter; that there are some does.";

	source->next = stream;
	source->end = stream + sizeof(stream);
	return true;
}

static bool dry(struct password_source *source)
{
	(void)source;
	return false;
}

static char page[3 * ANSWER_MAX];
static struct routes routes = {.instance = "muxd/1 2-3\n", .check = page};

static struct answer decide(const char *request)
{
	struct http_head head;

	http_head_init(&head);
	assert_int_equal(http_head_feed(&head, request, strlen(request)), HTTP_DONE);
	return routes_answer(&routes, &head, request);
}

/* Writes the answer to the request into out, NUL-terminated. */
static void answer(const char *request, char out[static ANSWER_MAX + 1])
{
	struct password_source source = {NULL, NULL, never_dry, NULL};
	struct answer decided = decide(request);
	size_t len = answer_write(&decided, date, &source, out, ANSWER_MAX);

	assert_true(len <= ANSWER_MAX);
	out[len] = '\0';
}

static const struct {
	const char *line;
	unsigned status;
	int format; /* -1 = no passwords */
} requests[] = {
	{"GET / HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /?a=b HTTP/1.0\r\n\r\n", 200, -1},
	{"GET http://a HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /nope HTTP/1.0\r\n\r\n", 404, -1},
	{"GET // HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /password/ HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /Password HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /password%00 HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /passwor HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /password HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /%70assword HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password? HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password?x=json HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password?xformat=json HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password?format=go HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password?format=python HTTP/1.0\r\n\r\n", 200, PASSWORD_PYTHON},
	{"GET /password?a&b=&format=json HTTP/1.0\r\n\r\n", 200, PASSWORD_JSON},
	{"GET /password?&&f%6frmat=j%73on& HTTP/1.0\r\n\r\n", 200, PASSWORD_JSON},
	{"GET /password?format=json&format=go HTTP/1.0\r\n\r\n", 200, PASSWORD_JSON},
	{"GET /password?format=xml HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format=JSON HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format= HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format=json+ HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format=jso HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?format="
	 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 " HTTP/1.0\r\n\r\n",
	 400, -1},
	{"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	 " HTTP/1.0\r\n\r\n",
	 404, -1},
	{"GET /password?format=lines&n=10000&length=1024&alphabet=url HTTP/1.0\r\n\r\n", 200,
	 PASSWORD_LINES},
	{"GET /password?n=1 HTTP/1.0\r\n\r\n", 200, PASSWORD_GO},
	{"GET /password?n=0 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=10001 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=4294967297 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=01 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=-1 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=+1 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n= HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?n=1e3 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?length=0 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?length=1025 HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /password?alphabet=ascii HTTP/1.0\r\n\r\n", 400, -1},
	{"GET /healthz HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /readyz HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /metrics HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /healthz/ HTTP/1.0\r\n\r\n", 404, -1},
	{"GET /check HTTP/1.0\r\n\r\n", 200, -1},
	{"GET /check/ HTTP/1.0\r\n\r\n", 404, -1},
	{"POST /check HTTP/1.0\r\n\r\n", 405, -1},
	{"POST / HTTP/1.0\r\n\r\n", 405, -1},
	{"TRACE / HTTP/1.0\r\n\r\n", 405, -1},
	{"POST /nope HTTP/1.0\r\n\r\n", 404, -1},
	{"OPTIONS / HTTP/1.0\r\n\r\n", 204, -1},
	{"OPTIONS * HTTP/1.0\r\n\r\n", 204, -1},
	{"OPTIONS http://a HTTP/1.0\r\n\r\n", 204, -1},
	{"OPTIONS /nope HTTP/1.0\r\n\r\n", 404, -1},
	{"BREW / HTTP/1.0\r\n\r\n", 501, -1},
	{"get / HTTP/1.0\r\n\r\n", 501, -1},
	{"CONNECT a:1 HTTP/1.0\r\n\r\n", 501, -1},
};

static void test_statuses(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
		struct answer decided = decide(requests[i].line);

		assert_int_equal(decided.status, requests[i].status);
		assert_int_equal((decided.flags & ANSWER_PASSWORDS) != 0, requests[i].format >= 0);
		if (requests[i].format >= 0)
			assert_int_equal(decided.page.format, requests[i].format);
	}
}

/* As Go's ServeMux has it: "/" takes what nothing else does. */
static void test_seed(void **state)
{
	static const struct {
		const char *line;
		unsigned status;
		bool passwords;
	} cases[] = {
		{"GET / HTTP/1.0\r\n\r\n", 200, true},
		{"GET /anything/at/all?n=3 HTTP/1.0\r\n\r\n", 200, true},
		{"GET /password HTTP/1.0\r\n\r\n", 200, true},
		{"GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 " HTTP/1.0\r\n\r\n",
		 200, true},
		{"GET /?format=no HTTP/1.0\r\n\r\n", 400, false},
		{"GET /healthz HTTP/1.0\r\n\r\n", 200, false},
		{"GET /check HTTP/1.0\r\n\r\n", 200, false},
		{"POST /x HTTP/1.0\r\n\r\n", 405, false},
	};
	size_t i;

	(void)state;
	routes.seed = true;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct answer decided = decide(cases[i].line);

		assert_int_equal(decided.status, cases[i].status);
		assert_int_equal((decided.flags & ANSWER_PASSWORDS) != 0, cases[i].passwords);
	}
	routes.seed = false;
}

/* The instance is said twice: for machines that keep the head only, and for people. */
static void test_health(void **state)
{
	char out[ANSWER_MAX + 1];

	(void)state;
	answer("GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n", out);
	assert_non_null(strstr(out, "\r\nMuxd-Instance: muxd/1 2-3\r\n"));
	assert_non_null(strstr(out, "\r\n\r\nmuxd/1 2-3\n"));
	answer("GET / HTTP/1.1\r\nHost: a\r\n\r\n", out);
	assert_null(strstr(out, "Instance"));
}

/* Who knows the id may read it across origins, or ask whether it may; nothing else may be. */
static void test_shared(void **state)
{
	static const struct {
		const char *line;
		bool shared;
	} cases[] = {
		{"GET /healthz?instance=2-3 HTTP/1.0\r\n\r\n", true},
		{"HEAD /healthz?instance=2-3 HTTP/1.0\r\n\r\n", true},
		{"OPTIONS /healthz?instance=2-3 HTTP/1.0\r\n\r\n", true},
		{"GET /healthz?a=b&instance=2%2d3 HTTP/1.0\r\n\r\n", true},
		{"GET /healthz HTTP/1.0\r\n\r\n", false},
		{"GET /healthz?instance HTTP/1.0\r\n\r\n", false},
		{"GET /healthz?instance= HTTP/1.0\r\n\r\n", false},
		{"GET /healthz?instance=2- HTTP/1.0\r\n\r\n", false},
		{"GET /healthz?instance=2-3%0a HTTP/1.0\r\n\r\n", false},
		{"GET /healthz?instance=2-30 HTTP/1.0\r\n\r\n", false},
		{"POST /healthz?instance=2-3 HTTP/1.0\r\n\r\n", false},
		{"OPTIONS /healthz HTTP/1.0\r\n\r\n", false},
		{"OPTIONS /password?instance=2-3 HTTP/1.0\r\n\r\n", false},
		{"GET /password?instance=2-3 HTTP/1.0\r\n\r\n", false},
		{"GET /check?instance=2-3 HTTP/1.0\r\n\r\n", false},
	};
	char out[ANSWER_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		answer(cases[i].line, out);
		assert_int_equal(strstr(out, "\r\nAccess-Control-Allow-Origin: *\r\n") != NULL,
				 cases[i].shared);
		assert_int_equal(strstr(out, "Access-Control-Allow-Private-Network") != NULL,
				 cases[i].shared && cases[i].line[0] == 'O');
	}
}

/* However little room there is each time, the text is that of /check, once. */
static void test_check(void **state)
{
	static char out[sizeof(page) + ANSWER_MAX];
	struct answer decided;
	size_t room, len, i;

	(void)state;
	for (i = 0; i < sizeof(page) - 1; i++)
		page[i] = (char)('a' + i % 26);
	for (room = ANSWER_MAX; room < 2 * sizeof(page); room += 509) {
		decided = decide("GET /check HTTP/1.1\r\nHost: a\r\n\r\n");
		assert_int_equal(answer_content_len(&decided), sizeof(page) - 1);
		len = answer_write(&decided, date, NULL, out, room);
		assert_true(len <= room);
		while (!answer_is_written(&decided)) {
			size_t more = answer_write_on(&decided, NULL, out + len, ANSWER_MAX);

			assert_in_range(more, 1, ANSWER_MAX);
			len += more;
		}
		out[len] = '\0';
		assert_string_equal(strstr(out, "\r\n\r\n") + 4, page);
	}
	decided = decide("HEAD /check HTTP/1.1\r\nHost: a\r\n\r\n");
	len = answer_write(&decided, date, NULL, out, ANSWER_MAX);
	assert_true(answer_is_written(&decided));
	assert_memory_equal(out + len - 4, "\r\n\r\n", 4);
}

static void test_parameters(void **state)
{
	struct answer decided = decide("GET /password?alphabet=hex&length=7&n=42 HTTP/1.0\r\n\r\n");

	(void)state;
	assert_int_equal(decided.page.count, 42);
	assert_int_equal(decided.page.len, 7);
	assert_int_equal(decided.page.alphabet, PASSWORD_HEX);
}

static void test_hello(void **state)
{
	char out[ANSWER_MAX + 1];

	(void)state;
	answer("GET / HTTP/1.1\r\nHost: a\r\n\r\n", out);
	assert_string_equal(out, "HTTP/1.1 200 OK\r\nServer: muxd\r\n"
				 "Date: Mon, 23 Nov 2026 08:46:31 GMT\r\n"
				 "Content-Type: text/plain; charset=utf-8\r\n"
				 "Content-Length: 5\r\n\r\nHello");
}

/* To HEAD: the same head, and nothing after it (RFC 9110 section 9.3.2). */
static void test_head(void **state)
{
	char get[ANSWER_MAX + 1], head[ANSWER_MAX + 1];

	(void)state;
	answer("GET /password HTTP/1.0\r\n\r\n", get);
	answer("HEAD /password HTTP/1.0\r\n\r\n", head);
	assert_non_null(strstr(get, "\r\n\r\n["));
	assert_memory_equal(get, head, strlen(head));
	assert_int_equal(strlen(get), strlen(head) + 1301);
}

static void test_allow(void **state)
{
	char out[ANSWER_MAX + 1];

	(void)state;
	answer("POST / HTTP/1.0\r\n\r\n", out);
	assert_non_null(strstr(out, "HTTP/1.1 405 Method Not Allowed\r\n"));
	assert_non_null(strstr(out, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
	answer("OPTIONS / HTTP/1.0\r\n\r\n", out);
	assert_non_null(strstr(out, "\r\nAllow: GET, HEAD, OPTIONS\r\n"));
	/* RFC 9110 section 8.6 */
	assert_null(strstr(out, "Content-Length"));
	assert_non_null(strstr(out, "\r\n\r\n"));
}

static void test_connection_field(void **state)
{
	char out[ANSWER_MAX + 1];

	(void)state;
	answer("GET / HTTP/1.1\r\nHost: a\r\n\r\n", out);
	assert_null(strstr(out, "Connection:"));
	answer("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", out);
	assert_non_null(strstr(out, "\r\nConnection: close\r\n"));
	answer("GET / HTTP/1.0\r\n\r\n", out);
	assert_non_null(strstr(out, "\r\nConnection: close\r\n"));
	answer("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", out);
	assert_non_null(strstr(out, "\r\nConnection: keep-alive\r\n"));
}

static void test_dry_source(void **state)
{
	struct password_source source = {NULL, NULL, dry, NULL};
	struct answer decided = decide("GET /password HTTP/1.1\r\nHost: a\r\n\r\n");
	char out[ANSWER_MAX];

	(void)state;
	assert_true(answer_write(&decided, date, &source, out, ANSWER_MAX) != 0);
	assert_memory_equal(out, "HTTP/1.1 500 ", 13);
	assert_true((decided.flags & ANSWER_CLOSE) != 0);
}

/* Against the C library, over four hundred years and both ends of every day. */
static void test_date(void **state)
{
	int64_t day;

	(void)state;
	for (day = 0; day < 150000; day++) {
		char ours[ANSWER_DATE_LEN + 1] = "", theirs[64];
		time_t time = (time_t)(day * 86400 + (day % 2 == 0 ? 0 : 86399));
		struct tm tm;

		answer_date(time, ours);
		gmtime_r(&time, &tm);
		strftime(theirs, sizeof(theirs), "%a, %d %b %Y %H:%M:%S GMT", &tm);
		assert_string_equal(ours, theirs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_statuses),   cmocka_unit_test(test_seed),
		cmocka_unit_test(test_health),	   cmocka_unit_test(test_parameters),
		cmocka_unit_test(test_hello),	   cmocka_unit_test(test_head),
		cmocka_unit_test(test_allow),	   cmocka_unit_test(test_connection_field),
		cmocka_unit_test(test_dry_source), cmocka_unit_test(test_date),
		cmocka_unit_test(test_shared),	   cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
