/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/answer.h"

#include <errno.h>

#include "base/slice.h"
#include "base/str.h"
#include "causes/cause.h"
#include "causes/words.h"

enum mux_answer answer_works(const struct ev_candidate *candidate)
{
	return candidate->useless ? MUX_NO : candidate->works;
}

struct answer_count answer_count(const struct evaluation *evaluation)
{
	struct answer_count count = {0};
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!candidate->name->of_target)
			continue;
		count.total++;
		count.work += answer_works(candidate) == MUX_YES;
		count.fail += answer_works(candidate) == MUX_NO;
		count.unknown += answer_works(candidate) == MUX_UNKNOWN;
	}
	return count;
}

/* The target as it was asked for. */
static const char *target_text(const struct mux_target *target, struct arena *arena)
{
	const char *subject = words_target(arena, target);
	struct str text;

	if (target->scheme[0] == '\0')
		return subject;
	str_init(&text, arena);
	str_add_escaped(&text, slice_of(target->scheme));
	str_addf(&text, "://%s", subject);
	str_add_escaped(&text, slice_of(target->path));
	return str_done(&text);
}

/* The facts hold the machine's own words; a report holds none unescaped. */
static const struct mux_machine *escape_machine(const struct mux_machine *machine,
						struct arena *arena)
{
	struct mux_machine *copy = arena_alloc(arena, sizeof(*copy));

	if (copy == NULL)
		return NULL;
	*copy = *machine;
	copy->kernel = str_escape(arena, slice_of(machine->kernel));
	copy->host_name = str_escape(arena, slice_of(machine->host_name));
	copy->target = str_escape(arena, slice_of(machine->target));
	return copy;
}

static bool has_finding(const struct mux_report *report, enum mux_severity severity)
{
	size_t i;

	for (i = 0; i < report->n_findings; i++)
		if (report->findings[i].severity >= severity)
			return true;
	return false;
}

/* Is it known that the target's name stands for nothing? A resolver that is still waiting while a
 * cause explains it will end in the same failure. */
static bool name_fails(const struct evaluation *evaluation, const struct mux_report *report)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target && evaluation->names[i].resolves == MUX_NO)
			return true;
	return has_finding(report, MUX_SEVERITY_CRITICAL);
}

/* What is asked about is one client, and others do not matter. */
static enum mux_status decide_for(const struct mux_client *client)
{
	if (client->works == MUX_UNKNOWN)
		return MUX_STATUS_UNKNOWN;
	if (client->works == MUX_NO)
		return MUX_STATUS_FAILS;
	return client->after_ms >= ANSWER_PATIENT_MS ? MUX_STATUS_WARNING : MUX_STATUS_OK;
}

static bool has_failing_client(const struct mux_report *report)
{
	size_t i;

	for (i = 0; i < report->n_clients; i++)
		if (report->clients[i].works == MUX_NO)
			return true;
	return false;
}

static enum mux_status decide(const struct evaluation *evaluation, const struct mux_report *report)
{
	struct answer_count count = answer_count(evaluation);

	if (evaluation->only != NULL && report->n_clients == 1)
		return decide_for(&report->clients[0]);
	if (count.total == 0)
		return name_fails(evaluation, report) ? MUX_STATUS_FAILS : MUX_STATUS_UNKNOWN;
	if (count.fail == count.total)
		return MUX_STATUS_FAILS;
	if (count.work == 0)
		return MUX_STATUS_UNKNOWN;
	/* Every connection is made, and of no use. */
	if (count.work == count.total && has_finding(report, MUX_SEVERITY_CRITICAL))
		return MUX_STATUS_FAILS;
	if (count.work < count.total || has_finding(report, MUX_SEVERITY_WARNING) ||
	    has_failing_client(report))
		return MUX_STATUS_WARNING;
	return MUX_STATUS_OK;
}

int answer(const struct evaluation *evaluation, struct arena *arena, struct mux_report *report)
{
	int error = causes_find(evaluation, arena, true, &report->findings, &report->n_findings);

	if (error != 0)
		return error;
	report->target = target_text(&evaluation->target, arena);
	report->port = evaluation->target.port;
	report->machine = escape_machine(&evaluation->snapshot->machine, arena);
	answer_endpoints(evaluation, arena, report);
	answer_clients(evaluation, arena, report);
	answer_gaps(evaluation, arena, report);
	report->status = decide(evaluation, report);
	answer_recommendations(evaluation, arena, report);
	answer_headline(evaluation, arena, report);
	return arena_failed(arena) ? -ENOMEM : 0;
}
