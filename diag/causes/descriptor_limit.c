/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The server has as many descriptors open as it may, so accept(2) fails and connections wait. */
#include "causes/listener.h"
#include "causes/subject.h"
#include "causes/talk.h"

static const struct ev_candidate *find_hit(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && listener_is_used_up(candidate->listen.listener) &&
		    (candidate->listen.queue_full || ev_is_silent(candidate) ||
		     talk_waiting(evaluation, candidate) != 0))
			return candidate;
	}
	return NULL;
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_listener *listener)
{
	long long wanted = (long long)listener->descriptor_limit * 4;

	finding_fix(findings, finding, "Give the process more",
		    arena_printf(findings->arena, "prlimit --pid %d --nofile=%lld:%lld",
				 listener->pid, wanted, wanted),
		    NULL);
	finding_lasting(findings, finding,
			arena_printf(findings->arena,
				     "LimitNOFILE=%lld in its unit, or ulimit -n %lld before its "
				     "start",
				     wanted, wanted));
	finding_fix(findings, finding, "See what it keeps open",
		    arena_printf(findings->arena, "ls -l /proc/%d/fd", listener->pid), NULL);
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
	finding = finding_add(findings, &cause_descriptor_limit, MUX_SEVERITY_CRITICAL);
	finding_title(findings, finding,
		      "the server on port %u, %s (pid %d), has no descriptor left to accept with",
		      (unsigned)listener->port, cause_escape(findings, listener->command),
		      listener->pid);
	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "/proc/%d/limits", listener->pid),
			 "Max open files %lld, and %lld are open",
			 (long long)listener->descriptor_limit, (long long)listener->descriptors);
	subject_add_listener(findings, finding, candidate);
	talk_add(findings, finding, candidate);
	if (candidate->listen.queue_full) {
		subject_add_probes(findings, finding, candidate);
		finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	}
	add_fixes(findings, finding, listener);
	return finding_result(findings);
}

const struct cause cause_descriptor_limit = {
	.id = "descriptor-limit",
	.summary = "the server has as many files and sockets open as it may, and cannot accept",
	.explanation =
		"Every connection costs its server a descriptor, and a process may have so many "
		"(RLIMIT_NOFILE, 1024 unless somebody raised it). When they are used up accept(2) "
		"fails with EMFILE, and new connections wait in the accept queue: the kernel has "
		"completed their handshakes already.\n\n"
		"Clients connect and hang with no byte received; once the queue is full they do "
		"not even connect. The server's log may say \"Too many open files\". It comes and "
		"goes with the load, or for good when descriptors leak.\n\n"
		"muxdiag compares the soft limit in /proc/PID/limits with the open descriptors of "
		"the process that listens, which is known to root and to its user, and only "
		"accuses it when the server also leaves a connection unserved.\n\n"
		"Raise the limit of the running process with prlimit(1), and for good with "
		"LimitNOFILE= in its unit or `ulimit -n` before its start; look for a leak with "
		"`ls -l /proc/PID/fd`.",
	.find = find,
};
