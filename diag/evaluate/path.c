/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On lo a packet leaves (OUTPUT, POSTROUTING, egress) and enters again (ingress, PREROUTING, INPUT)
 * with its mark and conntrack kept, so one packet in flight is carried through both sides. Each
 * side is judged whatever the other said: fixing one must not bring up the other as news.
 */
#include "netfilter/kernel.h"

#include "evaluate/path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/listen.h"
#include "evaluate/packet_sysctls.h"
#include "evaluate/route.h"
#include "netfilter/live.h"
#include "netfilter/ruleset.h"

enum { TCP_SYN = 0x02, TCP_SYN_ACK = 0x12 };

/* What the rules do to the two packets on one side. */
struct side {
	enum nf_hook first; /* of three */
	struct nf_decision syn, reply;
};

struct walk {
	const struct ev_context *context;
	struct ev_candidate *candidate;
	struct side output, input;
};

static bool is_death(const struct nf_decision *decision)
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
	for (hook = (int)first; hook < (int)first + 3 && !is_death(ret); hook++) {
		error = nf_run_hook_on(&walk->context->ruleset, live, (enum nf_hook)hook,
				       walk->context->arena, &decision);
		if (error != 0)
			return error;
		if (is_death(&decision) ||
		    (ret->kind == NF_KIND_ACCEPT && decision.kind != NF_KIND_ACCEPT))
			*ret = decision;
	}
	return 0;
}

/* --- the packets ------------------------------------------------------------------------- */

static void set_link(const struct ev_context *context, struct nf_packet *packet)
{
	packet->link = context->loopback != NULL ? context->loopback->index : 1;
	packet->link_name = context->loopback != NULL ? context->loopback->name : slice_of("lo");
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
	if (listener == NULL)
		ret->known.uid = 0;
}

/* Rules that send the SYN on to another address or port (redirect, DNAT) choose another listener.
 */
static void follow(struct walk *walk, const struct nf_live *sent, const struct nf_live *left)
{
	const struct ev_context *context = walk->context;
	struct ev_candidate *candidate = walk->candidate;
	const struct layout at = layout_of(left);
	struct mux_address address = ev_wire_address(&candidate->address);
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
	if (new_port == context->target->port &&
	    memcmp(address.bytes, left->value.network + at.destination, at.len) == 0)
		return;
	memcpy(address.bytes, left->value.network + at.destination, at.len);
	address.scope_id = 0;
	candidate->listen = (struct ev_listen){.accepts = MUX_UNKNOWN};
	if (new_port == context->target->port)
		ev_listen_run(context, &address, &candidate->listen);
	else
		candidate->listen.text = arena_printf(
			context->arena, "rules send it on to %s, which was not looked at",
			ev_endpoint(context->arena, &address, new_port));
	candidate->listen.redirected = true;
}

static int run_packets(struct walk *walk)
{
	struct nf_live sent, live, reply;
	int error;

	build_syn(walk, &sent);
	live = sent;
	error = run_side(walk, &live, walk->output.first, &walk->output.syn);
	if (error != 0 || walk->candidate->route.state == EV_ROUTE_ELSEWHERE)
		return error;
	follow(walk, &sent, &live);
	build_reply(walk, &reply);
	blur(&sent, &live, &reply);
	error = run_side(walk, &live, walk->input.first, &walk->input.syn);
	if (error == 0)
		error = run_side(walk, &reply, walk->output.first, &walk->output.reply);
	if (error == 0)
		error = run_side(walk, &reply, walk->input.first, &walk->input.reply);
	return error;
}

/* --- what it means ----------------------------------------------------------------------- */

