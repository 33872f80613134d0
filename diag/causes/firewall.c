/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/owner.h"
#include "causes/subject.h"

/* One decider, and what it decided about. */
struct group {
	const struct cause *cause;
	enum mux_stage stage;
	enum firewall_fate fate;
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
static bool applies(const struct ev_candidate *candidate, enum mux_stage stage,
		    enum firewall_fate fate)
{
	const struct ev_path *path = path_of(candidate, stage);

	if (path->passes != MUX_NO || candidate->works == MUX_YES || path->program != NULL)
		return false;
	if (!path->decided && candidate->tcp != NULL && candidate->tcp->error == EPERM)
		return false;
	return fate_of(path, candidate) == fate;
}

static bool same_decision(const struct nf_decision *a, const struct nf_decision *b)
{
	return a->backend == b->backend && a->family == b->family && a->hook == b->hook &&
	       a->by_policy == b->by_policy && a->handle == b->handle &&
	       a->position == b->position && slice_equal(a->table, b->table) &&
	       slice_equal(a->chain, b->chain);
}

static bool same_decider(const struct group *group, const struct ev_candidate *candidate)
{
	const struct ev_path *path = path_of(candidate, group->stage);

	if (!applies(candidate, group->stage, group->fate) ||
	    path->decided != group->path->decided || path->of_reply != group->path->of_reply)
		return false;
	if (path->decided)
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

		if (!same_decider(group, candidate))
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

static void add_decision(struct findings *findings, struct cause_finding *finding,
			 const struct group *group)
{
	const struct nf_decision *decision = &group->path->decision;
	const char *place = nf_decision_place(decision, findings->arena), *source;
	const char *verb = group->fate == FIREWALL_REJECTS ? "rejects" : "drops";
	const char *what = group->path->of_reply ? "the answers (SYN/ACK) from" : "packets to";
	const char *legacy = decision->backend == NF_LEGACY ? ", legacy xtables" : "";
	struct str text;

	str_init(&text, findings->arena);
	str_addf(&text, "hook %s, priority %d", nf_hook_name(decision->hook),
		 (int)decision->priority);
	if (decision->by_policy) {
		finding_title(findings, finding, "the policy of %s (hook %s%s) %s %s %s", place,
			      nf_hook_name(decision->hook), legacy, verb, what,
			      addresses(findings, group));
		source = arena_printf(findings->arena, "%s policy", place);
		str_add(&text, ", policy drop");
	} else {
		finding_title(findings, finding, "rule %zu of %s (hook %s%s) %s %s %s",
			      decision->position, place, nf_hook_name(decision->hook), legacy, verb,
			      what, addresses(findings, group));
		source = arena_printf(findings->arena, "%s rule %zu", place, decision->position);
		str_addf(&text, ": %s", decision->rule != NULL ? decision->rule : verb);
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

/* The same question, asked as root. */
static const char *same_check(struct findings *findings)
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

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct group *group)
{
	const char *title = group->stage == MUX_STAGE_OUTPUT
				    ? "Let loopback packets, and only those, out"
				    : "Let loopback packets, and only those, in";
	struct change change;
	const char *command;

	if (!group->path->decided) {
		finding_fix(findings, finding, "Find the rule and its fix as root",
			    same_check(findings), NULL);
		return;
	}
	command = firewall_accept(findings, &group->path->decision);
	if (command == NULL)
		return;
	finding_fix(findings, finding, title, command, NULL);
	if (firewall_accept_change(findings, &group->path->decision, &change))
		finding_change(findings, finding, &change);
}

static void report(struct findings *findings, const struct group *group)
{
	int family = group->hits4 && group->hits6 ? 0 : group->first->address.family;
	struct cause_finding *finding = finding_add(
		findings, group->cause, subject_severity(findings->evaluation, group->hits_target));

	if (group->path->decided) {
		add_decision(findings, finding, group);
		owner_add(findings, finding, &group->path->decision,
			  group->stage == MUX_STAGE_OUTPUT, group->first->address.family);
	} else {
		add_inference(findings, finding, group);
	}
	/* What the way out kills never came in: then the probes tell nothing of the way in. */
	if (group->stage == MUX_STAGE_OUTPUT || group->first->output.passes != MUX_NO)
		subject_add_probes(findings, finding, group->first);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << group->stage, family);
	add_fix(findings, finding, group);
}

/* Collects what the decider of candidate `i` hits. False: an earlier candidate has it. */
static bool collect(const struct evaluation *evaluation, size_t i, struct group *group)
{
	size_t j;

	group->first = &evaluation->candidates[i];
	group->path = path_of(group->first, group->stage);
	for (j = 0; j < evaluation->n_candidates; j++) {
		const struct ev_candidate *candidate = &evaluation->candidates[j];

		if (!same_decider(group, candidate))
			continue;
		if (j < i)
			return false;
		group->hits_target |= candidate->name->of_target;
		group->hits4 |= candidate->address.family == AF_INET;
		group->hits6 |= candidate->address.family == AF_INET6;
	}
	return true;
}

int firewall_find(struct findings *findings, const struct cause *cause, enum mux_stage stage,
		  enum firewall_fate fate)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		struct group group = {.cause = cause, .stage = stage, .fate = fate};

		if (applies(&evaluation->candidates[i], stage, fate) &&
		    collect(evaluation, i, &group))
			report(findings, &group);
	}
	return finding_result(findings);
}
