/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The queue of connections that the server has not accepted yet. It holds backlog + 1
 * (sk_acceptq_is_full()); a SYN that finds it full is dropped and tried again after a second, and
 * an ACK that does leaves a client that believes it is connected.
 */
#include <string.h>

#include "base/slice.h"
#include "preflight/preflight.h"

static const char listening[] = "listening sockets";

/* The one that the tool meets; where no address works, the first of the port. */
static const struct mux_listener *find_listener(const struct preflight *preflight)
{
	const struct mux_listeners *listeners = &preflight->snapshot->listeners;
	size_t i;

	if (preflight->listener != NULL)
		return preflight->listener;
	for (i = 0; i < listeners->n_sockets; i++)
		if (listeners->sockets[i].port == preflight->evaluation->target.port)
			return &listeners->sockets[i];
	return NULL;
}

/* Sockets that share the port (SO_REUSEPORT) share the load, too. */
static uint64_t total_room(const struct preflight *preflight, const struct mux_listener *listener)
{
	const struct mux_listeners *listeners = &preflight->snapshot->listeners;
	uint64_t room = 0;
	size_t i;

	for (i = 0; i < listeners->n_sockets; i++)
		if (listeners->sockets[i].port == listener->port &&
		    listeners->sockets[i].family == listener->family &&
		    memcmp(&listeners->sockets[i].address, &listener->address,
			   sizeof(listener->address)) == 0)
			room += (uint64_t)listeners->sockets[i].backlog + 1;
	return room;
}

/* What "SYN again" means on this kernel: tcp_syn_linear_timeouts came with 6.5. */
static const char *steps(const struct preflight *preflight)
{
	return preflight_sysctl(preflight, "net/ipv4/tcp_syn_linear_timeouts") > 0
		       ? "1 s, 2 s, 3 s, 4 s, 5 s, 7 s"
		       : "1 s, 3 s, 7 s";
}

/* A server with one thread that takes this long for a request does not empty the queue between two
 * connections. */
static bool is_slow(const struct preflight *preflight)
{
	const struct mux_capacity *capacity = preflight->capacity;

	return capacity->reach.n_baseline != 0 && capacity->reach.median_us > 300 &&
	       (capacity->n_servers == 0 || capacity->servers[0].status.threads <= 2);
}

static void predict(struct preflight *preflight, struct fit *fit, uint64_t room)
{
	unsigned concurrency = preflight->capacity->load.concurrency;
	unsigned long long late = concurrency - room;
	const char *resets = "";

	if (preflight_sysctl(preflight, "net/ipv4/tcp_abort_on_overflow") > 0)
		resets = ", and \"Connection reset by peer\" at once "
			 "(net.ipv4.tcp_abort_on_overflow)";
	else if (preflight_opens_many(preflight) || is_slow(preflight))
		resets = preflight->tool->ends_at_errors
				 ? "; then \"Connection reset by peer (104)\" or a "
				   "connection that hangs for 30 s (70007): either ends ab"
				 : "; then \"Connection reset by peer\" for some";
	fit_expect(preflight, fit, "%llu of the first %u connects take 1 s or more (%s)%s", late,
		   concurrency, steps(preflight), resets);
}

static void suggest(struct preflight *preflight, struct fit *fit)
{
	unsigned concurrency = preflight->capacity->load.concurrency;
	int64_t largest = preflight_sysctl(preflight, "net/core/somaxconn");
	unsigned enough = concurrency < 4096 ? 4096 : concurrency;
	const char *raise = NULL;

	if (largest >= 0 && largest < concurrency)
		raise = arena_printf(preflight->arena, "sysctl -w net.core.somaxconn=%u", enough);
	fit_mend(preflight, fit,
		 arena_printf(preflight->arena, "%start the server with a backlog of %u",
			      raise != NULL ? "Raise the kernel's limit, then s" : "S", enough),
		 raise, NULL);
}

static void run_backlog(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_listener *listener = find_listener(preflight);
	unsigned concurrency = preflight->capacity->load.concurrency;
	enum mux_fitness fitness = MUX_FIT_OK;
	bool aborts = preflight_sysctl(preflight, "net/ipv4/tcp_abort_on_overflow") > 0;
	struct fit *fit;
	uint64_t room;

	if (listener == NULL) {
		if (preflight->snapshot->listeners.source4.presence != MUX_PRESENT)
			fit_add_unknown(preflight, check, &preflight->snapshot->listeners.source4,
					"the server's backlog");
		return;
	}
	room = total_room(preflight, listener);
	if (room < concurrency)
		fitness = aborts || (preflight->tool->ends_at_errors && is_slow(preflight))
				  ? MUX_FIT_FAIL
				  : MUX_FIT_WARNING;
	fit = fit_add(preflight, check, fitness,
		      "the server's queue holds %llu connections that it has not accepted yet",
		      (unsigned long long)room);
	fit_see(preflight, fit, listening, "%s: backlog %u",
		preflight_listener_text(preflight, listener), (unsigned)listener->backlog);
	fit_want(preflight, fit, "%u: the tool opens all its connections at once", concurrency);
	if (fitness == MUX_FIT_OK)
		return;
	predict(preflight, fit, room);
	suggest(preflight, fit);
}

