/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "causes/firewall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/owner.h"
#include "causes/subject.h"
#include "netfilter/ruleset.h"

/* One decider, and what it decided about. */
struct group {
	const struct cause *cause;
	enum mux_stage stage;
	enum firewall_reason reason;
	enum firewall_fate fate;
	bool any_fate;
	const struct ev_path *path;
	const struct ev_candidate *first; /* the first candidate it hits, the target's if any */
	bool hits_target, hits4, hits6;
};

static const struct ev_path *path_of(const struct ev_candidate *candidate, enum mux_stage stage)
{
	return stage == MUX_STAGE_OUTPUT ? &candidate->output : &candidate->input;
}

/* A rule says what it does; without rules, only a reject answers. */
static bool is_reject(const struct ev_path *path, const struct ev_candidate *candidate)
{
	if (path->decided)
		return path->decision.kind == NF_KIND_REJECT;
	return candidate->tcp != NULL && candidate->tcp->finished && candidate->tcp->error != 0;
}

static enum firewall_fate fate_of(const struct ev_path *path, const struct ev_candidate *candidate)
{
	if (is_reject(path, candidate))
		return FIREWALL_REJECTS;
	return path->of_reply ? FIREWALL_DROPS_ANSWER : FIREWALL_DROPS;
}

/* Does this path of the candidate belong to the cause? What was seen to work is not accused, and no
 * firewall makes connect() for TCP fail with EPERM: that is a sandbox or a BPF program. */
static bool applies(struct findings *findings, const struct ev_candidate *candidate,
		    const struct group *group)
{
	const struct ev_path *path = path_of(candidate, group->stage);

	if (path->passes != MUX_NO || candidate->works == MUX_YES || path->program != NULL)
		return false;
	if (!path->decided && candidate->tcp != NULL && candidate->tcp->error == EPERM)
		return false;
	if (!group->any_fate && fate_of(path, candidate) != group->fate)
		return false;
	return firewall_reason_of(findings, path) == group->reason;
}

/* Was it concluded that it is this rule, or a policy? */
static bool has_decision(const struct group *group)
{
	return group->path->decided || group->reason != FIREWALL_PLAIN;
}

static bool same_decision(const struct nf_decision *a, const struct nf_decision *b)
{
	return a->backend == b->backend && a->family == b->family && a->hook == b->hook &&
	       a->by_policy == b->by_policy && a->handle == b->handle &&
	       a->position == b->position && slice_equal(a->table, b->table) &&
	       slice_equal(a->chain, b->chain);
}

static bool same_decider(struct findings *findings, const struct group *group,
			 const struct ev_candidate *candidate)
{
	const struct ev_path *path = path_of(candidate, group->stage);

	if (!applies(findings, candidate, group) || path->decided != group->path->decided ||
	    path->of_reply != group->path->of_reply)
		return false;
	if (has_decision(group))
		return same_decision(&path->decision, &group->path->decision);
	return candidate->address.family == group->first->address.family;
}

/* The addresses the decider hits, each once: "::1 and 127.0.0.1". */
static const char *addresses(struct findings *findings, const struct group *group)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_address *shown[3] = {0};
	size_t i, j, n = 0;
	struct str text;

	str_init(&text, findings->arena);
	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];
		char address[ADDR_TEXT_MAX];

		if (!same_decider(findings, group, candidate))
			continue;
		for (j = 0; j < n && !addr_equal(shown[j], &candidate->address);)
			j++;
		if (j < n)
			continue;
		if (n == sizeof(shown) / sizeof(shown[0])) {
			str_add(&text, " and more");
			break;
		}
		str_addf(&text, "%s%s", n == 0 ? "" : ", ",
			 addr_format(&candidate->address, address));
		shown[n++] = &candidate->address;
	}
	return str_done(&text);
}

