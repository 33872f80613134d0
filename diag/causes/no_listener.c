/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody listens on the port, on no address. */
#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_listeners *listeners = &evaluation->snapshot->listeners;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL || place_of(evaluation) != PLACE_ORDINARY)
		return 0;
	finding = finding_add(findings, &cause_no_listener,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "nobody listens on port %u",
		      (unsigned)evaluation->target.port);
	finding_evidence(findings, finding, "listening sockets", "none on port %u, in %s",
			 (unsigned)evaluation->target.port,
			 listeners->source6.presence == MUX_PRESENT ? "IPv4 and IPv6"
								    : "IPv4 (IPv6 not read)");
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding, "Start the server, or ask for a port that is served",
		    "ss -ltnp", NULL);
	return finding_result(findings);
}

const struct cause cause_no_listener = {
	.id = "no-listener",
	.summary = "nobody listens on the port",
	.find = find,
};
