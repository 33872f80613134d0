/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <string.h>

void text_begin(struct text_lines *lines, struct mux_slice bytes)
{
	memset(lines, 0, sizeof(*lines));
	lines->rest = bytes;
}

struct mux_slice text_before(struct mux_slice text, char c)
{
	const char *end = text.len == 0 ? NULL : memchr(text.data, c, text.len);

	if (end != NULL)
		text.len = (size_t)(end - text.data);
	return text;
}

static void drop(struct mux_slice *slice, size_t len)
{
	slice->data += len;
	slice->len -= len;
}

struct mux_slice text_next_item(struct mux_slice *rest, char separator)
{
	struct mux_slice item = text_before(*rest, separator);

	if (rest->len != 0)
		drop(rest, item.len + (item.len < rest->len));
	return item;
}

bool text_next_line(struct text_lines *lines, struct mux_slice *ret_line)
{
	struct mux_slice line = text_before(lines->rest, '\n');

	if (lines->rest.len == 0)
		return false;
	lines->line++;
	lines->terminated = line.len < lines->rest.len;
	drop(&lines->rest, line.len + lines->terminated);
	*ret_line = text_before(line, '\0');
	return true;
}

bool text_is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

void text_skip_space(struct mux_slice *rest)
{
	while (rest->len != 0 && text_is_space(rest->data[0]))
		drop(rest, 1);
}

static bool next_word(struct mux_slice *rest, bool (*separates)(char), struct mux_slice *ret_word)
{
	struct mux_slice word;

	while (rest->len != 0 && separates(rest->data[0]))
		drop(rest, 1);
	if (rest->len == 0)
		return false;
	word = *rest;
	word.len = 0;
	while (word.len < rest->len && !separates(rest->data[word.len]))
		word.len++;
	drop(rest, word.len);
	*ret_word = word;
	return true;
}

bool text_next_word(struct mux_slice *rest, struct mux_slice *ret_word)
{
	return next_word(rest, text_is_space, ret_word);
}

bool text_next_blank_word(struct mux_slice *rest, struct mux_slice *ret_word)
{
	return next_word(rest, is_blank, ret_word);
}