/* Are they part of the rule's own text, as nft(8) writes it? */
static bool shows_counters(const struct nf_decision *decision)
{
	char counters[64];

	if (decision->by_policy || decision->rule == NULL)
		return false;
	snprintf(counters, sizeof(counters), "counter packets %llu bytes %llu",
		 (unsigned long long)decision->packets, (unsigned long long)decision->bytes);
	return strstr(decision->rule, counters) != NULL;
}

const char *firewall_decider(struct findings *findings, const struct nf_decision *decision)
{
	const char *place = nf_decision_place(decision, findings->arena);
	struct str text;

	str_init(&text, findings->arena);
	if (decision->by_policy)
		str_add(&text, "the policy of ");
	else if (decision->position != 0)
		str_addf(&text, "rule %zu of ", decision->position);
	str_addf(&text, "%s (hook %s%s)", place != NULL ? place : "", nf_hook_name(decision->hook),
		 decision->backend == NF_LEGACY ? ", legacy xtables" : "");
	return str_done(&text);
}

void firewall_add_decision(struct findings *findings, struct cause_finding *finding,
			   const struct nf_decision *decision)
{
	const char *place = nf_decision_place(decision, findings->arena), *source;
	struct str text;

	str_init(&text, findings->arena);
	str_addf(&text, "hook %s, priority %d", nf_hook_name(decision->hook),
		 (int)decision->priority);
	if (decision->by_policy) {
		source = arena_printf(findings->arena, "%s policy", place);
		str_add(&text, ", policy drop");
	} else {
		source = arena_printf(findings->arena, "%s rule %zu", place, decision->position);
		str_addf(&text, ": %s",
			 decision->rule != NULL		    ? decision->rule
			 : decision->kind == NF_KIND_REJECT ? "rejects"
							    : "drops");
	}
	if (decision->has_counters && !shows_counters(decision))
		str_addf(&text, "; %llu packets, %llu bytes so far",
			 (unsigned long long)decision->packets,
			 (unsigned long long)decision->bytes);
	finding_evidence(findings, finding, source, "%s", str_done(&text));
	if (decision->unless != NULL)
		finding_evidence(findings, finding, "or else", "%s", decision->unless);
	finding_evidence(findings, finding, "to see it", "%s", firewall_view(findings, decision));
}

static const char *whose(const struct group *group)
{
	return group->path->of_reply ? "the answers (SYN/ACK) from" : "packets to";
}

/* "drops packets to ::1", "rejects the answers (SYN/ACK) from 127.0.0.1" */
static const char *deed(struct findings *findings, const struct group *group)
{
	return arena_printf(findings->arena, "%s %s %s",
			    is_reject(group->path, group->first) ? "rejects" : "drops",
			    whose(group), addresses(findings, group));
}

static void add_title(struct findings *findings, struct cause_finding *finding,
		      const struct group *group)
{
	const struct nf_decision *decision = &group->path->decision;
	const char *decider = firewall_decider(findings, decision);
	const char *act = deed(findings, group), *why;
	const struct owner *owner;

	switch (group->reason) {
	case FIREWALL_LIMIT:
		finding_title(findings, finding, "%s lets packets to %s pass only sometimes (%s)",
			      decider, addresses(findings, group), firewall_doubt(decision));
		break;
	case FIREWALL_QUEUE:
		finding_title(findings, finding, "%s hands %s %s to %s", decider, whose(group),
			      addresses(findings, group),
			      firewall_queue_verdict(findings, group->path));
		break;
	case FIREWALL_CONNTRACK:
		finding_title(findings, finding, "%s %s, because conntrack does not know them",
			      decider, act);
		break;
	case FIREWALL_OWNER:
		finding_title(findings, finding, "%s %s, depending on who sends them", decider,
			      act);
		break;
	case FIREWALL_DEVICE:
		finding_title(findings, finding, "%s %s, on the link lo itself", decider, act);
		break;
	case FIREWALL_KILL_SWITCH:
		owner = owner_find(findings, decision, &why);
		finding_title(findings, finding, "%s%s %s: %s",
			      owner != NULL ? "the kill switch of "
					    : "what looks like a VPN's kill switch",
			      owner != NULL ? owner->name : "", act, decider);
		break;
	case FIREWALL_TABLE:
	case FIREWALL_PLAIN:
		finding_title(findings, finding, "%s %s", decider, act);
		break;
	}
}

