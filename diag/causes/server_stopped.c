/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kernel goes on completing handshakes for a server that does not run. */
#include "causes/listener.h"
#include "causes/subject.h"
#include "causes/talk.h"

/* SIGSTOP and Ctrl-Z, or a debugger (proc_pid_stat(5)). */
static bool is_stopped(const struct mux_listener *listener)
{
	return listener != NULL && (listener->state == 'T' || listener->state == 't');
}

static bool is_hit(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	if (!candidate->name->of_target || listener_is_used_up(candidate->listen.listener))
		return false;
	if (is_stopped(candidate->listen.listener))
		return ev_is_silent(candidate) || candidate->listen.queue_full;
	return talk_waiting(evaluation, candidate) != 0;
}

static const struct ev_candidate *find_hit(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (is_hit(evaluation, &evaluation->candidates[i]))
			return &evaluation->candidates[i];
	return NULL;
}

static void add_stopped(struct findings *findings, struct cause_finding *finding,
			const struct mux_listener *listener)
{
	bool traced = listener->state == 't';

	finding_title(findings, finding, "the server on port %u, %s (pid %d), is stopped%s",
		      (unsigned)listener->port, cause_escape(findings, listener->command),
		      listener->pid, traced ? " by a debugger" : "");
	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "/proc/%d/stat", listener->pid), "state %c",
			 listener->state);
	if (traced)
		finding_fix(findings, finding, "Let it go on in the debugger", NULL, NULL);
	else
		finding_fix(findings, finding, "Let it go on",
			    arena_printf(findings->arena, "kill -CONT %d", listener->pid), NULL);
	if (listener->queued > listener->backlog)
		finding_change(findings, finding,
			       &(struct change){.kind = CHANGE_QUEUE, .port = listener->port});
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = find_hit(evaluation);
	const struct mux_listener *listener;
	struct cause_finding *finding;

	if (candidate == NULL)
		return 0;
	listener = candidate->listen.listener;
	finding = finding_add(findings, &cause_server_stopped,
			      is_stopped(listener) ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_WARNING);
	if (is_stopped(listener))
		add_stopped(findings, finding, listener);
	else
		finding_title(findings, finding,
			      "the server on port %u does not accept connections",
			      (unsigned)evaluation->target.port);
	subject_add_listener(findings, finding, candidate);
	talk_add(findings, finding, candidate);
	if (talk_waiting(evaluation, candidate) != 0)
		finding_evidence(findings, finding, "accept queue",
				 "%u connections wait, ours among them",
				 (unsigned)talk_waiting(evaluation, candidate));
	if (candidate->listen.queue_full) {
		subject_add_probes(findings, finding, candidate);
		finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	}
	if (!is_stopped(listener))
		finding_fix(
			findings, finding,
			"See why the server does not accept: stuck, busy, or out of "
			"descriptors",
			listener != NULL && listener->pid != 0
				? arena_printf(findings->arena, "cat /proc/%d/wchan", listener->pid)
				: NULL,
			NULL);
	return finding_result(findings);
}

const struct cause cause_server_stopped = {
	.id = "server-stopped",
	.summary = "the server is stopped, or does not accept the connections that are made to it",
	.explanation = "The kernel completes handshakes for a listening socket whether its process "
		       "runs or not. A server that was stopped with Ctrl-Z or SIGSTOP, hangs in a "
		       "debugger, or has not come back to accept(2) still seems to be there: "
		       "connections are made, and nobody takes them.\n\n"
		       "Clients connect at once and hang, with no byte received. Once the accept "
		       "queue is full they do not even connect any more, and wait for a minute or "
		       "two. The log of the server shows nothing.\n\n"
		       "muxdiag leaves its own connection open while it looks at the listening "
		       "socket again: when connections wait in its queue, the server does not "
		       "accept. The state of the process, T for stopped and t for traced, comes "
		       "from /proc/PID/stat; that the socket belongs to that process is only known "
		       "to root and to its user.\n\n"
		       "`kill -CONT PID`, or `fg` in the shell that stopped it. A server that runs "
		       "and does not accept is stuck, or out of descriptors.",
	.find = find,
};
