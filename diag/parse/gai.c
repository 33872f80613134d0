/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * gai.conf as gaiconf_init() of glibc 2.36 reads it, and the tables that it has without a file:
 * labels and precedences of RFC 3484 section 2.1 with fec0::/10, fc00::/7 and 2001::/32 added to
 * the labels, not those of RFC 6724 section 2.1. A configured row of a kind drops all built-in rows
 * of that kind, but for the one that matches everything, which stays unless it is configured too.
 * Rows are sorted by falling prefix length, so the first match is the longest; of equal ones the
 * first in the file wins.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "parse/parse.h"
#include "parse/text.h"

#define V6(length, number, ...)                                                                    \
	{                                                                                          \
		.prefix = {.family = AF_INET6, .bytes = {__VA_ARGS__}}, .prefix_len = (length),    \
		.value = (number),                                                                 \
	}
#define V4(length, number, ...)                                                                    \
	{                                                                                          \
		.prefix = {.family = AF_INET, .bytes = {__VA_ARGS__}}, .prefix_len = (length),     \
		.value = (number),                                                                 \
	}

static const struct mux_gai_row default_labels[] = {
	V6(128, 0, [15] = 1),		     /* ::1 */
	V6(96, 3, 0),			     /* IPv4-compatible */
	V6(96, 4, [10] = 0xff, [11] = 0xff), /* IPv4-mapped */
	V6(32, 7, 0x20, 0x01),		     /* Teredo */
	V6(16, 2, 0x20, 0x02),		     /* 6to4 */
	V6(10, 5, 0xfe, 0xc0),		     /* site-local */
	V6(7, 6, 0xfc),			     /* unique local */
	V6(0, 1, 0),
};

static const struct mux_gai_row default_precedences[] = {
	V6(128, 50, [15] = 1),	V6(96, 20, 0), V6(96, 10, [10] = 0xff, [11] = 0xff),
	V6(16, 30, 0x20, 0x02), V6(0, 40, 0),
};

/* Values are those of RFC 4291 section 2.7: 2 link-local, 14 global. */
static const struct mux_gai_row default_scopes4[] = {
	V4(16, 2, 169, 254),
	V4(8, 2, 127),
	V4(0, 14, 0),
};

static const struct kind {
	const char *keyword;
	int family;
	const struct mux_gai_row *rows; /* built-in; the last one matches everything */
	size_t n_rows;
} kinds[] = {
	{"label", AF_INET6, default_labels, sizeof(default_labels) / sizeof(default_labels[0])},
	{"precedence", AF_INET6, default_precedences,
	 sizeof(default_precedences) / sizeof(default_precedences[0])},
	{"scopev4", AF_INET, default_scopes4, sizeof(default_scopes4) / sizeof(default_scopes4[0])},
};

enum { N_KINDS = sizeof(kinds) / sizeof(kinds[0]) };

/*
 * A number as strtoul(3) takes it, all of the text, at most `largest`. Nothing at all is 0, because
 * glibc asks only whether strtoul stopped at the end: "::1/" is ::/0 with bits of ::1.
 */
static bool parse_number(struct mux_slice text, unsigned long largest, unsigned long *ret_value)
{
	char copy[32], *end;
	unsigned long value;

	if (text.len >= sizeof(copy))
		return false;
	if (text.len != 0)
		memcpy(copy, text.data, text.len);
	copy[text.len] = '\0';
	value = strtoul(copy, &end, 10);
	if (*end != '\0' || value > largest)
		return false;
	*ret_value = value;
	return true;
}

/* scopev4 rows may be written as IPv4-mapped IPv6 prefixes of 96 to 128 bits. */
static bool unmap(struct mux_gai_row *row)
{
	if (!addr_is_mapped(&row->prefix) || row->prefix_len < 96)
		return false;
	memmove(row->prefix.bytes, row->prefix.bytes + 12, 4);
	memset(row->prefix.bytes + 4, 0, 12);
	row->prefix.family = AF_INET;
	row->prefix_len -= 96;
	return true;
}

