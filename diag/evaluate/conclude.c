/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A candidate's fate in one line, and the stages that it does not pass. */
#include "evaluate/infer.h"

#include <stddef.h>

struct stage {
	enum mux_answer passes;
	const char *text;
};

static bool is_reject(const struct ev_path *path)
{
	return path->passes == MUX_NO && (!path->decided || path->decision.kind == NF_KIND_REJECT);
}

/* A closed port explains a reset by itself, whatever else would be in the way. */
static bool is_closed(const struct ev_candidate *candidate)
{
	return ev_fate_of(candidate) == EV_FATE_RESET && candidate->listen.accepts == MUX_NO &&
	       !candidate->listen.queue_full && !is_reject(&candidate->output) &&
	       !is_reject(&candidate->input);
}

/* Why it ended like this: the first stage that fails, else the first that is in doubt. */
static const char *find_reason(const struct ev_context *context,
			       const struct ev_candidate *candidate)
{
	const struct stage stages[] = {
		{candidate->route.passes, candidate->route.text},
		{candidate->output.passes, candidate->output.text},
		{candidate->input.passes, candidate->input.text},
		{candidate->listen.accepts, candidate->listen.text},
	};
	size_t i, n = sizeof(stages) / sizeof(stages[0]) - (context->target->port == 0 ? 1 : 0);

	if (is_closed(candidate))
		return candidate->listen.text;
	for (i = 0; i < n; i++)
		if (stages[i].passes == MUX_NO)
			return stages[i].text;
	for (i = 0; i < n; i++)
		if (stages[i].passes == MUX_UNKNOWN)
			return stages[i].text;
	return NULL;
}

/* How the real connection ended; NULL when there was none. */
static const char *ending(struct arena *arena, const struct ev_candidate *candidate)
{
	switch (ev_fate_of(candidate)) {
	case EV_FATE_CONNECTED:
		return arena_printf(arena, "connected in %s",
				    ev_duration(arena, candidate->tcp->elapsed_us));
	case EV_FATE_SILENT:
		return arena_printf(arena, "silent for %s",
				    ev_duration(arena, candidate->tcp->elapsed_us));
	case EV_FATE_RESET:
	case EV_FATE_ICMP:
	case EV_FATE_LOCAL:
		return ev_error_text(arena, candidate->tcp->error);
	case EV_FATE_NONE:
		break;
	}
	if (candidate->tcp != NULL && !candidate->tcp->finished)
		return arena_printf(arena, "no answer within %s",
				    ev_duration(arena, candidate->tcp->elapsed_us));
	return candidate->route.passes == MUX_NO && candidate->route.error != 0
		       ? ev_error_text(arena, candidate->route.error)
		       : NULL;
}

void ev_conclude(const struct ev_context *context, struct ev_candidate *candidate)
{
	const enum mux_answer stages[] = {
		[MUX_STAGE_ROUTE] = candidate->route.passes,
		[MUX_STAGE_OUTPUT] = candidate->output.passes,
		[MUX_STAGE_INPUT] = candidate->input.passes,
		[MUX_STAGE_LISTENER] = candidate->listen.accepts,
	};
	const char *end = ending(context->arena, candidate);
	const char *reason = find_reason(context, candidate);
	unsigned stage;

	for (stage = 0; stage < sizeof(stages) / sizeof(stages[0]); stage++)
		if (stages[stage] == MUX_NO)
			candidate->blocked |= 1u << stage;
	if (candidate->works == MUX_YES)
		candidate->text = end != NULL ? end : "nothing is in its way";
	else if (reason == NULL)
		candidate->text = end != NULL ? end : "not known";
	else if (end != NULL)
		candidate->text = arena_printf(context->arena, "%s: %s", end, reason);
	else
		candidate->text = reason;
}
