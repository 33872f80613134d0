/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Source ports. Each connection to one address and port needs another; the side that closes first
 * keeps it for a minute in TIME_WAIT (TCP_TIMEWAIT_LEN), unless tcp_tw_reuse lets a new connection
 * take it over after a second (tcp_twsk_unique()). Measured: with 20 ports 20 connections a second
 * if the client closes first, thousands if the server does.
 */
#include <inttypes.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "preflight/preflight.h"

enum { TIME_WAIT_S = 60, USUAL_RATE = 15000 };

/* The ports that connect(2) chooses from. */
struct range {
	bool known;
	uint64_t first, last;
	int64_t n; /* without the reserved ones */
	struct mux_slice reserved;
};

static struct mux_slice sysctl_text(const struct preflight *preflight, const char *path)
{
	const struct mux_snapshot *snapshot = preflight->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (strcmp(snapshot->sysctls[i].path, path) == 0 &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT)
			return snapshot->sysctls[i].text;
	return (struct mux_slice){.data = NULL};
}

/* Cuts off what stands before the first of the separators. */
static struct mux_slice cut(struct mux_slice *rest, const char *separators)
{
	struct mux_slice word = slice_trim(*rest);
	size_t len = 0;

	while (len < word.len && strchr(separators, word.data[len]) == NULL)
		len++;
	rest->data = word.data + len;
	rest->len = word.len - len;
	if (rest->len != 0) {
		rest->data++;
		rest->len--;
	}
	word.len = len;
	return word;
}

/* ip_local_reserved_ports: "8080,9000-9010" */
static int64_t count_reserved(struct mux_slice list, const struct range *range)
{
	int64_t n = 0;

	while (list.len != 0) {
		struct mux_slice item = cut(&list, ","), first_text = cut(&item, "-");
		uint64_t first, last;

		if (slice_parse_u64(first_text, 10, &first) != 0)
			return n;
		if (item.len == 0 || slice_parse_u64(item, 10, &last) != 0)
			last = first;
		if (first < range->first)
			first = range->first;
		if (last > range->last)
			last = range->last;
		n += last >= first ? (int64_t)(last - first) + 1 : 0;
	}
	return n;
}

static struct range find_range(const struct preflight *preflight)
{
	struct mux_slice text = sysctl_text(preflight, "net/ipv4/ip_local_port_range");
	struct range range = {.known = false};

	if (slice_parse_u64(cut(&text, " \t"), 10, &range.first) != 0 ||
	    slice_parse_u64(slice_trim(text), 10, &range.last) != 0 || range.last < range.first ||
	    range.last > UINT16_MAX)
		return range;
	range.known = true;
	range.reserved = sysctl_text(preflight, "net/ipv4/ip_local_reserved_ports");
	range.n = (int64_t)(range.last - range.first) + 1 - count_reserved(range.reserved, &range);
	return range;
}

static const struct mux_destination *find_destination(const struct preflight *preflight)
{
	const struct mux_capacity *capacity = preflight->capacity;
	size_t i;

	for (i = 0; preflight->candidate != NULL && i < capacity->destinations.n; i++)
		if (addr_equal(&capacity->destinations.list[i].address,
			       &preflight->candidate->address))
			return &capacity->destinations.list[i];
	return NULL;
}

/* Does a new connection take over a port in TIME_WAIT after a second? */
static bool reuses(const struct preflight *preflight)
{
	int64_t reuse = preflight_sysctl(preflight, "net/ipv4/tcp_tw_reuse");

	if (preflight_sysctl(preflight, "net/ipv4/tcp_timestamps") == 0)
		return false;
	return reuse == 1 || (reuse == 2 && preflight->candidate != NULL &&
			      addr_is_loopback(&preflight->candidate->address));
}

/* New connections a second that the load would like to make. */
static int64_t wanted_rate(const struct preflight *preflight)
{
	int64_t rate = preflight_rate(preflight);

	if (!preflight_opens_many(preflight))
		return 0;
	return rate > 0 ? rate : USUAL_RATE;
}

/* --- the range ----------------------------------------------------------------------------- */

static void see_range(struct preflight *preflight, struct fit *fit, const struct range *range)
{
	fit_see(preflight, fit, "/proc/sys/net/ipv4/ip_local_port_range",
		"%" PRIu64 " to %" PRIu64 ": %" PRId64 " ports%s", range->first, range->last,
		range->n, range->reserved.len != 0 ? ", without the reserved ones" : "");
	if (range->reserved.len != 0)
		fit_see(preflight, fit, "/proc/sys/net/ipv4/ip_local_reserved_ports", "%s",
			preflight_escape(preflight, range->reserved));
}

static void mend_range(struct preflight *preflight, struct fit *fit)
{
	fit_mend(preflight, fit, "Give outgoing connections more ports",
		 "sysctl -w net.ipv4.ip_local_port_range='1024 65535'", NULL);
	if (preflight_opens_many(preflight))
		fit_mend(preflight, fit,
			 "Keep connections, or spread the load over 127.0.0.1, 127.0.0.2, …: each "
			 "address has all ports to itself",
			 NULL, NULL);
}

static void say_too_few(struct preflight *preflight, const struct preflight_check *check,
			const struct range *range)
{
	unsigned concurrency = preflight->capacity->load.concurrency;
	struct fit *fit = fit_add(preflight, check, MUX_FIT_FAIL,
				  "there are %" PRId64 " ports for %u connections at once",
				  range->n, concurrency);

	see_range(preflight, fit, range);
	fit_want(preflight, fit,
		 "%u, and more for those in TIME_WAIT: each connection to one "
		 "address needs a port of its own",
		 concurrency);
	fit_expect(preflight, fit,
		   "connect() fails with \"Cannot assign requested address (99)\" after %" PRId64,
		   range->n);
	mend_range(preflight, fit);
}

