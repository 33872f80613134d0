/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A preflight: look at the machine as a check does, find out whom the tool would meet, then look at
 * what decides about the load, and ask the server. Like muxdiag.c it lives above the rooms, because
 * facts decide what is looked at next.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/path.h>
#include <muxdiag/preflight.h>

#include "evaluate/client.h"
#include "evaluate/context.h"
#include "gather/capacity.h"
#include "gather/clock.h"
#include "gather/mechanism.h"
#include "gather/run.h"
#include "parse/capacity.h"
#include "parse/parse.h"
#include "preflight/preflight.h"
#include "rounds.h"

/*
 * How long it may take, unless the question gives it longer: so short that it is run before every
 * benchmark. Names are waited for longer, because without an address there is nothing to say.
 */
enum {
	WHOLE_US = 120 * 1000,	 /* but what the kernel and we need to end */
	REQUESTS_US = 20 * 1000, /* that much the requests have in any case */
	SYN_MS = 50,
};

static void fail(struct mux_error *reterr, int error, const char *doing)
{
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot %s: %s", doing,
		 strerrordesc_np(-error));
}

/* --- whom the tool meets ------------------------------------------------------------------- */

static const struct ev_client_result *find_client(const struct evaluation *evaluation,
						  const char *name)
{
	size_t i;

	for (i = 0; i < evaluation->n_clients; i++)
		if (strcmp(evaluation->clients[i].client->name, name) == 0)
			return &evaluation->clients[i];
	return NULL;
}

/* The target's address over which the tool's client model works; of an unknown tool, and where it
 * does not work, the first that does. */
static const struct ev_candidate *find_candidate(const struct evaluation *evaluation,
						 const struct preflight_tool *tool)
{
	const struct ev_client_result *client = find_client(evaluation, tool->client);
	const struct ev_candidate *first = NULL;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!candidate->name->of_target || candidate->works != MUX_YES)
			continue;
		if (first == NULL)
			first = candidate;
		if (client != NULL && client->works == MUX_YES && tool->name[0] != '\0' &&
		    memcmp(&client->address, &candidate->address, sizeof(client->address)) == 0)
			return candidate;
	}
	return first;
}

/* --- gathering ----------------------------------------------------------------------------- */

static int gather_servers(const struct mux_listeners *listeners, struct mux_bundle *bundle)
{
	int error = 0;
	size_t i, j;

	for (i = 0; error == 0 && i < listeners->n_sockets; i++) {
		int pid = listeners->sockets[i].pid;

		for (j = 0; j < i && listeners->sockets[j].pid != pid; j++)
			;
		if (pid == 0 || j < i)
			continue;
		error = gather_process_capacity(pid, bundle);
	}
	return error;
}

/* What the evaluation of a whole exchange with the address needs of the rules, and the exchanges
 * themselves. */
static int gather_about(const struct ev_candidate *candidate,
			const struct mux_preflight_question *question, int64_t deadline_us,
			struct mux_bundle *bundle)
{
	const struct mux_target *target = &question->look.target;
	const struct mux_path_question path = preflight_path(&candidate->address, target->port);
	struct reach_question reach = {
		.target = target, .load = &question->load, .address = candidate->address};
	int error = rounds_for_paths(bundle, &path, 1);

	reach.deadline_us = clock_now_us() + REQUESTS_US;
	if (reach.deadline_us < deadline_us)
		reach.deadline_us = deadline_us;
	if (error == 0 && strcmp(target->scheme, "https") != 0)
		error = gather_reach(&reach, bundle);
	return error;
}

static int gather_more(const struct mux_preflight_question *question, int64_t deadline_us,
		       struct mux_bundle *bundle)
{
	const struct mux_target *target = &question->look.target;
	struct arena *arena = arena_new();
	const struct ev_candidate *candidate;
	struct evaluation evaluation;
	struct mux_snapshot snapshot;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	error = parse_snapshot(bundle, arena, &snapshot);
	if (error == 0)
		error = evaluate(&snapshot, target, arena, &evaluation);
	if (error == 0)
		error = gather_capacity(&question->load, bundle);
	if (error == 0)
		error = gather_destinations(target->port, bundle);
	if (error == 0)
		error = gather_servers(&snapshot.listeners, bundle);
	if (error == 0) {
		candidate = find_candidate(&evaluation, preflight_tool_find(question->load.tool));
		if (candidate != NULL)
			error = gather_about(candidate, question, deadline_us, bundle);
	}
	arena_free(arena);
	return error;
}

struct mux_bundle *mux_preflight_gather(const struct mux_preflight_question *question,
					struct mux_error *reterr)
{
	struct mux_question look = question->look;
	int64_t deadline_us = clock_now_us() + WHOLE_US;
	struct mux_bundle *bundle;
	int error;

	if (look.timeout_ms > 0)
		deadline_us = clock_now_us() + (int64_t)look.timeout_ms * 1000;
	else if (look.loopback_ms == 0)
		look.loopback_ms = SYN_MS;
	bundle = mux_gather(&look, reterr);
	if (bundle == NULL)
		return NULL;
	error = gather_more(question, deadline_us, bundle);
	if (error == 0)
		return bundle;
	mux_bundle_free(bundle);
	fail(reterr, error, "gather");
	return NULL;
}

/* --- judging ------------------------------------------------------------------------------- */

/* What is handed out, and what it points into. */
struct judgement {
	struct mux_preflight public; /* first: a pointer to it is a pointer to this */
	struct mux_report *check;
	struct mux_target target;
	struct evaluation evaluation;
	struct mux_capacity capacity;
	struct mux_run counted;
	struct mux_preflight_run run;
	struct arena *arena;
};

