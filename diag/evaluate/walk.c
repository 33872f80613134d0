/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/walk.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "evaluate/packet_sysctls.h"
#include "evaluate/route.h"
#include "netfilter/live.h"

enum { TCP_SYN = 0x02, TCP_SYN_ACK = 0x12 };

bool walk_is_death(const struct nf_decision *decision)
{
	return decision->kind == NF_KIND_DROP || decision->kind == NF_KIND_REJECT;
}

/* A death on a later hook is certain even where an earlier one is in doubt. */
static int run_side(const struct walk *walk, struct nf_live *live, enum nf_hook first,
		    struct nf_decision *ret)
{
	struct nf_decision decision;
	int hook, error;

	*ret = (struct nf_decision){.kind = NF_KIND_ACCEPT};
	for (hook = (int)first; hook < (int)first + 3 && !walk_is_death(ret); hook++) {
		error = nf_run_hook_on(&walk->context->ruleset, live, (enum nf_hook)hook,
				       walk->context->arena, &decision);
		if (error != 0)
			return error;
		if (decision.assumption == NULL)
			decision.assumption = ret->assumption;
		if (walk_is_death(&decision) ||
		    (ret->kind == NF_KIND_ACCEPT && decision.kind != NF_KIND_ACCEPT))
			*ret = decision;
		else
			ret->assumption = decision.assumption;
	}
	return 0;
}

/* --- the packets ------------------------------------------------------------------------- */

static void set_link(const struct ev_context *context, struct nf_packet *packet)
{
	packet->link = context->loopback != NULL ? context->loopback->index : 1;
	packet->link_name = context->loopback != NULL ? context->loopback->name : slice_of("lo");
}

static void hide_sender(const struct walk *walk, struct nf_live *live)
{
	if (walk->anonymous)
		live->known.uid = live->known.gid = 0;
}

/* As the user who asks would send it. */
static void build_syn(const struct walk *walk, struct nf_live *ret)
{
	const struct ev_candidate *candidate = walk->candidate;
	struct nf_packet packet = {
		.destination = ev_wire_address(&candidate->address),
		.protocol = IPPROTO_TCP,
		.source_port = candidate->tcp != NULL ? candidate->tcp->local_port : 0,
		.destination_port = walk->context->target->port,
		.tcp_flags = TCP_SYN,
		.has_socket = true,
		.uid = walk->context->snapshot->machine.uid,
		.has_gid = walk->context->snapshot->machine.has_gid,
		.gid = walk->context->snapshot->machine.gid,
	};

	packet.source = ev_route_source(&candidate->route, &packet.destination);
	set_link(walk->context, &packet);
	packet_set_sysctls(walk->context->snapshot, &packet);
	if (candidate->route.state == EV_ROUTE_ELSEWHERE) {
		const struct mux_link *link = ev_route_link(&walk->context->snapshot->routing,
							    candidate->route.answer->link);

		packet.link = candidate->route.answer->link;
		packet.link_name = link != NULL ? link->name : (struct mux_slice){0};
	}
	nf_live_init(ret, &packet);
	hide_sender(walk, ret);
}

/* Where addresses and ports stand in the headers. */
struct layout {
	size_t source, destination, len;
};

static struct layout layout_of(const struct nf_live *live)
{
	return live->family == NFPROTO_IPV4 ? (struct layout){12, 16, 4}
					    : (struct layout){8, 24, 16};
}

enum { SOURCE_PORT = 0, DESTINATION_PORT = 2, PORT_LEN = 2 };

/* Are the bytes still known to be what they were? What was not known is not asked for. */
static bool is_kept(const uint8_t *known_before, const uint8_t *before, const uint8_t *known,
		    const uint8_t *value, size_t len)
{
	return known_before[0] == 0 ||
	       (memcmp(known, known_before, len) == 0 && memcmp(value, before, len) == 0);
}

/*
 * Takes from the reply what address translation of the SYN may have changed. The kernel undoes it
 * half-way along the reply's own path (nf_nat_inet_fn()), so these bytes are simply not known.
 */
