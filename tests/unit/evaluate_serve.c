/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections that come about, to servers that do not do their part. */
#include "evaluate_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/slice.h"
#include "evaluate/client.h"
#include "evaluate/serve.h"

static struct mux_talk talks[2];

/* Only 127.0.0.1 is served, as by most servers; localhost is both. */
static void serve_ipv4(char state, const char *command)
{
	struct mux_listener *listener;

	machine_forget_listeners();
	listener = machine_listen(AF_INET, "127.0.0.1", MUX_NO);
	listener->pid = 7;
	listener->state = state;
	listener->command = slice_of(command);
	machine_probe(MUX_TCP, "127.0.0.1", true, true, 0);
	machine_probe(MUX_TCP, "::1", true, false, 111);
	machine.snapshot.talks = talks;
	machine.snapshot.n_talks = 0;
}

enum manner { SAYS, CLOSES, IS_SILENT };

static void talk(enum mux_words words, enum mux_speech speech, enum manner manner)
{
	talks[machine.snapshot.n_talks++] = (struct mux_talk){
		.words = words,
		.address = machine_address("127.0.0.1"),
		.port = MACHINE_PORT,
		.finished = manner != IS_SILENT,
		.closed = manner == CLOSES,
		.elapsed_us = manner == IS_SILENT ? 299000 : 100,
		.bytes = {"x", manner == SAYS},
		.speech = speech,
	};
}

static void run(const char *scheme)
{
	struct mux_target target = {.host = "localhost", .port = MACHINE_PORT};

	strcpy(target.scheme, scheme);
	assert_int_equal(evaluate(&machine.snapshot, &target, machine.arena, &machine.evaluation),
			 0);
}

static bool is_useless(void)
{
	return machine_find("localhost", "127.0.0.1")->useless;
}

static const struct ev_client_result *fare_of(const char *name)
{
	size_t i;

	for (i = 0; i < machine.evaluation.n_clients; i++)
		if (machine.evaluation.clients[i].client == ev_client_find(name))
			return &machine.evaluation.clients[i];
	fail_msg("no client %s", name);
	return NULL;
}

static void test_other_protocol(void **state)
{
	static const struct {
		enum mux_speech speech;
		const char *scheme;
		bool useless;
	} cases[] = {
		{MUX_SPEECH_HTTP, "", false},	   {MUX_SPEECH_TLS, "", false},
		{MUX_SPEECH_OTHER, "", false},	   {MUX_SPEECH_HTTP, "http", false},
		{MUX_SPEECH_TLS, "http", true},	   {MUX_SPEECH_OTHER, "http", true},
		{MUX_SPEECH_HTTP, "https", true},  {MUX_SPEECH_TLS, "https", false},
		{MUX_SPEECH_OTHER, "https", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		serve_ipv4('S', "program");
		talk(strcmp(cases[i].scheme, "https") == 0 ? MUX_WORDS_TLS : MUX_WORDS_HTTP,
		     cases[i].speech, SAYS);
		run(cases[i].scheme);
		assert_int_equal(is_useless(), cases[i].useless);
		assert_int_equal(fare_of("ab")->works, cases[i].useless ? MUX_NO : MUX_YES);
		assert_false(machine_find("localhost", "::1")->useless);
	}
}

/* A page may take its time; a process that is stopped does not. */
static void test_silence(void **state)
{
	(void)state;
	serve_ipv4('S', "program");
	talk(MUX_WORDS_HTTP, MUX_SPEECH_NONE, IS_SILENT);
	run("http");
	assert_false(is_useless());
	serve_ipv4('T', "program");
	talk(MUX_WORDS_HTTP, MUX_SPEECH_NONE, IS_SILENT);
	run("");
	assert_true(is_useless());
	machine_has(fare_of("ab")->text, "fails: connects to 127.0.0.1, but gets nothing of use");
	/* It was stopped only after it had answered. */
	serve_ipv4('T', "program");
	talk(MUX_WORDS_HTTP, MUX_SPEECH_HTTP, SAYS);
	run("");
	assert_false(is_useless());
}

static void test_no_word(void **state)
{
	static const struct {
		const char *scheme, *command;
		bool useless;
	} cases[] = {
		{"", "program", false},
		{"http", "program", true},
		{"", "docker-proxy", true},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		serve_ipv4('S', cases[i].command);
		talk(MUX_WORDS_HTTP, MUX_SPEECH_NONE, CLOSES);
		talk(MUX_WORDS_TLS, MUX_SPEECH_NONE, CLOSES);
		run(cases[i].scheme);
		assert_int_equal(is_useless(), cases[i].useless);
	}
}

/* Nobody talked to the server at 127.0.1.1: it is the same, or may be. */
static void test_same_server(void **state)
{
	struct mux_listener *other;

	(void)state;
	serve_ipv4('T', "program");
	talk(MUX_WORDS_HTTP, MUX_SPEECH_NONE, IS_SILENT);
	other = machine_listen(AF_INET, "127.0.1.1", MUX_NO);
	machine_probe(MUX_TCP, "127.0.1.1", true, true, 0);
	other->pid = 7;
	run("");
	assert_true(machine_find("debian5", "127.0.1.1")->useless);
	other->pid = 0;
	run("");
	assert_true(machine_find("debian5", "127.0.1.1")->useless);
	other->pid = 8;
	run("");
	assert_false(machine_find("debian5", "127.0.1.1")->useless);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_other_protocol, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_silence, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_no_word, machine_begin, machine_end),
		cmocka_unit_test_setup_teardown(test_same_server, machine_begin, machine_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
