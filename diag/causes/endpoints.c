/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names and candidates, as the report shows them. */
#include "base/str.h"
#include "causes/answer.h"
#include "causes/talk.h"
#include "causes/words.h"

static const char *or_empty(const char *text)
{
	return text != NULL ? text : "";
}

static void add_names(const struct evaluation *evaluation, struct arena *arena,
		      struct mux_report *report)
{
	struct mux_name *names = arena_array(arena, evaluation->n_names, sizeof(*names));
	size_t i;

	if (names == NULL)
		return;
	for (i = 0; i < evaluation->n_names; i++) {
		const struct ev_name *name = &evaluation->names[i];

		names[i].name = str_escape(arena, name->name);
		names[i].of_target = name->of_target;
		names[i].resolves = name->resolves;
		names[i].text = or_empty(name->text);
	}
	report->names = names;
	report->n_names = evaluation->n_names;
}

static struct mux_stage_result probe_result(const struct ev_candidate *candidate,
					    struct arena *arena)
{
	const struct mux_probe *probe = candidate->tcp;
	const struct mux_talk *answer;
	struct mux_stage_result result = {MUX_UNKNOWN, "no connection was tried"};

	if (probe != NULL) {
		result.passes = probe->connected ? MUX_YES : MUX_NO;
		result.text = words_probe(arena, probe);
		answer = candidate->instance != NULL ? candidate->instance
			 : candidate->http != NULL   ? candidate->http
						     : candidate->tls;
		if (answer != NULL && answer->speech != MUX_SPEECH_NONE)
			result.text = arena_printf(arena, "%s; the server %s", result.text,
						   talk_text(arena, answer));
	}
	return result;
}

static void fill(const struct ev_candidate *candidate, struct arena *arena,
		 struct mux_endpoint *endpoint)
{
	struct mux_stage_result *stages = endpoint->stages;

	endpoint->name = str_escape(arena, candidate->name->name);
	endpoint->address = candidate->address;
	endpoint->position = candidate->position;
	endpoint->of_target = candidate->name->of_target;
	endpoint->works = candidate->works;
	endpoint->text = or_empty(candidate->text);
	stages[MUX_STAGE_ROUTE].passes = candidate->route.passes;
	stages[MUX_STAGE_ROUTE].text = or_empty(candidate->route.text);
	stages[MUX_STAGE_OUTPUT].passes = candidate->output.passes;
	stages[MUX_STAGE_OUTPUT].text = or_empty(candidate->output.text);
	stages[MUX_STAGE_INPUT].passes = candidate->input.passes;
	stages[MUX_STAGE_INPUT].text = or_empty(candidate->input.text);
	stages[MUX_STAGE_LISTENER].passes = candidate->listen.accepts;
	stages[MUX_STAGE_LISTENER].text = or_empty(candidate->listen.text);
	stages[MUX_STAGE_PROBE] = probe_result(candidate, arena);
}

void answer_endpoints(const struct evaluation *evaluation, struct arena *arena,
		      struct mux_report *report)
{
	struct mux_endpoint *endpoints;
	size_t i;

	add_names(evaluation, arena, report);
	endpoints = arena_array(arena, evaluation->n_candidates, sizeof(*endpoints));
	if (endpoints == NULL)
		return;
	for (i = 0; i < evaluation->n_candidates; i++) {
		fill(&evaluation->candidates[i], arena, &endpoints[i]);
		endpoints[i].port = evaluation->target.port;
	}
	report->endpoints = endpoints;
	report->n_endpoints = evaluation->n_candidates;
}
