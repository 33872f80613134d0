/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "progress.h"

static struct mux_bundle *gather(const struct options *options, struct mux_error *reterr)
{
	bool live = isatty(STDERR_FILENO) && options->format == MUX_FORMAT_TEXT && !options->until;
	struct mux_question question = {
		.target = options->target,
		.timeout_ms = options->timeout_ms,
		.root_dir = options->root_dir,
	};
	struct mux_bundle *bundle;
	struct progress progress;

	progress_init(&progress);
	if (live)
		question.progress = &progress.callback;
	bundle = mux_gather(&question, reterr);
	progress_done(&progress);
	return bundle;
}

int check_print(const struct mux_report *report, const struct options *options)
{
	struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options->no_color),
		.verbosity = options->verbosity,
	};
	char *text = NULL;
	size_t len = 0;
	int error = mux_render(report, &how, &text, &len);

	error = command_print_rendered(error, text, len);
	return error != 0 ? error : (int)report->status;
}

/* The target to diagnose: NULL is the recorded one, which --port may still change. */
static const struct mux_target *choose_target(const struct options *options,
					      const struct mux_snapshot *snapshot,
					      struct mux_target *recorded)
{
	const char *host = snapshot->machine.target;

	if (options->has_target)
		return &options->target;
	if (options->port == 0)
		return NULL;
	if (host == NULL || host[0] == '\0' || strlen(host) >= sizeof(recorded->host))
		host = "localhost";
	memset(recorded, 0, sizeof(*recorded));
	memcpy(recorded->host, host, strlen(host) + 1);
	recorded->port = options->port;
	return recorded;
}

static int diagnose(const struct options *options, struct check *check)
{
	const struct mux_target *target;
	struct mux_target recorded;
	struct mux_error error = {0};

	check->snapshot = mux_snapshot_parse(check->bundle, &error);
	if (check->snapshot == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	target = choose_target(options, check->snapshot, &recorded);
	check->report = options->client != NULL ? mux_diagnose_client(check->snapshot, target,
								      options->client, &error)
						: mux_diagnose(check->snapshot, target, &error);
	if (check->report == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	if (options->format == MUX_FORMAT_HTML && mux_report_follow(check->report) != 0)
		return command_complain(COMMAND_INTERNAL, strerror(ENOMEM));
	return 0;
}

int check_make(const struct options *options, struct check *ret)
{
	struct mux_error error = {0};

	memset(ret, 0, sizeof(*ret));
	ret->bundle = options->replay != NULL ? mux_bundle_load(options->replay, &error)
					      : gather(options, &error);
	if (ret->bundle == NULL && options->replay != NULL && error.code != ENOMEM)
		return command_complain(COMMAND_USAGE, error.message);
	if (ret->bundle == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	if (options->record != NULL && mux_bundle_save(ret->bundle, options->record, &error) != 0) {
		command_complain(COMMAND_INTERNAL, error.message);
		ret->record_failed = true;
	}
	return diagnose(options, ret);
}

void check_done(struct check *check)
{
	mux_report_free(check->report);
	mux_snapshot_free(check->snapshot);
	mux_bundle_free(check->bundle);
	memset(check, 0, sizeof(*check));
}
