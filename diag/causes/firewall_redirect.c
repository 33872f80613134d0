/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/slice.h"
#include "causes/firewall.h"
#include "causes/owner.h"
#include "causes/subject.h"
#include "causes/words.h"
#include "evaluate/infer.h"

static bool is_same(const struct ev_listen *a, const struct ev_listen *b)
{
	const struct nf_decision *one = a->redirect, *other = b->redirect;

	if (one == NULL || other == NULL)
		return one == other;
	return one->backend == other->backend && one->family == other->family &&
	       one->handle == other->handle && one->position == other->position &&
	       slice_equal(one->table, other->table) && slice_equal(one->chain, other->chain);
}

/* Is it only concluded that there is such a rule? */
static bool is_concluded(const struct ev_listen *listen)
{
	return listen->redirected && listen->redirect == NULL && listen->sent_on_to.family == 0;
}

/* Is the candidate redirected, and not stopped on its way there? */
static bool applies(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	return (candidate->listen.redirect != NULL || is_concluded(&candidate->listen)) &&
	       candidate->tcp != NULL && subject_has(evaluation, candidate) &&
	       candidate->route.passes != MUX_NO && candidate->output.passes != MUX_NO &&
	       candidate->input.passes != MUX_NO;
}

/* Has an earlier candidate met the same rule, with the same result? */
static bool is_known(const struct evaluation *evaluation, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (applies(evaluation, &evaluation->candidates[k]) &&
		    evaluation->candidates[k].works == evaluation->candidates[i].works &&
		    is_same(&evaluation->candidates[k].listen, &evaluation->candidates[i].listen))
			return true;
	return false;
}

/* What the connection met there. */
static const char *outcome(struct findings *findings, const struct ev_candidate *candidate)
{
	switch (ev_fate_of(candidate)) {
	case EV_FATE_CONNECTED:
		return "where another server answers";
	case EV_FATE_RESET:
		return "where nobody listens";
	case EV_FATE_SILENT:
		return "which does not answer";
	default:
		return arena_printf(findings->arena, "which cannot be reached (%s)",
				    words_error(findings->arena, candidate->tcp->error));
	}
}

static void report(struct findings *findings, const struct ev_candidate *candidate)
{
	const struct ev_listen *listen = &candidate->listen;
	bool works = candidate->works == MUX_YES;
	const char *command;
	struct change change;
	const char *there =
		words_endpoint(findings->arena, &listen->sent_on_to, listen->sent_on_to_port);
	struct cause_finding *finding = finding_add(
		findings, &cause_firewall_redirect,
		works ? MUX_SEVERITY_INFO
		      : subject_severity(findings->evaluation, candidate->name->of_target));

	finding_title(findings, finding, "%s sends connections to %s on to %s, %s",
		      firewall_decider(findings, listen->redirect),
		      subject_address(findings, &candidate->address), there,
		      outcome(findings, candidate));
	firewall_add_decision(findings, finding, listen->redirect);
	subject_add_probes(findings, finding, candidate);
	if (works)
		return;
	finding_hit(finding, subject_hit(findings, candidate->address.family));
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, candidate->address.family);
	finding_fix(
		findings, finding,
		arena_printf(findings->arena, "Start the server that is to answer on %s", there),
		NULL, NULL);
	owner_add(findings, finding, listen->redirect, true, candidate->address.family);
	command = firewall_accept(findings, listen->redirect);
	if (command == NULL)
		return;
	finding_fix(findings, finding, "Keep the rule away from loopback packets", command, NULL);
	if (firewall_accept_change(findings, listen->redirect, &change))
		finding_change(findings, finding, &change);
}

static void report_conclusion(struct findings *findings, const struct ev_candidate *candidate)
{
	int family = candidate->address.family;
	struct cause_finding *finding =
		finding_add(findings, &cause_firewall_redirect,
			    subject_severity(findings->evaluation, candidate->name->of_target));

	finding_title(findings, finding,
		      "a rule sends connections to %s on to where nobody listens",
		      subject_address(findings, &candidate->address));
	finding_evidence(findings, finding, "conclusion", "%s; as root muxdiag names the rule",
			 candidate->listen.text);
	if (finding != NULL)
		finding->public.inferred = true;
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, family);
	finding_fix(findings, finding, "Find the rule and its fix as root",
		    firewall_ask_as_root(findings), NULL);
}

static void look_at(struct findings *findings, const struct ev_candidate *candidate)
{
	if (is_concluded(&candidate->listen))
		report_conclusion(findings, candidate);
	else
		report(findings, candidate);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (applies(evaluation, &evaluation->candidates[i]) && !is_known(evaluation, i))
			look_at(findings, &evaluation->candidates[i]);
	return finding_result(findings);
}

const struct cause cause_firewall_redirect = {
	.id = "firewall-redirect",
	.summary = "a rule sends connections on to another address or port",
	.explanation =
		"A nat rule on output (redirect, dnat) sends connections to this port on to "
		"another port or address: a transparent proxy, a container's published port, a "
		"Kubernetes node port, a service mesh. If the proxy or the container is gone "
		"and its rule is not, connections end nowhere although the right server "
		"listens.\n\n"
		"Clients get \"Connection refused\" at once while `ss` shows a listening "
		"socket; or, when the packets are sent to an address that is gone, \"Connection "
		"timed out\" or \"No route to host\". When another server answers there, they "
		"get somebody else's page.\n\n"
		"muxdiag, as root, follows the packets through the nat rules and says where "
		"they end and which rule sent them there. Whether somebody listens there a real "
		"connection tells. Without root, a reset although a socket listens betrays a "
		"rule, and the kernel's counters whether that rule rejects or sends connections "
		"on: in the second case the packet was delivered to a port.\n\n"
		"Start what the rule was made for, or take the rule away with what made it. "
		"Accepting what goes out through lo in front of it keeps loopback as it is.",
	.find = find,
};
