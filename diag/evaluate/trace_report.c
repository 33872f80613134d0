/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The two accounts of one conversation as a report: escaped texts, one sentence, a status. */
#include "netfilter/kernel.h"

#include "evaluate/trace.h"

#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/route.h"
#include "netfilter/legacy_entry.h"

struct draft {
	const struct ev_context *context;
	const struct mux_trace *trace;
	const struct ev_conversation *evaluated, *real;
	struct mux_trace_report *report;
	struct arena_list journeys; /* of struct mux_trace_journey */
	struct arena_list notes;    /* of const char * */
	/* The first packet that did not arrive, and where; -1 = all did. */
	int lost_packet, lost_hook;
	const char *difference; /* the first; NULL = none */
};

static struct arena *arena_of(const struct draft *draft)
{
	return draft->context->arena;
}

static bool is_sent(const struct draft *draft)
{
	return draft->real->journeys[EV_REQUEST].seen;
}

static void add_note(struct draft *draft, const char *text)
{
	const char **note = arena_list_add(arena_of(draft), &draft->notes);

	if (note != NULL)
		*note = text;
}

/* --- sides ------------------------------------------------------------------------------- */

static const struct mux_trace_step *copy_steps(const struct draft *draft,
					       const struct arena_list *list)
{
	struct arena *arena = arena_of(draft);
	struct mux_trace_step *steps = arena_array(arena, list->n, sizeof(*steps));
	const struct ev_step *from = list->items;
	bool certain = true;
	size_t i;

	for (i = 0; steps != NULL && i < list->n; i++) {
		/* Behind a rule that may or may not match nothing is certain. */
		certain = certain && from[i].certain;
		steps[i] = (struct mux_trace_step){
			.place = nf_decision_place(&from[i].where, arena),
			.handle = from[i].where.handle,
			.position = from[i].where.position,
			.rule = from[i].where.rule != NULL ? from[i].where.rule : "",
			.verdict = from[i].verdict,
			.certain = certain,
		};
	}
	return steps;
}

static void name_decider(const struct draft *draft, const struct nf_decision *decision,
			 struct mux_trace_side *ret)
{
	struct arena *arena = arena_of(draft);

	if (decision->table.len == 0)
		return;
	ret->family = nf_family_name(decision->family);
	ret->table = str_escape(arena, decision->table);
	ret->chain = str_escape(arena, decision->chain);
	ret->policy = decision->by_policy;
	ret->handle = decision->handle;
	ret->position = decision->position;
	ret->rule = decision->rule;
	ret->text = ev_decision_text(arena, decision);
	if (decision->unless != NULL)
		ret->text = arena_printf(arena, "%s, or %s", ret->text, decision->unless);
}

/* What else of the kernel stands there and may drop, by priority (nf_ip_hook_priorities). */
static const char *machinery_at(enum nf_hook hook, int32_t after, int32_t before)
{
	if (hook == NF_HOOK_EGRESS)
		return "tc, a queueing discipline or BPF, as it leaves through lo";
	if (after < NF_IP_PRI_CONNTRACK && before > NF_IP_PRI_CONNTRACK &&
	    (hook == NF_HOOK_OUTPUT || hook == NF_HOOK_PREROUTING))
		return "conntrack";
	return "something that reports nothing";
}

/* " (last seen at priority -1, not at 1)" */
static const char *bracket_of(struct arena *arena, const struct ev_side *side)
{
	if (side->after == INT32_MIN || side->before == INT32_MAX)
		return "";
	return arena_printf(arena, " (last seen at priority %d, not at %d)", (int)side->after,
			    (int)side->before);
}

/* Legacy rules report nothing: the table follows from the priorities, the rule in it from the
 * evaluation, if that agrees. */
static void name_vanished(const struct draft *draft, const struct ev_side *evaluated,
			  const struct ev_side *real, enum nf_hook hook, struct mux_trace_side *ret)
{
	struct arena *arena = arena_of(draft);
	struct nf_base suspect;
	size_t n = ev_trace_suspects(draft->context, draft->trace, real, hook, &suspect);
	const char *bracket = bracket_of(arena, real);
	struct nf_decision where = {.backend = NF_LEGACY};

	if (n != 1) {
		ret->text = arena_printf(arena, "%s%s",
					 machinery_at(hook, real->after, real->before), bracket);
		return;
	}
	where.family = suspect.legacy->family;
	where.table = suspect.legacy->name;
	where.chain = slice_of(nf_legacy_chain_name(nf_legacy_hook(hook)));
	if (evaluated->decision.backend == NF_LEGACY &&
	    evaluated->decision.priority > real->after &&
	    evaluated->decision.priority < real->before && evaluated->decision.table.len != 0)
		where = evaluated->decision;
	name_decider(draft, &where, ret);
	ret->text = arena_printf(arena, "%s%s", ret->text, bracket);
}

