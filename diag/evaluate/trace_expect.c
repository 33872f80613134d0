/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation as the rules say: nf_talk() is had with somebody watching, who files each rule
 * under the packet that runs and the hook.
 */
#include "netfilter/kernel.h"

#include "evaluate/trace.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "base/slice.h"
#include "base/str.h"
#include "evaluate/listen.h"
#include "netfilter/machine.h"
#include "netfilter/printer.h"

enum { TCP_SYN = 0x02, TCP_PSH = 0x08 };

struct watch {
	struct arena *arena;
	struct ev_conversation *conversation;
};

/* --- the question ------------------------------------------------------------------------ */

/* What answered tells who listens where the facts do not. */
static enum mux_answer heard(const struct ev_conversation *real)
{
	if (real == NULL)
		return MUX_UNKNOWN;
	if (real->journeys[EV_ANSWER].seen)
		return MUX_YES;
	return real->journeys[EV_REFUSAL].seen ? MUX_NO : MUX_UNKNOWN;
}

static void ask_listener(const struct ev_context *context, const struct mux_trace *trace,
			 const struct ev_conversation *real, struct nf_talk_question *ret)
{
	struct ev_listen listen;

	ret->listens = heard(real);
	if (trace->probe.protocol == MUX_ICMP)
		ret->listens = MUX_YES;
	if (trace->probe.protocol != MUX_TCP)
		return;
	ev_listen_run(context, &trace->probe.address, &listen);
	/* A full queue drops the SYN, or not, by the time it comes. */
	if (listen.accepts != MUX_UNKNOWN && !listen.queue_full)
		ret->listens = listen.accepts;
	ret->has_server_uid = listen.listener != NULL;
	if (listen.listener != NULL)
		ret->server_uid = listen.listener->uid;
}

void ev_trace_question(const struct ev_context *context, const struct mux_trace *trace,
		       const struct ev_conversation *real, struct nf_talk_question *ret)
{
	const struct mux_probe *probe = &trace->probe;
	const bool v4 = probe->address.family == AF_INET;
	struct nf_packet *request = &ret->request;

	memset(ret, 0, sizeof(*ret));
	request->destination = probe->address;
	request->source =
		trace->local.family == probe->address.family ? trace->local : probe->address;
	request->protocol = (uint8_t)probe->protocol;
	request->source_port = probe->local_port;
	request->destination_port = probe->port;
	request->tcp_flags = TCP_SYN;
	request->link = context->loopback != NULL ? context->loopback->index : 1;
	request->link_name = context->loopback != NULL ? context->loopback->name : slice_of("lo");
	request->has_socket = true;
	request->uid = context->snapshot->machine.uid;
	request->has_gid = true;
	request->gid = trace->gid;
	if (probe->protocol == MUX_ICMP) {
		request->protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		request->icmp_type = v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
	}
	ask_listener(context, trace, real, ret);
}

/* --- watching ---------------------------------------------------------------------------- */

/* Which way it goes shows in the direction, whatever was translated. */
static enum ev_packet packet_of(const struct nf_live *live)
{
	static const struct mux_probe probe = {.port = 1, .local_port = 2};
	const bool reply = live->value.ct_direction == IP_CT_DIR_REPLY;
	const uint8_t *transport = live->value.transport;
	const struct mux_trace_packet packet = {
		.protocol = live->protocol,
		.source_port = reply ? probe.port : probe.local_port,
		.destination_port = reply ? probe.local_port : probe.port,
		.tcp_flags = transport[13],
		.has_data = (transport[13] & TCP_PSH) != 0,
		.icmp_type = transport[0],
	};

	return ev_packet_of(&packet, &probe);
}

static const char *verdict_text(const struct nf_machine *machine, enum mux_answer matches)
{
	struct nf_printer printer = {.arena = machine->arena};

	if (machine->verdict.code == NF_CODE_REJECT)
		return "reject";
	if (machine->verdict.code == NF_CODE_UNKNOWN || matches == MUX_UNKNOWN)
		return "unknown";
	str_init(&printer.text, machine->arena);
	if (machine->place.backend == NF_LEGACY &&
	    (machine->verdict.code == NF_CODE_JUMP || machine->verdict.code == NF_CODE_GOTO))
		return machine->verdict.code == NF_CODE_JUMP ? "jump" : "goto";
	nf_print_verdict(&printer, &machine->verdict);
	return str_done(&printer.text);
}

static void see(void *context, const struct nf_machine *machine, enum mux_answer matches)
{
	struct watch *watch = context;
	const struct nf_place *place = &machine->place;
	enum ev_packet packet = packet_of(&machine->live);
	struct ev_step *step;

	if (matches == MUX_NO || packet == EV_NO_PACKET ||
	    ev_is_trace_table(place->family, place->table))
		return;
	step = arena_list_add(watch->arena,
			      &watch->conversation->journeys[packet].hooks[place->hook].steps);
	if (step == NULL)
		return;
	step->where = (struct nf_decision){
		.backend = place->backend,
		.family = place->family,
		.table = place->table,
		.chain = place->chain,
		.hook = (uint8_t)place->hook,
		.priority = place->priority,
		.by_policy = place->rule == NULL,
		.position = place->position,
	};
	nf_place_describe(machine, place, &step->where);
	step->certain = matches == MUX_YES;
	step->verdict = verdict_text(machine, matches);
}

