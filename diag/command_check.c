/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag check`: gather or load, record, diagnose, render; the exit status is the answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command.h"
#include "options.h"
#include "progress.h"

static int print_help(void)
{
	char table[2048], help[4096];
	int len;

	len = snprintf(
		help, sizeof(help),
		"usage: muxdiag check [OPTIONS] [TARGET]\n"
		"\n"
		"Says whether TARGET works, why not, and what to use instead. TARGET is a name, "
		"name:port,\n"
		"[v6]:port or an http URL, by default localhost. With a port it connects to "
		"every address.\n"
		"\n"
		"%s\n"
		"Exit status: 0 works, 1 works with a warning, 2 fails, 3 not known, "
		"64 wrong usage,\n"
		"70 internal error.\n",
		options_help(table, sizeof(table)));
	return command_print(help, (size_t)len);
}

/* A directory that is not there would look like a machine without any file. */
static int check_root_dir(const char *directory)
{
	struct stat status;
	char message[512], escaped[256];
	int error = 0;

	if (directory == NULL)
		return 0;
	if (stat(directory, &status) != 0)
		error = errno;
	else if (!S_ISDIR(status.st_mode))
		error = ENOTDIR;
	if (error == 0)
		return 0;
	snprintf(message, sizeof(message), "--root-dir '%s': %s",
		 options_escape(directory, escaped, sizeof(escaped)), strerror(error));
	return command_complain(COMMAND_USAGE, message);
}

static struct mux_bundle *gather(const struct options *options, struct mux_error *reterr)
{
	bool live = isatty(STDERR_FILENO) && options->format == MUX_FORMAT_TEXT;
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

static int print_report(const struct mux_report *report, const struct options *options)
{
	struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options),
		.verbosity = options->verbosity,
	};
	char *text = NULL;
	size_t len = 0;
	int error = mux_render(report, &how, &text, &len);

	if (error != 0)
		return command_complain(COMMAND_INTERNAL, strerror(-error));
	error = command_print(text, len);
	free(text);
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

static int diagnose(const struct mux_bundle *bundle, const struct options *options)
{
	struct mux_error error = {0};
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);
	struct mux_report *report = NULL;
	struct mux_target recorded;
	int status;

	if (snapshot != NULL && options->client != NULL)
		report = mux_diagnose_client(snapshot, choose_target(options, snapshot, &recorded),
					     options->client, &error);
	else if (snapshot != NULL)
		report =
			mux_diagnose(snapshot, choose_target(options, snapshot, &recorded), &error);
	status = report != NULL ? print_report(report, options)
				: command_complain(COMMAND_INTERNAL, error.message);
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	return status;
}

static int record(const struct mux_bundle *bundle, const char *directory)
{
	struct mux_error error = {0};

	if (directory == NULL || mux_bundle_save(bundle, directory, &error) == 0)
		return 0;
	return command_complain(COMMAND_INTERNAL, error.message);
}

static int run(const struct options *options)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle;
	int recorded, status;

	bundle = options->replay != NULL ? mux_bundle_load(options->replay, &error)
					 : gather(options, &error);
	if (bundle == NULL && options->replay != NULL && error.code != ENOMEM)
		return command_complain(COMMAND_USAGE, error.message);
	if (bundle == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	recorded = record(bundle, options->record);
	status = diagnose(bundle, options);
	mux_bundle_free(bundle);
	return recorded != 0 ? recorded : status;
}

int command_check(int argc, char *const *argv)
{
	struct mux_error error = {0};
	struct options options;
	int status;

	if (options_parse(argc, argv, &options, &error) != 0)
		return command_complain(COMMAND_USAGE, error.message);
	if (options.help)
		return print_help();
	if (options.version)
		return command_print_version();
	if (!options.has_target && options.replay == NULL) {
		memcpy(options.target.host, "localhost", sizeof("localhost"));
		options.target.port = options.port;
		options.has_target = true;
	}
	status = check_root_dir(options.root_dir);
	return status != 0 ? status : run(&options);
}
