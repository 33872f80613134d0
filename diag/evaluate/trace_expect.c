/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The conversation as the rules say: nf_talk() is had with somebody watching, who files each rule
 * under the packet that runs and the hook.
 */
#include "netfilter/kernel.h"

#include "evaluate/trace.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"
#include "evaluate/listen.h"
#include "evaluate/paths.h"
#include "netfilter/machine.h"
#include "netfilter/printer.h"

struct watch {
	struct arena *arena;
	struct ev_conversation *conversation;
	enum nf_talk_packet packet; /* on its way */
};

/* --- the question ------------------------------------------------------------------------ */

/* What answered tells who listens where the facts do not. */
static enum mux_answer heard(const struct ev_conversation *real)
{
	if (real->journeys[EV_ANSWER].seen)
		return MUX_YES;
	return real->journeys[EV_REFUSAL].seen ? MUX_NO : MUX_UNKNOWN;
}

/* What the server is looked for with. */
struct search {
	struct ev_context context;
	struct mux_snapshot snapshot;
	struct mux_address address;
};

static void find_listener(const struct search *search, uint16_t port, struct ev_listen *ret)
{
	const struct mux_target target = {.port = port};
	struct ev_context context = search->context;

	context.snapshot = &search->snapshot;
	context.target = &target;
	context.port_known = true;
	ev_listen_run(&context, &search->address, ret);
}

/* For nf_talk(): of a port that rules sent the request to. */
static enum mux_answer listens_on(const void *context, uint16_t port)
{
	struct ev_listen listen;

	find_listener(context, port, &listen);
	return listen.queue_full ? MUX_UNKNOWN : listen.accepts;
}

static void ask_listener(const struct ev_context *context, const struct mux_probe *probe,
			 struct nf_talk_question *ret)
{
	struct search *search = arena_alloc(context->arena, sizeof(*search));
	struct ev_listen listen;

	if (search == NULL)
		return;
	search->context = *context;
	search->snapshot = *context->snapshot;
	search->address = probe->address;
	if (probe->protocol == MUX_UDP)
		search->snapshot.listeners = search->snapshot.udp;
	ret->listens_on = listens_on;
	ret->context = search;
	find_listener(search, probe->port, &listen);
	/* A full queue drops the SYN, or not, by the time it comes. */
	if (listen.accepts != MUX_UNKNOWN && !listen.queue_full)
		ret->listens = listen.accepts;
	ret->has_server_uid = listen.listener != NULL;
	if (listen.listener != NULL)
		ret->server_uid = listen.listener->uid;
}

struct mux_path_question ev_trace_path(const struct mux_probe *probe)
{
	return (struct mux_path_question){.destination = probe->address,
					  .protocol = (uint8_t)probe->protocol,
					  .source_port = probe->local_port,
					  .destination_port = probe->port,
					  .has_payload = true};
}

void ev_trace_question(const struct ev_context *context, const struct mux_trace *trace,
		       const struct ev_conversation *real, struct nf_talk_question *ret)
{
	const struct mux_probe *probe = &trace->probe;
	const struct mux_path_question path = ev_trace_path(probe);

	memset(ret, 0, sizeof(*ret));
	paths_request(context->snapshot, &path, &ret->request);
	if (trace->local.family == probe->address.family)
		ret->request.source = trace->local;
	ret->listens = heard(real);
	if (probe->protocol == MUX_ICMP)
		ret->listens = MUX_YES;
	else
		ask_listener(context, probe, ret);
}

/* --- watching ---------------------------------------------------------------------------- */

static enum ev_packet packet_of(enum nf_talk_packet packet)
{
	static const enum ev_packet packets[] = {
		[NF_TALK_REQUEST] = EV_REQUEST, [NF_TALK_ANSWER] = EV_ANSWER,
		[NF_TALK_ACK] = EV_ACK,		[NF_TALK_DATA] = EV_NO_PACKET,
		[NF_TALK_REPLY] = EV_NO_PACKET, [NF_TALK_REFUSAL] = EV_REFUSAL,
		[NF_TALK_REJECT] = EV_REFUSAL,
	};

	return packets[packet];
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
	enum ev_packet packet = packet_of(watch->packet);
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

/* nf_talk() looks at the answer to a reject only where it matters to the client. */
static void reject(struct ev_conversation *conversation, bool is_looked_at)
{
	struct ev_journey *refusal = &conversation->journeys[EV_REFUSAL];
	size_t i;

	if (is_looked_at) {
		travel(refusal, &conversation->answer.afterwards);
		return;
	}
	for (i = 0; i < NF_N_HOOKS; i++) {
		refusal->hooks[i].fate = MUX_FATE_UNKNOWN;
		refusal->hooks[i].reason = "not evaluated: nothing depends on it";
	}
}

/* Which packets come before the one that is decided about, and how do they fare? `last` is the one
 * that was looked at last. */
static void conclude(struct ev_conversation *conversation, enum nf_talk_packet last)
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
		reject(conversation, last == NF_TALK_REJECT);
}

int ev_trace_expect(const struct ev_context *context, const struct nf_talk_question *question,
		    struct ev_conversation *ret)
{
	struct watch watch = {.arena = context->arena, .conversation = ret};
	const struct nf_observer observer = {.seen = see, .context = &watch};
	struct nf_memory memory = {.arena = context->arena};
	struct nf_ruleset ruleset = context->ruleset;
	struct nf_talk_question watched = *question;
	int error;

	ruleset.observer = &observer;
	ruleset.memory = &memory;
	watched.on_its_way = &watch.packet;
	ev_conversation_init(ret);
	error = nf_talk(&ruleset, &watched, context->arena, &ret->answer);
	if (error == 0)
		conclude(ret, watch.packet);
	return error != 0 || !arena_failed(context->arena) ? error : -ENOMEM;
}
