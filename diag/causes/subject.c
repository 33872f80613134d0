/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/subject.h"

#include <sys/socket.h>

#include "base/slice.h"
#include "causes/listener.h"
#include "causes/words.h"

const struct ev_name *subject_name(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target)
			return &evaluation->names[i];
	return NULL;
}

bool subject_is_called(const struct evaluation *evaluation, const char *name)
{
	return slice_equal_nocase(slice_of(evaluation->target.host), slice_of(name));
}

bool subject_resolves(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			return true;
	return false;
}

bool subject_works(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].works == MUX_YES)
			return true;
	return false;
}

bool subject_has(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	if (candidate->name->of_target)
		return true;
	return candidate->name->literal && !subject_resolves(evaluation);
}

const struct ev_candidate *subject_stopped(const struct evaluation *evaluation,
					   enum ev_route_state state, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->route.state == state && candidate->address.family == family &&
		    candidate->works != MUX_YES && subject_has(evaluation, candidate))
			return candidate;
	}
	return NULL;
}

enum mux_severity subject_severity(const struct evaluation *evaluation, bool target_is_hit)
{
	if (!subject_resolves(evaluation))
		return MUX_SEVERITY_WARNING;
	if (!target_is_hit)
		return MUX_SEVERITY_INFO;
	return subject_works(evaluation) ? MUX_SEVERITY_WARNING : MUX_SEVERITY_CRITICAL;
}

const char *subject_address(struct findings *findings, const struct mux_address *address)
{
	return words_endpoint(findings->arena, address, findings->evaluation->target.port);
}

static void add_probe(struct findings *findings, struct cause_finding *finding,
		      const struct mux_probe *probe)
{
	const char *source;

	/* A datagram says something only when it was not even taken. */
	if (probe->protocol == MUX_UDP && (probe->connected || probe->error == 0))
		return;
	source = arena_printf(findings->arena, "probe %s %s",
			      probe->protocol == MUX_TCP ? "tcp" : "udp",
			      words_endpoint(findings->arena, &probe->address, probe->port));
	finding_evidence(findings, finding, source, "%s", words_probe(findings->arena, probe));
}

void subject_add_probes(struct findings *findings, struct cause_finding *finding,
			const struct ev_candidate *candidate)
{
	if (candidate->tcp != NULL)
		add_probe(findings, finding, candidate->tcp);
	if (candidate->udp != NULL &&
	    (candidate->tcp == NULL || candidate->tcp->error != candidate->udp->error))
		add_probe(findings, finding, candidate->udp);
}

void subject_add_listener(struct findings *findings, struct cause_finding *finding,
			  const struct ev_candidate *candidate)
{
	if (candidate->listen.listener != NULL)
		finding_evidence(findings, finding, "listening sockets", "%s",
				 listener_text(findings, candidate->listen.listener));
}