const struct preflight_check preflight_backlog = {
	.id = "backlog", .subject = "queues", .run = run_backlog};

/* Those of the check itself: a busy server has not come to them yet. */
static uint32_t count_own(const struct preflight *preflight)
{
	uint32_t n = 0;
	size_t i;

	for (i = 0; i < preflight->snapshot->n_probes; i++)
		n += preflight->snapshot->probes[i].protocol == MUX_TCP &&
		     preflight->snapshot->probes[i].connected;
	return n;
}

static const struct mux_source not_known = {.name = "probes", .presence = MUX_NOT_ASKED};

static void run_accept_queue(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_listener *listener = find_listener(preflight);
	bool waiting;
	struct fit *fit;

	if (listener == NULL)
		return;
	/* It has always probed: where that is not known, those that wait may be its own. */
	if (listener->queued != 0 && preflight->snapshot->n_probes == 0) {
		fit_add_unknown(preflight, check, &not_known, "whose connections wait");
		return;
	}
	waiting = listener->queued > count_own(preflight);
	fit = fit_add(preflight, check, waiting ? MUX_FIT_WARNING : MUX_FIT_OK,
		      waiting ? "%u connections wait to be accepted"
			      : "no connections but the check's own wait to be accepted (%u)",
		      (unsigned)listener->queued);
	fit_see(preflight, fit, listening, "%s: %u wait",
		preflight_listener_text(preflight, listener), (unsigned)listener->queued);
	fit_want(preflight, fit, "0 before the run: a server that works empties its queue at once");
	if (waiting)
		fit_expect(preflight, fit,
			   "there is load already, or the server is stuck: the run meets a queue "
			   "that is not empty");
}

const struct preflight_check preflight_accept_queue = {
	.id = "accept-queue", .subject = "queues", .run = run_accept_queue};

static void run_somaxconn(struct preflight *preflight, const struct preflight_check *check)
{
	int64_t largest = preflight_sysctl(preflight, "net/core/somaxconn");
	unsigned concurrency = preflight->capacity->load.concurrency;
	const struct mux_listener *listener = find_listener(preflight);
	bool enough = largest + 1 >= (int64_t)concurrency;
	struct fit *fit;

	/* Several sockets on the port (SO_REUSEPORT) have room for more together. */
	if (listener != NULL && total_room(preflight, listener) >= concurrency)
		enough = true;
	if (largest < 0)
		return;
	fit = fit_add(preflight, check, enough ? MUX_FIT_OK : MUX_FIT_WARNING,
		      "no server may have a queue of more than %lld connections",
		      (long long)largest + 1);
	fit_see(preflight, fit, "/proc/sys/net/core/somaxconn", "%lld", (long long)largest);
	fit_want(preflight, fit, "%u: listen(2) cuts a larger backlog without a word",
		 concurrency < 2 ? 1 : concurrency - 1);
	if (enough)
		return;
	fit_expect(preflight, fit,
		   "%lld of %u connections at once find no room, whatever the server asks for",
		   (long long)concurrency - largest - 1, concurrency);
	fit_mend(preflight, fit, "Raise it, and start the server again",
		 arena_printf(preflight->arena, "sysctl -w net.core.somaxconn=%u",
			      concurrency < 4096 ? 4096 : concurrency),
		 NULL);
}

const struct preflight_check preflight_somaxconn = {
	.id = "somaxconn", .subject = "queues", .run = run_somaxconn};

/* Lists everywhere say to raise these; on loopback the handshake ends inside connect(), and none of
 * 1000 connections at once was ever seen in SYN_RECV. */
static void run_syn_queue(struct preflight *preflight, const struct preflight_check *check)
{
	int64_t backlog = preflight_sysctl(preflight, "net/ipv4/tcp_max_syn_backlog");
	int64_t cookies = preflight_sysctl(preflight, "net/ipv4/tcp_syncookies");
	struct fit *fit;

	if (backlog < 0)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO,
		      "half-open connections: at most %lld, with SYN cookies %s",
		      (long long)backlog, cookies == 0 ? "off" : "on");
	fit_see(preflight, fit, "/proc/sys/net/ipv4",
		"tcp_max_syn_backlog %lld, tcp_syncookies %lld", (long long)backlog,
		(long long)cookies);
	fit_want(preflight, fit,
		 "nothing: over loopback a handshake ends inside connect(), so that this queue "
		 "stays empty");
}

const struct preflight_check preflight_syn_queue = {
	.id = "syn-queue", .subject = "queues", .run = run_syn_queue};
