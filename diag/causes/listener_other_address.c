/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The port is served, but for another address than the one that is asked for, or through one link
 * only. */
#include "causes/listener.h"
#include "causes/subject.h"

/* Who serves the port instead: the nearest socket, or the one on the loopback address. */
static const struct mux_listener *find_other(const struct evaluation *evaluation,
					     const struct ev_candidate *candidate)
{
	const struct ev_candidate *literal =
		evaluation_literal(evaluation, candidate->address.family);

	if (candidate->listen.nearest != NULL || literal == NULL)
		return candidate->listen.nearest;
	return literal->listen.listener;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_find(evaluation, LISTENER_ELSEWHERE, 0);
	const struct mux_listener *listener;
	struct cause_finding *finding;
	const char *text;

	if (candidate == NULL)
		return 0;
	listener = find_other(evaluation, candidate);
	if (listener == NULL)
		return 0;
	text = listener_text(findings, listener);
	finding = finding_add(findings, &cause_listener_other_address,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "the server on port %u listens on %s, not on %s",
		      (unsigned)evaluation->target.port, text,
		      subject_address(findings, &candidate->address));
	finding_evidence(findings, finding, "listening sockets", "%s", text);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding, "Ask for the address that the server listens on", NULL,
		    NULL);
	listener_add_fix(findings, finding, listener);
	return finding_result(findings);
}

const struct cause cause_listener_other_address = {
	.id = "listener-other-address",
	.summary = "the server listens on another address than the one that is asked for",
	.find = find,
};