/* Who sends them? */
static void add_sender(struct findings *findings, struct cause_finding *finding,
		       const struct group *group)
{
	const struct mux_listener *listener = group->first->listen.listener;

	if (!group->path->of_reply)
		finding_evidence(findings, finding, "sender",
				 "uid %u, who asks here; what others send may pass",
				 (unsigned)findings->evaluation->snapshot->machine.uid);
	else if (listener != NULL)
		finding_evidence(findings, finding, "sender", "uid %u, whose server it is",
				 (unsigned)listener->uid);
}

/* ipv4_conntrack_local() runs at NF_IP_PRI_CONNTRACK. */
static void add_conntrack(struct findings *findings, struct cause_finding *finding,
			  const struct nf_decision *decision)
{
	if (decision->hook == NF_HOOK_OUTPUT && decision->priority < NF_IP_PRI_CONNTRACK)
		finding_evidence(findings, finding, "conntrack",
				 "it first sees a packet at priority %d of output, so at %d every "
				 "packet is invalid",
				 NF_IP_PRI_CONNTRACK, (int)decision->priority);
	else
		finding_evidence(findings, finding, "conntrack",
				 "a rule (notrack, CT --notrack) hides these packets from it, so "
				 "that they are neither new nor established");
}

static void add_decision(struct findings *findings, struct cause_finding *finding,
			 const struct group *group)
{
	const struct nf_decision *decision = &group->path->decision;

	add_title(findings, finding, group);
	firewall_add_decision(findings, finding, decision);
	if (group->reason == FIREWALL_OWNER)
		add_sender(findings, finding, group);
	if (group->reason == FIREWALL_QUEUE)
		firewall_queue_add(findings, finding, group->path);
	if (group->reason == FIREWALL_CONNTRACK)
		add_conntrack(findings, finding, decision);
	if (finding != NULL)
		finding->public.inferred = !group->path->decided;
}

/* No more certain than what probes and counters tell. */
static const char *inferred_fate(const struct group *group)
{
	bool out = group->stage == MUX_STAGE_OUTPUT, rejects = group->fate == FIREWALL_REJECTS;

	if (rejects && !group->path->counted)
		return "rejected by a rule";
	if (rejects)
		return out ? "rejected by a rule on their way out of this machine"
			   : "rejected by a rule on their way into this machine";
	if (out)
		return "dropped on their way out of this machine";
	return group->path->counted ? "dropped on their way into this machine"
				    : "dropped on their way in, or the answers to them are";
}

static void add_counters(struct findings *findings, struct cause_finding *finding,
			 const struct mux_counters *counters)
{
	const char *sent =
		counters->out_transmits < 0
			? "?"
			: arena_printf(findings->arena, "%lld", (long long)counters->out_transmits);

	finding_evidence(findings, finding, "packets counted",
			 "%lld made, %s sent, %lld received, %lld delivered during the connect",
			 (long long)counters->out_requests, sent, (long long)counters->in_receives,
			 (long long)counters->in_delivers);
}

static void add_inference(struct findings *findings, struct cause_finding *finding,
			  const struct group *group)
{
	const char *family = group->first->address.family == AF_INET6 ? "IPv6" : "IPv4";
	const char *what = group->path->of_reply ? "answers (SYN/ACK) from" : "packets to";

	finding_title(findings, finding, "%s %s %s are %s", family, what,
		      addresses(findings, group), inferred_fate(group));
	finding_evidence(findings, finding, "conclusion", "%s; as root muxdiag names the rule",
			 group->path->text);
	if (group->path->counted)
		add_counters(findings, finding, &group->first->tcp->counters);
	if (finding != NULL)
		finding->public.inferred = true;
}

