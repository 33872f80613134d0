/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The causes that lie with the server: what listens instead, what it answers, and who it is. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes_fixture.h"

static struct fixture fixture;

static bool has_fix(const struct mux_finding *finding, const char *title)
{
	size_t i;

	for (i = 0; i < finding->n_fixes; i++)
		if (strcmp(finding->fixes[i].title, title) == 0)
			return true;
	return false;
}

/* --- what listens instead ---------------------------------------------------------------- */

static void nobody_listens(const char *host, uint16_t port, const struct mux_listener *others,
			   size_t n)
{
	fixture_init(&fixture, host, port);
	fixture_refuse(&fixture, AF_INET, NULL);
	fixture_refuse(&fixture, AF_INET6, NULL);
	fixture.snapshot.neighbours.source4.presence = MUX_PRESENT;
	fixture.snapshot.neighbours.source6.presence = MUX_PRESENT;
	fixture.snapshot.neighbours.sockets = others;
	fixture.snapshot.neighbours.n_sockets = n;
}

static void test_nearby(void **state)
{
	const struct mux_listener others[] = {
		{.family = AF_INET,
		 .address = addr_loopback4,
		 .port = 3000,
		 .pid = 1,
		 .command = SLICE("node")},
		{.family = AF_INET, .address = addr_loopback4, .port = 22, .uid = 0},
		{.family = AF_INET,
		 .address = {.family = AF_INET, .bytes = {10, 0, 0, 1}},
		 .port = 8081,
		 .pid = 2,
		 .command = SLICE("far")},
		{.family = AF_INET,
		 .address = addr_loopback4,
		 .port = 8081,
		 .pid = 3,
		 .command = SLICE("ne\x1bxt")},
		{.family = AF_INET6,
		 .address = addr_loopback6,
		 .port = 8081,
		 .pid = 3,
		 .command = SLICE("ne\x1bxt")},
		{.family = AF_INET,
		 .address = {.family = AF_INET},
		 .port = 9999,
		 .pid = 4,
		 .command = SLICE("muxd")},
	};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 8080, others, 6);
	finding = fixture_finding(&fixture, "no-listener");
	assert_non_null(finding);
	assert_int_equal(finding->n_evidence, 5);
	assert_string_equal(finding->evidence[2].text, "0.0.0.0:9999 (muxd, pid 4)");
	assert_string_equal(finding->evidence[3].text, "127.0.0.1:8081 (ne\\x1bxt, pid 3)");
	assert_string_equal(finding->evidence[4].text, "127.0.0.1:3000 (node, pid 1)");
	assert_true(has_fix(finding, "If muxd is meant, ask for localhost:9999"));
	/* Gathered for another port. */
	fixture.evaluation.live_target = false;
	assert_int_equal(fixture_finding(&fixture, "no-listener")->n_evidence, 2);
	fixture_done(&fixture);
}

/* Somebody who asks for a database is not told about web servers. */
static void test_nothing_is_near(void **state)
{
	const struct mux_listener others[] = {
		{.family = AF_INET, .address = addr_loopback4, .port = 3000},
		{.family = AF_INET, .address = addr_loopback4, .port = 8080},
	};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 5432, others, 2);
	finding = fixture_finding(&fixture, "no-listener");
	assert_int_equal(finding->n_evidence, 2);
	assert_int_equal(finding->n_fixes, 1);
	fixture_done(&fixture);
}

static void test_only_udp(void **state)
{
	const struct mux_listener udp = {.family = AF_INET,
					 .address = addr_loopback4,
					 .port = 53,
					 .pid = 7,
					 .command = SLICE("dnsmasq")};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 53, NULL, 0);
	fixture.snapshot.udp_neighbours.sockets = &udp;
	fixture.snapshot.udp_neighbours.n_sockets = 1;
	finding = fixture_finding(&fixture, "no-listener");
	assert_true(has_evidence(finding, "sockets of UDP", "127.0.0.1:53 (dnsmasq, pid 7)"));
	assert_true(has_evidence(finding, "listening sockets", "none on any other port either"));
	fixture_done(&fixture);
}