/* "ip6 filter OUTPUT (policy drop)" or "rule 3 of ip6 filter OUTPUT: tcp dport 8000 drop". */
static void add_place(struct str *text, const struct nf_decision *decision)
{
	const char *place = nf_decision_place(decision, text->arena);

	if (place == NULL)
		return;
	if (decision->by_policy)
		str_addf(text, "%s (policy drop%s)", place,
			 decision->backend == NF_LEGACY ? ", legacy xtables" : "");
	else if (decision->position != 0)
		str_addf(text, "rule %zu of %s%s", decision->position, place,
			 decision->backend == NF_LEGACY ? " (legacy xtables)" : "");
	else
		str_add(text, place);
	if (!decision->by_policy && decision->rule != NULL)
		str_addf(text, ": %s", decision->rule);
	if (decision->unless != NULL)
		str_addf(text, ", or by %s", decision->unless);
}

static const char *verb_of(enum nf_verdict_kind kind)
{
	return kind == NF_KIND_DROP ? "dropped by " : kind == NF_KIND_REJECT ? "rejected by " : "";
}

static const char *decision_text(struct arena *arena, const struct nf_decision *decision,
				 bool reply)
{
	struct str text;

	str_init(&text, arena);
	if (reply)
		str_add(&text, "the reply (SYN/ACK) is ");
	if (is_death(decision)) {
		str_add(&text, verb_of(decision->kind));
		add_place(&text, decision);
	} else if (decision->kind == NF_KIND_QUEUE) {
		str_add(&text, "handed to a program in user space by ");
		add_place(&text, decision);
	} else {
		str_add(&text, "undecided: ");
		if (decision->table.len != 0 && decision->chain.len != 0) {
			add_place(&text, decision);
			str_add(&text, ": ");
		}
		str_add(&text, decision->reason != NULL ? decision->reason : "not evaluated");
	}
	return str_done(&text);
}

/* The graver of the two packets' fates; of equals that of the SYN. */
static void judge(const struct ev_context *context, const struct side *side, struct ev_path *ret)
{
	bool reply = !is_death(&side->syn) &&
		     (is_death(&side->reply) || side->syn.kind == NF_KIND_ACCEPT);
	const struct nf_decision *decision = reply ? &side->reply : &side->syn;

	*ret = (struct ev_path){.passes = MUX_YES, .text = "no rule drops it"};
	if (decision->kind == NF_KIND_ACCEPT)
		return;
	ret->passes = is_death(decision) ? MUX_NO : MUX_UNKNOWN;
	ret->decision = *decision;
	ret->decided = true;
	ret->of_reply = reply;
	ret->text = decision_text(context->arena, decision, reply);
}

int ev_path_run(const struct ev_context *context, struct ev_candidate *candidate)
{
	struct walk walk = {
		.context = context,
		.candidate = candidate,
		.output = {.first = NF_HOOK_OUTPUT},
		.input = {.first = NF_HOOK_INGRESS},
	};
	int error = run_packets(&walk);

	if (error != 0)
		return error;
	judge(context, &walk.output, &candidate->output);
	judge(context, &walk.input, &candidate->input);
	if (candidate->route.state == EV_ROUTE_ELSEWHERE)
		candidate->input = (struct ev_path){
			.passes = MUX_UNKNOWN,
			.text = "another machine decides about it",
		};
	return 0;
}

/* --- can it be read at all? -------------------------------------------------------------- */

static bool is_readable(const struct mux_source *source)
{
	return (source->presence == MUX_PRESENT || source->presence == MUX_ABSENT) &&
	       !source->truncated;
}

bool ev_path_readable(const struct mux_snapshot *snapshot)
{
	const struct mux_nftables *nftables = &snapshot->nftables;
	const struct mux_xtables *xtables = &snapshot->xtables;
	size_t i;

	if (!is_readable(&nftables->source) || nftables->changing ||
	    !is_readable(&xtables->names4) || !is_readable(&xtables->names6))
		return false;
	for (i = 0; nftables->source.presence == MUX_PRESENT && i < nftables->n_rules; i++)
		if (!is_readable(&nftables->rules[i].source))
			return false;
	for (i = 0; i < xtables->n_tables; i++)
		if (!is_readable(&xtables->tables[i].source))
			return false;
	return true;
}
