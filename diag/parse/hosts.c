/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts as nss_files of glibc 2.36 reads it: __nss_readline() drops leading white space and
 * skips empty lines and lines that begin with '#'; parse_line() of files-hosts.c cuts at '#', takes
 * the first word for inet_pton(3) and the other words for names. A line is a C string, so its first
 * NUL byte ends it. What inet_pton does not take is dropped without a word by glibc: here it is a
 * fault. The loops are plain because a blocklist of a million lines must not cost more than the
 * look-up it explains.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "parse/parse.h"
#include "parse/text.h"

/* What a byte is to nss_files, and to names. */
enum byte_class {
	OTHER,
	NAME,  /* see is_name_byte() */
	SPACE, /* separates words */
	END,   /* '#' or NUL: ends the line */
};

struct hosts_parser {
	uint8_t classes[256]; /* enum byte_class, by byte */
	const struct parse_interest *interest;
	uint64_t lengths; /* bit n: a name of interest has n bytes (63: or more) */
	struct arena *arena;
	struct arena_list entries; /* of struct mux_hosts_entry */
	struct mux_hosts *ret;
	/* The address read last: in a blocklist it is the same in every line. */
	struct mux_slice last_text;
	struct mux_address last; /* of no family when the text is no address */
};

struct line {
	struct mux_slice text; /* without its line end */
	size_t number;
	bool crlf;
};

/* One line, or what stands behind its '#', cut into fields. */
struct fields {
	struct mux_slice address;
	struct mux_slice names; /* from the first name to the '#', NUL or end */
	size_t n_names;
	bool nul;	/* a NUL byte ended it */
	bool bad_name;	/* a name has a byte that is OTHER, or a dot at its end */
	bool interests; /* one of the names is of interest */
};

/*
 * Letters, digits, '-', '.' (RFC 1123 section 2.1) and '_', which resolvers take. A target with any
 * other byte is refused, so a name that has one can never be asked for.
 */
static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '.' || c == '_';
}

static void classify(struct hosts_parser *parser)
{
	size_t i;

	for (i = 0; i < sizeof(parser->classes); i++) {
		char c = (char)i;

		parser->classes[i] = is_name_byte(c)	     ? NAME
				     : text_is_space(c)	     ? SPACE
				     : c == '#' || c == '\0' ? END
							     : OTHER;
	}
}

static enum byte_class class_of(const struct hosts_parser *parser, char c)
{
	return (enum byte_class)parser->classes[(unsigned char)c];
}

static bool is_interesting(const struct hosts_parser *parser, struct mux_slice name)
{
	size_t i;

	if ((parser->lengths >> (name.len < 63 ? name.len : 63) & 1) == 0)
		return false;
	for (i = 0; i < parser->interest->n_names; i++)
		if (slice_equal_nocase(name, parser->interest->names[i]))
			return true;
	return false;
}

/* Cuts the next word off *rest; what ends a line ends it too. */
static bool next_field(const struct hosts_parser *parser, struct mux_slice *rest,
		       struct mux_slice *ret_word, bool *ret_bad)
{
	const char *at = rest->data, *end = rest->data + rest->len;
	const char *word;
	bool bad = false;

	while (at < end && class_of(parser, *at) == SPACE)
		at++;
	for (word = at; at < end; at++) {
		enum byte_class kind = class_of(parser, *at);

		/* Nearly all bytes are of names. */
		if (kind == NAME)
			continue;
		if (kind != OTHER)
			break;
		bad = true;
	}
	rest->data = at;
	rest->len = (size_t)(end - at);
	ret_word->data = word;
	ret_word->len = (size_t)(at - word);
	*ret_bad = bad;
	return at > word;
}

static void cut(const struct hosts_parser *parser, struct mux_slice rest, struct fields *ret)
{
	struct mux_slice name;
	bool bad;

	memset(ret, 0, sizeof(*ret));
	next_field(parser, &rest, &ret->address, &bad);
	ret->names = rest;
	while (next_field(parser, &rest, &name, &bad)) {
		ret->n_names++;
		ret->bad_name |= bad || name.data[name.len - 1] == '.';
		ret->interests |= is_interesting(parser, name);
	}
	ret->names.len -= rest.len;
	ret->nul = rest.len != 0 && rest.data[0] == '\0';
}

/* Returns the address, which has no family when inet_pton(3) does not take the text. */
static const struct mux_address *address_of(struct hosts_parser *parser, struct mux_slice text)
{
	static const struct mux_address none = {0};

	if (!slice_equal(text, parser->last_text)) {
		parser->last_text = text;
		if (addr_parse(text, &parser->last) != 0)
			parser->last = none;
	}
	return &parser->last;
}

/*
 * Does a faulty line speak of a name of interest all the same: behind a '#', before the address,
 * with a dot or comma behind it, after a no-break space?
 */
static bool mentions(const struct hosts_parser *parser, struct mux_slice text)
{
	size_t i, begin = 0;

	for (i = 0; i <= text.len; i++) {
		struct mux_slice name = {.data = text.data + begin, .len = i - begin};

		if (i < text.len && is_name_byte(text.data[i]))
			continue;
		while (name.len != 0 && name.data[name.len - 1] == '.')
			name.len--;
		if (name.len != 0 && is_interesting(parser, name))
			return true;
		begin = i + 1;
	}
	return false;
}

