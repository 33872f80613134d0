/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "judge.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

/* Behind netinet/in.h, whose names it then does not define again. */
#include <linux/netfilter.h>

#include "client.h"
#include "legacy.h"
#include "rules.h"
#include "story.h"

/* On lo all of it happens inside the call that sends, unless the machine is so busy that the kernel
 * puts it off. */
enum { GRACE_MS = 20, PATIENCE_MS = 150 };

struct affair {
	struct client client;
	struct story story;
	enum ending ending;
	const struct pass *pass; /* that decided */
	bool lost;		 /* the kernel dropped events */
	bool is_reject;
	bool is_legacy; /* it vanished inside a legacy table */
	char table[16], hook[16];
};

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- watching ---------------------------------------------------------------------------- */

/* Where the last chain met is one that stands before a legacy table, that table is the place. */
static bool vanished_in_legacy(struct affair *affair)
{
	if (affair->ending != ENDING_VANISHED)
		return false;
	return sscanf(affair->pass->last_sentinel, "before_%15[a-z]_%15[a-z]", affair->table,
		      affair->hook) == 2;
}

static void look(struct affair *affair, struct servers *servers, struct trace *trace)
{
	const struct probe *probe = affair->client.probe;
	int status;

	servers_serve(servers, probe->family, probe->protocol);
	client_look(&affair->client);
	servers_serve(servers, probe->family, probe->protocol);
	status = trace_drain(trace, story_take, &affair->story);
	if (status != 0 || affair->story.overflow)
		affair->lost = true;
	affair->ending = story_end(&affair->story, &affair->pass);
	affair->is_legacy = trace->has_brackets && vanished_in_legacy(affair);
	affair->is_reject = affair->ending == ENDING_DROPPED && affair->pass->drop.handle != 0 &&
			    rule_is_reject(&affair->pass->drop);
}

/* Milliseconds that may still bring something new. */
static long patience(const struct affair *affair)
{
	bool pending = affair->client.outcome == CLIENT_PENDING;

	if (affair->ending == ENDING_DROPPED)
		return pending && affair->is_reject ? GRACE_MS : 0;
	if (affair->ending == ENDING_PASSED && !pending)
		return 0;
	if (affair->is_legacy)
		return pending ? GRACE_MS : 0;
	return pending ? PATIENCE_MS : GRACE_MS;
}

static void watch(struct affair *affair, struct servers *servers, struct trace *trace)
{
	long start = now_ms();

	for (;;) {
		struct pollfd ready[] = {
			{.fd = mnl_socket_get_fd(trace->events), .events = POLLIN},
			{.fd = affair->client.fd, .events = POLLIN},
		};

		look(affair, servers, trace);
		if (now_ms() - start >= patience(affair))
			return;
		/* The servers' sockets are not among them, hence the short time. */
		(void)poll(ready, 2, 2);
	}
}

/* --- telling ----------------------------------------------------------------------------- */

static const char *family_name(unsigned family)
{
	static const char *const names[] = {
		[NFPROTO_INET] = "inet",     [NFPROTO_IPV4] = "ip",	  [NFPROTO_ARP] = "arp",
		[NFPROTO_NETDEV] = "netdev", [NFPROTO_BRIDGE] = "bridge", [NFPROTO_IPV6] = "ip6",
	};
	const size_t n = sizeof(names) / sizeof(names[0]);

	return family < n && names[family] != NULL ? names[family] : "?";
}

static const char *result_name(int outcome)
{
	if (outcome == CLIENT_CONNECTED)
		return "connected";
	if (outcome == CLIENT_PENDING)
		return "timeout";
	return strerrorname_np(outcome) != NULL ? strerrorname_np(outcome) : "EUNKNOWN";
}

static void print_dropper(const struct affair *affair, FILE *out)
{
	const struct event *drop = &affair->pass->drop;

	fprintf(out, "%s %s %s %s ", affair->is_reject ? "REJECT" : "DROP",
		family_name(drop->family), drop->table, drop->chain);
	if (drop->type == EVENT_POLICY)
		fprintf(out, "policy");
	else
		fprintf(out, "%llu", (unsigned long long)drop->handle);
}

static void print_legacy(const struct affair *affair, const struct legacy *before,
			 const struct legacy *after, FILE *out)
{
	struct legacy_culprit culprit;
	const char *family = affair->client.probe->family == AF_INET ? "ip" : "ip6";

	if (legacy_find(before, after, affair->table, affair->hook, &culprit) != 0) {
		fprintf(out, "DROP %s %s ? ?", family, affair->table);
		return;
	}
	fprintf(out, "%s %s %s %s %s", culprit.is_reject ? "REJECT" : "DROP", family, affair->table,
		culprit.chain, culprit.handle);
}

/* The line but for who dropped, which comes between the id and the result. */
static void print_rest(const struct affair *affair, const struct servers *servers, FILE *out)
{
	const char *server = "-";

	fprintf(out, "\t%s\t", result_name(affair->client.outcome));
	if (affair->lost)
		fprintf(out, "events were lost");
	else if (affair->ending == ENDING_PASSED)
		fprintf(out, affair->story.n_passes == 0 ? "nothing was traced" : "-");
	else if (affair->ending == ENDING_VANISHED && !affair->is_legacy)
		fprintf(out, "%s vanished after %s", packet_name(affair->pass->packet),
			affair->pass->last_sentinel);
	else
		fprintf(out, "%s %s", packet_name(affair->pass->packet),
			affair->pass->incoming ? "in" : "out");
	if (servers->n_accepted > 0)
		server = servers->got_data ? "data" : "accepted";
	fprintf(out, "\t%s\n", server);
}

static void print_line(const struct affair *affair, const struct legacy *before,
		       const struct legacy *after, FILE *out)
{
	fprintf(out, "%s ", affair->client.probe->id);
	if (affair->lost || affair->story.n_passes == 0)
		fprintf(out, "UNKNOWN - - - -");
	else if (affair->ending == ENDING_PASSED)
		fprintf(out, "ACCEPT - - - -");
	else if (affair->ending == ENDING_DROPPED)
		print_dropper(affair, out);
	else if (affair->is_legacy)
		print_legacy(affair, before, after, out);
	else
		fprintf(out, "UNKNOWN - - - -");
}

static void ignore(const struct event *event, void *data)
{
	(void)event;
	(void)data;
}

int judge(const struct probe *probe, struct servers *servers, struct trace *trace, FILE *out,
	  struct failure *failure)
{
	struct affair affair = {.story = {.probe = probe, .own_table = trace->table}};
	struct legacy before = {0}, after = {0};
	int status = 0;

	/* What came after the last probe, of closing its sockets for one. */
	(void)trace_drain(trace, ignore, NULL);
	if (trace->has_brackets)
		status = legacy_read(probe->family, &before, failure);
	if (status == 0)
		status = client_start(&affair.client, probe, failure);
	if (status == 0)
		watch(&affair, servers, trace);
	if (status == 0 && affair.is_legacy)
		status = legacy_read(probe->family, &after, failure);
	if (status == 0) {
		print_line(&affair, &before, &after, out);
		print_rest(&affair, servers, out);
	}
	legacy_done(&before);
	legacy_done(&after);
	client_close(&affair.client);
	servers_hang_up(servers);
	return status;
}
