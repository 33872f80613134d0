/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * On lo a packet leaves (OUTPUT, POSTROUTING, egress) and enters again (ingress, PREROUTING, INPUT)
 * with its mark and conntrack kept, so one packet in flight is carried through both sides. Each
 * side is judged whatever the other said: fixing one must not bring up the other as news.
 */
#include "evaluate/path.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"
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
	const struct ev_candidate *candidate;
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
	if (candidate->route.state == EV_ROUTE_ELSEWHERE) {
		const struct mux_link *link = ev_route_link(&walk->context->snapshot->routing,
							    candidate->route.answer->link);

		packet.link = candidate->route.answer->link;
		packet.link_name = link != NULL ? link->name : (struct mux_slice){0};
	}
	nf_live_init(ret, &packet);
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
	nf_live_init(ret, &packet);
	if (listener == NULL)
		ret->known.uid = 0;
}

static int run_packets(struct walk *walk)
{
	struct nf_live live;
	int error;

	build_syn(walk, &live);
	error = run_side(walk, &live, walk->output.first, &walk->output.syn);
	if (error != 0 || walk->candidate->route.state == EV_ROUTE_ELSEWHERE)
		return error;
	error = run_side(walk, &live, walk->input.first, &walk->input.syn);
	if (error != 0)
		return error;
	build_reply(walk, &live);
	error = run_side(walk, &live, walk->output.first, &walk->output.reply);
	return error != 0 ? error : run_side(walk, &live, walk->input.first, &walk->input.reply);
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
