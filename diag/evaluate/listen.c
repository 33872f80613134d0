/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's choice among listening sockets (__inet_lookup_listener(), inet6_lookup_listener()):
 * a socket on the very address before one on the wildcard; among those one bound to the link before
 * one that is not, and an AF_INET socket before an AF_INET6 one that serves IPv4 too. Equals share
 * the port (SO_REUSEPORT), and the connection's hash chooses.
 */
#include "evaluate/listen.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"

enum { RANK_NONE = 0, RANK_FAMILY = 1, RANK_LINK = 2, RANK_ADDRESS = 4, RANK_SERVES = 8 };

struct search {
	const struct ev_context *context;
	struct mux_address wire;
	int rank;	       /* of the best socket so far */
	size_t n_best, n_full; /* sockets of that rank, and those of them with a full queue */
	const struct mux_listener *best, *full;
	/* Might serve IPv4, or might not: IPV6_V6ONLY was not seen. */
	const struct mux_listener *doubtful;
	struct ev_listen *ret;
};

/* Full when more than `backlog` wait (sk_acceptq_is_full()). */
static bool is_full(const struct mux_listener *listener)
{
	return listener->queued > listener->backlog;
}

/* The IPv4 address inside ::ffff:0:0/96. */
static struct mux_address unmapped(const struct mux_address *address)
{
	struct mux_address v4 = {.family = AF_INET};

	memcpy(v4.bytes, address->bytes + 12, 4);
	return v4;
}

/* Does the address that an AF_INET6 socket is bound to take IPv4 packets to `wire`? */
static enum mux_answer takes_ipv4(const struct mux_listener *listener,
				  const struct mux_address *wire)
{
	struct mux_address bound;

	if (addr_is_mapped(&listener->address)) {
		bound = unmapped(&listener->address);
		return addr_is_unspecified(&bound) || addr_equal(&bound, wire) ? MUX_YES : MUX_NO;
	}
	if (!addr_is_unspecified(&listener->address) || listener->v6only == MUX_YES)
		return MUX_NO;
	return listener->v6only == MUX_NO ? MUX_YES : MUX_UNKNOWN;
}

/* Does the address that the socket is bound to take packets to `wire`? */
static enum mux_answer takes(const struct mux_listener *listener, const struct mux_address *wire)
{
	struct mux_address bound = listener->address;

	if (listener->family == AF_INET6 && wire->family == AF_INET)
		return takes_ipv4(listener, wire);
	if (listener->family != wire->family)
		return MUX_NO;
	bound.scope_id = wire->scope_id;
	return addr_is_unspecified(&bound) || addr_equal(&bound, wire) ? MUX_YES : MUX_NO;
}

/* Packets of this machine to itself arrive on lo, whatever link has the address. */
static bool is_bound_elsewhere(const struct search *search, const struct mux_listener *listener)
{
	const struct mux_link *loopback = search->context->loopback;

	return listener->link != 0 && loopback != NULL && listener->link != loopback->index;
}

static int rank_of(const struct search *search, const struct mux_listener *listener)
{
	int rank = RANK_SERVES;

	if (takes(listener, &search->wire) != MUX_YES || is_bound_elsewhere(search, listener))
		return RANK_NONE;
	if (!addr_is_unspecified(&listener->address))
		rank |= RANK_ADDRESS;
	if (listener->link != 0)
		rank |= RANK_LINK;
	if (listener->family == search->wire.family)
		rank |= RANK_FAMILY;
	return rank;
}

static void consider(struct search *search, const struct mux_listener *listener)
{
	int rank = rank_of(search, listener);

	if (rank == RANK_NONE) {
		if (takes(listener, &search->wire) == MUX_UNKNOWN &&
		    !is_bound_elsewhere(search, listener))
			search->doubtful = listener;
		return;
	}
	if (rank < search->rank)
		return;
	if (rank > search->rank) {
		search->rank = rank;
		search->n_best = search->n_full = 0;
		search->best = listener;
	}
	search->n_best++;
	if (is_full(listener)) {
		search->n_full++;
		search->full = listener;
	}
}

/* How far a socket that does not serve is from serving; smaller is nearer. */
static int distance(const struct search *search, const struct mux_listener *listener)
{
	int distance = 0;

	if (listener->family != search->wire.family)
		distance += 4;
	if (!addr_is_unspecified(&listener->address) && !addr_is_loopback(&listener->address))
		distance += 2;
	if (listener->link != 0)
		distance += 1;
	return distance;
}

