/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A sandbox around the client refuses the system call: seccomp, Landlock. No packet is ever sent,
 * and no firewall has a part in it. */
#include "causes/place.h"
#include "causes/subject.h"
#include "causes/words.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	struct cause_finding *finding;
	const struct ev_candidate *candidate;
	int family = 0;

	candidate = place_refused(evaluation, REFUSER_SANDBOX, &family);
	if (candidate == NULL)
		return 0;
	finding = finding_add(findings, &cause_sandbox_denies,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "a sandbox around this process refuses connections to %s",
		      family == 0 ? "both IPv4 and IPv6"
				  : words_address(findings->arena, &candidate->address));
	subject_add_probes(findings, finding, candidate);
	place_add_sandbox(findings, finding);
	finding_hit(finding, "only what runs inside the sandbox fails");
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE | 1u << MUX_STAGE_OUTPUT, family);
	finding_fix(findings, finding,
		    "Run the client outside of the sandbox, or let the sandbox allow connections",
		    NULL, NULL);
	place_add_allowance(findings, finding);
	finding_fix(findings, finding, "If systemd made it, see what it allows to the unit",
		    "systemctl show -p RestrictAddressFamilies,SystemCallFilter UNIT", NULL);
	if (finding != NULL)
		finding->public.inferred = true;
	return finding_result(findings);
}

const struct cause cause_sandbox_denies = {
	.id = "sandbox-denies",
	.summary = "a sandbox around the process refuses the connection",
	.explanation = "A sandbox around the client refuses to make sockets or "
		       "connections: a seccomp filter of an agent, a build system or a "
		       "service, or Landlock rules.\n\n"
		       "connect() or socket() fails at once with \"Operation not "
		       "permitted\", \"Permission denied\" or \"Address family not supported "
		       "by protocol\", mostly for IPv4 and IPv6 alike. Everything outside "
		       "of the sandbox connects.\n\n"
		       "A firewall never makes connect() fail like this. A routing rule or "
		       "a BPF program of the control group may: the kernel's route and the "
		       "programs in force are asked first (the latter takes root). What "
		       "remains is accused only if the process is seen to be in a sandbox: "
		       "a seccomp filter or no_new_privs in /proc/self/status, or a "
		       "variable that the sandbox sets. Which of its rules refuses cannot "
		       "be read.\n\n"
		       "Run the client outside of the sandbox, or let its configuration "
		       "allow connections to localhost. For a systemd unit look at "
		       "RestrictAddressFamilies= and SystemCallFilter=.",
	.find = find,
};
