/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag preflight`: is this machine fit for that benchmark? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/preflight.h>

#include "command.h"
#include "options.h"

static int print_help(void)
{
	char table[4096], help[8192];
	int len;

	len = snprintf(
		help, sizeof(help),
		"usage: muxdiag preflight [OPTIONS] -c CONNECTIONS [-n REQUESTS] URL\n"
		"\n"
		"Says what will break or distort a benchmark of URL on this machine, before it "
		"runs: queues,\n"
		"descriptors, ports, firewall, processors, memory and method. Makes about a "
		"hundred requests\n"
		"one after the other, within 50 ms; no load is sent.\n"
		"\n"
		"%s\n"
		"Exit status: 0 fit, 1 fit with a warning, 2 not fit, 3 not known, 64 wrong "
		"usage,\n"
		"70 internal error.\n",
		options_help_for("preflight", table, sizeof(table)));
	return command_print(help, (size_t)len);
}

static struct mux_bundle *gather(const struct options *options, struct mux_error *reterr)
{
	struct mux_preflight_question question = {
		.look = {.target = options->target, .timeout_ms = options->timeout_ms},
		.load = {.concurrency = options->concurrency,
			 .requests = options->requests,
			 .keepalive = options->keepalive},
	};

	if (options->tool != NULL)
		memcpy(question.load.tool, options->tool, strlen(options->tool) + 1);
	return mux_preflight_gather(&question, reterr);
}

static int print(const struct mux_preflight *preflight, const struct options *options)
{
	struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options),
		.verbosity = options->verbosity,
	};
	char *text = NULL;
	size_t len = 0;
	int error = mux_preflight_render(preflight, &how, &text, &len);

	if (error != 0)
		return command_complain(COMMAND_INTERNAL, strerror(-error));
	error = command_print(text, len);
	free(text);
	return error != 0 ? error : (int)preflight->status;
}

static int judge(const struct mux_bundle *bundle, const struct options *options)
{
	struct mux_error error = {0};
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);
	struct mux_preflight *preflight = NULL;
	int status;

	if (snapshot != NULL)
		preflight = mux_preflight_judge(bundle, snapshot, &error);
	if (preflight != NULL)
		status = print(preflight, options);
	else
		status = command_complain(error.code == ENOENT ? COMMAND_USAGE : COMMAND_INTERNAL,
					  error.message);
	mux_preflight_free(preflight);
	mux_snapshot_free(snapshot);
	return status;
}

static int run(const struct options *options)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle = options->replay != NULL
					    ? mux_bundle_load(options->replay, &error)
					    : gather(options, &error);
	int status, recorded = 0;

	if (bundle == NULL)
		return command_complain(options->replay != NULL && error.code != ENOMEM
						? COMMAND_USAGE
						: COMMAND_INTERNAL,
					error.message);
	if (options->record != NULL && mux_bundle_save(bundle, options->record, &error) != 0)
		recorded = command_complain(COMMAND_INTERNAL, error.message);
	status = judge(bundle, options);
	mux_bundle_free(bundle);
	return recorded != 0 ? recorded : status;
}

/* What only a live preflight needs. */
static int check_options(struct options *options)
{
	if (options->replay != NULL)
		return options->has_target
			       ? command_complain(COMMAND_USAGE,
						  "a recorded preflight has its target in it")
			       : 0;
	if (!options->has_target)
		return command_complain(COMMAND_USAGE,
					"preflight needs a URL, e.g. http://localhost:8080/");
	if (options->target.port == 0)
		options->target.port = strcmp(options->target.scheme, "https") == 0 ? 443 : 80;
	if (options->concurrency == 0)
		return command_complain(COMMAND_USAGE,
					"preflight needs -c: how many connections there will be");
	return 0;
}

int command_preflight(int argc, char *const *argv)
{
	struct mux_error error = {0};
	struct options options;
	int status;

	if (options_parse_for("preflight", argc, argv, &options, &error) != 0)
		return command_complain(COMMAND_USAGE, error.message);
	if (options.help)
		return print_help();
	if (options.version)
		return command_print_version();
	status = check_options(&options);
	return status != 0 ? status : run(&options);
}
