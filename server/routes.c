/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "routes.h"

#include "chars.h"

#include <string.h>

enum { DECODED_MAX = 64 }; /* longer paths and values match nothing we have */

/* A request as endpoints see it. */
struct request {
	const struct routes *routes;
	const char *path, *query;
	size_t path_len, query_len;
};

struct decoded {
	char text[DECODED_MAX];
	size_t len;
};

/*
 * Undoes percent-encoding (RFC 3986 section 2.1; the parser has checked the triplets), and '+' in
 * queries. False when it does not fit, which then equals nothing.
 */
static bool decode(const char *text, size_t len, bool query, struct decoded *ret)
{
	size_t i = 0;

	ret->len = 0;
	while (i < len) {
		char c = text[i++];

		if (ret->len == DECODED_MAX)
			return false;
		if (c == '%') {
			c = (char)(char_hex_value(text[i]) << 4 | char_hex_value(text[i + 1]));
			i += 2;
		} else if (c == '+' && query) {
			c = ' ';
		}
		ret->text[ret->len++] = c;
	}
	return true;
}

static bool decoded_is(const struct decoded *decoded, const char *word)
{
	return decoded->len == strlen(word) && memcmp(decoded->text, word, decoded->len) == 0;
}

/* Finds the first `key` of the query; returns false when it is not there. */
static bool query_find(const struct request *request, const char *key, struct decoded *ret_value)
{
	const char *next = request->query, *end = next + request->query_len;

	while (next < end) {
		const char *amp = memchr(next, '&', (size_t)(end - next));
		const char *stop = amp == NULL ? end : amp;
		const char *equals = memchr(next, '=', (size_t)(stop - next));
		const char *key_end = equals == NULL ? stop : equals;
		const char *value = equals == NULL ? stop : equals + 1;
		struct decoded name;

		if (decode(next, (size_t)(key_end - next), true, &name) && decoded_is(&name, key)) {
			if (!decode(value, (size_t)(stop - value), true, ret_value))
				ret_value->len = 0;
			return true;
		}
		next = stop + 1;
	}
	return false;
}

static struct answer hello(const struct request *request)
{
	(void)request;
	return (struct answer){.status = 200, .text = "Hello"};
}

/* Does who asks have our id already? */
static bool knows_instance(const struct request *request)
{
	const char *id = strchr(request->routes->instance, ' ');
	struct decoded value;

	return id != NULL && query_find(request, "instance", &value) &&
	       value.len == strcspn(id + 1, "\n") && memcmp(value.text, id + 1, value.len) == 0;
}

/*
 * Only pages that have our id may read it across origins: those we have served. To others it would
 * be a mark by which to know a visitor again.
 */
static struct answer health(const struct request *request)
{
	unsigned flags = ANSWER_INSTANCE | (knows_instance(request) ? ANSWER_SHARED : 0);

	return (struct answer){
		.status = 200, .text = request->routes->instance, .flags = (uint16_t)flags};
}

static struct answer check(const struct request *request)
{
	return (struct answer){.status = 200, .text = request->routes->check, .flags = ANSWER_HTML};
}

static struct answer ready(const struct request *request)
{
	(void)request;
	return (struct answer){.status = 200, .text = "ready\n", .flags = ANSWER_READY};
}

static struct answer metrics(const struct request *request)
{
	(void)request;
	return (struct answer){.status = 200, .flags = ANSWER_METRICS};
}

/* A decimal number from 1 to max, without a sign or leading zeros. */
static bool take_number(const struct decoded *value, unsigned max, uint16_t *ret)
{
	unsigned number = 0;
	size_t i;

	if (value->len == 0 || value->len > 5 || value->text[0] == '0')
		return false;
	for (i = 0; i < value->len; i++) {
		unsigned digit = (unsigned)(unsigned char)value->text[i] - '0';

		if (digit > 9)
			return false;
		number = number * 10 + digit;
	}
	if (number > max)
		return false;
	*ret = (uint16_t)number;
	return true;
}

static bool take_count(const struct decoded *value, struct password_page *page)
{
	return take_number(value, PASSWORD_COUNT_MAX, &page->count);
}

static bool take_len(const struct decoded *value, struct password_page *page)
{
	return take_number(value, PASSWORD_LEN_MAX, &page->len);
}

static bool take_format(const struct decoded *value, struct password_page *page)
{
	uint8_t i;

	for (i = 0; i < PASSWORD_N_FORMATS; i++)
		if (decoded_is(value, password_format_name(i))) {
			page->format = i;
			return true;
		}
	return false;
}

