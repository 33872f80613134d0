/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What somebody meant who wrote a line of /etc/hosts that the resolver does not take. */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"

/* Longer lines are block lists gone wrong: their beginning shows enough. */
enum { LONGEST = 1024, MOST_PARTS = 4 };

static bool is_name_byte(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '-' || c == '.' || c == '_';
}

/* What an address is written with, prefix length, port, scope and brackets included. */
static bool is_word_byte(char c)
{
	return is_name_byte(c) || c == ':' || c == '/' || c == '%' || c == '[' || c == ']';
}

/* The line's text without the zero bytes of UTF-16. */
static struct mux_slice readable(struct findings *findings, const struct mux_hosts_entry *entry)
{
	size_t i, len = entry->text.len < LONGEST ? entry->text.len : LONGEST;
	struct mux_slice text = {entry->text.data, len};
	char *copy;

	if (entry->fault != MUX_HOSTS_BINARY)
		return text;
	copy = arena_copy(findings->arena, text.data, len);
	text.len = 0;
	for (i = 0; copy != NULL && i < len; i++)
		if (copy[i] != '\0')
			copy[text.len++] = copy[i];
	text.data = copy;
	return text;
}

/* Ends a text at its '#', unless nothing but an address stands before it. */
static struct mux_slice without_comment(const struct mux_hosts_entry *entry, struct mux_slice text)
{
	const char *mark = text.len == 0 ? NULL : memchr(text.data, '#', text.len);

	if (mark != NULL && entry->fault != MUX_HOSTS_NO_NAME)
		text.len = (size_t)(mark - text.data);
	return text;
}

static bool next_word(struct mux_slice *rest, bool (*is_part)(char), struct mux_slice *ret)
{
	size_t begin = 0, end;

	while (begin < rest->len && !is_part(rest->data[begin]))
		begin++;
	for (end = begin; end < rest->len && is_part(rest->data[end]);)
		end++;
	*ret = (struct mux_slice){rest->data + begin, end - begin};
	rest->data += end;
	rest->len -= end;
	return ret->len != 0;
}

static struct mux_slice without_dots(struct mux_slice name)
{
	while (name.len != 0 && name.data[name.len - 1] == '.')
		name.len--;
	return name;
}

/* --- addresses ---------------------------------------------------------------------------- */

/* Ends the word at the first of these bytes. */
static void end_at(struct mux_slice *word, char c)
{
	const char *found = word->len == 0 ? NULL : memchr(word->data, c, word->len);

	if (found != NULL)
		word->len = (size_t)(found - word->data);
}

/* "127.1" and "127.000.000.001": as inet_aton(3), but only where decimal and octal agree. */
static bool read_loosely(struct mux_slice word, struct mux_address *ret)
{
	uint64_t parts[MOST_PARTS], value;
	struct mux_slice part;
	size_t n = 0, i;

	while (word.len != 0 && n < MOST_PARTS) {
		part = word;
		end_at(&part, '.');
		if (slice_parse_u64(part, 10, &value) != 0 || value > 255 ||
		    (part.data[0] == '0' && value > 7))
			return false;
		parts[n++] = value;
		word.data += part.len;
		word.len -= part.len;
		if (word.len != 0) {
			word.data++;
			word.len--;
		}
	}
	if (n < 2 || word.len != 0)
		return false;
	memset(ret, 0, sizeof(*ret));
	ret->family = AF_INET;
	for (i = 0; i + 1 < n; i++)
		ret->bytes[i] = (uint8_t)parts[i];
	ret->bytes[3] = (uint8_t)parts[n - 1];
	return true;
}

static bool read_address(struct mux_slice word, struct mux_address *ret)
{
	if (word.len != 0 && word.data[0] == '[') {
		word.data++;
		word.len--;
	}
	end_at(&word, ']');
	end_at(&word, '/');
	end_at(&word, '%');
	if (addr_parse(word, ret) == 0)
		return true;
	if (memchr(word.data, '.', word.len) != NULL)
		end_at(&word, ':');
	return addr_parse(word, ret) == 0 || read_loosely(word, ret);
}

/* --- the line ----------------------------------------------------------------------------- */

struct hosts_meaning hosts_meaning_of(struct findings *findings,
				      const struct mux_hosts_entry *entry)
{
	struct mux_slice rest = without_comment(entry, readable(findings, entry)), word, name;
	struct hosts_meaning meaning = {.address = entry->address};
	bool has_address = false;
	struct mux_address address;
	struct str names;

	str_init(&names, findings->arena);
	while (next_word(&rest, is_word_byte, &word)) {
		if (read_address(word, &address)) {
			if (!has_address)
				meaning.address = address;
			has_address = true;
			continue;
		}
		while (next_word(&word, is_name_byte, &name)) {
			name = without_dots(name);
			if (name.len != 0)
				str_addf(&names, "\t%.*s", (int)name.len, name.data);
		}
	}
	meaning.names = str_done(&names);
	return meaning;
}

bool hosts_garbles(struct findings *findings, const struct mux_hosts_entry *entry,
		   struct mux_slice name)
{
	struct mux_slice rest, word;
	size_t i;

	if (entry->commented || entry->fault == MUX_HOSTS_OK)
		return false;
	for (i = 0; entry->address.family != 0 && i < entry->n_names; i++)
		if (slice_equal_nocase(entry->names[i], name))
			return false;
	rest = without_comment(entry, readable(findings, entry));
	while (next_word(&rest, is_name_byte, &word))
		if (slice_equal_nocase(without_dots(word), name))
			return true;
	return false;
}

bool hosts_is_garbled(struct findings *findings, struct mux_slice name)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i;

	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++)
		if (hosts_garbles(findings, &hosts->entries[i], name))
			return true;
	return false;
}
