/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A client that tries a port of the ephemeral range again and again while nobody listens is one day
 * given that very port as its own, and its SYN meets its own socket: RFC 9293 section 3.5 makes a
 * connection of that (simultaneous open).
 */
#include <string.h>

#include "causes/listener.h"
#include "causes/nearby.h"
#include "causes/subject.h"
#include "causes/words.h"

/* "8000 to 8009"; the sysctl parts them by a tab. */
static void add_range(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	const char *path = "net/ipv4/ip_local_port_range";
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++) {
		struct mux_slice first = snapshot->sysctls[i].text, last = first;

		if (strcmp(snapshot->sysctls[i].path, path) != 0 ||
		    memchr(first.data, '\t', first.len) == NULL)
			continue;
		first.len =
			(size_t)((const char *)memchr(first.data, '\t', first.len) - first.data);
		last.data += first.len + 1;
		last.len -= first.len + 1;
		finding_evidence(findings, finding, "net.ipv4.ip_local_port_range",
				 "clients are given %s to %s", cause_escape(findings, first),
				 cause_escape(findings, last));
	}
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_listener *own)
{
	struct arena *arena = findings->arena;
	unsigned port = findings->evaluation->target.port;

	finding_fix(findings, finding,
		    own == NULL ? "Start the server"
				: "End that client, or its connection, then start the server",
		    own == NULL ? NULL
				: arena_printf(arena, "ss -K sport = :%u dport = :%u", port, port),
		    NULL);
	finding_fix(findings, finding, "Keep the kernel from giving the port to clients",
		    arena_printf(arena, "sysctl -w net.ipv4.ip_local_reserved_ports=%u", port),
		    NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	const struct mux_listener *own = nearby_self(evaluation);
	unsigned port = evaluation->target.port;
	struct cause_finding *finding;

	if (candidate == NULL || !nearby_meets_itself(evaluation))
		return 0;
	finding = finding_add(findings, &cause_self_connect,
			      subject_severity(evaluation, candidate->name->of_target));
	if (own == NULL)
		finding_title(
			findings, finding,
			"nobody listens on port %u, and a client that tries it may connect to "
			"itself",
			port);
	else
		finding_title(findings, finding,
			      "nobody listens on port %u: a client has it, connected to itself",
			      port);
	finding_evidence(findings, finding, "listening sockets", "none on port %u", port);
	if (own != NULL)
		finding_evidence(findings, finding, "connected sockets", "%s, to itself",
				 listener_text(findings, own));
	add_range(findings, finding);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	add_fixes(findings, finding, own);
	return finding_result(findings);
}

const struct cause cause_self_connect = {
	.id = "self-connect",
	.summary = "nobody listens on the port, and a client has connected to itself there",
	.explanation = "Nobody listens on the port, and the port belongs to the range from which "
		       "the kernel gives clients their own (net.ipv4.ip_local_port_range). A "
		       "client that tries to connect again and again is sooner or later given the "
		       "port that it asks for, meets itself, and is connected: what it sends comes "
		       "back to it.\n\n"
		       "The client believes that the server is there, and reads its own request as "
		       "the answer. The server, started at last, fails with \"Address already in "
		       "use\" (EADDRINUSE), although `ss -ltn` shows no listener; and everybody "
		       "else is refused.\n\n"
		       "The kernel's list of connections shows a socket whose two ends are the "
		       "same. muxdiag also notices when that happens to its own connection, and "
		       "does not take it for success. None of it needs privilege; the name of the "
		       "client does, unless it is one's own.\n\n"
		       "End the client, then start the server. For good: use a port below the "
		       "range, or reserve it in net.ipv4.ip_local_reserved_ports; and let a client "
		       "that retries compare its two addresses.",
	.find = find,
};