static void blur(const struct nf_live *sent, const struct nf_live *left, struct nf_live *reply)
{
	const struct layout at = layout_of(sent);
	const uint8_t *const before = sent->value.network, *const after = left->value.network;
	const uint8_t *const known = sent->known.network, *const known_after = left->known.network;

	if (!is_kept(known + at.source, before + at.source, known_after + at.source,
		     after + at.source, at.len))
		memset(reply->known.network + at.destination, 0, at.len);
	if (!is_kept(known + at.destination, before + at.destination, known_after + at.destination,
		     after + at.destination, at.len))
		memset(reply->known.network + at.source, 0, at.len);
	if (!is_kept(sent->known.transport, sent->value.transport, left->known.transport,
		     left->value.transport, PORT_LEN))
		memset(reply->known.transport + DESTINATION_PORT, 0, PORT_LEN);
	if (!is_kept(sent->known.transport + DESTINATION_PORT,
		     sent->value.transport + DESTINATION_PORT,
		     left->known.transport + DESTINATION_PORT,
		     left->value.transport + DESTINATION_PORT, PORT_LEN))
		memset(reply->known.transport + SOURCE_PORT, 0, PORT_LEN);
}

/* As the server would answer; its user is known only where its socket is. */
static void build_reply(const struct walk *walk, struct nf_live *ret)
{
	const struct ev_candidate *candidate = walk->candidate;
	const struct mux_listener *listener = candidate->listen.listener;
	struct nf_packet packet = {
		.source = ev_wire_address(&candidate->address),
		.protocol = IPPROTO_TCP,
		.source_port = walk->context->target->port,
		.destination_port = candidate->tcp != NULL ? candidate->tcp->local_port : 0,
		.tcp_flags = TCP_SYN_ACK,
		.has_socket = true,
		.uid = listener != NULL ? listener->uid : 0,
		.reply = true,
	};

	packet.destination = ev_route_source(&candidate->route, &packet.source);
	set_link(walk->context, &packet);
	packet_set_sysctls(walk->context->snapshot, &packet);
	nf_live_init(ret, &packet);
	hide_sender(walk, ret);
	if (listener == NULL)
		ret->known.uid = 0;
}

bool walk_is_for(const struct nf_live *live, const struct mux_address *address, uint16_t port)
{
	const struct layout at = layout_of(live);
	const uint8_t port_be[PORT_LEN] = {(uint8_t)(port >> 8), (uint8_t)port};
	static const uint8_t all[16] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
					0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	return memcmp(live->known.network + at.destination, all, at.len) == 0 &&
	       memcmp(live->known.transport + DESTINATION_PORT, all, PORT_LEN) == 0 &&
	       memcmp(live->value.network + at.destination, address->bytes, at.len) == 0 &&
	       memcmp(live->value.transport + DESTINATION_PORT, port_be, PORT_LEN) == 0;
}

/* Notes where rules send the SYN on to, if that is known. */
static void follow(struct walk *walk, const struct nf_live *sent, const struct nf_live *left)
{
	const struct layout at = layout_of(left);
	struct mux_address address = ev_wire_address(&walk->candidate->address);
	const uint8_t *port = left->value.transport + DESTINATION_PORT;
	uint16_t new_port = (uint16_t)(port[0] << 8 | port[1]);
	size_t i;

	for (i = 0; i < at.len; i++)
		if (left->known.network[at.destination + i] != 0xff)
			return;
	if (sent->known.transport[DESTINATION_PORT] == 0 ||
	    left->known.transport[DESTINATION_PORT] != 0xff ||
	    left->known.transport[DESTINATION_PORT + 1] != 0xff)
		return;
	if (new_port == walk->context->target->port &&
	    memcmp(address.bytes, left->value.network + at.destination, at.len) == 0)
		return;
	memcpy(address.bytes, left->value.network + at.destination, at.len);
	address.scope_id = 0;
	walk->sent_on_to = address;
	walk->sent_on_to_port = new_port;
}

int walk_run(struct walk *walk)
{
	struct nf_live sent, live, reply;
	int error;

	build_syn(walk, &sent);
	live = sent;
	error = run_side(walk, &live, NF_HOOK_OUTPUT, &walk->output.syn);
	if (error != 0 || walk->candidate->route.state == EV_ROUTE_ELSEWHERE)
		return error;
	follow(walk, &sent, &live);
	build_reply(walk, &reply);
	blur(&sent, &live, &reply);
	error = run_side(walk, &live, NF_HOOK_INGRESS, &walk->input.syn);
	if (error == 0)
		error = run_side(walk, &reply, NF_HOOK_OUTPUT, &walk->output.reply);
	if (error == 0)
		error = run_side(walk, &reply, NF_HOOK_INGRESS, &walk->input.reply);
	return error;
}
