/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag preflight`: is this machine fit for that benchmark? */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/preflight.h>

#include "command.h"
#include "options.h"
#include "preflight_load.h"

static int print_help(void)
{
	char table[4096], help[8192];
	int len;

	len = snprintf(
		help, sizeof(help),
		"usage: muxdiag preflight [OPTIONS] -c CONNECTIONS [-n REQUESTS] URL [-- "
		"COMMAND…]\n"
		"\n"
		"Says what will break or distort a benchmark of URL on this machine, before it "
		"runs: queues,\n"
		"descriptors, ports, firewall, processors, memory and method. Makes about a "
		"hundred requests\n"
		"one after the other, within 50 ms, and ends within 150 ms unless --timeout is "
		"given; "
		"no load is\n"
		"sent. COMMAND is run afterwards, and what the kernel counted meanwhile explains "
		"how it "
		"ended, and\n"
		"where the slowest requests of ab waited; with --json its output goes to standard "
		"error.\n"
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

typedef int render_function(const struct mux_preflight *preflight,
			    const struct mux_render_options *options, char **ret_text,
			    size_t *ret_len);

static int print(const struct mux_preflight *preflight, const struct options *options,
		 render_function *render)
{
	struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options->no_color),
		.verbosity = options->verbosity,
	};
	char *text = NULL;
	size_t len = 0;
	int error = render(preflight, &how, &text, &len);

	return command_print_rendered(error, text, len);
}

/* One look, judged. */
struct judgement {
	const struct mux_snapshot *snapshot;
	struct mux_preflight *preflight;
};

static void judgement_done(struct judgement *judgement)
{
	mux_preflight_free(judgement->preflight);
	mux_snapshot_free(judgement->snapshot);
}

/* Returns 0, or an exit status after a line on standard error. *ret is to be ended in both cases.
 */
static int judge(const struct mux_bundle *bundle, struct judgement *ret)
{
	struct mux_error error = {0};

	*ret = (struct judgement){.snapshot = mux_snapshot_parse(bundle, &error)};
	if (ret->snapshot != NULL)
		ret->preflight = mux_preflight_judge(bundle, ret->snapshot, &error);
	if (ret->preflight != NULL)
		return 0;
	return command_complain(error.code == ENOENT ? COMMAND_USAGE : COMMAND_INTERNAL,
				error.message);
}

/* The worse of before and after. */
static int status_of(const struct mux_preflight *preflight)
{
	static const int weights[] = {[MUX_STATUS_OK] = 0,
				      [MUX_STATUS_UNKNOWN] = 1,
				      [MUX_STATUS_WARNING] = 2,
				      [MUX_STATUS_FAILS] = 3};

	if (preflight->run == NULL || weights[preflight->status] >= weights[preflight->run->status])
		return (int)preflight->status;
	return (int)preflight->run->status;
}

/* --- a run --------------------------------------------------------------------------------- */

/* Lets the load run and prints what was counted. */
static int watch(struct mux_bundle *bundle, const struct judgement *before,
		 const struct options *options)
{
	struct mux_error error = {0};
	struct mux_run_watch *counting = mux_run_watch_begin(bundle, before->snapshot, &error);
	struct mux_run_command command = {.name = NULL};
	struct preflight_output output = {.len = 0};
	struct judgement after;
	int status;

	if (counting == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	status = preflight_load(options, counting, &output, &command);
	if (status == 0 &&
	    mux_run_watch_end(counting, command.name != NULL ? &command : NULL, &error) != 0)
		status = command_complain(COMMAND_INTERNAL, error.message);
	mux_run_watch_free(counting);
	if (status != 0)
		return status;
	status = judge(bundle, &after);
	if (status == 0)
		status = print(after.preflight, options,
			       options->format == MUX_FORMAT_JSON ? mux_preflight_render
								  : mux_preflight_render_run);
	if (status == 0)
		status = status_of(after.preflight);
	judgement_done(&after);
	return status;
}

static int judge_and_watch(struct mux_bundle *bundle, const struct options *options)
{
	bool watches = options->watch_run || options->command != NULL;
	struct judgement judgement;
	int status = judge(bundle, &judgement);

	/* In JSON all of it is one document, which is complete after the run. */
	if (status == 0 && !(watches && options->format == MUX_FORMAT_JSON))
		status = print(judgement.preflight, options, mux_preflight_render);
	if (status == 0 && watches)
		status = watch(bundle, &judgement, options);
	else if (status == 0)
		status = status_of(judgement.preflight);
	judgement_done(&judgement);
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
	status = judge_and_watch(bundle, options);
	if (options->record != NULL && mux_bundle_save(bundle, options->record, &error) != 0)
		recorded = command_complain(COMMAND_INTERNAL, error.message);
	mux_bundle_free(bundle);
	return recorded != 0 ? recorded : status;
}

/* --- what the command says itself ---------------------------------------------------------- */

/* The number behind a letter, "-c 10" or "-c10", of a command; 0 when it is not there. */
static unsigned long number_of(char *const *command, char letter)
{
	unsigned long number = 0;
	size_t i;

	for (i = 1; command[i] != NULL && number == 0; i++) {
		const char *text = command[i];

		if (text[0] != '-' || text[1] != letter)
			continue;
		text = text[2] != '\0' ? text + 2 : command[i + 1];
		if (text != NULL && text[0] >= '1' && text[0] <= '9' && strlen(text) <= 9)
			number = strtoul(text, NULL, 10);
	}
	return number;
}

/* ab, wrk, hey and h2load mean the same by -c and -n as we do, ab also by -k. */
static void take_from_command(struct options *options)
{
	static const char *const tools[] = {"ab", "wrk", "hey", "h2load", NULL};
	char *const *command = options->command;
	const char *slash = strrchr(command[0], '/');
	const char *name = slash != NULL ? slash + 1 : command[0];
	size_t i;

	for (i = 0; tools[i] != NULL && strcmp(tools[i], name) != 0; i++)
		;
	if (tools[i] == NULL)
		return;
	if (options->tool == NULL)
		options->tool = tools[i];
	if (options->concurrency == 0)
		options->concurrency = (uint32_t)number_of(command, 'c');
	if (options->requests == 0)
		options->requests = number_of(command, 'n');
	for (i = 1; strcmp(options->tool, "ab") == 0 && command[i] != NULL; i++)
		options->keepalive |= strcmp(command[i], "-k") == 0;
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
	if (options->command != NULL)
		take_from_command(options);
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