/* glibc masks scope prefixes; label and precedence prefixes are compared under the length. */
static void mask(struct mux_gai_row *row)
{
	unsigned bit;

	for (bit = row->prefix_len; bit < 32; bit++)
		row->prefix.bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static bool parse_row(struct mux_slice prefix, struct mux_slice value, const struct kind *kind,
		      struct mux_gai_row *ret)
{
	struct mux_slice address = text_before(prefix, '/'), bits = prefix;
	unsigned long length, number;

	if (addr_parse(address, &ret->prefix) != 0 ||
	    (kind->family == AF_INET6 && ret->prefix.family != AF_INET6))
		return false;
	length = ret->prefix.family == AF_INET ? 32 : 128;
	if (address.len < prefix.len) {
		bits.data += address.len + 1;
		bits.len -= address.len + 1;
		if (!parse_number(bits, length, &length))
			return false;
	}
	if (!parse_number(value, INT_MAX, &number))
		return false;
	ret->prefix_len = (unsigned)length;
	ret->value = (int)number;
	if (kind->family == AF_INET6)
		return true;
	if (ret->prefix.family == AF_INET6 && !unmap(ret))
		return false;
	mask(ret);
	return true;
}

static void parse_line(struct mux_slice line, size_t number, struct arena *arena,
		       struct arena_list *lists)
{
	struct mux_slice rest = text_before(line, '#');
	struct mux_slice keyword, prefix = {0}, value = {0};
	struct mux_gai_row row = {.line = number}, *item;
	size_t i;

	if (!text_next_word(&rest, &keyword))
		return;
	text_next_word(&rest, &prefix);
	text_next_word(&rest, &value);
	for (i = 0; i < N_KINDS; i++) {
		if (!slice_is(keyword, kinds[i].keyword) ||
		    !parse_row(prefix, value, &kinds[i], &row))
			continue;
		item = arena_list_add(arena, &lists[i]);
		if (item != NULL)
			*item = row;
	}
}

/* Returns the table in force: the configured rows, or the built-in ones where there are none. */
static const struct mux_gai_row *finish(const struct kind *kind, const struct arena_list *list,
					struct arena *arena, size_t *ret_n)
{
	const struct mux_gai_row *configured = list->items;
	struct mux_gai_row *rows;
	size_t i, n = 0;
	unsigned bits;

	*ret_n = kind->n_rows;
	if (list->n == 0)
		return kind->rows;
	rows = arena_array(arena, list->n + 1, sizeof(*rows));
	if (rows == NULL)
		return NULL;
	for (bits = 129; bits-- > 0;)
		for (i = 0; i < list->n; i++)
			if (configured[i].prefix_len == bits)
				rows[n++] = configured[i];
	if (rows[n - 1].prefix_len != 0)
		rows[n++] = kind->rows[kind->n_rows - 1];
	*ret_n = n;
	return rows;
}

int parse_gai(struct mux_slice bytes, struct arena *arena, struct mux_gai *ret)
{
	struct arena_list lists[N_KINDS] = {
		{.size = sizeof(struct mux_gai_row)},
		{.size = sizeof(struct mux_gai_row)},
		{.size = sizeof(struct mux_gai_row)},
	};
	struct text_lines lines;
	struct mux_slice line;

	text_begin(&lines, bytes);
	while (text_next_line(&lines, &line))
		parse_line(line, lines.line, arena, lists);
	ret->labels = finish(&kinds[0], &lists[0], arena, &ret->n_labels);
	ret->precedences = finish(&kinds[1], &lists[1], arena, &ret->n_precedences);
	ret->scopes4 = finish(&kinds[2], &lists[2], arena, &ret->n_scopes4);
	return arena_failed(arena) ? -ENOMEM : 0;
}