/* --- what is said of each packet --------------------------------------------------------- */

static enum mux_fate fate_of(enum nf_verdict_kind kind)
{
	static const enum mux_fate fates[NF_N_KINDS] = {
		[NF_KIND_ACCEPT] = MUX_FATE_ACCEPTED, [NF_KIND_DROP] = MUX_FATE_DROPPED,
		[NF_KIND_REJECT] = MUX_FATE_REJECTED, [NF_KIND_QUEUE] = MUX_FATE_QUEUED,
		[NF_KIND_UNKNOWN] = MUX_FATE_UNKNOWN,
	};

	return fates[kind];
}

/* A packet that is accepted on every hook before the one of the decision. */
static void travel(struct ev_journey *journey, const struct nf_decision *decision)
{
	size_t end = decision->kind == NF_KIND_ACCEPT ? NF_N_HOOKS : decision->hook, i;

	journey->seen = true;
	for (i = 0; i < end; i++)
		journey->hooks[i].fate = MUX_FATE_ACCEPTED;
	if (end == NF_N_HOOKS)
		return;
	journey->hooks[end].fate = fate_of(decision->kind);
	journey->hooks[end].decision = *decision;
	journey->hooks[end].reason = decision->reason;
	/* What comes behind a doubt is not known either. */
	for (i = end + 1; decision->kind == NF_KIND_UNKNOWN && i < NF_N_HOOKS; i++)
		journey->hooks[i] = (struct ev_side){
			.fate = MUX_FATE_UNKNOWN,
			.reason = decision->reason,
			.steps = journey->hooks[i].steps,
		};
}

/* nf_talk() looks at the answer to a reject where it matters to the client: not when its own send
 * has failed already, and not when it is the server that is told. */
static void reject(struct ev_conversation *conversation)
{
	const struct nf_talk_answer *answer = &conversation->answer;
	struct ev_journey *refusal = &conversation->journeys[EV_REFUSAL];
	size_t i;

	if (answer->packet != NF_TALK_ANSWER &&
	    (answer->result != NF_TALK_ERROR || answer->error != EPERM)) {
		travel(refusal, &answer->afterwards);
		return;
	}
	for (i = 0; i < NF_N_HOOKS; i++) {
		refusal->hooks[i].fate = MUX_FATE_UNKNOWN;
		refusal->hooks[i].reason = "not evaluated: nothing depends on it";
	}
}

/* Which packets come before the one that is decided about, and how do they fare? */
static void conclude(struct ev_conversation *conversation)
{
	static const struct nf_decision accepted = {.kind = NF_KIND_ACCEPT};
	const struct nf_talk_answer *answer = &conversation->answer;
	struct ev_journey *journeys = conversation->journeys;

	switch (answer->packet) {
	case NF_TALK_REQUEST:
		travel(&journeys[EV_REQUEST], &answer->decision);
		break;
	case NF_TALK_ANSWER:
		travel(&journeys[EV_REQUEST], &accepted);
		travel(&journeys[EV_ANSWER], &answer->decision);
		break;
	case NF_TALK_REFUSAL:
		travel(&journeys[EV_REQUEST], &accepted);
		travel(&journeys[EV_REFUSAL], &answer->decision);
		return;
	case NF_TALK_ACK:
		travel(&journeys[EV_REQUEST], &accepted);
		travel(&journeys[EV_ANSWER], &accepted);
		travel(&journeys[EV_ACK], &answer->decision);
		break;
	default:
		travel(&journeys[EV_REQUEST], &accepted);
		travel(&journeys[EV_ANSWER], &accepted);
		travel(&journeys[EV_ACK], &accepted);
		break;
	}
	if (answer->decision.kind == NF_KIND_REJECT)
		reject(conversation);
}

int ev_trace_expect(const struct ev_context *context, const struct nf_talk_question *question,
		    struct ev_conversation *ret)
{
	struct watch watch = {.arena = context->arena, .conversation = ret};
	const struct nf_observer observer = {.seen = see, .context = &watch};
	struct nf_memory memory = {.arena = context->arena};
	struct nf_ruleset ruleset = context->ruleset;
	int error;

	ruleset.observer = &observer;
	ruleset.memory = &memory;
	ev_conversation_init(ret);
	error = nf_talk(&ruleset, question, context->arena, &ret->answer);
	if (error == 0)
		conclude(ret);
	return error != 0 || !arena_failed(context->arena) ? error : -ENOMEM;
}
