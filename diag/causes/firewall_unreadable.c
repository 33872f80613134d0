/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firewall has a say, its rules are for root, and nothing else told what they say. */
#include "causes/firewall.h"
#include "causes/subject.h"
#include "causes/words.h"

/* Would its rules decide the answer for the candidate? */
static bool is_open(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	return subject_has(evaluation, candidate) && candidate->works != MUX_YES &&
	       candidate->route.passes != MUX_NO && candidate->output.passes != MUX_NO &&
	       candidate->input.passes != MUX_NO &&
	       (candidate->output.passes == MUX_UNKNOWN ||
		candidate->input.passes == MUX_UNKNOWN) &&
	       candidate->listen.accepts != MUX_NO;
}

/* "::1, 127.0.0.1"; "" = none */
static const char *list_open(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < evaluation->n_candidates; i++)
		if (is_open(evaluation, &evaluation->candidates[i]))
			str_addf(
				&text, "%s%s", text.len != 0 ? ", " : "",
				words_address(findings->arena, &evaluation->candidates[i].address));
	return str_done(&text);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const char *addresses = evaluation->firewall_readable ? "" : list_open(findings);
	struct cause_finding *finding;

	if (*addresses == '\0')
		return finding_result(findings);
	finding = finding_add(findings, &cause_firewall_unreadable, MUX_SEVERITY_INFO);
	finding_title(
		findings, finding,
		"whether the firewall lets packets to %s pass is not known: root may read its "
		"rules",
		addresses);
	if (evaluation->target.port == 0)
		finding_evidence(findings, finding, "instead",
				 "nothing: without a port no connection was tried that would tell");
	else
		finding_evidence(findings, finding, "instead",
				 "nothing: what the connections met fits several explanations");
	finding_fix(findings, finding, "Ask as root", firewall_ask_as_root(findings), NULL);
	if (evaluation->target.port == 0)
		finding_fix(findings, finding,
			    "Name the port of a server that runs: a real connection tells", NULL,
			    NULL);
	return finding_result(findings);
}

const struct cause cause_firewall_unreadable = {
	.id = "firewall-unreadable",
	.summary = "the firewall's rules would decide, and may not be read",
	.explanation =
		"The rules of nftables and of legacy xtables are shown to root, or who has "
		"CAP_NET_ADMIN, and to nobody else; neither is their absence. Everything else "
		"that muxdiag looks at is for everybody.\n\n"
		"It matters only where nothing else tells. With a port, muxdiag makes a real "
		"connection and sends a datagram: what works, passes; what does not, ends in a "
		"way, and moves the kernel's counters in a way, that mostly betrays on which "
		"side it was dropped or rejected. Such conclusions are marked as concluded in "
		"the report, and name the hook but never the rule. This cause is found when "
		"there was no port to try, or the outcome fits several explanations.\n\n"
		"Ask once more as root: the rules are only read, and nothing is changed. The "
		"capability CAP_NET_ADMIN is enough for nftables.",
	.find = find,
};
