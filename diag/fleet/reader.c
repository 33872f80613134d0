/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Finds the results in a stream of JSON: from an opening brace to the one that closes it, whatever
 * white space is between. So a stream may be as long as it likes while only one result is kept, and
 * one that is broken does not take the next ones with it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fleet/fleet.h"

enum { FIRST_CAPACITY = 64 << 10 };

/* Also bounds the recursion of a JSON parser. The schema needs six. */
enum { MAX_DEPTH = 64 };

static void forget(struct fleet_reader *reader)
{
	reader->len = reader->depth = 0;
	reader->in_string = reader->escaped = false;
}

/* Notes that a result could not be read. The line is where it begins. */
static int note(struct mux_fleet *fleet, const struct mux_fleet_source *source, size_t line,
		const char *why)
{
	size_t size = strlen(source->path) + 32;
	char *where = malloc(size);
	int error;

	if (where == NULL)
		return -ENOMEM;
	snprintf(where, size, line > 1 ? "%s:%zu" : "%s", source->path, line);
	error = mux_fleet_add_unread(fleet, where, why);
	free(where);
	return error;
}

/* Passes over what follows, up to a line that begins with a brace. */
static int skip(struct mux_fleet *fleet, const struct mux_fleet_source *source, const char *why)
{
	struct fleet_reader *reader = &fleet->reader;
	size_t line = reader->depth != 0 ? reader->begin_line : reader->line;

	forget(reader);
	reader->skips = true;
	reader->n_results++;
	return note(fleet, source, line, why);
}

static int append(struct fleet_reader *reader, const char *data, size_t len)
{
	size_t capacity = reader->capacity == 0 ? FIRST_CAPACITY : reader->capacity;
	char *grown;

	while (capacity - reader->len < len)
		capacity *= 2;
	if (capacity != reader->capacity) {
		grown = realloc(reader->data, capacity);
		if (grown == NULL)
			return -ENOMEM;
		reader->data = grown;
		reader->capacity = capacity;
	}
	memcpy(reader->data + reader->len, data, len);
	reader->len += len;
	return 0;
}

static int finish(struct mux_fleet *fleet, const struct mux_fleet_source *source)
{
	struct fleet_reader *reader = &fleet->reader;
	struct mux_fleet_source numbered = *source;
	char why[256] = "";
	size_t size = strlen(source->host) + 32;
	char *host = NULL;
	int error;

	/* Of several that all name no host, each is one. */
	if (++reader->n_results > 1) {
		host = malloc(size);
		if (host == NULL)
			return -ENOMEM;
		snprintf(host, size, "%s:%zu", source->host, reader->n_results);
		numbered.host = host;
	}
	error = fleet_read_result(fleet, &numbered, (struct mux_slice){reader->data, reader->len},
				  why, sizeof(why));
	free(host);
	forget(reader);
	return error == -EINVAL ? note(fleet, source, reader->begin_line, why) : error;
}

/* Follows one byte inside of a result. */
static void follow(struct fleet_reader *reader, char byte)
{
	if (reader->escaped)
		reader->escaped = false;
	else if (reader->in_string && byte == '\\')
		reader->escaped = true;
	else if (byte == '"')
		reader->in_string = !reader->in_string;
	else if (!reader->in_string && (byte == '{' || byte == '['))
		reader->depth++;
	else if (!reader->in_string && (byte == '}' || byte == ']'))
		reader->depth--;
}

/* Between two results. Returns 1 when one begins here, 0, or -ENOMEM. */
static int look_for_one(struct mux_fleet *fleet, const struct mux_fleet_source *source, char byte)
{
	struct fleet_reader *reader = &fleet->reader;
	bool line_begins = reader->last == '\n';

	if (byte == '{' && (!reader->skips || line_begins)) {
		reader->skips = false;
		reader->begin_line = reader->line;
		return 1;
	}
	if (reader->skips || memchr(" \t\r\n", byte, 4) != NULL)
		return 0;
	return skip(fleet, source, "here is no JSON object");
}

/* Takes the bytes of a result that begins, or has begun, at data[0]. Returns how many they are, or
 * -errno. */
static ssize_t take(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		    const char *data, size_t len)
{
	struct fleet_reader *reader = &fleet->reader;
	size_t i;
	int error;

	for (i = 0; i < len;) {
		reader->line += data[i] == '\n';
		follow(reader, data[i++]);
		if (reader->depth == 0 || reader->depth > MAX_DEPTH)
			break;
	}
	reader->last = data[i - 1];
	if (reader->depth > MAX_DEPTH)
		error = skip(fleet, source, "it is nested too deeply");
	else if (reader->len + i > MUX_FLEET_LARGEST_RESULT)
		error = skip(fleet, source, "it is larger than 16 MiB");
	else
		error = append(reader, data, i);
	if (error == 0 && reader->depth == 0 && !reader->skips)
		error = finish(fleet, source);
	return error != 0 ? error : (ssize_t)i;
}

static int end(struct mux_fleet *fleet, const struct mux_fleet_source *source)
{
	struct fleet_reader *reader = &fleet->reader;
	int error = 0;

	if (reader->depth != 0)
		error = skip(fleet, source, "it ends in the middle of a result");
	else if (reader->n_results == 0)
		error = note(fleet, source, 0, "there is no result in it");
	*reader = (struct fleet_reader){.data = reader->data, .capacity = reader->capacity};
	return error;
}

int mux_fleet_add_json(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		       const char *data, size_t len)
{
	struct fleet_reader *reader = &fleet->reader;
	size_t at = 0;

	if (reader->line == 0) {
		reader->line = 1;
		reader->last = '\n';
	}
	if (len == 0)
		return end(fleet, source);
	while (at < len) {
		int found = reader->depth != 0 ? 1 : look_for_one(fleet, source, data[at]);
		ssize_t n = found;

		if (found == 1)
			n = take(fleet, source, data + at, len - at);
		if (n < 0)
			return (int)n;
		if (found == 0) {
			reader->line += data[at] == '\n';
			reader->last = data[at++];
		}
		at += (size_t)n;
	}
	return 0;
}