static enum mux_status worst(enum mux_status status, const struct mux_fitness_finding *findings,
			     size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (findings[i].fitness == MUX_FIT_FAIL)
			return MUX_STATUS_FAILS;
		if (findings[i].fitness == MUX_FIT_WARNING && status != MUX_STATUS_FAILS)
			status = MUX_STATUS_WARNING;
	}
	return status;
}

/* What was counted while it ran, if somebody watched. */
static int judge_run(const struct mux_bundle *bundle, struct preflight *preflight,
		     struct judgement *judgement)
{
	struct mux_preflight_run *run = &judgement->run;
	int error = parse_run(bundle, judgement->arena, &judgement->counted);

	if (error != 0 || judgement->counted.source.presence != MUX_PRESENT)
		return error;
	preflight->run = &judgement->counted;
	error = preflight_run(preflight, &run->findings, &run->n_findings);
	if (error != 0)
		return error;
	run->status = worst(MUX_STATUS_OK, run->findings, run->n_findings);
	run->headline = preflight_run_headline(preflight, run->findings, run->n_findings);
	judgement->public.run = run;
	return 0;
}

static int judge(const struct mux_bundle *bundle, const struct mux_snapshot *snapshot,
		 struct judgement *judgement)
{
	struct preflight preflight = {.snapshot = snapshot,
				      .evaluation = &judgement->evaluation,
				      .capacity = &judgement->capacity,
				      .arena = judgement->arena};
	struct mux_preflight *public = &judgement->public;
	int error = parse_capacity(bundle, &snapshot->listeners, judgement->arena,
				   &judgement->capacity);

	if (error != 0)
		return error;
	if (judgement->capacity.load.concurrency == 0)
		return -ENOENT;
	error = evaluate(snapshot, &judgement->target, judgement->arena, &judgement->evaluation);
	if (error != 0)
		return error;
	preflight.tool = preflight_tool_find(judgement->capacity.load.tool);
	preflight.candidate = find_candidate(&judgement->evaluation, preflight.tool);
	if (preflight.candidate != NULL)
		preflight.listener = preflight.candidate->listen.listener;
	error = preflight_run(&preflight, &public->findings, &public->n_findings);
	if (error != 0)
		return error;
	public->check = judgement->check;
	public->load = judgement->capacity.load;
	public->status = worst(public->check->status, public->findings, public->n_findings);
	if (public->status == MUX_STATUS_OK && preflight_patience_us(&preflight) >= 0)
	public->status = MUX_STATUS_UNKNOWN;
	public->headline =
		preflight_headline(&preflight, public->check, public->findings, public->n_findings);
	error = judge_run(bundle, &preflight, judgement);
	if (error != 0)
		return error;
	return arena_failed(judgement->arena) ? -ENOMEM : 0;
}

static void use_target(const struct mux_machine *machine, struct mux_target *ret)
{
	size_t len = machine->target == NULL ? 0 : strlen(machine->target);

	if (len < sizeof(ret->host) && len != 0)
		memcpy(ret->host, machine->target, len + 1);
	ret->port = machine->port;
}

struct mux_preflight *mux_preflight_judge(const struct mux_bundle *bundle,
					  const struct mux_snapshot *snapshot,
					  struct mux_error *reterr)
{
	struct judgement *judgement = calloc(1, sizeof(*judgement));
	int error = -ENOMEM;

	if (judgement == NULL) {
		fail(reterr, -ENOMEM, "judge");
		return NULL;
	}
	judgement->arena = arena_new();
	judgement->check = mux_diagnose(snapshot, NULL, reterr);
	if (judgement->arena != NULL && judgement->check != NULL) {
		use_target(&snapshot->machine, &judgement->target);
		error = judge(bundle, snapshot, judgement);
	}
	if (error == 0)
		return &judgement->public;
	if (error == -ENOENT) {
		reterr->code = ENOENT;
		snprintf(reterr->message, sizeof(reterr->message),
			 "the recording holds no preflight");
	} else {
		fail(reterr, error, "judge");
	}
	mux_preflight_free(&judgement->public);
	return NULL;
}

void mux_preflight_free(struct mux_preflight *preflight)
{
	struct judgement *judgement = (struct judgement *)preflight;

	if (judgement == NULL)
		return;
	mux_report_free(judgement->check);
	arena_free(judgement->arena);
	free(judgement);
}

/* --- watching a run ------------------------------------------------------------------------ */

struct mux_run_watch {
	struct run_watch watch;
};

struct mux_run_watch *mux_run_watch_begin(struct mux_bundle *bundle,
					  const struct mux_snapshot *snapshot,
					  struct mux_error *reterr)
{
	struct mux_run_watch *watch = calloc(1, sizeof(*watch));
	int error = -ENOMEM;
	size_t i;

	if (watch != NULL) {
		watch->watch.bundle = bundle;
		watch->watch.port = snapshot->machine.port;
		for (i = 0; i < snapshot->listeners.n_sockets && watch->watch.server == 0; i++)
			watch->watch.server = snapshot->listeners.sockets[i].pid;
		error = gather_run_counters(&watch->watch, "before");
		watch->watch.started_us = clock_now_us();
	}
	if (error == 0)
		return watch;
	fail(reterr, error, "watch the run");
	free(watch);
	return NULL;
}

void mux_run_watch_sample(struct mux_run_watch *watch)
{
	/* A look that could not be had is one fewer. */
	gather_run_sample(&watch->watch);
}

int mux_run_watch_end(struct mux_run_watch *watch, const struct mux_run_command *command,
		      struct mux_error *reterr)
{
	int error = gather_run_summary(&watch->watch, command);

	if (error == 0)
		error = gather_run_counters(&watch->watch, "after");
	if (error != 0)
		fail(reterr, error, "watch the run");
	return error;
}

void mux_run_watch_free(struct mux_run_watch *watch)
{
	free(watch);
}
