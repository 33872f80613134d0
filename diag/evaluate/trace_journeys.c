/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which of the passes are our packets' way out and way in, and how each of them fared. */
#include "netfilter/kernel.h"

#include "evaluate/trace_pass.h"

#include <string.h>

#include "base/addr.h"
#include "base/sentinel.h"

enum { OUTGOING_HOOKS = NF_HOOK_INGRESS }; /* the hooks before it */

static struct pass *passes_of(const struct reading *reading)
{
	return reading->passes.items;
}

/* The first way out of that packet of ours. */
static struct pass *find_outgoing(const struct reading *reading, enum ev_packet packet)
{
	size_t i;

	for (i = 0; i < reading->passes.n; i++) {
		struct pass *pass = &passes_of(reading)[i];

		if (!pass->incoming && pass->selected && pass->packet == packet)
			return pass;
	}
	return NULL;
}

static bool same_header(const struct mux_trace_packet *a, const struct mux_trace_packet *b)
{
	return a->source_port == b->source_port && a->destination_port == b->destination_port &&
	       addr_equal(&a->source, &b->source) && addr_equal(&a->destination, &b->destination);
}

/* Did another packet go out that looks like this one? */
static bool is_foreign(const struct reading *reading, const struct pass *pass,
		       const struct pass *ours)
{
	size_t i;

	for (i = 0; i < reading->passes.n; i++) {
		const struct pass *other = &passes_of(reading)[i];

		if (other != ours && !other->incoming && !other->selected &&
		    same_header(&other->last_header, &pass->header))
			return true;
	}
	return false;
}

/* The way in of a packet that went out: the one with the header it left with; else, because what
 * comes behind our last chain may translate it as well, one of its kind that nobody else has sent.
 */
static struct pass *find_incoming(const struct reading *reading, const struct pass *outgoing)
{
	struct pass *candidate = NULL;
	size_t i;

	for (i = 0; i < reading->passes.n; i++) {
		struct pass *pass = &passes_of(reading)[i];

		if (!pass->incoming || pass->taken || pass < outgoing ||
		    pass->header.protocol != outgoing->header.protocol ||
		    pass->header.tcp_flags != outgoing->header.tcp_flags)
			continue;
		if (same_header(&pass->header, &outgoing->last_header))
			return pass;
		if (candidate == NULL && pass->packet == outgoing->packet &&
		    !is_foreign(reading, pass, outgoing))
			candidate = pass;
	}
	return candidate;
}

static const struct sentinels *sentinels_of(enum nf_hook hook)
{
	size_t i;

	for (i = 0; i < SENTINEL_HOOKS; i++)
		if (strcmp(sentinel_hooks[i].hook, nf_hook_name((uint8_t)hook)) == 0)
			return &sentinel_hooks[i];
	return NULL;
}

static void fill_end(struct reading *reading, const struct stop *stop, enum nf_hook hook,
		     struct ev_side *side)
{
	side->fate = reading_is_queue(stop->end) ? MUX_FATE_QUEUED : MUX_FATE_DROPPED;
	side->decision = reading_place(reading, stop->end, hook);
}

static void fill_vanished(const struct stop *stop, enum nf_hook hook, struct ev_side *side)
{
	const struct sentinels *sentinels = sentinels_of(hook);

	side->fate = MUX_FATE_VANISHED;
	side->after = stop->after;
	side->before = sentinels == NULL ? INT32_MAX : sentinel_next(sentinels, stop->after);
	if (!stop->seen)
		side->before = INT32_MIN;
}

/* Was it seen on a later hook of the way, or on the way in? */
static bool goes_on(const struct pass *pass, const struct pass *incoming, size_t hook)
{
	size_t i, end = pass->incoming ? NF_N_HOOKS : OUTGOING_HOOKS;

	for (i = hook + 1; i < end; i++)
		if (pass->stops[i].seen)
			return true;
	return incoming != NULL;
}

/* Fills one way. Returns whether the packet comes to its end. */
static bool fill_way(struct reading *reading, const struct pass *pass, const struct pass *incoming,
		     struct ev_journey *journey)
{
	size_t hook = pass->incoming ? OUTGOING_HOOKS : 0;
	size_t end = pass->incoming ? NF_N_HOOKS : OUTGOING_HOOKS;

	for (; hook < end; hook++) {
		const struct stop *stop = &pass->stops[hook];
		struct ev_side *side = &journey->hooks[hook];

		side->steps = stop->steps;
		if (stop->end != NULL) {
			fill_end(reading, stop, (enum nf_hook)hook, side);
			return false;
		}
		if (!stop->left && !goes_on(pass, incoming, hook)) {
			fill_vanished(stop, (enum nf_hook)hook, side);
			return false;
		}
		side->fate = MUX_FATE_ACCEPTED;
	}
	return true;
}

/* What a later packet of the conversation proves: this one arrived, traced to its end or not. */
static void correct(struct ev_conversation *conversation, enum ev_packet packet, bool went_on)
{
	struct ev_journey *journey = &conversation->journeys[packet];
	size_t hook;

	for (hook = 0; went_on && hook < NF_N_HOOKS; hook++)
		if (journey->hooks[hook].fate == MUX_FATE_VANISHED ||
		    journey->hooks[hook].fate == MUX_FATE_NONE)
			journey->hooks[hook].fate = MUX_FATE_ACCEPTED;
}

void reading_follow(struct reading *reading, struct ev_conversation *ret)
{
	const struct mux_probe *probe = &reading->trace->probe;
	enum ev_packet packet;

	for (packet = 0; packet < EV_N_PACKETS; packet++) {
		struct pass *outgoing = find_outgoing(reading, packet), *incoming;
		struct ev_journey *journey = &ret->journeys[packet];

		if (outgoing == NULL)
			continue;
		journey->seen = true;
		journey->protocol = outgoing->header.protocol;
		incoming = find_incoming(reading, outgoing);
		if (incoming != NULL)
			incoming->taken = true;
		if (fill_way(reading, outgoing, incoming, journey) && incoming != NULL)
			fill_way(reading, incoming, NULL, journey);
	}
	correct(ret, EV_REQUEST, ret->journeys[EV_ANSWER].seen || probe->connected);
	correct(ret, EV_ANSWER, ret->journeys[EV_ANSWER].seen && probe->connected);
}
