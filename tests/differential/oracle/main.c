/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The oracle: loads rules into a network namespace of its own, sends real packets through them and
 * says what the kernel did. It takes one command a line and answers each with one line:
 *
 *   listen PROTO FAMILY PORT [UID]      PROTO tcp or udp, FAMILY 4 or 6, PORT below 20000
 *   flush                               no rules
 *   forget                              no conntrack entries: source ports can be used again
 *   fresh                               a new namespace with the same listeners
 *   load BACKEND FILE                   nft, ip[6]tables-nft, ip[6]tables-legacy
 *   run STDIN STDOUT STDERR PROGRAM …   in the namespace, before anything of the oracle's is in it
 *   probe ID PROTO FAMILY SPORT DPORT   PROTO also icmp; SPORT from 20000
 *
 * The answers are `ok` (`ok STATUS` of run), `error TEXT`, or the probe's line (judge.h). Words are
 * separated by single spaces and contain none.
 */
#include <errno.h>
#include <netinet/in.h>
#include <nftables/libnftables.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "judge.h"
#include "ruleset.h"
#include "servers.h"
#include "space.h"
#include "trace.h"

enum { MAX_WORDS = 32 };

struct oracle {
	struct nft_ctx *nft;
	struct trace trace;
	struct servers servers;
};

int fail(struct failure *failure, int error, const char *format, ...)
{
	va_list arguments;
	int len;

	va_start(arguments, format);
	len = vsnprintf(failure->text, sizeof(failure->text), format, arguments);
	va_end(arguments);
	if (error != 0 && len >= 0 && (size_t)len < sizeof(failure->text))
		snprintf(failure->text + len, sizeof(failure->text) - (size_t)len, ": %s",
			 strerror(error));
	return error == 0 ? -EINVAL : -error;
}

/* --- words ------------------------------------------------------------------------------- */

static int parse_port(const char *word, uint16_t *ret)
{
	char *end;
	unsigned long value = strtoul(word, &end, 10);

	if (*word == '\0' || *end != '\0' || value > UINT16_MAX)
		return -EINVAL;
	*ret = (uint16_t)value;
	return 0;
}

static int parse_family(const char *word, int *ret)
{
	if (strcmp(word, "4") != 0 && strcmp(word, "6") != 0)
		return -EINVAL;
	*ret = *word == '4' ? AF_INET : AF_INET6;
	return 0;
}

static int parse_protocol(const char *word, int family, int *ret)
{
	if (strcmp(word, "tcp") == 0)
		*ret = IPPROTO_TCP;
	else if (strcmp(word, "udp") == 0)
		*ret = IPPROTO_UDP;
	else if (strcmp(word, "icmp") == 0)
		*ret = family == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6;
	else
		return -EINVAL;
	return 0;
}

/* --- commands ---------------------------------------------------------------------------- */

/* Each gets its words, the command's name first and NULL last, prints its answer unless that is a
 * plain `ok`, and returns 0, 1 if it has answered, or -errno with *failure. */

static int do_fresh(struct oracle *oracle, char **words, struct failure *failure)
{
	int status;

	(void)words;
	trace_close(&oracle->trace);
	if (oracle->nft != NULL)
		nft_ctx_free(oracle->nft);
	oracle->nft = NULL;
	servers_close(&oracle->servers);
	status = space_enter(failure);
	if (status == 0)
		status = trace_open(&oracle->trace, failure);
	if (status == 0)
		status = servers_reopen(&oracle->servers, failure);
	if (status == 0) {
		oracle->nft = ruleset_context();
		if (oracle->nft == NULL)
			status = fail(failure, ENOMEM, "no nft context");
	}
	return status;
}

static int do_flush(struct oracle *oracle, char **words, struct failure *failure)
{
	int status;

	/* A legacy table, once used, stays for the namespace's life. */
	if (space_has_legacy())
		return do_fresh(oracle, words, failure);
	status = trace_remove(&oracle->trace, failure);
	return status == 0 ? ruleset_flush(oracle->nft, failure) : status;
}

