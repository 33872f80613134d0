/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nobody listens on the port, on no address. */
#include "causes/listener.h"
#include "causes/nearby.h"
#include "causes/place.h"
#include "causes/subject.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_listeners *listeners = &evaluation->snapshot->listeners;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL || place_of(evaluation) != PLACE_ORDINARY ||
	    nearby_unix(evaluation) != NULL || nearby_meets_itself(evaluation))
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
	nearby_add(findings, finding);
	finding_fix(findings, finding, "Start the server, or ask for a port that is served",
		    "ss -ltnp", NULL);
	return finding_result(findings);
}

const struct cause cause_no_listener = {
	.id = "no-listener",
	.summary = "nobody listens on the port",
	.explanation = "No socket listens on the port, on any address of this machine. The kernel "
		       "answers a SYN to such a port with a reset. The server was not started, has "
		       "ended, is still starting, or listens on another port than the one that is "
		       "asked for.\n\n"
		       "Every client fails at once: \"Connection refused\" (ECONNREFUSED); in a "
		       "browser \"refused to connect\" (ERR_CONNECTION_REFUSED), in Node \"connect "
		       "ECONNREFUSED ::1:8000\", in Go \"dial tcp [::1]:8000: connect: connection "
		       "refused\".\n\n"
		       "muxdiag asks the kernel for all listening sockets of the port in both "
		       "families, which needs no privilege. A firewall that rejects with a reset "
		       "looks the same to a client; what tells them apart is that there a socket "
		       "listens. When nobody does, all other listening sockets are looked through "
		       "for what may have been meant: a port next to it, a usual one, the same "
		       "port on UDP. Names of processes are shown for one's own, and all of them "
		       "to root.\n\n"
		       "Start the server, and look at what it prints at its start. If it runs, `ss "
		       "-ltnp` shows where it really listens.",
	.find = find,
};
