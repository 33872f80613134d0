/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resolv.conf as res_vinit_1() of glibc 2.36 reads it: a keyword stands in the first column with a
 * blank or tab behind it; words are separated by blanks and tabs only, so that the carriage return
 * of a CRLF file sticks to the last word of a line. glibc uses the first three name servers
 * (MAXNS); all are kept, and 127.0.0.1 is filled in where there is none.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "parse/parse.h"
#include "parse/text.h"

struct resolv_parser {
	struct arena *arena;
	struct arena_list nameservers; /* of struct mux_address */
	struct arena_list search;      /* of struct mux_slice */
	struct arena_list options;     /* of struct mux_slice */
};

static void add_word(struct resolv_parser *parser, struct arena_list *list, struct mux_slice word)
{
	struct mux_slice *item = arena_list_add(parser->arena, list);

	if (item != NULL)
		*item = word;
}

/* inet_aton(3), which takes "127.1" and octal too and stops at white space. */
static int parse_aton(struct mux_slice text, struct mux_address *ret_address)
{
	struct mux_address address = {.family = AF_INET};
	struct mux_slice word;
	struct in_addr value;
	char copy[64];

	if (text.len == 0 || text_is_space(text.data[0]) || !text_next_word(&text, &word) ||
	    word.len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, word.data, word.len);
	copy[word.len] = '\0';
	if (inet_aton(copy, &value) == 0)
		return -EINVAL;
	memcpy(address.bytes, &value, sizeof(value));
	*ret_address = address;
	return 0;
}

/* A scope is only taken as a number: the name of a link would need the machine's links. As in
 * glibc, a scope that cannot be used is no error. */
static int parse_scoped6(struct mux_slice text, struct mux_address *ret_address)
{
	struct mux_slice bare = text_before(text, '%'), index = text;
	uint64_t scope_id = 0;

	if (addr_parse(bare, ret_address) != 0 || ret_address->family != AF_INET6)
		return -EINVAL;
	if (bare.len == text.len)
		return 0;
	index.data += bare.len + 1;
	index.len -= bare.len + 1;
	if (slice_parse_u64(index, 10, &scope_id) == 0 && scope_id <= UINT32_MAX)
		ret_address->scope_id = (uint32_t)scope_id;
	return 0;
}

static void parse_nameserver(struct resolv_parser *parser, struct mux_slice rest)
{
	struct mux_address address, *item;
	struct mux_slice word;

	if (!text_next_blank_word(&rest, &word))
		return;
	if (parse_aton(word, &address) != 0 && parse_scoped6(word, &address) != 0)
		return;
	item = arena_list_add(parser->arena, &parser->nameservers);
	if (item != NULL)
		*item = address;
}

static void parse_domain(struct resolv_parser *parser, struct mux_slice rest)
{
	struct mux_slice word;

	if (!text_next_blank_word(&rest, &word))
		return;
	parser->search.n = 0;
	add_word(parser, &parser->search, word);
}

static void parse_search(struct resolv_parser *parser, struct mux_slice rest)
{
	struct mux_slice word;

	if (!text_next_blank_word(&rest, &word))
		return;
	parser->search.n = 0;
	do
		add_word(parser, &parser->search, word);
	while (text_next_blank_word(&rest, &word));
}

static void parse_options(struct resolv_parser *parser, struct mux_slice rest)
{
	struct mux_slice word;

	/* Options are compared by their beginnings only, so a carriage return does no harm. */
	while (text_next_word(&rest, &word))
		add_word(parser, &parser->options, word);
}

static const struct keyword {
	const char *name;
	void (*parse)(struct resolv_parser *parser, struct mux_slice rest);
} keywords[] = {
	{"nameserver", parse_nameserver},
	{"domain", parse_domain},
	{"search", parse_search},
	{"options", parse_options},
};

static void parse_line(struct resolv_parser *parser, struct mux_slice line)
{
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		size_t len = strlen(keywords[i].name);
		struct mux_slice rest = line;

		if (!slice_starts_with(line, keywords[i].name) || line.len == len ||
		    (line.data[len] != ' ' && line.data[len] != '\t'))
			continue;
		rest.data += len;
		rest.len -= len;
		keywords[i].parse(parser, rest);
		return;
	}
}

int parse_resolv(struct mux_slice bytes, struct arena *arena, struct mux_resolv *ret)
{
	struct resolv_parser parser = {
		.arena = arena,
		.nameservers = {.size = sizeof(struct mux_address)},
		.search = {.size = sizeof(struct mux_slice)},
		.options = {.size = sizeof(struct mux_slice)},
	};
	struct text_lines lines;
	struct mux_slice line;

	text_begin(&lines, bytes);
	while (text_next_line(&lines, &line))
		parse_line(&parser, line);
	ret->nameservers = parser.nameservers.items;
	ret->n_nameservers = parser.nameservers.n;
	if (ret->n_nameservers == 0) {
		ret->nameservers = &addr_loopback4;
		ret->n_nameservers = 1;
	}
	ret->search = parser.search.items;
	ret->n_search = parser.search.n;
	ret->options = parser.options.items;
	ret->n_options = parser.options.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
