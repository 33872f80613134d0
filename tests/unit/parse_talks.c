/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What servers answered, and which protocol that is. */
#include "parse_room.h"

#include <sys/socket.h>

#include <muxdiag/muxdiag.h>

#include "base/addr.h"
#include "base/record.h"
#include "parse/parse.h"

static const char records[] =
	"words=http address=127.0.0.1 port=8000 finished=1 closed=0 error=0 us=133 "
	"bytes=HTTP/1.1%20200%20OK%0d%0aSERVER:%20muxd%20%0d%0aMuxd-Instance:%20a%201%0d%0a%0d%0a"
	"Server:%20body\n"
	"words=tls address=::1 port=8000 finished=1 closed=1 error=104 us=5 bytes=\n"
	"words=smoke address=::1 port=8000\n"
	"words=http address=nowhere port=8000\n";

static int parse(struct mux_slice bytes, struct arena *arena)
{
	struct mux_snapshot snapshot = {0};

	return parse_talks(bytes, arena, &snapshot);
}

static void test_records(void **state)
{
	struct arena *arena = arena_new();
	struct mux_snapshot snapshot = {0};

	(void)state;
	assert_non_null(arena);
	assert_int_equal(parse_talks(slice_of(records), arena, &snapshot), 0);
	assert_int_equal(snapshot.n_talks, 2);
	assert_int_equal(snapshot.talks[0].words, MUX_WORDS_HTTP);
	assert_int_equal(snapshot.talks[0].speech, MUX_SPEECH_HTTP);
	assert_int_equal(snapshot.talks[0].status, 200);
	assert_int_equal(snapshot.talks[0].elapsed_us, 133);
	assert_slice(snapshot.talks[0].server, "muxd");
	assert_slice(snapshot.talks[0].instance, "a 1");
	assert_int_equal(snapshot.talks[1].words, MUX_WORDS_TLS);
	assert_int_equal(snapshot.talks[1].address.family, AF_INET6);
	assert_true(snapshot.talks[1].closed);
	assert_int_equal(snapshot.talks[1].error, ECONNRESET);
	assert_int_equal(snapshot.talks[1].speech, MUX_SPEECH_NONE);
	arena_free(arena);
}

static void test_protocols(void **state)
{
	static const struct {
		struct mux_slice bytes;
		enum mux_speech speech;
		const char *protocol;
	} cases[] = {
		{SLICE("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS "
		       "server.\n"),
		 MUX_SPEECH_TLS, NULL},
		{SLICE("HTTP/1.1 400 Bad Request\r\n\r\n"), MUX_SPEECH_HTTP, NULL},
		{SLICE("HTTP/1.1 200 OK\r\n\r\nan HTTP request to an HTTPS server"),
		 MUX_SPEECH_HTTP, NULL},
		{SLICE("\x15\x03\x01\x00\x02\x02\x46"), MUX_SPEECH_TLS, NULL},
		{SLICE("\x16\x03\x03\x00\x50"), MUX_SPEECH_TLS, NULL},
		{SLICE("\x15\x03"), MUX_SPEECH_OTHER, NULL},
		{SLICE("\x15\x04\x01\x00"), MUX_SPEECH_OTHER, NULL},
		{SLICE("HTTP/1.1 abc\r\n\r\n"), MUX_SPEECH_OTHER, NULL},
		{SLICE("HTTP/1.1 099 no\r\n"), MUX_SPEECH_OTHER, NULL},
		{SLICE("HTTP"), MUX_SPEECH_OTHER, NULL},
		{SLICE("SSH-2.0-OpenSSH_9.2p1\r\n"), MUX_SPEECH_OTHER, "SSH"},
		{SLICE("220 (vsFTPd 3.0.3)\r\n"), MUX_SPEECH_OTHER, "FTP"},
		{SLICE("220 debian5 ESMTP Postfix\r\n"), MUX_SPEECH_OTHER, "SMTP"},
		{SLICE("-ERR unknown command 'HEAD'\r\n"), MUX_SPEECH_OTHER, "Redis"},
		{SLICE("J\0\0\0\x0a"
		       "8.0.36\0mysql_native_password\0"),
		 MUX_SPEECH_OTHER, "MySQL"},
		{SLICE("\0"), MUX_SPEECH_OTHER, NULL},
		{SLICE(""), MUX_SPEECH_NONE, NULL},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct arena *arena = arena_new();
		struct mux_snapshot snapshot = {0};
		struct str line;

		assert_non_null(arena);
		str_init(&line, arena);
		record_add(&line, "words", slice_of("http"));
		record_add(&line, "address", slice_of("::1"));
		record_add(&line, "bytes", cases[i].bytes);
		record_end(&line);
		assert_int_equal(parse_talks(slice_of(str_done(&line)), arena, &snapshot), 0);
		assert_int_equal(snapshot.n_talks, 1);
		assert_int_equal(snapshot.talks[0].speech, cases[i].speech);
		if (cases[i].protocol == NULL)
			assert_null(snapshot.talks[0].protocol);
		else
			assert_string_equal(snapshot.talks[0].protocol, cases[i].protocol);
		arena_free(arena);
	}
}

static void test_damage(void **state)
{
	(void)state;
	check_prefixes(slice_of(records), parse, 1);
	check_no_memory(slice_of(records), parse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_damage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
