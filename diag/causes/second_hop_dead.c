/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who listens only passes connections on, and finds nobody behind. */
#include "base/slice.h"
#include "causes/subject.h"
#include "causes/talk.h"

static const struct ev_candidate *find_dead(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    ev_is_dead(&evaluation->candidates[i]) &&
		    ev_hop(&evaluation->candidates[i]) != NULL)
			return &evaluation->candidates[i];
	return NULL;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = find_dead(evaluation);
	unsigned port = evaluation->target.port;
	struct cause_finding *finding;
	const struct ev_hop *hop;

	if (candidate == NULL)
		return 0;
	hop = ev_hop(candidate);
	finding =
		finding_add(findings, &cause_second_hop_dead,
			    talk_find(evaluation, MUX_SPEECH_HTTP) != NULL ? MUX_SEVERITY_WARNING
									   : MUX_SEVERITY_CRITICAL);
	finding_title(findings, finding,
		      "%s accepts on port %u for %s, but the server behind it does not",
		      hop->command, port, hop->of);
	subject_add_listener(findings, finding, candidate);
	talk_add(findings, finding, candidate);
	finding_fix(findings, finding,
		    "Let the server inside listen on 0.0.0.0 and [::], not on its own 127.0.0.1, "
		    "and on the port that is published",
		    NULL, NULL);
	finding_fix(findings, finding, "See whether it runs, and which of its ports is published",
		    slice_is(slice_of(hop->of), "Docker") ? "docker ps" : NULL, NULL);
	return finding_result(findings);
}

const struct cause cause_second_hop_dead = {
	.id = "second-hop-dead",
	.summary = "who listens passes connections on to a server that does not take them",
	.explanation = "The port of a container is published by a small program of its runtime "
		       "(docker-proxy, rootlessport, conmon, pasta) that accepts connections on "
		       "the host and passes them on. It accepts before it knows whether anybody "
		       "listens inside. When nobody does, it ends the connection again.\n\n"
		       "Clients connect, and then get \"Recv failure: Connection reset by peer\", "
		       "\"Empty reply from server\" or ERR_EMPTY_RESPONSE; a refusal is never "
		       "seen. Often the server runs, but listens on 127.0.0.1 inside of its "
		       "container, which is another localhost.\n\n"
		       "muxdiag tries HTTP and TLS, each on a further connection. When both are "
		       "ended without a single byte, and the program that listens is one of those, "
		       "the fault lies behind it. The name of that program is shown to root and "
		       "its own user only; without it nothing is concluded.\n\n"
		       "Let the server inside listen on all addresses, publish the port that it "
		       "has, and see whether it runs. On the host publish on localhost alone: `-p "
		       "127.0.0.1:8000:8000`.",
	.find = find,
};
