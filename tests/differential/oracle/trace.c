/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <nftables/libnftables.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "event.h"
#include "ruleset.h"

enum {
	FORCED_BUFFER = 64 << 20, /* one conversation is up to 1 MB of events */
	MODEST_BUFFER = 8 << 20,  /* what net.core.rmem_max leaves of it */
};

int trace_open(struct trace *trace, struct failure *failure)
{
	int forced = FORCED_BUFFER, modest = MODEST_BUFFER, fd, group = NFNLGRP_NFTRACE;

	*trace = (struct trace){.nft = ruleset_context()};
	trace->events = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (trace->nft == NULL || trace->events == NULL)
		return fail(failure, errno, "cannot open netlink");
	snprintf(trace->table, sizeof(trace->table), "oracle_%d", (int)getpid());
	fd = mnl_socket_get_fd(trace->events);
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &forced, sizeof(forced)) != 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &modest, sizeof(modest));
	if (mnl_socket_bind(trace->events, 0, MNL_SOCKET_AUTOPID) != 0 ||
	    mnl_socket_setsockopt(trace->events, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) !=
		    0)
		return fail(failure, errno, "cannot join the trace group");
	return 0;
}

void trace_close(struct trace *trace)
{
	if (trace->nft != NULL)
		nft_ctx_free(trace->nft);
	if (trace->events != NULL)
		mnl_socket_close(trace->events);
	*trace = (struct trace){0};
}

/* --- the table --------------------------------------------------------------------------- */

/* Where legacy tables stand (include/uapi/linux/netfilter_ipv4.h). */
static const struct place {
	const char *table, *hook;
	int priority;
} places[] = {
	{"raw", "prerouting", -300},	 {"mangle", "prerouting", -150},
	{"nat", "prerouting", -100},	 {"mangle", "input", -150},
	{"filter", "input", 0},		 {"security", "input", 50},
	{"nat", "input", 100},		 {"raw", "output", -300},
	{"mangle", "output", -150},	 {"nat", "output", -100},
	{"filter", "output", 0},	 {"security", "output", 50},
	{"mangle", "postrouting", -150}, {"nat", "postrouting", 100},
};

static void print_brackets(FILE *out)
{
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct place *place = &places[i];

		fprintf(out, "chain before_%s_%s { type filter hook %s priority %d; }\n",
			place->table, place->hook, place->hook, place->priority - 1);
		fprintf(out, "chain after_%s_%s { type filter hook %s priority %d; }\n",
			place->table, place->hook, place->hook, place->priority + 1);
	}
}

/* The trace bit survives lo, hence marking in OUTPUT is enough for both passes. */
static char *table_text(const struct trace *trace, bool brackets)
{
	static const char *const selectors[] = {
		"meta l4proto tcp th sport",
		"meta l4proto tcp th dport",
		"meta l4proto udp th sport",
		"meta l4proto udp th dport",
		"icmp type { echo-request, echo-reply } icmp id",
		"icmpv6 type { echo-request, echo-reply } icmpv6 id",
	};
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	fprintf(out, "table inet %s {\nflags owner;\n", trace->table);
	fprintf(out, "chain begin {\ntype filter hook output priority %d;\n", INT_MIN);
	for (size_t i = 0; i < sizeof(selectors) / sizeof(selectors[0]); i++)
		fprintf(out, "%s >= %d meta nftrace set 1\n", selectors[i], ORACLE_FIRST_SOURCE);
	fprintf(out, "}\nchain end { type filter hook input priority %d; }\n", INT_MAX);
	if (brackets)
		print_brackets(out);
	fprintf(out, "}\n");
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

int trace_install(struct trace *trace, bool brackets, struct failure *failure)
{
	char *text;
	int status;

	if (trace->installed)
		return 0;
	text = table_text(trace, brackets);
	if (text == NULL)
		return fail(failure, ENOMEM, "no trace table");
	status = ruleset_command(trace->nft, text, failure);
	free(text);
	trace->installed = status == 0;
	trace->has_brackets = brackets;
	return status;
}

int trace_remove(struct trace *trace, struct failure *failure)
{
	char text[64];

	if (!trace->installed)
		return 0;
	trace->installed = false;
	snprintf(text, sizeof(text), "delete table inet %s", trace->table);
	return ruleset_command(trace->nft, text, failure);
}

/* --- events ------------------------------------------------------------------------------ */

struct taker {
	void (*take)(const struct event *event, void *data);
	void *data;
};

static int take_message(const struct nlmsghdr *header, void *data)
{
	const struct taker *taker = data;
	struct event event;

	if (event_parse(header, &event))
		taker->take(&event, taker->data);
	return MNL_CB_OK;
}

int trace_drain(struct trace *trace, void (*take)(const struct event *event, void *data),
		void *data)
{
	static char buffer[1 << 16];
	struct taker taker = {take, data};
	bool lost = false;

	for (;;) {
		ssize_t len = mnl_socket_recvfrom(trace->events, buffer, sizeof(buffer));

		if (len < 0 && errno == ENOBUFS) {
			lost = true;
			continue;
		}
		if (len < 0 && errno == EAGAIN)
			return lost ? -ENOBUFS : 0;
		if (len < 0 && errno == EINTR)
			continue;
		if (len < 0)
			return -errno;
		mnl_cb_run(buffer, (size_t)len, 0, 0, take_message, &taker);
	}
}