/* The client keeps the port: then there is a ceiling, or an end. */
static void judge_pace(struct preflight *preflight, const struct preflight_check *check,
		       const struct range *range)
{
	int64_t rate = wanted_rate(preflight), seconds = reuses(preflight) ? 1 : TIME_WAIT_S;
	int64_t room = range->n - preflight->capacity->load.concurrency;
	uint64_t n = preflight->capacity->load.requests;
	bool enough = room >= rate * seconds || (n != 0 && n <= (uint64_t)range->n);
	struct fit *fit;

	fit = fit_add(preflight, check,
		      enough	     ? MUX_FIT_OK
		      : seconds == 1 ? MUX_FIT_WARNING
				     : MUX_FIT_FAIL,
		      "%" PRId64 " ports allow %" PRId64 " new connections a second", range->n,
		      range->n / seconds);
	see_range(preflight, fit, range);
	fit_want(preflight, fit,
		 "%" PRId64 ": about as many a second as this load makes, for %" PRId64
		 " s each, because the client closes first",
		 rate * seconds + preflight->capacity->load.concurrency, seconds);
	if (enough)
		return;
	if (seconds == 1)
		fit_expect(preflight, fit,
			   "%" PRId64 " requests a second are the most that this can measure; at "
			   "that point \"Cannot assign requested address\" or a pause",
			   range->n);
	else
		fit_expect(preflight, fit,
			   "after %" PRId64 " requests connect() fails with \"Cannot assign "
			   "requested address (99)\" for a minute",
			   range->n);
	mend_range(preflight, fit);
}

static void run_port_range(struct preflight *preflight, const struct preflight_check *check)
{
	struct range range = find_range(preflight);
	struct fit *fit;

	if (!range.known)
		return;
	if (range.n < preflight->capacity->load.concurrency) {
		say_too_few(preflight, check, &range);
		return;
	}
	if (preflight_opens_many(preflight) && preflight_server_closes(preflight) == MUX_NO) {
		judge_pace(preflight, check, &range);
		return;
	}
	fit = fit_add(preflight, check, MUX_FIT_OK,
		      "there are %" PRId64 " ports for %u connections", range.n,
		      preflight->capacity->load.concurrency);
	see_range(preflight, fit, &range);
	if (preflight_opens_many(preflight))
		fit_see(preflight, fit, "requests to the server",
			"the server closes first, so the client's ports are free at once");
}

const struct preflight_check preflight_port_range = {
	.id = "port-range", .subject = "ports", .run = run_port_range};

/* --- what is left of an earlier run -------------------------------------------------------- */

static void run_time_wait(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_destination *destination = find_destination(preflight);
	struct range range = find_range(preflight);
	int64_t n = destination != NULL ? destination->time_wait : 0;
	int64_t used = destination != NULL ? destination->in_use : 0;
	bool many;
	struct fit *fit;

	if (preflight->capacity->destinations.source.presence != MUX_PRESENT || !range.known)
		return;
	many = 2 * (n + used) > range.n;
	fit = fit_add(preflight, check, many ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "%" PRId64 "%s of %" PRId64 " ports to this address are taken", n + used,
		      destination != NULL && destination->at_least ? " or more" : "", range.n);
	fit_see(preflight, fit, "connected sockets", "%" PRId64 " in TIME_WAIT, %" PRId64 " in use",
		n, used);
	if (preflight->capacity->sockstat_source.presence == MUX_PRESENT)
		fit_see(preflight, fit, "/proc/net/sockstat", "%" PRId64 " in TIME_WAIT in all",
			preflight->capacity->time_wait);
	fit_want(preflight, fit, "no more than half: an earlier run would weigh on this one");
	if (!many)
		return;
	fit_expect(preflight, fit, "%s",
		   reuses(preflight)
			   ? "the search for a free port costs time on each connect()"
			   : "connect() soon fails with \"Cannot assign requested address (99)\"");
	fit_mend(preflight, fit, "Wait a minute: they end by themselves", "sleep 60", NULL);
}

const struct preflight_check preflight_time_wait = {
	.id = "time-wait", .subject = "ports", .run = run_time_wait};

static void run_reuse(struct preflight *preflight, const struct preflight_check *check)
{
	int64_t reuse = preflight_sysctl(preflight, "net/ipv4/tcp_tw_reuse");
	int64_t most = preflight_sysctl(preflight, "net/ipv4/tcp_max_tw_buckets");
	bool needed = preflight_opens_many(preflight) &&
		      preflight_server_closes(preflight) != MUX_YES && !reuses(preflight);
	struct fit *fit;

	if (reuse < 0 || preflight->candidate == NULL)
		return;
	fit = fit_add(preflight, check, needed ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "a port in TIME_WAIT is free again after %s",
		      reuses(preflight) ? "a second" : "a minute");
	fit_see(preflight, fit, "/proc/sys/net/ipv4",
		"tcp_tw_reuse %" PRId64 ", tcp_timestamps %" PRId64 ", tcp_max_tw_buckets %" PRId64,
		reuse, preflight_sysctl(preflight, "net/ipv4/tcp_timestamps"), most);
	fit_want(preflight, fit, "tcp_tw_reuse 1, or 2 for loopback, with tcp_timestamps 1");
	if (!needed)
		return;
	fit_expect(preflight, fit,
		   "each of the load's connections holds its port for a minute after it was "
		   "closed");
	fit_mend(preflight, fit, "Let connections over loopback take them over",
		 "sysctl -w net.ipv4.tcp_tw_reuse=2", "sysctl -w net.ipv4.tcp_timestamps=1");
}

const struct preflight_check preflight_time_wait_reuse = {
	.id = "time-wait-reuse", .subject = "ports", .run = run_reuse};