static void test_database_without_port(void **state)
{
	static const struct mux_unix_socket sockets[] = {
		{.path = SLICE("/run/mysqld/mysqlx.sock")},
		{.path = SLICE("/run/my dir/.s.PGSQL.5432")},
	};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 5432, NULL, 0);
	fixture.snapshot.unix_sockets = sockets;
	fixture.snapshot.n_unix_sockets = 2;
	assert_null(fixture_finding(&fixture, "no-listener"));
	finding = fixture_finding(&fixture, "unix-socket-only");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_CRITICAL);
	assert_true(has_command(finding, "psql --host '/run/my dir'"));
	fixture_done(&fixture);
	/* That of another database, or of another cluster. */
	nobody_listens("localhost", 3306, NULL, 0);
	fixture.snapshot.unix_sockets = sockets;
	fixture.snapshot.n_unix_sockets = 2;
	assert_null(fixture_finding(&fixture, "unix-socket-only"));
	assert_non_null(fixture_finding(&fixture, "no-listener"));
	fixture_done(&fixture);
	/* The port is served. */
	fixture_init(&fixture, "localhost", 5432);
	fixture.snapshot.unix_sockets = sockets;
	fixture.snapshot.n_unix_sockets = 2;
	assert_null(fixture_finding(&fixture, "unix-socket-only"));
	fixture_done(&fixture);
}

static void test_client_that_meets_itself(void **state)
{
	const struct mux_listener self = {.family = AF_INET,
					  .address = addr_loopback4,
					  .port = 40000,
					  .pid = 9,
					  .command = SLICE("retry")};
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 40000, NULL, 0);
	fixture.sysctls[0].path = "net/ipv4/ip_local_port_range";
	fixture.sysctls[0].source.presence = MUX_PRESENT;
	fixture.sysctls[0].text = slice_of("32768\t60999");
	fixture.snapshot.n_sysctls = 1;
	assert_null(fixture_finding(&fixture, "self-connect"));
	fixture.probes[0].self = true;
	finding = fixture_finding(&fixture, "self-connect");
	assert_non_null(finding);
	assert_true(has_evidence(finding, "net.ipv4.ip_local_port_range",
				 "clients are given 32768 to 60999"));
	assert_null(fixture_finding(&fixture, "no-listener"));
	fixture.probes[0].self = false;
	fixture.snapshot.selves.sockets = &self;
	fixture.snapshot.selves.n_sockets = 1;
	finding = fixture_finding(&fixture, "self-connect");
	assert_true(has_evidence(finding, "connected sockets",
				 "127.0.0.1:40000 (retry, pid 9), to itself"));
	assert_true(has_command(finding, "ss -K sport = :40000 dport = :40000"));
	fixture_done(&fixture);
}

/* --- what the server answers ------------------------------------------------------------- */

static struct mux_talk talks[3];

/* The server on that address of localhost answers this way. */
static struct mux_talk *talk(enum mux_words words, const char *address, enum mux_speech speech)
{
	struct ev_candidate *candidate = fixture_find(&fixture, "localhost", address);

	talks[words] = (struct mux_talk){
		.words = words,
		.address = candidate->address,
		.port = fixture.evaluation.target.port,
		.finished = true,
		.elapsed_us = 123,
		.speech = speech,
		.bytes = {"x", speech != MUX_SPEECH_NONE},
	};
	*(words == MUX_WORDS_HTTP  ? &candidate->http
	  : words == MUX_WORDS_TLS ? &candidate->tls
				   : &candidate->instance) = &talks[words];
	return &talks[words];
}

static void ask(const char *scheme, uint16_t port)
{
	fixture_init(&fixture, "localhost", port);
	strcpy(fixture.evaluation.target.scheme, scheme);
}

static void check_severity(const char *id, enum mux_severity severity)
{
	const struct mux_finding *finding = fixture_finding(&fixture, id);

	assert_non_null(finding);
	assert_int_equal(finding->severity, severity);
	fixture_done(&fixture);
}

static void check_nothing(void)
{
	size_t n = 1;

	fixture_findings(&fixture, &n);
	assert_int_equal(n, 0);
	fixture_done(&fixture);
}

static void test_tls(void **state)
{
	(void)state;
	ask("http", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_TLS);
	assert_true(has_fix(fixture_finding(&fixture, "speaks-tls"),
			    "Ask for https://localhost:8000/"));
	check_severity("speaks-tls", MUX_SEVERITY_CRITICAL);
	/* A 400 without content, and then an answer in TLS. */
	ask("", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_HTTP)->status = 400;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_TLS);
	check_severity("speaks-tls", MUX_SEVERITY_WARNING);
	ask("", 8443);
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_TLS);
	check_severity("speaks-tls", MUX_SEVERITY_INFO);
	ask("https", 8000);
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_TLS);
	check_nothing();
}

