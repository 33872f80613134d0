/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server took the connection, and then says nothing. */
#include "causes/listener.h"
#include "causes/subject.h"
#include "causes/talk.h"
#include "causes/words.h"

static const struct ev_candidate *find_silent(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    ev_is_silent(&evaluation->candidates[i]) &&
		    talk_waiting(evaluation, &evaluation->candidates[i]) == 0)
			return &evaluation->candidates[i];
	return NULL;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = find_silent(evaluation);
	const struct mux_listener *listener;
	const struct mux_talk *talk;
	struct cause_finding *finding;

	if (candidate == NULL)
		return 0;
	listener = candidate->listen.listener;
	if (listener != NULL &&
	    (listener->state == 'T' || listener->state == 't' || listener_is_used_up(listener)))
		return 0;
	/* A server of another protocol may just wait for other words. */
	finding = finding_add(findings, &cause_slow_answer,
			      ev_expects_http(&evaluation->target) ? MUX_SEVERITY_WARNING
								   : MUX_SEVERITY_INFO);
	talk = candidate->http != NULL ? candidate->http : candidate->tls;
	finding_title(findings, finding,
		      "the server on port %u takes connections, but says nothing for %s",
		      (unsigned)evaluation->target.port,
		      words_duration(findings->arena, talk->elapsed_us));
	talk_add(findings, finding, candidate);
	subject_add_listener(findings, finding, candidate);
	if (listener != NULL && listener->state != '\0')
		finding_evidence(findings, finding,
				 arena_printf(findings->arena, "/proc/%d/stat", listener->pid),
				 "state %c", listener->state);
	finding_fix(findings, finding,
		    "See what it is busy with or waits for; the first answer of a development "
		    "server may just take long",
		    listener != NULL && listener->pid != 0
			    ? arena_printf(findings->arena, "top -H -p %d", listener->pid)
			    : NULL,
		    NULL);
	return finding_result(findings);
}

const struct cause cause_slow_answer = {
	.id = "slow-answer",
	.summary = "the server takes connections, but does not answer in time",
	.explanation = "The handshake is completed and the server has accepted the connection, but "
		       "no byte comes back within 300 ms (of a preflight: 100 ms) of the request. "
		       "It is busy, blocked by "
		       "something that it waits for, deadlocked, compiling its first page, or it "
		       "is no server of HTTP and waits for other words.\n\n"
		       "Clients connect at once and then hang until their own limit: \"Operation "
		       "timed out after 30000 milliseconds with 0 bytes received\" (curl), "
		       "\"context deadline exceeded (Client.Timeout exceeded while awaiting "
		       "headers)\" (Go), \"Headers Timeout Error\" (Node).\n\n"
		       "muxdiag says HEAD / (or begins a handshake, for https) on a further "
		       "connection, and looks at the accept queue before it gives up: a connection "
		       "that still waits there belongs to another cause, a server that does not "
		       "accept. The state of the process is shown where its process is known, "
		       "which takes root or its user. On a port that is not usual for HTTP this is "
		       "information only.\n\n"
		       "Look at what the process does: its log, `top -H`, a stack trace. Nothing "
		       "on the way to it needs a change.",
	.find = find,
};
