/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections wait to be accepted up to the backlog; beyond it the kernel lets the last ACK and new
 * SYNs fall on the floor, which looks like a firewall's drop to every client.
 */
#include "base/slice.h"
#include "causes/listener.h"
#include "causes/subject.h"

static const struct ev_candidate *find_full(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (subject_has(evaluation, &evaluation->candidates[i]) &&
		    evaluation->candidates[i].listen.queue_full &&
		    evaluation->candidates[i].listen.listener != NULL)
			return &evaluation->candidates[i];
	return NULL;
}

/* Is it net.core.somaxconn that cut the backlog? */
static bool is_capped(const struct mux_snapshot *snapshot, uint32_t backlog)
{
	uint64_t largest = 0;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (slice_is(slice_of(snapshot->sysctls[i].path), "net/core/somaxconn") &&
		    snapshot->sysctls[i].source.presence == MUX_PRESENT &&
		    slice_parse_u64(snapshot->sysctls[i].text, 10, &largest) == 0)
			return largest == backlog;
	return false;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = find_full(evaluation);
	const struct mux_listener *listener;
	struct cause_finding *finding;

	/* That of a stopped server is full for another reason, which is reported instead. */
	if (candidate == NULL || candidate->listen.listener->state == 'T' ||
	    candidate->listen.listener->state == 't' ||
	    listener_is_used_up(candidate->listen.listener))
		return 0;
	listener = candidate->listen.listener;
	finding = finding_add(findings, &cause_accept_queue_full,
			      candidate->works == MUX_YES
				      ? MUX_SEVERITY_WARNING
				      : subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "the accept queue of the server on port %u is full",
		      (unsigned)listener->port);
	finding_evidence(findings, finding, "listening sockets",
			 "%s: %u connections wait, its backlog is %u",
			 listener_text(findings, listener), (unsigned)listener->queued,
			 (unsigned)listener->backlog);
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	if (is_capped(evaluation->snapshot, listener->backlog)) {
		finding_fix(
			findings, finding,
			"Raise the kernel's limit, then restart the server with a larger backlog",
			"sysctl -w net.core.somaxconn=4096", NULL);
		finding_lasting(
			findings, finding,
			"echo net.core.somaxconn=4096 > /etc/sysctl.d/99-zz-somaxconn.conf");
	}
	finding_fix(findings, finding,
		    "See whether the server is stopped or stuck: it does not accept", NULL, NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_QUEUE, .port = listener->port});
	return finding_result(findings);
}

const struct cause cause_accept_queue_full = {
	.id = "accept-queue-full",
	.summary = "the server does not accept: its queue of finished connections is full",
	.explanation = "The kernel completes handshakes on its own and keeps the connections in a "
		       "queue until the server takes them with accept(2). When as many wait as the "
		       "server asked for in listen(2), capped by net.core.somaxconn, the kernel "
		       "drops what comes further without an answer.\n\n"
		       "Clients hang, or see steps of a second and more in the time that "
		       "connecting takes: a SYN is sent again after 1 s, then 2 s, 4 s, and so on, "
		       "until \"Connection timed out\". It happens under load with a short queue, "
		       "and with a server that is stopped, stuck, or has no descriptors left. From "
		       "outside it cannot be told from a firewall that drops.\n\n"
		       "muxdiag reads how many connections wait and how long the queue is, which "
		       "the kernel tells everybody; the queue is full when more wait than its "
		       "length. The kernel also counts the overflows (ListenOverflows), and "
		       "muxdiag looks whether its own connection made one.\n\n"
		       "Find out why the server does not accept: stopped, in a debugger, waiting "
		       "for something, out of descriptors. Against load a longer queue helps, and "
		       "a server that accepts sooner.",
	.find = find,
};
