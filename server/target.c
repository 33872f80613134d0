/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The four forms of a request-target (RFC 9112 section 3.2) and authorities (RFC 3986 3.2). */
#include "chars.h"
#include "http.h"

#include <string.h>

/* Three bytes "%XX" with two hexadecimal digits? */
static bool is_triplet(const char *text, size_t len)
{
	return len >= 3 && text[0] == '%' && char_is(text[1], CHAR_HEX) &&
	       char_is(text[2], CHAR_HEX);
}

/* Is every '%' the start of a triplet? */
static bool are_triplets(const char *text, size_t len)
{
	const char *percent = memchr(text, '%', len), *end = text + len;

	for (; percent != NULL; percent = memchr(percent + 1, '%', (size_t)(end - percent) - 1))
		if (!is_triplet(percent, (size_t)(end - percent)))
			return false;
	return true;
}

/* Are all bytes in the class, and every '%' the start of a triplet? */
static bool is_clean(const char *text, size_t len, unsigned class)
{
	return chars_span(text, len, class) == len && are_triplets(text, len);
}

/* Returns the length of "[…]" at the start, or 0. IPvFuture has no user and is refused. */
static size_t bracketed_len(const char *text, size_t len)
{
	size_t i;

	for (i = 1; i < len && text[i] != ']'; i++)
		if (!char_is(text[i], CHAR_HEX) && text[i] != ':' && text[i] != '.')
			return 0;
	return i < len && i > 2 ? i + 1 : 0;
}

bool http_is_authority(const char *text, size_t len)
{
	size_t host_len, i;

	if (len != 0 && text[0] == '[')
		host_len = bracketed_len(text, len);
	else
		host_len = chars_span(text, len, CHAR_HOST);
	if (host_len == 0 || (text[0] != '[' && !are_triplets(text, host_len)))
		return false;
	if (host_len == len)
		return true;
	if (text[host_len] != ':')
		return false;
	for (i = host_len + 1; i < len; i++)
		if (text[i] < '0' || text[i] > '9')
			return false;
	return true;
}

/* Splits "/path?query" (or "?query") of len bytes at `start` into the two spans. */
static int split_path(struct http_head *head, const char *data, size_t start, size_t len)
{
	const char *text = data + start;
	const char *mark = memchr(text, '?', len);
	size_t path_len = mark == NULL ? len : (size_t)(mark - text);

	/* RFC 3986 section 2; a fragment, for one, never travels (RFC 9110 section 4.2.5). */
	if (!is_clean(text, len, CHAR_TARGET))
		return 400;
	head->path.start = (uint16_t)start;
	head->path.len = (uint16_t)path_len;
	if (mark != NULL) {
		head->flags |= HTTP_HAS_QUERY;
		head->query.start = (uint16_t)(start + path_len + 1);
		head->query.len = (uint16_t)(len - path_len - 1);
	}
	return 0;
}

/* absolute-form: what proxies are sent; a server must take it (RFC 9112 section 3.2.2). */
static int parse_absolute(struct http_head *head, const char *data, size_t start, size_t len)
{
	const char *text = data + start;
	size_t scheme_len, end;

	if (len > 7 && chars_equal_nocase(text, 4, "http") && memcmp(text + 4, "://", 3) == 0)
		scheme_len = 7;
	else if (len > 8 && chars_equal_nocase(text, 5, "https") && memcmp(text + 5, "://", 3) == 0)
		return 421; /* RFC 9110 section 7.4: not over a connection without TLS */
	else
		return 400;
	for (end = scheme_len; end < len && text[end] != '/' && text[end] != '?'; end++)
		;
	if (!http_is_authority(text + scheme_len, end - scheme_len))
		return 400;
	/* OPTIONS without a path is about the server (RFC 9112 section 3.2.4) */
	if (end == len && head->method == METHOD_OPTIONS)
		head->flags |= HTTP_ASTERISK;
	return split_path(head, data, start + end, len - end);
}

/* authority-form: only with CONNECT, and there only it; its port must be there. */
static int check_connect(const char *text, size_t len)
{
	const char *colon = memrchr(text, ':', len);

	if (!http_is_authority(text, len) || colon == NULL || colon + 1 == text + len ||
	    text[len - 1] == ']')
		return 400;
	return 0;
}

int http_target_parse(struct http_head *head, const char *data, size_t start, size_t len)
{
	const char *text = data + start;

	if (len == 0)
		return 400;
	if (head->method == METHOD_CONNECT)
		return check_connect(text, len);
	if (text[0] == '/')
		return split_path(head, data, start, len);
	if (text[0] == '*') {
		if (len != 1 || head->method != METHOD_OPTIONS)
			return 400;
		head->flags |= HTTP_ASTERISK;
		return 0;
	}
	return parse_absolute(head, data, start, len);
}
