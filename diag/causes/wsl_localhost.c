/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WSL2 is a virtual machine: its localhost is not that of Windows. From Windows to it connections
 * are relayed, but only to sockets of IPv4. */
#include <sys/socket.h>

#include "causes/listener.h"
#include "causes/place.h"
#include "causes/subject.h"

static void add_release(struct findings *findings, struct cause_finding *finding)
{
	finding_evidence(
		findings, finding, "kernel", "%s",
		cause_escape(findings, findings->evaluation->snapshot->surroundings.release));
}

static void report_missing(struct findings *findings, const struct ev_candidate *candidate)
{
	unsigned port = findings->evaluation->target.port;
	struct cause_finding *finding =
		finding_add(findings, &cause_wsl_localhost,
			    subject_severity(findings->evaluation, candidate->name->of_target));

	finding_title(findings, finding,
		      "nobody listens on port %u in WSL, whose localhost need not be that of "
		      "Windows",
		      port);
	add_release(findings, finding);
	finding_evidence(findings, finding, "listening sockets", "none on port %u in here", port);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding, "If the server belongs into WSL, start it here", "ss -ltnp",
		    NULL);
	finding_fix(findings, finding,
		    "If it runs on Windows, ask for the gateway, and let Windows' firewall pass it",
		    "ip route show default", NULL);
	finding_fix(findings, finding,
		    "Or let both share localhost: set networkingMode=mirrored under [wsl2] in "
		    "Windows' %USERPROFILE%\\.wslconfig, and restart WSL from there",
		    "wsl.exe --shutdown", NULL);
}

/* It harms no client in here. */
static void report_ipv6_only(struct findings *findings)
{
	struct cause_finding *finding =
		finding_add(findings, &cause_wsl_localhost, MUX_SEVERITY_INFO);

	finding_title(findings, finding,
		      "the server on port %u listens on IPv6 only, which Windows' localhost does "
		      "not reach in WSL",
		      (unsigned)findings->evaluation->target.port);
	add_release(findings, finding);
	finding_fix(findings, finding, "Let the server listen on 127.0.0.1 or 0.0.0.0", NULL, NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);

	if (candidate != NULL && place_of(evaluation) == PLACE_WSL)
		report_missing(findings, candidate);
	else if (place_is_wsl(evaluation) &&
		 listener_find(evaluation, LISTENER_OTHER_FAMILY, AF_INET) != NULL)
		report_ipv6_only(findings);
	return finding_result(findings);
}

const struct cause cause_wsl_localhost = {
	.id = "wsl-localhost",
	.summary = "this is WSL, whose localhost is not that of Windows",
	.explanation = "WSL2 is a virtual machine. In its usual network mode (NAT) Windows "
		       "relays connections to its own localhost into the machine, but not "
		       "the other way round: localhost in WSL does not lead to servers on "
		       "Windows.\n\n"
		       "In WSL a server on Windows gives \"Connection refused\". On Windows "
		       "a server in WSL that listens on ::1 only is not reached, because "
		       "only sockets of IPv4 are relayed.\n\n"
		       "muxdiag knows WSL2 by the kernel's release and mentions it only "
		       "when nobody listens on the port, or when only IPv6 is served. The "
		       "mode of the network, which is a setting of Windows, is not known "
		       "in WSL.\n\n"
		       "From WSL ask for the gateway that `ip route show default` names. "
		       "With networkingMode=mirrored in .wslconfig both sides share "
		       "localhost. Let servers in WSL listen on 127.0.0.1 or 0.0.0.0.",
	.find = find,
};
