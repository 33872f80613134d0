/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Field lines (RFC 9112 section 5) and the few fields that say where a request ends. */
#include "chars.h"
#include "http.h"

#include <string.h>
#include <strings.h>

struct value {
	const char *text;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Without optional whitespace at both ends (RFC 9110 section 5.6.3). */
static struct value trim(const char *text, size_t len)
{
	while (len != 0 && is_blank(text[0])) {
		text++;
		len--;
	}
	while (len != 0 && is_blank(text[len - 1]))
		len--;
	return (struct value){text, len};
}

/* Cuts the next element off a comma-separated list; false when the list is over. */
static bool next_element(struct value *list, bool *over, struct value *ret_element)
{
	const char *comma;
	size_t len;

	if (*over)
		return false;
	comma = list->len == 0 ? NULL : memchr(list->text, ',', list->len);
	len = comma == NULL ? list->len : (size_t)(comma - list->text);
	*ret_element = trim(list->text, len);
	*over = comma == NULL;
	if (comma != NULL) {
		list->text += len + 1;
		list->len -= len + 1;
	}
	return true;
}

/* A second Host is refused, and a wrong one (RFC 9112 section 3.2); an empty one is allowed. */
static int take_host(struct http_head *head, struct value value)
{
	if ((head->flags & HTTP_HAS_HOST) != 0)
		return 400;
	head->flags |= HTTP_HAS_HOST;
	return value.len == 0 || http_is_authority(value.text, value.len) ? 0 : 400;
}

/*
 * 1*DIGIT, once. RFC 9112 section 6.3 would allow "5, 5" to be repaired; refusing is the other
 * choice it gives, and the one that cannot be wrong.
 */
static int take_length(struct http_head *head, struct value value)
{
	uint64_t length = 0;
	size_t i;

	if ((head->flags & HTTP_HAS_LENGTH) != 0 || value.len == 0)
		return 400;
	for (i = 0; i < value.len; i++) {
		uint64_t digit = (uint64_t)(unsigned char)value.text[i] - '0';

		if (digit > 9)
			return 400;
		/* Once over every limit it stays there, whatever follows. */
		if (length <= HTTP_BODY_MAX)
			length = length * 10 + digit;
	}
	head->flags |= HTTP_HAS_LENGTH;
	head->content_length = length;
	return 0;
}

/*
 * Any coding after chunked, chunked itself included, is refused (RFC 9112 section 6.1). So are
 * parameters and empty elements: no client sends them, and intermediaries disagree about them.
 */
static int take_coding(struct http_head *head, struct value value)
{
	struct value element;
	bool over = false;

	head->flags |= HTTP_HAS_CODING;
	while (next_element(&value, &over, &element)) {
		if ((head->flags & HTTP_CHUNKED) != 0 || element.len == 0 ||
		    chars_span(element.text, element.len, CHAR_TOKEN) != element.len)
			return 400;
		if (chars_equal_nocase(element.text, element.len, "chunked"))
			head->flags |= HTTP_CHUNKED;
		else
			head->flags |= HTTP_UNKNOWN_CODING;
	}
	return 0;
}

/* Other options name fields we do not forward. Empty elements are ignored (RFC 9110 5.6.1.2). */
static int take_connection(struct http_head *head, struct value value)
{
	struct value element;
	bool over = false;

	while (next_element(&value, &over, &element)) {
		if (chars_equal_nocase(element.text, element.len, "close"))
			head->flags |= HTTP_SAYS_CLOSE;
		else if (chars_equal_nocase(element.text, element.len, "keep-alive"))
			head->flags |= HTTP_SAYS_KEEP_ALIVE;
	}
	return 0;
}

static int take_expect(struct http_head *head, struct value value)
{
	if (chars_equal_nocase(value.text, value.len, "100-continue"))
		head->flags |= HTTP_EXPECTS_CONTINUE;
	else
		head->flags |= HTTP_EXPECTS_UNKNOWN;
	return 0;
}

static const struct {
	const char *name; /* lower case */
	size_t len;
	int (*take)(struct http_head *head, struct value value);
} fields[] = {
	{"host", 4, take_host},
	{"connection", 10, take_connection},
	{"content-length", 14, take_length},
	{"transfer-encoding", 17, take_coding},
	{"expect", 6, take_expect},
};

int http_field_parse(struct http_head *head, const char *line, size_t len)
{
	size_t name_len = chars_span(line, len, CHAR_TOKEN);
	struct value value;
	size_t i;

	/* Also catches obs-fold and a blank before the colon (RFC 9112 sections 5.1, 5.2). */
	if (name_len == 0 || name_len == len || line[name_len] != ':')
		return 400;
	value = trim(line + name_len + 1, len - name_len - 1);
	if (chars_span(value.text, value.len, CHAR_VALUE) != value.len)
		return 400;
	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (fields[i].len == name_len && strncasecmp(line, fields[i].name, name_len) == 0)
			return fields[i].take(head, value);
	return 0;
}
