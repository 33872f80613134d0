/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The requests of a preflight: two on connections of their own, two on one connection, and then as
 * many as there is time for, one after the other; each as the tool would make it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/addr.h"
#include "base/record.h"
#include "gather/capacity.h"
#include "gather/clock.h"
#include "gather/exchange.h"

enum {
	BASELINE_REQUESTS = 100,
	FEW_REQUESTS = 20, /* where each leaves a port in TIME_WAIT on this side */
	BASELINE_US = 50 * 1000,
	CLOSE_US = 3 * 1000, /* a server that closes does so at once */
	REQUEST_BYTES = 2048,
};

struct reach {
	const struct reach_question *question;
	struct exchange exchange;
	struct str records;
	char apart[REQUEST_BYTES], kept[REQUEST_BYTES];
	bool keeps;	    /* a second request on one connection was answered */
	bool server_closes; /* behind a response that was not to be the first of several */
};

/* ab speaks HTTP/1.0, in which a connection is kept only if both sides ask for it. */
static void write_request(const struct reach_question *question, bool kept, char *buffer)
{
	bool old = strcmp(question->load->tool, "ab") == 0;
	const struct mux_target *target = question->target;
	bool v6 = strchr(target->host, ':') != NULL;
	const char *connection = kept  ? old ? "Connection: Keep-Alive\r\n" : ""
				 : old ? ""
				       : "Connection: close\r\n";

	snprintf(buffer, REQUEST_BYTES,
		 "GET %s HTTP/1.%c\r\n%sHost: %s%s%s:%u\r\nUser-Agent: muxdiag\r\nAccept: */*\r\n"
		 "\r\n",
		 target->path[0] != '\0' ? target->path : "/", old ? '0' : '1', connection,
		 v6 ? "[" : "", target->host, v6 ? "]" : "", (unsigned)target->port);
}

static void add_record(struct reach *reach, const char *kind, int number, int error,
		       int64_t elapsed_us)
{
	const struct exchange *exchange = &reach->exchange;
	struct str *records = &reach->records;

	record_add(records, "kind", slice_of(kind));
	record_add_number(records, "number", number);
	record_add_number(records, "error", -error);
	record_add(records, "head", (struct mux_slice){exchange->first, exchange->n_first});
	record_add_number(records, "bytes", exchange->n_bytes);
	record_add_number(records, "us", elapsed_us);
	record_add_number(records, "server_closed", exchange->closed);
	record_end(records);
}

/* Connects if there is no connection, and asks once. */
static int ask(struct reach *reach, const char *request)
{
	struct exchange *exchange = &reach->exchange;
	int error = 0;

	exchange->n_first = 0;
	exchange->n_bytes = 0;
	exchange->closed = false;
	if (exchange->fd < 0)
		error = exchange_open(exchange, &reach->question->address,
				      reach->question->target->port);
	return error != 0 ? error : exchange_request(exchange, slice_of(request));
}

static int ask_recorded(struct reach *reach, const char *kind, int number)
{
	int64_t started_us = clock_now_us(), elapsed_us;
	int error = ask(reach, strcmp(kind, "new") == 0 ? reach->apart : reach->kept);

	elapsed_us = clock_now_us() - started_us;
	if (error == 0 && (number == 1 || strcmp(kind, "new") == 0))
		exchange_await_close(&reach->exchange, CLOSE_US);
	add_record(reach, kind, number, error, elapsed_us);
	return error;
}

static int ask_apart(struct reach *reach, int number)
{
	int error = ask_recorded(reach, "new", number);

	reach->server_closes = reach->exchange.closed;
	exchange_close(&reach->exchange);
	return error;
}

static void ask_on_one(struct reach *reach)
{
	int error = ask_recorded(reach, "kept", 1);

	if (error == 0 && !reach->exchange.closed)
		reach->keeps = ask_recorded(reach, "kept", 2) == 0;
	exchange_close(&reach->exchange);
}

static void ask_many(struct reach *reach)
{
	bool kept = reach->keeps && reach->question->load->keepalive;
	int64_t until_us = clock_now_us() + BASELINE_US, now_us = clock_now_us();
	struct str *records = &reach->records;
	int i, error = 0, most = kept || reach->server_closes ? BASELINE_REQUESTS : FEW_REQUESTS;

	if (until_us > reach->question->deadline_us)
		until_us = reach->question->deadline_us;
	record_add(records, "baseline", slice_of(kept ? "kept" : "new"));
	str_add(records, " us=");
	/* One that does not answer any more may cost as much again, but not more. */
	if (until_us + BASELINE_US < reach->exchange.deadline_us)
		reach->exchange.deadline_us = until_us + BASELINE_US;
	for (i = 0; i < most && error == 0 && now_us < until_us; i++) {
		int64_t started_us = now_us;

		error = ask(reach, kept ? reach->kept : reach->apart);
		if (!kept || reach->exchange.closed)
			exchange_close(&reach->exchange);
		now_us = clock_now_us();
		if (error == 0)
			str_addf(records, "%s%lld", i == 0 ? "" : ",",
				 (long long)(now_us - started_us));
	}
	exchange_close(&reach->exchange);
	record_end(records);
}

/* --- is it tracked? ------------------------------------------------------------------------ */

static int64_t read_conntrack(void)
{
	FILE *file = fopen("/proc/sys/net/netfilter/nf_conntrack_count", "re");
	long long n = -1;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%lld", &n) != 1)
		n = -1;
	fclose(file);
	return n;
}

/* The first record: how many flows there are, and how many with one connection more. */
static int begin(struct reach *reach)
{
	char text[ADDR_TEXT_MAX];
	int64_t before = read_conntrack(), started_us = clock_now_us();
	int error = exchange_open(&reach->exchange, &reach->question->address,
				  reach->question->target->port);
	int64_t elapsed_us = clock_now_us() - started_us;

	record_add(&reach->records, "address",
		   slice_of(addr_format(&reach->question->address, text)));
	record_add_number(&reach->records, "conntrack_before", before);
	record_add_number(&reach->records, "conntrack_with", read_conntrack());
	record_add_number(&reach->records, "error", -error);
	record_add_number(&reach->records, "us", elapsed_us);
	record_end(&reach->records);
	return error;
}

static void run(struct reach *reach)
{
	int error = begin(reach);

	if (error == 0)
		error = ask_apart(reach, 1);
	if (error == 0)
		error = ask_apart(reach, 2);
	if (error != 0)
		return;
	ask_on_one(reach);
	ask_many(reach);
}

int gather_reach(const struct reach_question *question, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct reach *reach = arena == NULL ? NULL : arena_alloc(arena, sizeof(*reach));
	int error = -ENOMEM;

	if (reach == NULL)
		goto out;
	reach->question = question;
	reach->exchange.fd = -1;
	reach->exchange.deadline_us = question->deadline_us;
	str_init(&reach->records, arena);
	write_request(question, false, reach->apart);
	write_request(question, true, reach->kept);
	run(reach);
	exchange_close(&reach->exchange);
	if (!arena_failed(arena))
		error = bundle_put(bundle, "preflight/reach", slice_of(str_done(&reach->records)));
out:
	arena_free(arena);
	return error;
}