static void test_plain_http(void **state)
{
	(void)state;
	ask("https", 443);
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_HTTP)->status = 400;
	assert_true(has_fix(fixture_finding(&fixture, "hsts-or-https"),
			    "Ask for http://localhost:443/"));
	check_severity("hsts-or-https", MUX_SEVERITY_CRITICAL);
	ask("http", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_HTTP)->status = 500;
	check_nothing();
	ask("", 443);
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_HTTP)->status = 200;
	check_nothing();
}

static void test_other_protocols(void **state)
{
	const struct mux_finding *finding;
	struct mux_talk *said;

	(void)state;
	ask("http", 2222);
	said = talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_OTHER);
	said->bytes = slice_of("SSH-2.0-\x1b[31mx\r\nmore");
	said->protocol = "SSH";
	finding = fixture_finding(&fixture, "speaks-not-http");
	assert_string_equal(finding->title, "the server on port 2222 speaks SSH, not HTTP");
	assert_true(has_evidence(finding, "HEAD / to [::1]:2222",
				 "answers in SSH: \"SSH-2.0-\\x1b[31mx\""));
	check_severity("speaks-not-http", MUX_SEVERITY_CRITICAL);
	ask("", 2222);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_OTHER);
	assert_string_equal(fixture_finding(&fixture, "speaks-not-http")->title,
			    "the server on port 2222 does not speak HTTP");
	check_severity("speaks-not-http", MUX_SEVERITY_INFO);
}

/* --- servers that do not answer ---------------------------------------------------------- */

static void be_silent(const char *address, int64_t elapsed_us)
{
	struct mux_talk *silent = talk(MUX_WORDS_HTTP, address, MUX_SPEECH_NONE);

	silent->finished = false;
	silent->elapsed_us = elapsed_us;
}

static void test_slow(void **state)
{
	(void)state;
	ask("", 8000);
	be_silent("::1", 300 * 1000);
	check_severity("slow-answer", MUX_SEVERITY_WARNING);
	ask("", 9999);
	be_silent("::1", 300 * 1000);
	check_severity("slow-answer", MUX_SEVERITY_INFO);
	/* There was no time for it. */
	ask("http", 8000);
	be_silent("::1", 10 * 1000);
	check_nothing();
}

static void test_stopped(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	ask("", 8000);
	be_silent("::1", 300 * 1000);
	fixture.listener6.state = 'T';
	finding = fixture_finding(&fixture, "server-stopped");
	assert_non_null(finding);
	assert_true(has_command(finding, "kill -CONT 42"));
	assert_null(fixture_finding(&fixture, "slow-answer"));
	check_severity("server-stopped", MUX_SEVERITY_CRITICAL);
	/* It answers: somebody else takes its connections. */
	ask("", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_HTTP)->status = 200;
	fixture.listener6.state = 'T';
	check_nothing();
}

static void test_not_accepting(void **state)
{
	const struct mux_listener later = {.inode = 5, .queued = 3};

	(void)state;
	ask("", 9999);
	fixture.listener6.inode = 5;
	fixture.snapshot.later.sockets = &later;
	fixture.snapshot.later.n_sockets = 1;
	be_silent("::1", 300 * 1000);
	assert_true(has_evidence(fixture_finding(&fixture, "server-stopped"), "accept queue",
				 "3 connections wait, ours among them"));
	assert_null(fixture_finding(&fixture, "slow-answer"));
	check_severity("server-stopped", MUX_SEVERITY_WARNING);
}

static void test_stopped_and_full(void **state)
{
	(void)state;
	ask("", 8000);
	fixture_refuse(&fixture, AF_INET6, NULL);
	fixture_find(&fixture, "localhost", "::1")->listen.listener = &fixture.listener6;
	fixture_find(&fixture, "localhost", "::1")->listen.queue_full = true;
	fixture.listener6.state = 't';
	assert_null(fixture_finding(&fixture, "accept-queue-full"));
	check_severity("server-stopped", MUX_SEVERITY_CRITICAL);
}

static void test_second_hop(void **state)
{
	(void)state;
	ask("", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_NONE)->closed = true;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_NONE)->closed = true;
	fixture.listener6.command = slice_of("docker-proxy");
	check_severity("second-hop-dead", MUX_SEVERITY_CRITICAL);
	/* An ordinary program may end connections as it likes, where no web pages are expected. */
	ask("", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_NONE)->closed = true;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_NONE)->closed = true;
	check_severity("speaks-not-http", MUX_SEVERITY_WARNING);
	ask("http", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_NONE)->closed = true;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_NONE)->closed = true;
	check_severity("speaks-not-http", MUX_SEVERITY_CRITICAL);
	ask("", 9999);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_NONE)->closed = true;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_NONE)->closed = true;
	check_nothing();
	/* Somebody does answer. */
	ask("", 8000);
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_NONE)->closed = true;
	talk(MUX_WORDS_TLS, "::1", MUX_SPEECH_TLS);
	fixture.listener6.command = slice_of("docker-proxy");
	assert_null(fixture_finding(&fixture, "second-hop-dead"));
	fixture_done(&fixture);
}