static const struct mux_listener *find_nearest(const struct search *search)
{
	const struct mux_snapshot *snapshot = search->context->snapshot;
	const struct mux_listener *nearest = NULL;
	size_t i;

	for (i = 0; i < snapshot->listeners.n_sockets; i++) {
		const struct mux_listener *listener = &snapshot->listeners.sockets[i];

		if (listener->port != search->context->target->port)
			continue;
		if (nearest == NULL || distance(search, listener) < distance(search, nearest))
			nearest = listener;
	}
	return nearest;
}

static const char *describe(const struct search *search, const struct mux_listener *listener)
{
	return ev_endpoint(search->context->arena, &listener->address, listener->port);
}

/* "nobody listens on [::1]:8000", and who does, though not there. */
static void conclude_nobody(const struct search *search)
{
	struct arena *arena = search->context->arena;
	struct ev_listen *ret = search->ret;
	const struct mux_listener *nearest = find_nearest(search);
	const char *here = ev_endpoint(arena, &search->wire, search->context->target->port);

	ret->accepts = MUX_NO;
	ret->nearest = nearest;
	if (nearest == NULL)
		ret->text = arena_printf(arena, "nobody listens on %s", here);
	else if (is_bound_elsewhere(search, nearest) && takes(nearest, &search->wire) == MUX_YES)
		ret->text = arena_printf(arena,
					 "nobody listens on %s: the socket on %s is bound to "
					 "another link than lo",
					 here, describe(search, nearest));
	else if (nearest->family == AF_INET6 && addr_is_unspecified(&nearest->address) &&
		 search->wire.family == AF_INET)
		ret->text = arena_printf(arena,
					 "nobody listens on %s: the socket on %s is for IPv6 only",
					 here, describe(search, nearest));
	else
		ret->text = arena_printf(arena, "nobody listens on %s, only on %s", here,
					 describe(search, nearest));
}

/* Reading failed where the sockets that could serve the address are listed. An absent list is one
 * of a kernel without that family. */
static const struct mux_source *find_unread(const struct search *search)
{
	const struct mux_listeners *listeners = &search->context->snapshot->listeners;
	const struct mux_source *sources[] = {&listeners->source6, &listeners->source4};
	size_t i, n = search->wire.family == AF_INET ? 2 : 1;

	for (i = 0; i < n; i++)
		if ((sources[i]->presence != MUX_PRESENT && sources[i]->presence != MUX_ABSENT) ||
		    sources[i]->truncated)
			return sources[i];
	return NULL;
}

static void conclude(const struct search *search)
{
	struct arena *arena = search->context->arena;
	struct ev_listen *ret = search->ret;

	if (search->best == NULL && find_unread(search) != NULL) {
		ret->text = "the listening sockets could not be read";
	} else if (search->best == NULL && search->doubtful != NULL) {
		ret->nearest = search->doubtful;
		ret->text = arena_printf(
			arena, "the socket on %s serves IPv4 too, unless it has IPV6_V6ONLY",
			describe(search, search->doubtful));
	} else if (search->best == NULL) {
		conclude_nobody(search);
	} else if (search->n_full == 0) {
		ret->accepts = MUX_YES;
		ret->listener = search->best;
		ret->text = arena_printf(arena, "a socket listens on %s",
					 describe(search, search->best));
	} else {
		ret->listener = search->full;
		ret->queue_full = true;
		ret->accepts = search->n_full == search->n_best ? MUX_NO : MUX_UNKNOWN;
		ret->text = arena_printf(
			arena,
			"the accept queue of the socket on %s is full (%u wait, backlog %u)%s",
			describe(search, search->full), (unsigned)search->full->queued,
			(unsigned)search->full->backlog,
			search->n_full == search->n_best ? "" : ", those of others on it are not");
	}
}

void ev_listen_run(const struct ev_context *context, const struct mux_address *address,
		   struct ev_listen *ret)
{
	const struct mux_listeners *listeners = &context->snapshot->listeners;
	struct search search = {
		.context = context,
		.wire = ev_wire_address(address),
		.ret = ret,
	};
	size_t i;

	memset(ret, 0, sizeof(*ret));
	ret->accepts = MUX_UNKNOWN;
	if (context->target->port == 0) {
		ret->text = "no port asked";
		return;
	}
	if (!context->port_known) {
		ret->text = "the listening sockets of another port were gathered";
		return;
	}
	for (i = 0; i < listeners->n_sockets; i++)
		if (listeners->sockets[i].port == context->target->port)
			consider(&search, &listeners->sockets[i]);
	conclude(&search);
}