static void copy_side(const struct draft *draft, const struct ev_side *side,
		      struct mux_trace_side *ret)
{
	ret->fate = side->fate;
	ret->text = side->reason != NULL ? side->reason : "";
	ret->steps = copy_steps(draft, &side->steps);
	ret->n_steps = side->steps.n;
	if (side->fate == MUX_FATE_DROPPED || side->fate == MUX_FATE_REJECTED ||
	    side->fate == MUX_FATE_QUEUED)
		name_decider(draft, &side->decision, ret);
	if (side->fate == MUX_FATE_UNKNOWN && side->decision.table.len != 0) {
		name_decider(draft, &side->decision, ret);
		ret->text = arena_printf(arena_of(draft), "%s (%s)", side->reason, ret->text);
	}
}

/* --- journeys ---------------------------------------------------------------------------- */

static const char *description_of(const struct draft *draft, enum ev_packet packet)
{
	static const struct {
		enum mux_protocol protocol;
		const char *request, *answer;
	} names[] = {
		{MUX_TCP, "SYN", "SYN/ACK"},
		{MUX_UDP, "datagram", "datagram"},
		{MUX_ICMP, "echo request", "echo reply"},
	};
	uint8_t protocol = draft->real->journeys[packet].protocol;
	size_t i = 0;

	if (packet == EV_ACK)
		return "ACK";
	if (packet == EV_REFUSAL && protocol == 0)
		return draft->trace->probe.protocol == MUX_TCP ? "RST or ICMP error" : "ICMP error";
	if (packet == EV_REFUSAL)
		return protocol == IPPROTO_TCP ? "RST" : "ICMP error";
	while (i + 1 < sizeof(names) / sizeof(names[0]) &&
	       names[i].protocol != draft->trace->probe.protocol)
		i++;
	return packet == EV_REQUEST ? names[i].request : names[i].answer;
}

static void add_hook(struct draft *draft, enum ev_packet packet, size_t hook,
		     struct mux_trace_hook *ret)
{
	const struct ev_journey *evaluated = &draft->evaluated->journeys[packet];
	const struct ev_journey *real = &draft->real->journeys[packet];
	const struct ev_side *expected = &evaluated->hooks[hook], *seen = &real->hooks[hook];

	ret->name = nf_hook_name((uint8_t)hook);
	ret->agree = MUX_UNKNOWN;
	ret->difference = "";
	copy_side(draft, expected, &ret->evaluated);
	copy_side(draft, seen, &ret->real);
	if (seen->fate == MUX_FATE_VANISHED)
		name_vanished(draft, expected, seen, (enum nf_hook)hook, &ret->real);
	if (evaluated->seen && real->seen)
		ret->agree = ev_trace_agree(draft->context, expected, seen, (enum nf_hook)hook,
					    &ret->difference);
	if (ret->agree == MUX_NO && draft->difference == NULL)
		draft->difference =
			arena_printf(arena_of(draft), "%s, %s: %s", ev_packet_name(packet),
				     ret->name, ret->difference);
	if (draft->lost_packet < 0 && real->seen && seen->fate != MUX_FATE_ACCEPTED) {
		draft->lost_packet = (int)packet;
		draft->lost_hook = (int)hook;
	}
}

static void add_journey(struct draft *draft, enum ev_packet packet)
{
	struct mux_trace_journey *journey;
	size_t hook;

	if (!draft->evaluated->journeys[packet].seen && !draft->real->journeys[packet].seen)
		return;
	journey = arena_list_add(arena_of(draft), &draft->journeys);
	if (journey == NULL)
		return;
	journey->name = ev_packet_name(packet);
	journey->description = description_of(draft, packet);
	for (hook = 0; hook < NF_N_HOOKS; hook++)
		add_hook(draft, packet, hook, &journey->hooks[hook]);
	journey->arrived = MUX_UNKNOWN;
	if (draft->real->journeys[packet].seen)
		journey->arrived =
			draft->real->journeys[packet].hooks[NF_HOOK_INPUT].fate == MUX_FATE_ACCEPTED
				? MUX_YES
				: MUX_NO;
}

/* --- how it ends ------------------------------------------------------------------------- */

