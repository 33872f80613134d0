/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/path.h"

#include <errno.h>

#include "base/str.h"
#include "evaluate/redirect.h"
#include "evaluate/walk.h"
#include "netfilter/ruleset.h"

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

/* Is it known that nobody takes packets from the queue? nfqnl_enqueue_packet() then drops them. */
static bool is_unread_queue(const struct mux_queues *queues, const struct nf_decision *decision)
{
	const struct nf_queue *queue = &decision->queue;
	size_t i;

	if (decision->kind != NF_KIND_QUEUE || !queue->known || queue->bypass)
		return false;
	if (queues->source.presence == MUX_ABSENT)
		return true;
	for (i = 0; i < queues->n; i++)
		if (queues->list[i].number >= queue->first &&
		    queues->list[i].number - queue->first < queue->total)
			return false;
	return queues->source.presence == MUX_PRESENT;
}

static const char *decision_text(struct arena *arena, const struct nf_decision *decision,
				 bool reply, bool is_unread)
{
	struct str text;

	str_init(&text, arena);
	if (reply)
		str_add(&text, "the reply (SYN/ACK) is ");
	if (walk_is_death(decision)) {
		str_add(&text, verb_of(decision->kind));
		add_place(&text, decision);
	} else if (decision->kind == NF_KIND_QUEUE) {
		str_add(&text, "handed to a program in user space");
		str_add(&text, is_unread ? " that is not there, by " : " by ");
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
static void judge(const struct ev_context *context, const struct walk_side *side,
		  struct ev_path *ret)
{
	bool reply = !walk_is_death(&side->syn) &&
		     (walk_is_death(&side->reply) || side->syn.kind == NF_KIND_ACCEPT);
	const struct nf_decision *decision = reply ? &side->reply : &side->syn;
	bool is_unread;

	*ret = (struct ev_path){.passes = MUX_YES, .text = "no rule drops it"};
	if (decision->kind == NF_KIND_ACCEPT)
		return;
	is_unread = is_unread_queue(&context->snapshot->queues, decision);
	ret->passes = walk_is_death(decision) || is_unread ? MUX_NO : MUX_UNKNOWN;
	ret->decision = *decision;
	ret->decided = true;
	ret->of_reply = reply;
	ret->text = decision_text(context->arena, decision, reply, is_unread);
}

/* --- what if ----------------------------------------------------------------------------- */

/* Runs the walk again in another case. */
static int run_case(const struct walk *walk, struct nf_what_if what_if, bool anonymous,
		    struct walk *ret)
{
	struct ev_context context = *walk->context;
	int error;

	context.ruleset.what_if = what_if;
	*ret = (struct walk){
		.context = &context, .candidate = walk->candidate, .anonymous = anonymous};
	error = walk_run(ret);
	ret->context = walk->context;
	return error;
}

/* Did the packet that dies here die in that case, too? */
static bool dies_still(const struct ev_path *path, const struct walk_side *side)
{
	return walk_is_death(path->of_reply ? &side->reply : &side->syn);
}

static void blame(struct ev_path *path, const struct walk_side *side, enum ev_because because)
{
	if (path->passes == MUX_NO && path->because == EV_BECAUSE_RULE &&
	    walk_is_death(&path->decision) && !dies_still(path, side))
		path->because = because;
}

/* A death that depends on something else than the packet is that one's doing. */
static int find_blame(const struct walk *walk, struct ev_candidate *candidate)
{
	struct walk other;
	int error;

	if (candidate->output.passes != MUX_NO && candidate->input.passes != MUX_NO)
		return 0;
	error = run_case(walk, (struct nf_what_if){.tracked = true}, false, &other);
	if (error != 0)
		return error;
	blame(&candidate->output, &other.output, EV_BECAUSE_CONNTRACK);
	blame(&candidate->input, &other.input, EV_BECAUSE_CONNTRACK);
	error = run_case(walk, (struct nf_what_if){0}, true, &other);
	if (error == 0)
		blame(&candidate->output, &other.output, EV_BECAUSE_OWNER);
	return error;
}

/* Keeps what would decide otherwise about a path that lets everything pass. */
static int take_busy(const struct walk *walk, const struct walk_side *side, struct ev_path *path)
{
	const struct nf_decision *decision =
		side->syn.kind != NF_KIND_ACCEPT ? &side->syn : &side->reply;
	struct nf_decision *busy;

	if (path->passes != MUX_YES || decision->kind == NF_KIND_ACCEPT)
		return 0;
	busy = arena_alloc(walk->context->arena, sizeof(*busy));
	if (busy == NULL)
		return -ENOMEM;
	*busy = *decision;
	path->busy = busy;
	return 0;
}

/* What passes as long as no limit is used up may not pass under load. */
static int find_limits(const struct walk *walk, struct ev_candidate *candidate)
{
	const struct nf_decision *decisions[] = {&walk->output.syn, &walk->output.reply,
						 &walk->input.syn, &walk->input.reply};
	size_t i, n = sizeof(decisions) / sizeof(decisions[0]);
	struct walk other;
	int error;

	for (i = 0; i < n && decisions[i]->assumption == NULL; i++)
		;
	if (i == n)
		return 0;
	error = run_case(walk, (struct nf_what_if){.busy = true}, false, &other);
	if (error == 0)
		error = take_busy(walk, &other.output, &candidate->output);
	if (error == 0)
		error = take_busy(walk, &other.input, &candidate->input);
	return error;
}

int ev_path_run(const struct ev_context *context, struct ev_candidate *candidate)
{
	struct walk walk = {.context = context, .candidate = candidate};
	int error = walk_run(&walk);

	if (error != 0)
		return error;
	judge(context, &walk.output, &candidate->output);
	judge(context, &walk.input, &candidate->input);
	error = find_blame(&walk, candidate);
	if (error == 0)
		error = find_limits(&walk, candidate);
	if (error != 0)
		return error;
	if (walk.sent_on_to.family != 0)
		error = ev_redirect_run(&walk, candidate);
	if (error != 0)
		return error;
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