/* --- which server ------------------------------------------------------------------------ */

static void two_sockets(const char *command4, const char *command6)
{
	ask("", 8000);
	fixture.listener4.inode = 4;
	fixture.listener6.inode = 6;
	fixture.listener4.pid = 104;
	fixture.listener6.pid = 106;
	fixture.listener4.command = slice_of(command4);
	fixture.listener6.command = slice_of(command6);
}

static void test_two_servers(void **state)
{
	struct mux_talk http4, instance4;

	(void)state;
	two_sockets("node", "python3");
	check_severity("listener-per-family-differs", MUX_SEVERITY_WARNING);
	two_sockets("docker-proxy", "docker-proxy");
	check_nothing();
	two_sockets("node", "node");
	fixture.listener4.uid = 7;
	check_severity("listener-per-family-differs", MUX_SEVERITY_WARNING);
	/* What they say of themselves counts more, in either way. */
	two_sockets("node", "python3");
	talk(MUX_WORDS_HTTP, "127.0.0.1", MUX_SPEECH_HTTP)->server = slice_of("same");
	http4 = talks[MUX_WORDS_HTTP];
	fixture_find(&fixture, "localhost", "127.0.0.1")->http = &http4;
	talk(MUX_WORDS_HTTP, "::1", MUX_SPEECH_HTTP)->server = slice_of("same");
	assert_null(fixture_finding(&fixture, "listener-per-family-differs"));
	talk(MUX_WORDS_INSTANCE, "127.0.0.1", MUX_SPEECH_HTTP)->instance = slice_of("1");
	instance4 = talks[MUX_WORDS_INSTANCE];
	fixture_find(&fixture, "localhost", "127.0.0.1")->instance = &instance4;
	talk(MUX_WORDS_INSTANCE, "::1", MUX_SPEECH_HTTP)->instance = slice_of("2");
	check_severity("listener-per-family-differs", MUX_SEVERITY_WARNING);
}

static void test_shared(void **state)
{
	struct mux_listener sockets[2];

	(void)state;
	ask("", 8000);
	sockets[0] = sockets[1] = fixture.listener6;
	sockets[0].inode = 1;
	sockets[1].inode = 2;
	sockets[1].pid = 43;
	fixture_find(&fixture, "localhost", "::1")->listen.listener = &sockets[0];
	fixture.snapshot.listeners.sockets = sockets;
	fixture.snapshot.listeners.n_sockets = 2;
	/* Two workers, of which nothing more is known. */
	assert_null(fixture_finding(&fixture, "reuseport-shared"));
	sockets[0].group = 40;
	assert_null(fixture_finding(&fixture, "reuseport-shared"));
	sockets[1].group = 40;
	assert_null(fixture_finding(&fixture, "reuseport-shared"));
	sockets[1].group = 43;
	assert_non_null(fixture_finding(&fixture, "reuseport-shared"));
	sockets[1].address.bytes[15] = 2;
	assert_null(fixture_finding(&fixture, "reuseport-shared"));
	sockets[1] = sockets[0];
	assert_null(fixture_finding(&fixture, "reuseport-shared"));
	fixture_done(&fixture);
}

static void test_bound_to_a_link(void **state)
{
	static const struct mux_link links[] = {{.index = 3, .name = SLICE("eth\x1b")}};
	struct mux_listener bound;

	(void)state;
	ask("", 8000);
	bound = fixture.listener6;
	bound.link = 3;
	fixture.snapshot.routing.links = links;
	fixture.snapshot.routing.n_links = 1;
	fixture_refuse(&fixture, AF_INET, &bound);
	fixture_refuse(&fixture, AF_INET6, &bound);
	assert_null(fixture_finding(&fixture, "listener-other-address"));
	assert_string_equal(fixture_finding(&fixture, "listener-device-bound")->title,
			    "the server on port 8000 takes connections through eth\\x1b only, and "
			    "those to oneself come through lo");
	/* Bound to another address besides, that one is what matters. */
	bound.address = (struct mux_address){.family = AF_INET, .bytes = {10, 0, 0, 1}};
	assert_null(fixture_finding(&fixture, "listener-device-bound"));
	assert_non_null(fixture_finding(&fixture, "listener-other-address"));
	fixture_done(&fixture);
}

