/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts → report: evaluate, find causes, answer. One arena holds it all. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/muxdiag.h>
#include <muxdiag/path.h>

#include "base/addr.h"
#include "base/arena.h"
#include "causes/answer.h"
#include "evaluate/client.h"
#include "evaluate/paths.h"

/* What is handed out; the evaluation lives on because the report points into it. */
struct diagnosis {
	struct mux_report report; /* first: a report pointer is a pointer to this */
	struct evaluation evaluation;
	struct arena *arena;
	const struct mux_paths *paths; /* NULL = not asked for */
};

static int use_recorded_target(const struct mux_machine *machine, struct mux_target *ret_target)
{
	const char *host = machine->target != NULL && machine->target[0] != '\0' ? machine->target
										 : "localhost";
	size_t len = strlen(host);

	if (len >= sizeof(ret_target->host))
		return -EINVAL;
	memcpy(ret_target->host, host, len + 1);
	ret_target->port = machine->port;
	return 0;
}

static struct mux_report *fail(struct diagnosis *diagnosis, int error, const char *message,
			       struct mux_error *reterr)
{
	if (diagnosis != NULL)
		mux_report_free(&diagnosis->report);
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot diagnose: %s",
		 message != NULL ? message : strerrordesc_np(-error));
	return NULL;
}

/* `only` is the client that is asked about; NULL = all. */
static struct mux_report *diagnose(const struct mux_snapshot *snapshot,
				   const struct mux_target *target, const struct ev_client *only,
				   struct mux_error *reterr)
{
	struct diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));
	struct mux_target recorded = {.port = 0};
	int error;

	if (diagnosis == NULL)
		return fail(NULL, -ENOMEM, NULL, reterr);
	diagnosis->arena = arena_new();
	if (diagnosis->arena == NULL)
		return fail(diagnosis, -ENOMEM, NULL, reterr);
	if (target == NULL && use_recorded_target(&snapshot->machine, &recorded) != 0)
		return fail(diagnosis, -EINVAL, "the recorded target is too long", reterr);
	error = evaluate(snapshot, target == NULL ? &recorded : target, diagnosis->arena,
			 &diagnosis->evaluation);
	diagnosis->evaluation.only = only;
	if (error == 0)
		error = answer(&diagnosis->evaluation, diagnosis->arena, &diagnosis->report);
	return error == 0 ? &diagnosis->report : fail(diagnosis, error, NULL, reterr);
}

struct mux_report *mux_diagnose(const struct mux_snapshot *snapshot,
				const struct mux_target *target, struct mux_error *reterr)
{
	return diagnose(snapshot, target, NULL, reterr);
}

struct mux_report *mux_diagnose_client(const struct mux_snapshot *snapshot,
				       const struct mux_target *target, const char *client,
				       struct mux_error *reterr)
{
	const struct ev_client *only = ev_client_find(client);

	if (only == NULL)
		return fail(NULL, -EINVAL, "that client is not known", reterr);
	return diagnose(snapshot, target, only, reterr);
}

/* --- the packets' paths ------------------------------------------------------------------ */

static bool is_asked(const struct mux_path_question *questions, size_t n,
		     const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (addr_equal(&questions[i].destination, address))
			return true;
	return false;
}

/* What leaves the machine passes other hooks than those over lo. */
static bool leaves(const struct ev_route *route)
{
	return route->state == EV_ROUTE_ELSEWHERE || route->state == EV_ROUTE_DIVERTED;
}

/* As the probe connected, and so as the report was evaluated. */
static size_t add_questions(const struct evaluation *evaluation, bool of_target,
			    struct mux_path_question *questions)
{
	size_t i, n = 0;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target != of_target || leaves(&candidate->route) ||
		    is_asked(questions, n, &candidate->address))
			continue;
		questions[n++] = (struct mux_path_question){
			.destination = candidate->address,
			.protocol = IPPROTO_TCP,
			.source_port = candidate->tcp != NULL ? candidate->tcp->local_port : 0,
			.destination_port = evaluation->target.port,
		};
	}
	return n;
}

static bool has_address(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target)
			return true;
	return false;
}

int mux_report_follow(struct mux_report *report)
{
	struct diagnosis *diagnosis = (struct diagnosis *)report;
	const struct evaluation *evaluation = &diagnosis->evaluation;
	struct mux_path_question *questions;
	struct mux_error error;

	if (diagnosis->paths != NULL || evaluation->target.port == 0)
		return 0;
	questions = calloc(evaluation->n_candidates + 1, sizeof(*questions));
	if (questions == NULL)
		return -ENOMEM;
	diagnosis->paths =
		paths_evaluate(evaluation->snapshot, questions,
			       add_questions(evaluation, has_address(evaluation), questions),
			       PATHS_BRIEF_STEPS, &error);
	free(questions);
	if (diagnosis->paths == NULL)
		return -ENOMEM;
	report->paths = diagnosis->paths->paths;
	report->n_paths = diagnosis->paths->n_paths;
	return 0;
}

void mux_report_free(struct mux_report *report)
{
	struct diagnosis *diagnosis = (struct diagnosis *)report;

	if (report == NULL)
		return;
	mux_paths_free(diagnosis->paths);
	arena_free(diagnosis->arena);
	free(diagnosis);
}
