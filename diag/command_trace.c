/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag trace`: says what it adds, sends one packet, prints the kernel's account of it beside
 * the evaluation's. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <muxdiag/trace.h>

#include "command.h"
#include "options.h"
#include "progress.h"

static int print_help(void)
{
	char table[2048], help[4096];
	int len;

	len = snprintf(
		help, sizeof(help),
		"usage: muxdiag trace [OPTIONS] TARGET\n"
		"\n"
		"Sends one real packet to TARGET, which is this machine, and prints hook by hook "
		"what the\n"
		"kernel does with it and with what answers it, beside what muxdiag's own "
		"evaluation "
		"of the\n"
		"rules says. TARGET is name:port, address:port, [v6]:port or an http URL; icmp "
		"needs "
		"no port.\n"
		"\n"
		"It needs CAP_NET_ADMIN. For that moment nftables gets a table of its own, inet "
		"muxdiag-trace-N,\n"
		"which the kernel removes with the process, even when that is killed.\n"
		"\n"
		"%s\n"
		"Exit status: 0 every packet arrives, 2 one dies, 3 not known (reports were lost, "
		"or "
		"this kernel\n"
		"does not trace), 64 wrong usage, 70 the kernel contradicts the evaluation (a "
		"mistake in\n"
		"muxdiag) or an internal error, 77 no permission.\n",
		options_help_for("trace", table, sizeof(table)));
	return command_print(help, (size_t)len);
}

static void announce(void *context, const char *text)
{
	(void)context;
	fprintf(stderr, "muxdiag: %s\n", text);
	fflush(stderr);
}

static struct mux_bundle *trace(const struct options *options, struct mux_error *reterr)
{
	struct mux_trace_question question = {
		.look = {.target = options->target, .timeout_ms = options->timeout_ms},
		.protocol = options->protocol != 0 ? options->protocol : MUX_TCP,
		.family = options->family,
		.announce = announce,
	};

	return mux_trace(&question, reterr);
}

static int status_of(enum mux_trace_status status)
{
	static const int statuses[] = {
		[MUX_TRACE_ARRIVES] = MUX_STATUS_OK,
		[MUX_TRACE_DIES] = MUX_STATUS_FAILS,
		[MUX_TRACE_INCOMPLETE] = MUX_STATUS_UNKNOWN,
		[MUX_TRACE_DIFFERS] = COMMAND_INTERNAL,
	};

	return statuses[status];
}

static int print_report(const struct mux_trace_report *report, const struct options *options)
{
	struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options->no_color),
		.verbosity = options->verbosity,
	};
	char *text = NULL;
	size_t len = 0;
	int error = mux_trace_render(report, &how, &text, &len);

	error = command_print_rendered(error, text, len);
	return error != 0 ? error : status_of(report->status);
}

static int compare(const struct mux_bundle *bundle, const struct options *options)
{
	struct mux_error error = {0};
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);
	struct mux_trace_report *report = NULL;
	int status;

	if (snapshot != NULL)
		report = mux_trace_compare(snapshot, &error);
	if (report != NULL)
		status = print_report(report, options);
	else
		status = command_complain(error.code == ENOENT ? COMMAND_USAGE : COMMAND_INTERNAL,
					  error.message);
	mux_trace_report_free(report);
	mux_snapshot_free(snapshot);
	return status;
}

static int status_of_error(const struct mux_error *error, const struct options *options)
{
	switch (error->code) {
	case EPERM:
		return options->replay == NULL ? COMMAND_NO_PERMISSION : COMMAND_USAGE;
	case EDESTADDRREQ:
		return COMMAND_USAGE;
	case EOPNOTSUPP:
		return MUX_STATUS_UNKNOWN;
	case ENOMEM:
		return COMMAND_INTERNAL;
	default:
		return options->replay != NULL ? COMMAND_USAGE : COMMAND_INTERNAL;
	}
}

static int run(const struct options *options)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle;
	int status, recorded = 0;

	bundle = options->replay != NULL ? mux_bundle_load(options->replay, &error)
					 : trace(options, &error);
	if (bundle == NULL)
		return command_complain(status_of_error(&error, options), error.message);
	if (options->record != NULL && mux_bundle_save(bundle, options->record, &error) != 0)
		recorded = command_complain(COMMAND_INTERNAL, error.message);
	status = compare(bundle, options);
	mux_bundle_free(bundle);
	return recorded != 0 ? recorded : status;
}

/* What only a live trace needs. */
static int check_target(const struct options *options)
{
	if (options->replay != NULL)
		return !options->has_target
			       ? 0
			       : command_complain(COMMAND_USAGE,
						  "a recorded trace has its target in it");
	if (!options->has_target)
		return command_complain(COMMAND_USAGE, "trace needs a target, e.g. localhost:8000");
	if (options->target.port == 0 && options->protocol != MUX_ICMP)
		return command_complain(
			COMMAND_USAGE,
			"trace needs the port, e.g. localhost:8000, or --proto icmp");
	return 0;
}

int command_trace(int argc, char *const *argv)
{
	struct mux_error error = {0};
	struct options options;
	int status;

	if (options_parse_for("trace", argc, argv, &options, &error) != 0)
		return command_complain(COMMAND_USAGE, error.message);
	if (options.help)
		return print_help();
	if (options.version)
		return command_print_version();
	status = check_target(&options);
	return status != 0 ? status : run(&options);
}