static int do_forget(struct oracle *oracle, char **words, struct failure *failure)
{
	int status = space_forget_flows(failure);

	(void)words;
	/* A listener remembers whom it sent a SYN/ACK. */
	return status == 0 ? servers_reopen(&oracle->servers, failure) : status;
}

static int do_listen(struct oracle *oracle, char **words, struct failure *failure)
{
	struct server server = {.fd = -1};

	if (parse_family(words[2], &server.family) != 0 ||
	    parse_protocol(words[1], server.family, &server.protocol) != 0 ||
	    parse_port(words[3], &server.port) != 0 || server.port >= ORACLE_FIRST_SOURCE)
		return fail(failure, 0, "listen PROTO FAMILY PORT [UID]");
	if (words[4] != NULL)
		server.uid = (unsigned)strtoul(words[4], NULL, 10);
	return servers_add(&oracle->servers, &server, failure);
}

static int do_load(struct oracle *oracle, char **words, struct failure *failure)
{
	int status = trace_remove(&oracle->trace, failure);

	return status == 0 ? ruleset_load(oracle->nft, words[1], words[2], failure) : status;
}

static int do_run(struct oracle *oracle, char **words, struct failure *failure)
{
	int status = trace_remove(&oracle->trace, failure);

	if (status == 0)
		status = space_run(words + 4, words[1], words[2], words[3]);
	if (status < 0)
		return fail(failure, -status, "cannot run %s", words[4]);
	printf("ok %d\n", status);
	return 1;
}

static int do_probe(struct oracle *oracle, char **words, struct failure *failure)
{
	struct probe probe = {0};
	int status;

	if (parse_family(words[3], &probe.family) != 0 ||
	    parse_protocol(words[2], probe.family, &probe.protocol) != 0 ||
	    parse_port(words[4], &probe.source) != 0 || parse_port(words[5], &probe.port) != 0 ||
	    probe.source < ORACLE_FIRST_SOURCE)
		return fail(failure, 0, "probe ID PROTO FAMILY SPORT DPORT");
	snprintf(probe.id, sizeof(probe.id), "%s", words[1]);
	status = trace_install(&oracle->trace, space_has_legacy(), failure);
	if (status == 0)
		status = judge(&probe, &oracle->servers, &oracle->trace, stdout, failure);
	return status == 0 ? 1 : status;
}

static const struct command {
	const char *name;
	int n_words; /* at least, with the name */
	int (*run)(struct oracle *oracle, char **words, struct failure *failure);
} commands[] = {
	{"listen", 4, do_listen}, {"flush", 1, do_flush}, {"fresh", 1, do_fresh},
	{"forget", 1, do_forget}, {"load", 3, do_load},	  {"run", 5, do_run},
	{"probe", 6, do_probe},
};

static void obey(struct oracle *oracle, char *line)
{
	char *words[MAX_WORDS + 1] = {NULL}, *rest = line;
	struct failure failure = {""};
	int n = 0, status = fail(&failure, 0, "no such command");

	line[strcspn(line, "\n")] = '\0';
	while (n < MAX_WORDS && (words[n] = strsep(&rest, " ")) != NULL)
		n++;
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(words[0], commands[i].name) == 0 && n >= commands[i].n_words)
			status = commands[i].run(oracle, words, &failure);
	}
	if (status < 0)
		printf("error %s\n", failure.text);
	else if (status == 0)
		printf("ok\n");
	fflush(stdout);
}

int main(void)
{
	struct oracle oracle = {0};
	struct failure failure = {""};
	char *line = NULL;
	size_t size = 0;
	int status = space_prepare(&failure);

	if (status == 0)
		status = do_fresh(&oracle, NULL, &failure);
	if (status != 0) {
		fprintf(stderr, "oracle: %s\n", failure.text);
		return 77;
	}
	while (getline(&line, &size, stdin) > 0)
		obey(&oracle, line);
	free(line);
	trace_close(&oracle.trace);
	servers_close(&oracle.servers);
	nft_ctx_free(oracle.nft);
	return 0;
}