static bool take_alphabet(const struct decoded *value, struct password_page *page)
{
	uint8_t i;

	for (i = 0; i < PASSWORD_N_ALPHABETS; i++)
		if (decoded_is(value, password_alphabet_name(i))) {
			page->alphabet = i;
			return true;
		}
	return false;
}

static const struct {
	const char *key;
	bool (*take)(const struct decoded *value, struct password_page *page);
	const char *complaint;
} parameters[] = {
	{"n", take_count, "400 Bad Request: n is 1 to 10000\n"},
	{"length", take_len, "400 Bad Request: length is 1 to 1024\n"},
	{"format", take_format, "400 Bad Request: format is go, python, json or lines\n"},
	{"alphabet", take_alphabet,
	 "400 Bad Request: alphabet is default, alnum, letters, lower, digits, hex, url or "
	 "readable\n"},
};

static struct answer passwords(const struct request *request)
{
	struct answer answer = {
		.status = 200, .flags = ANSWER_PASSWORDS, .page = password_page_default()};
	struct decoded value;
	size_t i;

	if (request->query_len == 0)
		return answer;
	for (i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++)
		if (query_find(request, parameters[i].key, &value) &&
		    !parameters[i].take(&value, &answer.page))
			return (struct answer){.status = 400, .text = parameters[i].complaint};
	return answer;
}

/*
 * Exact paths. In the `seed` column: what is there in seed mode too, where "/" takes every other
 * path, as it does in Go's ServeMux.
 */
static const struct route {
	const char *path;
	struct answer (*get)(const struct request *request);
	bool seed;
} endpoints[] = {
	{"/", hello, false},	  {"/password", passwords, true}, {"/healthz", health, true},
	{"/readyz", ready, true}, {"/metrics", metrics, true},	  {"/check", check, true},
};

static const struct route catch_all = {"/", passwords, true};

static const struct route *route_find(const struct request *request)
{
	bool seed = request->routes->seed;
	struct decoded path;
	size_t i;

	if (!decode(request->path, request->path_len, false, &path))
		return seed ? &catch_all : NULL;
	for (i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
		if ((!seed || endpoints[i].seed) && decoded_is(&path, endpoints[i].path))
			return &endpoints[i];
	return seed ? &catch_all : NULL;
}

/* Who may read the answer to GET may also ask first, as a browser does (CORS preflight). */
static struct answer options(const struct request *request, const struct route *route)
{
	unsigned shared = route->get(request).flags & ANSWER_SHARED;

	return (struct answer){.status = 204, .flags = (uint16_t)(ANSWER_ALLOW | shared)};
}

static struct answer find_route(const struct request *request, unsigned method)
{
	const struct route *route = route_find(request);

	if (route == NULL)
		return answer_error(404, 0);
	if (method == METHOD_OPTIONS)
		return options(request, route);
	/* RFC 9110 section 15.5.6: with the methods that would do. */
	if (method != METHOD_GET && method != METHOD_HEAD)
		return answer_error(405, ANSWER_ALLOW);
	return route->get(request);
}

static struct answer decide(const struct routes *routes, const struct http_head *head,
			    const char *data)
{
	struct request request = {
		.routes = routes,
		.path = head->path.len == 0 ? "/" : data + head->path.start,
		.path_len = head->path.len == 0 ? 1 : head->path.len,
		.query = data + head->query.start,
		.query_len = head->query.len,
	};

	/* RFC 9110 section 9.1: a method that is not implemented at all. No proxy is here to
	 * CONNECT through. */
	if (head->method == METHOD_OTHER || head->method == METHOD_CONNECT)
		return answer_error(501, 0);
	if ((head->flags & HTTP_ASTERISK) != 0)
		return (struct answer){.status = 204, .flags = ANSWER_ALLOW};
	return find_route(&request, head->method);
}

struct answer routes_answer(const struct routes *routes, const struct http_head *head,
			    const char *data)
{
	struct answer answer = decide(routes, head, data);

	if (head->method == METHOD_HEAD)
		answer.flags |= ANSWER_NO_CONTENT;
	if (!http_is_persistent(head))
		answer.flags |= ANSWER_CLOSE | ANSWER_PEER_CLOSES;
	else if (head->minor == 0)
		answer.flags |= ANSWER_KEEP_ALIVE;
	return answer;
}
