/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is a text a well-formed XML 1.0 document, as far as drawings use it: elements, attributes in
 * double quotes, character data, the five references? Nothing else is taken. */
#ifndef TESTS_XML_H
#define TESTS_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { XML_MAX_DEPTH = 64 };

struct xml_reader {
	const char *at;
	const char *names[XML_MAX_DEPTH];
	size_t lens[XML_MAX_DEPTH];
	size_t depth;
};

static inline size_t xml_name_len(const char *at)
{
	return strspn(at, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-:");
}

/* A character of text or of a value: none that XML 1.0 section 2.2 leaves out, no bare markup. */
static inline bool xml_take_character(struct xml_reader *reader)
{
	static const char *const references[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
	const unsigned char *bytes = (const unsigned char *)reader->at;
	size_t i;

	for (i = 0; *reader->at == '&' && i < sizeof(references) / sizeof(references[0]); i++)
		if (strncmp(reader->at, references[i], strlen(references[i])) == 0) {
			reader->at += strlen(references[i]);
			return true;
		}
	if (strchr("&<", *reader->at) != NULL || strncmp(reader->at, "]]>", 3) == 0 ||
	    (bytes[0] < ' ' && strchr("\t\r\n", bytes[0]) == NULL))
		return false;
	if (bytes[0] == 0xef && bytes[1] == 0xbf && bytes[2] >= 0xbe)
		return false;
	reader->at++;
	return true;
}

static inline bool xml_take_attribute(struct xml_reader *reader)
{
	size_t len = xml_name_len(reader->at);

	if (len == 0 || strncmp(reader->at + len, "=\"", 2) != 0)
		return false;
	reader->at += len + 2;
	while (*reader->at != '"')
		if (!xml_take_character(reader))
			return false;
	reader->at++;
	return true;
}

static inline bool xml_take_end(struct xml_reader *reader)
{
	size_t len = xml_name_len(reader->at);

	if (reader->depth == 0 || reader->lens[reader->depth - 1] != len ||
	    memcmp(reader->names[reader->depth - 1], reader->at, len) != 0 ||
	    reader->at[len] != '>')
		return false;
	reader->depth--;
	reader->at += len + 1;
	return true;
}

static inline bool xml_take_start(struct xml_reader *reader)
{
	size_t len = xml_name_len(reader->at);

	if (len == 0 || reader->depth == XML_MAX_DEPTH)
		return false;
	reader->names[reader->depth] = reader->at;
	reader->lens[reader->depth] = len;
	reader->at += len;
	while (*reader->at == ' ') {
		reader->at++;
		if (!xml_take_attribute(reader))
			return false;
	}
	if (strncmp(reader->at, "/>", 2) == 0) {
		reader->at += 2;
		return true;
	}
	reader->depth++;
	return *reader->at++ == '>';
}

static inline bool xml_is_well_formed(const char *text)
{
	struct xml_reader reader = {.at = text};
	bool good = *text == '<';

	while (good && *reader.at != '\0') {
		if (strncmp(reader.at, "</", 2) == 0) {
			reader.at += 2;
			good = xml_take_end(&reader);
		} else if (*reader.at == '<') {
			reader.at++;
			good = xml_take_start(&reader);
		} else {
			good = xml_take_character(&reader);
		}
		if (reader.depth == 0)
			break;
	}
	return good && reader.depth == 0 && strspn(reader.at, "\n") == strlen(reader.at);
}

#endif
