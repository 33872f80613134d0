/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The answer in one sentence: what fails, and why. */
#include "base/addr.h"
#include "base/str.h"
#include "causes/answer.h"
#include "causes/words.h"
#include "evaluate/client.h"

/* Was the address of candidate `i` mentioned by an earlier candidate with the same answer? */
static bool is_repeated(const struct evaluation *evaluation, size_t i)
{
	const struct ev_candidate *candidates = evaluation->candidates;
	size_t j;

	for (j = 0; j < i; j++)
		if (candidates[j].name->of_target &&
		    answer_works(&candidates[j]) == answer_works(&candidates[i]) &&
		    addr_equal(&candidates[j].address, &candidates[i].address))
			return true;
	return false;
}

static bool is_listed(const struct evaluation *evaluation, size_t i, enum mux_answer works)
{
	const struct ev_candidate *candidate = &evaluation->candidates[i];

	return candidate->name->of_target && answer_works(candidate) == works &&
	       !is_repeated(evaluation, i);
}

/* Appends the target's addresses of that answer, "::1 and 127.0.0.1", and returns their number. */
static size_t add_addresses(struct str *text, const struct evaluation *evaluation,
			    enum mux_answer works)
{
	size_t i, n = 0, total = 0;

	for (i = 0; i < evaluation->n_candidates; i++)
		total += is_listed(evaluation, i, works);
	for (i = 0; i < evaluation->n_candidates; i++) {
		char address[ADDR_TEXT_MAX];

		if (!is_listed(evaluation, i, works))
			continue;
		if (n != 0)
			str_add(text, n + 1 == total ? " and " : ", ");
		str_add(text, addr_format(&evaluation->candidates[i].address, address));
		n++;
	}
	return total;
}

/* The slowest connection that was made, or -1. */
static int64_t slowest_us(const struct evaluation *evaluation)
{
	int64_t slowest = -1;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && candidate->tcp != NULL &&
		    candidate->tcp->connected && candidate->tcp->elapsed_us > slowest)
			slowest = candidate->tcp->elapsed_us;
	}
	return slowest;
}

/* What the target's name says of itself, or NULL. */
static const char *name_text(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].of_target)
			return evaluation->names[i].text;
	return NULL;
}

/* What the first address that does not work says of itself, or NULL. */
static const char *candidate_text(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].works != MUX_YES)
			return evaluation->candidates[i].text;
	return NULL;
}

/* Does the first finding explain the outcome? A name without an address is explained only by a
 * cause that says so. */
static bool is_explained(const struct evaluation *evaluation, const struct mux_report *report)
{
	if (report->n_findings == 0)
		return false;
	if (answer_count(evaluation).total == 0)
		return report->findings[0].severity == MUX_SEVERITY_CRITICAL;
	return report->findings[0].severity >= MUX_SEVERITY_WARNING;
}

/* Appends the title of the finding that explains most, or what the target itself says. */
static void add_reason(struct str *text, const struct evaluation *evaluation,
		       const struct mux_report *report)
{
	const char *reason = candidate_text(evaluation);
	size_t i, more = 0;

	if (!is_explained(evaluation, report)) {
		if (reason == NULL)
			reason = name_text(evaluation);
		str_add(text, reason != NULL ? reason : "too little could be read");
		return;
	}
	for (i = 1; i < report->n_findings; i++)
		more += report->findings[i].severity >= MUX_SEVERITY_WARNING;
	str_add(text, report->findings[0].title);
	if (more != 0)
		str_addf(text, " (and %zu more cause%s)", more, more == 1 ? "" : "s");
}

static void add_fine(struct str *text, const struct evaluation *evaluation)
{
	int64_t us = slowest_us(evaluation);
	size_t n;

	if (evaluation->target.port == 0) {
		str_add(text, " is fine: nothing is in the way to ");
		add_addresses(text, evaluation, MUX_YES);
		str_add(text, " (no port was asked for)");
		return;
	}
	str_add(text, " is fine: ");
	n = add_addresses(text, evaluation, MUX_YES);
	str_add(text, n == 1 ? " connects" : n == 2 ? " both connect" : " connect");
	if (us >= 0)
		str_addf(text, " (%s)", words_duration(text->arena, us));
}

/* How clients differ, in brackets. */
static void add_clause(struct str *text, const struct mux_report *report)
{
	const char *clause = answer_clause(report, text->arena);

	if (clause != NULL && clause[0] != '\0')
		str_addf(text, " (%s)", clause);
}

static void add_partly(struct str *text, const struct evaluation *evaluation,
		       const struct mux_report *report)
{
	struct answer_count count = answer_count(evaluation);

	str_add(text, " works");
	if (count.work < count.total) {
		str_add(text, " over ");
		add_addresses(text, evaluation, MUX_YES);
	}
	if (count.fail != 0) {
		str_add(text, " but not over ");
		add_addresses(text, evaluation, MUX_NO);
	} else if (count.unknown != 0) {
		str_add(text, "; whether it does over ");
		add_addresses(text, evaluation, MUX_UNKNOWN);
		str_add(text, " is not known");
	} else if (is_explained(evaluation, report)) {
		str_add(text, ", with a warning");
	} else {
		str_add(text, ", but not for every client");
	}
	add_clause(text, report);
	if (count.work == count.total && !is_explained(evaluation, report))
		return;
	str_add(text, ": ");
	add_reason(text, evaluation, report);
}

/* The answer for one client. */
static void add_for(struct str *text, const struct evaluation *evaluation,
		    const struct mux_report *report)
{
	const struct mux_client *client = &report->clients[0];

	switch (report->status) {
	case MUX_STATUS_OK:
		str_addf(text, " is fine for %s: it %s", client->title, client->text);
		return;
	case MUX_STATUS_UNKNOWN:
		str_addf(text, " for %s: %s", client->title, client->text);
		return;
	case MUX_STATUS_WARNING:
	case MUX_STATUS_FAILS:
		break;
	}
	str_addf(text, " %s for %s", client->works == MUX_NO ? "fails" : "works", client->title);
	if (client->after_ms != 0)
		str_addf(text, "%s after %s", client->works == MUX_NO ? "" : ", but only",
			 ev_client_duration(text->arena, client->after_ms));
	if (client->says[0] != '\0')
		str_addf(text, " (\"%s\")", client->says);
	str_add(text, ": ");
	add_reason(text, evaluation, report);
}

/* The answer for all clients. */
static void add_for_all(struct str *text, const struct evaluation *evaluation,
			const struct mux_report *report)
{
	switch (report->status) {
	case MUX_STATUS_OK:
		add_fine(text, evaluation);
		return;
	case MUX_STATUS_WARNING:
		add_partly(text, evaluation, report);
		return;
	case MUX_STATUS_FAILS:
		str_add(text, " fails");
		break;
	case MUX_STATUS_UNKNOWN:
		break;
	}
	add_clause(text, report);
	str_add(text, ": ");
	add_reason(text, evaluation, report);
}

void answer_headline(const struct evaluation *evaluation, struct arena *arena,
		     struct mux_report *report)
{
	bool unknown = report->status == MUX_STATUS_UNKNOWN;
	struct str text;

	str_init(&text, arena);
	str_add(&text, unknown ? "It is not known whether " : "");
	str_add(&text, words_target(arena, &evaluation->target));
	str_add(&text, unknown ? " works" : "");
	if (evaluation->only != NULL && report->n_clients == 1)
		add_for(&text, evaluation, report);
	else
		add_for_all(&text, evaluation, report);
	str_add(&text, ".");
	report->headline = str_done(&text);
}
