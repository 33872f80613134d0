/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/subject.h"
#include "causes/words.h"

static const struct ev_candidate *find_lost(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].output.table_full &&
		    subject_has(evaluation, &evaluation->candidates[i]))
			return &evaluation->candidates[i];
	return NULL;
}

static bool hits_other_family(const struct evaluation *evaluation, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].output.table_full &&
		    evaluation->candidates[i].address.family != family)
			return true;
	return false;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_conntrack *conntrack = &evaluation->snapshot->conntrack;
	const struct ev_candidate *candidate = find_lost(evaluation);
	struct cause_finding *finding;
	int family;

	if (candidate == NULL)
		return 0;
	family = hits_other_family(evaluation, candidate->address.family)
			 ? 0
			 : candidate->address.family;
	finding = finding_add(findings, &cause_conntrack_full,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding,
		      "conntrack's table is full, so the kernel drops new connections");
	finding_evidence(findings, finding, "conntrack",
			 "%llu of %llu flows (net.netfilter.nf_conntrack_count, _max)",
			 (unsigned long long)conntrack->count, (unsigned long long)conntrack->max);
	finding_evidence(findings, finding, "conclusion", "%s", candidate->output.text);
	if (finding != NULL)
		finding->public.inferred = true;
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << MUX_STAGE_OUTPUT, family);
	finding_fix(findings, finding, "Make room, on the machine itself where this is a container",
		    arena_printf(findings->arena, "sysctl -w net.netfilter.nf_conntrack_max=%llu",
				 (unsigned long long)conntrack->max * 2),
		    NULL);
	finding_fix(findings, finding, "See whose flows fill it", "conntrack -L", NULL);
	return finding_result(findings);
}

const struct cause cause_conntrack_full = {
	.id = "conntrack-full",
	.summary = "the kernel's table of flows is full, so that new connections are dropped",
	.explanation =
		"With any rule that looks at the state of connections, the kernel keeps a table "
		"of all flows, those over lo included. When it is full of flows that it must "
		"not forget, it drops the first packet of every new one. Benchmarks without "
		"keep-alive fill it, since a closed connection stays for two minutes; so do "
		"scans, and routers for many.\n\n"
		"New connections hang (\"Connection timed out\"), datagrams fail with EPERM "
		"(\"Operation not permitted\"), while what is connected goes on. The kernel's "
		"log has \"nf_conntrack: table full, dropping packet\". A load tool stops after "
		"some ten thousands of connections.\n\n"
		"muxdiag compares net.netfilter.nf_conntrack_count with _max when a connection "
		"has failed, which needs no privilege, and concludes that this is why when the "
		"counters, or a refused datagram, say that the packet was dropped on its way "
		"out and no rule does that.\n\n"
		"Raise the limit; use keep-alive; or exempt lo from conntrack where no rule "
		"asks for the state of connections over lo. In a container the limit is that of "
		"the machine, and is changed there.",
	.find = find,
};