static const char *real_result(const struct draft *draft)
{
	const struct mux_probe *probe = &draft->trace->probe;
	struct arena *arena = arena_of(draft);
	const char *after = ev_duration(arena, probe->elapsed_us);

	if (probe->connected)
		return arena_printf(arena, "%s after %s",
				    probe->protocol == MUX_TCP ? "connected" : "answered", after);
	if (probe->error != 0)
		return arena_printf(arena, "%s after %s", ev_error_text(arena, probe->error),
				    after);
	return arena_printf(arena, "silence for %s", after);
}

static const char *evaluated_result(const struct draft *draft)
{
	const struct nf_talk_answer *answer = &draft->evaluated->answer;

	if (!is_sent(draft))
		return "not evaluated";
	switch (answer->result) {
	case NF_TALK_CONNECTED:
		return draft->trace->probe.protocol == MUX_TCP ? "connected" : "answered";
	case NF_TALK_TIMEOUT:
		return "silence";
	case NF_TALK_ERROR:
		return ev_error_text(arena_of(draft), answer->error);
	default:
		return "not known";
	}
}

/* Sockets that ask for errors, as ours does, are told more than others but for TCP; so only there
 * the two can be compared. */
static void compare_results(struct draft *draft)
{
	const struct mux_probe *probe = &draft->trace->probe;
	const struct nf_talk_answer *answer = &draft->evaluated->answer;
	bool same = true;

	if (probe->protocol != MUX_TCP || draft->difference != NULL || !is_sent(draft))
		return;
	/* Of two rules that may be it, one may be silent where the other is not. */
	if (answer->decision.unless != NULL || answer->afterwards.unless != NULL)
		return;
	if (answer->result == NF_TALK_CONNECTED)
		same = probe->connected;
	else if (answer->result == NF_TALK_ERROR)
		same = probe->error == answer->error;
	else if (answer->result == NF_TALK_TIMEOUT)
		same = !probe->connected && probe->error == 0;
	if (!same)
		draft->difference =
			arena_printf(arena_of(draft), "how it ends: evaluated: %s, really: %s",
				     draft->report->evaluated_result, draft->report->real_result);
}

/* --- the answer -------------------------------------------------------------------------- */

static const char *subject(const struct draft *draft, int packet)
{
	return arena_printf(arena_of(draft), "the %s (%s)", ev_packet_name((enum ev_packet)packet),
			    description_of(draft, (enum ev_packet)packet));
}

static const char *death_text(const struct draft *draft)
{
	const struct mux_trace_journey *journeys = draft->journeys.items;
	const struct mux_trace_hook *hook = NULL;
	const char *name = ev_packet_name((enum ev_packet)draft->lost_packet), *verb;
	size_t i;

	for (i = 0; i < draft->journeys.n; i++)
		if (journeys[i].name == name)
			hook = &journeys[i].hooks[draft->lost_hook];
	if (hook == NULL)
		return "";
	verb = "is dropped";
	if (hook->real.fate == MUX_FATE_QUEUED ||
	    (hook->evaluated.fate == MUX_FATE_QUEUED && hook->agree == MUX_YES))
		verb = "is handed to user space";
	else if (hook->evaluated.fate == MUX_FATE_REJECTED && hook->agree == MUX_YES)
		verb = "is rejected";
	return arena_printf(arena_of(draft), "%s %s on %s by %s",
			    subject(draft, draft->lost_packet), verb, hook->name, hook->real.text);
}

static enum mux_trace_status status_of(const struct draft *draft)
{
	const struct mux_trace *trace = draft->trace;

	if (draft->difference != NULL && !trace->lost)
		return trace->changed == MUX_YES ? MUX_TRACE_INCOMPLETE : MUX_TRACE_DIFFERS;
	if (draft->lost_packet >= 0)
		return trace->lost ? MUX_TRACE_INCOMPLETE : MUX_TRACE_DIES;
	if (!is_sent(draft))
		return trace->probe.error != 0 ? MUX_TRACE_DIES : MUX_TRACE_INCOMPLETE;
	return trace->lost && !trace->probe.connected ? MUX_TRACE_INCOMPLETE : MUX_TRACE_ARRIVES;
}

static const char *arrival_text(const struct draft *draft)
{
	const struct ev_journey *journeys = draft->real->journeys;

	if (draft->trace->probe.connected)
		return "every packet arrives";
	if (journeys[EV_REFUSAL].seen)
		return "the packet arrives, and is refused: nobody listens there";
	if (draft->trace->probe.error != 0)
		return arena_printf(arena_of(draft),
				    "the packet arrives, and is answered unseen: %s",
				    ev_error_text(arena_of(draft), draft->trace->probe.error));
	return "the packet arrives, and nothing answers it";
}

