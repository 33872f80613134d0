/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "routes.h"

#include "chars.h"

#include <string.h>

enum { DECODED_MAX = 64 }; /* longer paths and values match nothing we have */

/* A request as endpoints see it. */
struct request {
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

static struct answer passwords(const struct request *request)
{
	struct decoded value;
	unsigned i;

	if (!query_find(request, "format", &value))
		return (struct answer){.status = 200, .flags = ANSWER_PASSWORDS};
	for (i = 0; i < PASSWORD_N_FORMATS; i++)
		if (decoded_is(&value, password_format_name(i)))
			return (struct answer){
				.status = 200, .flags = ANSWER_PASSWORDS, .format = (uint8_t)i};
	return (struct answer){.status = 400,
			       .text = "400 Bad Request: format is go, python or json\n"};
}

static const struct {
	const char *path;
	struct answer (*get)(const struct request *request);
} routes[] = {
	{"/", hello},
	{"/password", passwords},
};

static struct answer find_route(const struct request *request, unsigned method)
{
	struct decoded path;
	size_t i, n = sizeof(routes) / sizeof(routes[0]);

	if (!decode(request->path, request->path_len, false, &path))
		return answer_error(404, 0);
	for (i = 0; i < n && !decoded_is(&path, routes[i].path); i++)
		;
	if (i == n)
		return answer_error(404, 0);
	if (method == METHOD_OPTIONS)
		return (struct answer){.status = 204, .flags = ANSWER_ALLOW};
	/* RFC 9110 section 15.5.6: with the methods that would do. */
	if (method != METHOD_GET && method != METHOD_HEAD)
		return answer_error(405, ANSWER_ALLOW);
	return routes[i].get(request);
}

static struct answer route(const struct http_head *head, const char *data)
{
	struct request request = {
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

struct answer routes_answer(const struct http_head *head, const char *data)
{
	struct answer answer = route(head, data);

	if (head->method == METHOD_HEAD)
		answer.flags |= ANSWER_NO_CONTENT;
	if (!http_is_persistent(head))
		answer.flags |= ANSWER_CLOSE | ANSWER_PEER_CLOSES;
	else if (head->minor == 0)
		answer.flags |= ANSWER_KEEP_ALIVE;
	return answer;
}