static void test_server_that_ipv6_was_taken_from(void **state)
{
	const struct mux_finding *finding;

	(void)state;
	nobody_listens("localhost", 8000, NULL, 0);
	assert_null(fixture_finding(&fixture, "server-lost-ipv6"));
	fixture.snapshot.surroundings.ipv6_off = true;
	finding = fixture_finding(&fixture, "server-lost-ipv6");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_UNKNOWN);
	assert_true(finding->inferred);
	assert_true(has_evidence(finding, "/sys/module/ipv6/parameters/disable", "1"));
	assert_non_null(fixture_finding(&fixture, "no-listener"));
	fixture_done(&fixture);
	fixture_init(&fixture, "localhost", 8000);
	fixture.snapshot.surroundings.ipv6_off = true;
	assert_null(fixture_finding(&fixture, "server-lost-ipv6"));
	fixture_done(&fixture);
}

static void test_no_descriptor_is_left(void **state)
{
	struct mux_listener *listener = &fixture.listener6;
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	listener->pid = 7;
	listener->command = (struct mux_slice)SLICE("x\x1b");
	listener->descriptors = listener->descriptor_limit = 32;
	/* One that serves all the same has not been hit yet. */
	assert_null(fixture_finding(&fixture, "descriptor-limit"));
	fixture_find(&fixture, "localhost", "::1")->listen.queue_full = true;
	finding = fixture_finding(&fixture, "descriptor-limit");
	assert_non_null(finding);
	assert_string_equal(finding->title, "the server on port 8000, x\\x1b (pid 7), has no "
					    "descriptor left to accept with");
	assert_true(has_evidence(finding, "/proc/7/limits", "Max open files 32, and 32 are open"));
	assert_true(has_command(finding, "prlimit --pid 7 --nofile=128:128"));
	assert_null(fixture_finding(&fixture, "accept-queue-full"));
	listener->descriptors--;
	assert_null(fixture_finding(&fixture, "descriptor-limit"));
	assert_non_null(fixture_finding(&fixture, "accept-queue-full"));
	fixture_done(&fixture);
}

static void test_no_port_is_left(void **state)
{
	static const struct mux_route_answer local = {.type = RTN_LOCAL, .link = 1};
	const struct mux_destination count = {
		.address = addr_loopback4, .in_use = 5, .time_wait = 15};
	struct ev_candidate *candidate;
	const struct mux_finding *finding;

	(void)state;
	fixture_init(&fixture, "localhost", 8000);
	fixture_fail(&fixture, AF_INET, MUX_STAGE_PROBE, EADDRNOTAVAIL);
	candidate = fixture_find(&fixture, "localhost", "127.0.0.1");
	fixture.snapshot.destinations.list = &count;
	fixture.snapshot.destinations.n = 1;
	/* Where the kernel would not deliver it, the address is what is missing. */
	assert_null(fixture_finding(&fixture, "ports-exhausted"));
	candidate->route.answer = &local;
	finding = fixture_finding(&fixture, "ports-exhausted");
	assert_non_null(finding);
	assert_int_equal(finding->severity, MUX_SEVERITY_WARNING);
	assert_true(has_evidence(finding, "sockets", "5 to 127.0.0.1:8000, and 15 in TIME_WAIT"));
	assert_true(has_command(finding, "sysctl -w net.ipv4.ip_local_port_range='1024 65535'"));
	candidate->route.passes = MUX_NO;
	assert_null(fixture_finding(&fixture, "ports-exhausted"));
	fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nearby),
		cmocka_unit_test(test_nothing_is_near),
		cmocka_unit_test(test_only_udp),
		cmocka_unit_test(test_database_without_port),
		cmocka_unit_test(test_client_that_meets_itself),
		cmocka_unit_test(test_tls),
		cmocka_unit_test(test_plain_http),
		cmocka_unit_test(test_other_protocols),
		cmocka_unit_test(test_slow),
		cmocka_unit_test(test_stopped),
		cmocka_unit_test(test_not_accepting),
		cmocka_unit_test(test_stopped_and_full),
		cmocka_unit_test(test_second_hop),
		cmocka_unit_test(test_two_servers),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_bound_to_a_link),
		cmocka_unit_test(test_no_port_is_left),
		cmocka_unit_test(test_server_that_ipv6_was_taken_from),
		cmocka_unit_test(test_no_descriptor_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