static enum mux_hosts_fault fault_of(const struct fields *fields, bool valid, bool bom)
{
	if (bom)
		return MUX_HOSTS_BOM;
	if (fields->nul)
		return MUX_HOSTS_BINARY;
	if (!valid)
		return MUX_HOSTS_BAD_ADDRESS;
	if (fields->n_names == 0)
		return MUX_HOSTS_NO_NAME;
	return fields->bad_name ? MUX_HOSTS_BAD_NAME : MUX_HOSTS_OK;
}

/* Appends an entry with its names. */
static void keep(struct hosts_parser *parser, const struct line *line, const struct fields *fields,
		 const struct mux_hosts_entry *found)
{
	size_t n = fields->n_names < MUX_HOSTS_MAX_NAMES ? fields->n_names : MUX_HOSTS_MAX_NAMES;
	struct mux_slice rest = fields->names, name;
	struct mux_hosts_entry *entry;
	struct mux_slice *names;
	bool bad;

	if (parser->entries.n == MUX_HOSTS_MAX_ENTRIES) {
		parser->ret->source.truncated = true;
		return;
	}
	entry = arena_list_add(parser->arena, &parser->entries);
	names = arena_array(parser->arena, n, sizeof(*names));
	if (entry == NULL || names == NULL)
		return;
	*entry = *found;
	entry->line = line->number;
	entry->crlf = line->crlf;
	entry->text = line->text;
	entry->names = names;
	while (entry->n_names < n && next_field(parser, &rest, &name, &bad))
		if (n == fields->n_names || entry->n_names == 0 || is_interesting(parser, name))
			names[entry->n_names++] = name;
}

/* A line whose first character that is no white space is '#'. */
static void parse_comment(struct hosts_parser *parser, const struct line *line,
			  struct mux_slice rest)
{
	struct mux_hosts_entry entry = {.commented = true};
	struct fields fields;

	while (rest.len != 0 && (rest.data[0] == '#' || text_is_space(rest.data[0]))) {
		rest.data++;
		rest.len--;
	}
	/* Prose is most of what stands in comments, and few words begin like an address. */
	if (rest.len == 0 || rest.data[0] == '\0' ||
	    strchr("0123456789abcdefABCDEF:", rest.data[0]) == NULL)
		return;
	cut(parser, rest, &fields);
	if (fields.n_names == 0)
		return;
	entry.address = *address_of(parser, fields.address);
	if (entry.address.family == 0)
		return;
	parser->ret->n_commented++;
	if (fields.interests)
		keep(parser, line, &fields, &entry);
}

static void parse_entry(struct hosts_parser *parser, const struct line *line, struct mux_slice rest,
			bool bom)
{
	const struct mux_address *address;
	struct mux_hosts_entry entry = {0};
	struct fields fields;
	bool valid, wanted;

	cut(parser, rest, &fields);
	address = address_of(parser, fields.address);
	valid = !bom && address->family != 0;
	entry.fault = fault_of(&fields, valid, bom);
	wanted = fields.interests;
	if (valid && fields.n_names != 0)
		parser->ret->n_live++;
	if (entry.fault != MUX_HOSTS_OK)
		wanted |= parser->ret->n_faults++ < MUX_HOSTS_MAX_FAULTS ||
			  mentions(parser, line->text);
	if (!wanted)
		return;
	if (valid)
		entry.address = *address;
	keep(parser, line, &fields, &entry);
}

static void parse_line(struct hosts_parser *parser, const struct line *line)
{
	bool bom = line->number == 1 && parser->ret->bom;
	struct mux_slice rest = line->text;

	if (bom) {
		rest.data += 3;
		rest.len -= 3;
	}
	text_skip_space(&rest);
	if (rest.len == 0)
		return;
	if (rest.data[0] == '#')
		parse_comment(parser, line, rest);
	else
		parse_entry(parser, line, rest, bom);
}

static void parse_lines(struct hosts_parser *parser, struct mux_slice bytes)
{
	struct line line = {0};

	while (bytes.len != 0) {
		size_t left = bytes.len;

		line.number++;
		line.text = text_next_item(&bytes, '\n');
		line.crlf = line.text.len != 0 && line.text.len < left &&
			    line.text.data[line.text.len - 1] == '\r';
		line.text.len -= line.crlf;
		parser->ret->crlf |= line.crlf;
		parse_line(parser, &line);
	}
	parser->ret->n_lines = line.number;
}

int parse_hosts(struct mux_slice bytes, const struct parse_interest *interest, struct arena *arena,
		struct mux_hosts *ret)
{
	struct hosts_parser parser = {
		.interest = interest,
		.arena = arena,
		.entries = {.size = sizeof(struct mux_hosts_entry)},
		.ret = ret,
	};
	struct mux_source source = ret->source;
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->source = source;
	for (i = 0; i < interest->n_names; i++) {
		size_t len = interest->names[i].len;

		parser.lengths |= UINT64_C(1) << (len < 63 ? len : 63);
	}
	classify(&parser);
	ret->bom = slice_starts_with(bytes, "\xef\xbb\xbf");
	ret->binary = bytes.len != 0 && memchr(bytes.data, '\0', bytes.len) != NULL;
	ret->final_newline = bytes.len == 0 || bytes.data[bytes.len - 1] == '\n';
	parse_lines(&parser, bytes);
	ret->entries = parser.entries.items;
	ret->n_entries = parser.entries.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