static void write_headline(struct draft *draft)
{
	struct mux_trace_report *report = draft->report;
	struct arena *arena = arena_of(draft);
	const char *what;

	report->status = status_of(draft);
	if (draft->lost_packet >= 0)
		what = death_text(draft);
	else if (is_sent(draft))
		what = arrival_text(draft);
	else if (draft->trace->probe.error != 0)
		what = arena_printf(arena, "no packet is sent: %s",
				    ev_error_text(arena, draft->trace->probe.error));
	else
		what = "the kernel reported nothing of the packet";
	report->headline = arena_printf(
		arena, "%s %s: %s%s.", report->protocol, report->target, what,
		report->status == MUX_TRACE_DIFFERS
			? "; muxdiag's evaluation says otherwise, which is a mistake in it"
			: "");
}

static void add_notes(struct draft *draft)
{
	const struct mux_trace *trace = draft->trace;
	const struct nf_talk_answer *answer = &draft->evaluated->answer;

	if (!is_sent(draft) && trace->probe.error != 0)
		add_note(draft, "the firewall has nothing to do with it; `muxdiag check` may know "
				"why");
	if (trace->lost)
		add_note(draft, "the kernel had no room for all it had to report: what is missing "
				"here may have happened");
	if (trace->changed == MUX_YES)
		add_note(draft, "the rules changed between their evaluation and the trace");
	if (draft->difference != NULL)
		add_note(draft,
			 arena_printf(arena_of(draft), "they differ: %s", draft->difference));
	if (trace->probe.protocol == MUX_TCP && trace->probe.connected &&
	    answer->result == NF_TALK_CONNECTED && answer->data == MUX_NO)
		add_note(draft, "as evaluated, the first data will not get through; the trace "
				"sends none");
	if (answer->result == NF_TALK_UNKNOWN && answer->decision.reason != NULL)
		add_note(draft, arena_printf(arena_of(draft), "the evaluation is in doubt: %s",
					     answer->decision.reason));
}

static void fill(struct draft *draft)
{
	struct mux_trace_report *report = draft->report;
	const struct mux_probe *probe = &draft->trace->probe;
	enum ev_packet packet;

	report->target = ev_endpoint(arena_of(draft), &probe->address, probe->port);
	report->protocol = probe->protocol == MUX_TCP	? "tcp"
			   : probe->protocol == MUX_UDP ? "udp"
							: "icmp";
	report->port = probe->port;
	report->local_port = probe->local_port;
	report->machine = &draft->context->snapshot->machine;
	/* What would have become of a packet that was never sent is a matter for no trace. */
	for (packet = 0; is_sent(draft) && packet < EV_N_PACKETS; packet++)
		add_journey(draft, packet);
	report->real_result = real_result(draft);
	report->evaluated_result = evaluated_result(draft);
	compare_results(draft);
	write_headline(draft);
	add_notes(draft);
	report->journeys = draft->journeys.items;
	report->n_journeys = draft->journeys.n;
	report->notes = draft->notes.items;
	report->n_notes = draft->notes.n;
}

int ev_trace_run(const struct mux_snapshot *snapshot, struct arena *arena,
		 struct mux_trace_report *ret)
{
	struct ev_context context = {
		.snapshot = snapshot,
		.arena = arena,
		.loopback = ev_route_loopback(&snapshot->routing),
	};
	struct ev_conversation evaluated, real;
	struct draft draft = {
		.context = &context,
		.trace = &snapshot->trace,
		.evaluated = &evaluated,
		.real = &real,
		.report = ret,
		.journeys = {.size = sizeof(struct mux_trace_journey)},
		.notes = {.size = sizeof(const char *)},
		.lost_packet = -1,
		.lost_hook = -1,
	};
	struct nf_talk_question question;
	int error = nf_ruleset_init(snapshot, arena, &context.ruleset);

	if (error == 0)
		error = ev_trace_read(&context, &snapshot->trace, &real);
	if (error != 0)
		return error;
	ev_trace_question(&context, &snapshot->trace, &real, &question);
	error = ev_trace_expect(&context, &question, &evaluated);
	if (error != 0)
		return error;
	memset(ret, 0, sizeof(*ret));
	fill(&draft);
	return arena_failed(arena) ? -ENOMEM : 0;
}
