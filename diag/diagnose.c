/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts → report: evaluate, find causes, answer. One arena holds it all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

#include "base/arena.h"
#include "causes/answer.h"

/* What is handed out; the evaluation lives on because the report points into it. */
struct diagnosis {
	struct mux_report report; /* first: a report pointer is a pointer to this */
	struct evaluation evaluation;
	struct arena *arena;
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

struct mux_report *mux_diagnose(const struct mux_snapshot *snapshot,
				const struct mux_target *target, struct mux_error *reterr)
{
	struct diagnosis *diagnosis = calloc(1, sizeof(*diagnosis));
	struct mux_target recorded = {.port = 0};
	int error = -ENOMEM;

	if (diagnosis == NULL)
		goto fail;
	diagnosis->arena = arena_new();
	if (diagnosis->arena == NULL)
		goto fail;
	error = target == NULL ? use_recorded_target(&snapshot->machine, &recorded) : 0;
	if (error == 0)
		error = evaluate(snapshot, target == NULL ? &recorded : target, diagnosis->arena,
				 &diagnosis->evaluation);
	if (error == 0)
		error = answer(&diagnosis->evaluation, diagnosis->arena, &diagnosis->report);
	if (error == 0)
		return &diagnosis->report;
fail:
	if (diagnosis != NULL)
		mux_report_free(&diagnosis->report);
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot diagnose: %s",
		 error == -EINVAL ? "the recorded target is too long" : strerrordesc_np(-error));
	return NULL;
}

void mux_report_free(struct mux_report *report)
{
	struct diagnosis *diagnosis = (struct diagnosis *)report;

	if (report == NULL)
		return;
	arena_free(diagnosis->arena);
	free(diagnosis);
}