const char *firewall_ask_as_root(struct findings *findings)
{
	const struct mux_target *target = &findings->evaluation->target;
	bool is_v6 = strchr(target->host, ':') != NULL;
	struct str plain, command;

	str_init(&plain, findings->arena);
	str_addf(&plain, is_v6 ? "[%s]" : "%s", target->host);
	if (target->port != 0)
		str_addf(&plain, ":%u", (unsigned)target->port);
	str_init(&command, findings->arena);
	str_add(&command, "sudo muxdiag check ");
	str_add_shell(&command, slice_of(str_done(&plain)));
	return str_done(&command);
}

void firewall_add_fixes(struct findings *findings, struct cause_finding *finding,
			const struct nf_decision *decision, bool out, int family)
{
	struct change change;
	const char *command = firewall_accept(findings, decision);

	owner_add(findings, finding, decision, out, family);
	if (command == NULL)
		return;
	finding_fix(findings, finding,
		    out ? "Let loopback packets, and only those, out"
			: "Let loopback packets, and only those, in",
		    command, NULL);
	if (firewall_accept_change(findings, decision, &change))
		finding_change(findings, finding, &change);
}

static void report(struct findings *findings, const struct group *group)
{
	int family = group->hits4 && group->hits6 ? 0 : group->first->address.family;
	struct cause_finding *finding = finding_add(
		findings, group->cause, subject_severity(findings->evaluation, group->hits_target));

	if (has_decision(group))
		add_decision(findings, finding, group);
	else
		add_inference(findings, finding, group);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << group->stage, family);
	if (has_decision(group))
		firewall_add_fixes(findings, finding, &group->path->decision,
				   group->stage == MUX_STAGE_OUTPUT, group->first->address.family);
	else
		finding_fix(findings, finding, "Find the rule and its fix as root",
			    firewall_ask_as_root(findings), NULL);
	/* What the way out kills never came in: then the probes tell nothing of the way in. */
	if (group->stage == MUX_STAGE_OUTPUT || group->first->output.passes != MUX_NO)
		subject_add_probes(findings, finding, group->first);
}

/* Collects what the decider of candidate `i` hits. False: an earlier candidate has it. */
static bool collect(struct findings *findings, size_t i, struct group *group)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t j;

	group->first = &evaluation->candidates[i];
	group->path = path_of(group->first, group->stage);
	for (j = 0; j < evaluation->n_candidates; j++) {
		const struct ev_candidate *candidate = &evaluation->candidates[j];

		if (!same_decider(findings, group, candidate))
			continue;
		if (j < i)
			return false;
		group->hits_target |= candidate->name->of_target;
		group->hits4 |= candidate->address.family == AF_INET;
		group->hits6 |= candidate->address.family == AF_INET6;
	}
	return true;
}

static void find(struct findings *findings, const struct group *wanted)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		struct group group = *wanted;

		if (applies(findings, &evaluation->candidates[i], &group) &&
		    collect(findings, i, &group))
			report(findings, &group);
	}
}

int firewall_find(struct findings *findings, const struct cause *cause, enum mux_stage stage,
		  enum firewall_fate fate)
{
	find(findings, &(struct group){.cause = cause, .stage = stage, .fate = fate});
	return finding_result(findings);
}

int firewall_find_because(struct findings *findings, const struct cause *cause,
			  enum firewall_reason reason)
{
	static const enum mux_stage stages[] = {MUX_STAGE_OUTPUT, MUX_STAGE_INPUT};
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++)
		find(findings, &(struct group){.cause = cause,
					       .stage = stages[i],
					       .reason = reason,
					       .any_fate = true});
	return finding_result(findings);
}
