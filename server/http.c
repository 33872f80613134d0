/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines of a request head. Each line is looked at once, when its LF has come; the limits are
 * checked so that they strike at the same byte however the head was cut into pieces.
 */
#include "http.h"

#include "chars.h"

#include <string.h>

static const struct {
	const char *name;
	uint8_t len;
	uint8_t method;
} methods[] = {
	{"GET", 3, METHOD_GET},	    {"HEAD", 4, METHOD_HEAD},	{"OPTIONS", 7, METHOD_OPTIONS},
	{"POST", 4, METHOD_POST},   {"PUT", 3, METHOD_PUT},	{"DELETE", 6, METHOD_DELETE},
	{"PATCH", 5, METHOD_PATCH}, {"TRACE", 5, METHOD_TRACE}, {"CONNECT", 7, METHOD_CONNECT},
};

void http_head_init(struct http_head *head)
{
	memset(head, 0, sizeof(*head));
}

/* Methods are case-sensitive (RFC 9110 section 9.1). */
static uint8_t method_find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (methods[i].len == len && memcmp(methods[i].name, name, len) == 0)
			return methods[i].method;
	return METHOD_OTHER;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* HTTP-version = "HTTP/" DIGIT "." DIGIT (RFC 9112 section 2.3). */
static int parse_version(struct http_head *head, const char *text, size_t len)
{
	if (len != 8 || memcmp(text, "HTTP/", 5) != 0 || !is_digit(text[5]) || text[6] != '.' ||
	    !is_digit(text[7]))
		return 400;
	if (text[5] != '1')
		return 505;
	/* A higher minor version is answered as the highest we know (RFC 9110 section 2.5). */
	head->minor = text[7] == '0' ? 0 : 1;
	return 0;
}

/*
 * request-line = method SP request-target SP HTTP-version, each SP exactly one: RFC 9112 section 3
 * allows leniency here and warns of what it costs.
 */
static int parse_request_line(struct http_head *head, const char *data, size_t start, size_t len)
{
	const char *line = data + start;
	size_t method_len = chars_span(line, len, CHAR_TOKEN);
	const char *target, *space;
	size_t target_len;
	int status;

	if (method_len == 0 || method_len == len || line[method_len] != ' ')
		return 400;
	target = line + method_len + 1;
	space = memchr(target, ' ', len - method_len - 1);
	if (space == NULL)
		return 400;
	target_len = (size_t)(space - target);
	head->method = method_find(line, method_len);
	status = parse_version(head, space + 1, len - method_len - target_len - 2);
	if (status != 0)
		return status;
	return http_target_parse(head, data, start + method_len + 1, target_len);
}

/* The rules that need the whole head. Framing first: the rest cannot be trusted without it. */
static int check_head(const struct http_head *head)
{
	unsigned flags = head->flags;

	/* RFC 9112 section 3.2 */
	if (head->minor >= 1 && (flags & HTTP_HAS_HOST) == 0)
		return 400;
	if ((flags & HTTP_HAS_CODING) != 0) {
		/* RFC 9112 section 6.1: with Content-Length it is an attack, with 1.0 a fault;
		 * section 6.3: a request whose last coding is not chunked has no end. */
		if ((flags & HTTP_HAS_LENGTH) != 0 || head->minor == 0 ||
		    (flags & HTTP_CHUNKED) == 0)
			return 400;
		if ((flags & HTTP_UNKNOWN_CODING) != 0)
			return 501;
	}
	if (head->content_length > HTTP_BODY_MAX)
		return 413;
	/* RFC 9110 section 10.1.1: expectations of a 1.0 request are ignored. */
	if ((flags & HTTP_EXPECTS_UNKNOWN) != 0 && head->minor >= 1)
		return 417;
	return 0;
}

static enum http_result refuse(struct http_head *head, int status)
{
	head->status = (uint16_t)status;
	return HTTP_BAD;
}

static enum http_result end_head(struct http_head *head, size_t end)
{
	int status = check_head(head);

	if (status != 0)
		return refuse(head, status);
	head->len = (uint32_t)end;
	return HTTP_DONE;
}

/*
 * Checks what can be said of a line before it is complete: `have` bytes of it are there, the LF
 * among them if `complete`. Returns 0 or the status to refuse with.
 */
static int check_line(const struct http_head *head, const char *data, size_t have, bool complete)
{
	const char *line = data + head->line;
	size_t over = complete ? 1 : 0; /* an unfinished line is at least one byte longer */

	if ((head->flags & HTTP_REQUEST_LINE_READ) == 0) {
		/* So a TLS hello, for one, is not waited for until the deadline. */
		if (have != 0 && !char_is(line[0], CHAR_TOKEN) && line[0] != '\r')
			return 400;
		/* RFC 9112 section 3: too long a method is 501, too long a target 414 */
		if (have >= HTTP_LINE_MAX + over)
			return memchr(line, ' ', HTTP_LINE_MAX) == NULL ? 501 : 414;
	}
	if (head->line + have >= HTTP_HEAD_MAX + over)
		return 431;
	return 0;
}

/* Reads the complete line that ends before offset `end`. */
static enum http_result take_line(struct http_head *head, const char *data, size_t end)
{
	size_t start = head->line, len = end - start;
	int status = check_line(head, data, len, true);

	if (status != 0)
		return refuse(head, status);
	if (len < 2 || data[end - 2] != '\r')
		return refuse(head, 400);
	len -= 2;
	if ((head->flags & HTTP_REQUEST_LINE_READ) != 0) {
		if (len == 0)
			return end_head(head, end);
		status = ++head->n_fields > HTTP_FIELDS_MAX
				 ? 431
				 : http_field_parse(head, data + start, len);
	} else if (len == 0) {
		status = ++head->n_empty_lines > HTTP_EMPTY_LINES_MAX ? 400 : 0;
	} else {
		status = parse_request_line(head, data, start, len);
		head->flags |= HTTP_REQUEST_LINE_READ;
	}
	return status == 0 ? HTTP_MORE : refuse(head, status);
}

enum http_result http_head_feed(struct http_head *head, const char *data, size_t len)
{
	enum http_result result = HTTP_MORE;
	int status;

	while (result == HTTP_MORE && head->scanned < len) {
		const char *from = data + head->scanned;
		const char *lf = memchr(from, '\n', len - head->scanned);

		if (lf == NULL) {
			head->scanned = (uint32_t)len;
			status = check_line(head, data, len - head->line, false);
			return status == 0 ? HTTP_MORE : refuse(head, status);
		}
		result = take_line(head, data, (size_t)(lf - data) + 1);
		head->line = head->scanned = (uint32_t)(lf - data) + 1;
	}
	return result;
}

bool http_has_body(const struct http_head *head)
{
	return (head->flags & HTTP_CHUNKED) != 0 || head->content_length != 0;
}

bool http_is_persistent(const struct http_head *head)
{
	if ((head->flags & HTTP_SAYS_CLOSE) != 0)
		return false;
	return head->minor >= 1 || (head->flags & HTTP_SAYS_KEEP_ALIVE) != 0;
}
