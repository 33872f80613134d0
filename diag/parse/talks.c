/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What servers answered, from gather's records, and which protocol that is. The bytes are those of
 * whoever listens: nothing about them is taken for granted.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/record.h"
#include "parse/parse.h"
#include "parse/text.h"

/* --- which protocol ---------------------------------------------------------------------- */

/* A record of TLS begins with its type, handshake or alert, and a version 3.x (RFC 8446 5.1). */
static bool is_tls(struct mux_slice bytes)
{
	return bytes.len >= 3 && (bytes.data[0] == 0x15 || bytes.data[0] == 0x16) &&
	       bytes.data[1] == 0x03 && bytes.data[2] >= 0x00 && bytes.data[2] <= 0x04;
}

static bool contains(struct mux_slice text, const char *part)
{
	return text.len != 0 && memmem(text.data, text.len, part, strlen(part)) != NULL;
}

/* HTTP that asks for TLS: in the words of Go, nginx, Apache, HAProxy and others, and of Tomcat. */
static bool complains_of_plain(const struct mux_talk *talk)
{
	static const char *const complaints[] = {
		"HTTP request to an HTTPS server",
		"plain HTTP request was sent to HTTPS port",
		"speaking plain HTTP to an SSL-enabled server port",
		"requires TLS",
	};
	size_t i;

	for (i = 0; talk->status == 400 && i < sizeof(complaints) / sizeof(complaints[0]); i++)
		if (contains(talk->bytes, complaints[i]))
			return true;
	return false;
}

/* How servers that speak first begin, and what others answer to words they do not understand. */
static const struct greeting {
	const char *begins, *has, *protocol;
} greetings[] = {
	{"SSH-", "", "SSH"},
	{"220", "FTP", "FTP"},
	{"220", "", "SMTP"},
	{"554 ", "SMTP", "SMTP"},
	{"+OK", "", "POP3"},
	{"* OK", "", "IMAP"},
	{"RFB 0", "", "VNC"},
	{"AMQP", "", "AMQP"},
	{"INFO {", "", "NATS"},
	{"-ERR", "", "Redis"},
	{"-NOAUTH", "", "Redis"},
	{"-DENIED", "", "Redis"},
	{"ERROR\r\n", "", "memcached"},
	{"@RSYNCD:", "", "rsync"},
	{"200 ", "NNTP", "NNTP"},
	{"", "mysql_native_password", "MySQL"},
	{"", "caching_sha2_password", "MySQL"},
	{"", "is not allowed to connect to this MySQL server", "MySQL"},
	{"", "is not allowed to connect to this MariaDB server", "MySQL"},
	{"", "MariaDB", "MySQL"},
};

static const char *protocol_of(struct mux_slice bytes)
{
	size_t i;

	for (i = 0; i < sizeof(greetings) / sizeof(greetings[0]); i++)
		if (slice_starts_with(bytes, greetings[i].begins) &&
		    (greetings[i].has[0] == '\0' || contains(bytes, greetings[i].has)))
			return greetings[i].protocol;
	return NULL;
}

/* --- HTTP -------------------------------------------------------------------------------- */

/* "HTTP/1.1 200 OK" (RFC 9112 section 4); returns whether it is one. */
static bool parse_status(struct mux_slice line, int *ret_status)
{
	struct mux_slice version, code;
	uint64_t status;

	if (!slice_starts_with(line, "HTTP/") || !text_next_blank_word(&line, &version) ||
	    !text_next_blank_word(&line, &code) || code.len != 3 ||
	    slice_parse_u64(code, 10, &status) != 0 || status < 100)
		return false;
	*ret_status = (int)status;
	return true;
}

static void parse_field(struct mux_slice line, struct mux_talk *ret)
{
	struct mux_slice name = text_before(line, ':'), value = line;

	if (name.len == line.len)
		return;
	value.data += name.len + 1;
	value.len -= name.len + 1;
	if (slice_equal_nocase(name, slice_of("Server")))
		ret->server = slice_trim(value);
	else if (slice_equal_nocase(name, slice_of("Muxd-Instance")))
		ret->instance = slice_trim(value);
}

static void parse_head(struct mux_talk *ret)
{
	struct text_lines lines;
	struct mux_slice line;

	text_begin(&lines, ret->bytes);
	if (!text_next_line(&lines, &line) || !parse_status(slice_trim(line), &ret->status))
		return;
	ret->speech = complains_of_plain(ret) ? MUX_SPEECH_TLS : MUX_SPEECH_HTTP;
	while (text_next_line(&lines, &line) && slice_trim(line).len != 0)
		parse_field(line, ret);
}

/* --- records ----------------------------------------------------------------------------- */

static void classify(struct mux_talk *ret)
{
	parse_head(ret);
	if (ret->bytes.len == 0 || ret->speech != MUX_SPEECH_NONE)
		return;
	ret->speech = is_tls(ret->bytes) ? MUX_SPEECH_TLS : MUX_SPEECH_OTHER;
	if (ret->speech == MUX_SPEECH_OTHER)
		ret->protocol = protocol_of(ret->bytes);
}

/* Returns the number if it lies in 0…largest, else 0. */
static int64_t natural_of(struct mux_slice line, const char *key, int64_t largest)
{
	int64_t value;

	return record_number(line, key, &value) == 0 && value >= 0 && value <= largest ? value : 0;
}

static bool words_of(struct mux_slice text, enum mux_words *ret)
{
	static const char *const names[] = {[MUX_WORDS_HTTP] = "http",
					    [MUX_WORDS_TLS] = "tls",
					    [MUX_WORDS_INSTANCE] = "instance"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (slice_is(text, names[i])) {
			*ret = (enum mux_words)i;
			return true;
		}
	return false;
}

static bool parse_talk(struct mux_slice line, struct arena *arena, struct mux_talk *ret)
{
	struct mux_slice words = {0}, address = {0};

	if (record_text(line, "words", arena, &words) != 0 || !words_of(words, &ret->words) ||
	    record_text(line, "address", arena, &address) != 0 ||
	    addr_parse(address, &ret->address) != 0)
		return false;
	ret->port = (uint16_t)natural_of(line, "port", UINT16_MAX);
	ret->finished = natural_of(line, "finished", 1) == 1;
	ret->closed = natural_of(line, "closed", 1) == 1;
	ret->error = (int)natural_of(line, "error", INT32_MAX);
	ret->elapsed_us = natural_of(line, "us", INT64_MAX);
	record_text(line, "bytes", arena, &ret->bytes);
	classify(ret);
	return true;
}

int parse_talks(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot)
{
	struct arena_list list = {.size = sizeof(struct mux_talk)};
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_talk talk = {0}, *item;

		if (!parse_talk(line, arena, &talk))
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = talk;
	}
	snapshot->talks = list.items;
	snapshot->n_talks = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
