/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandbox without a network has a lo of its own, which nobody listens on: what runs inside
 * concludes that a server is down which runs outside. */
#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL || place_of(evaluation) != PLACE_SANDBOX)
		return 0;
	finding = finding_add(findings, &cause_sandboxed,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding,
		      "nobody listens on port %u in this sandbox, which is cut off from the "
		      "machine's localhost",
		      (unsigned)evaluation->target.port);
	finding_evidence(findings, finding, "listening sockets", "none on port %u in here",
			 (unsigned)evaluation->target.port);
	place_add_sandbox(findings, finding);
	place_add_links(findings, finding);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding, "Start the server inside the sandbox, too", NULL, NULL);
	finding_fix(findings, finding,
		    "Or run the client where the server runs: outside, or in a sandbox that shares "
		    "the network (bwrap: --share-net)",
		    NULL, NULL);
	place_add_allowance(findings, finding);
	return finding_result(findings);
}

const struct cause cause_sandboxed = {
	.id = "sandboxed",
	.summary = "nobody listens on the port in this sandbox, which has a lo of its own",
	.explanation = "This process runs in a sandbox with a network namespace of its own "
		       "that has nothing but lo. Localhost in there is the sandbox; "
		       "servers outside of it are not reached.\n\n"
		       "Clients inside fail with \"Connection refused\", in curl's words "
		       "\"Failed to connect to localhost port 8000 after 0 ms\". Agents and "
		       "build systems that run commands in a sandbox conclude from it that "
		       "the server is down.\n\n"
		       "Reported when nobody listens on the port, lo is the only link, the "
		       "namespace is not the one the machine booted with, and the process "
		       "says to be in a sandbox or may never gain privileges "
		       "(no_new_privs), as bwrap leaves it. All of it is read without "
		       "privilege.\n\n"
		       "Start the server in the same sandbox, run the client outside, or "
		       "let the sandbox share the network of the machine, for which each "
		       "has an option of its own.",
	.find = find,
};
