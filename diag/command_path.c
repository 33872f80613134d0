/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag path`: what the rules do to the packets of a conversation with each address of a target.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/path.h>

#include "command.h"
#include "path_batch.h"
#include "path_options.h"

enum { MAX_ADDRESSES = 16, EXAMPLE_PORT = 50000 };

/*
 * A question for each address. Of any free source port it may stay open what a set says of it,
 * which is asked by key; so behind them come the same questions for one port, from among those that
 * net.ipv4.ip_local_port_range has by default.
 */
struct questions {
	struct mux_path_question list[2 * MAX_ADDRESSES];
	size_t n;     /* addresses */
	size_t n_all; /* with the examples */
};

static int print_help(void)
{
	char table[2048], help[4096];
	int len;

	len = snprintf(
		help, sizeof(help),
		"usage: muxdiag path [OPTIONS] [TARGET]\n"
		"\n"
		"Follows the packets of a conversation with TARGET through every hook and chain, "
		"rule by\n"
		"rule, and says which one decides and what the client sees. Sends nothing to the "
		"target.\n"
		"TARGET is a name:port, an address, [v6]:port or an http URL, by default "
		"localhost.\n"
		"\n"
		"%s\n"
		"Exit status: 0 all packets arrive, 2 some die, 3 not known, 64 wrong usage,\n"
		"70 internal error.\n",
		path_options_help(table, sizeof(table)));
	return command_print(help, (size_t)len);
}

/* --- the questions ----------------------------------------------------------------------- */

/* Adds a question about the address, once, if its family is asked for. */
static void add_address(const struct path_options *options, const struct mux_address *address,
			struct questions *questions)
{
	size_t i;

	if (options->family != 0 && address->family != options->family)
		return;
	for (i = 0; i < questions->n; i++)
		if (memcmp(&questions->list[i].destination, address, sizeof(*address)) == 0)
			return;
	if (questions->n == MAX_ADDRESSES)
		return;
	questions->list[questions->n++] = (struct mux_path_question){
		.destination = *address,
		.protocol = options->protocol,
		.source_port = options->source_port,
		.destination_port = options->protocol == IPPROTO_ICMP ? 0 : options->target.port,
		.has_uid = options->has_uid,
		.uid = options->uid,
		.mark = options->mark,
	};
}

/* The addresses that a client would try, in its order; of a recording of paths alone, those that it
 * is about. Returns 0 or -errno with *reterr. */
static int add_resolved(const struct path_options *options, const struct mux_bundle *bundle,
			struct questions *questions, struct mux_error *reterr)
{
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, reterr);
	struct mux_report *report = NULL;
	size_t i;

	if (snapshot != NULL)
		report = mux_diagnose(snapshot, &options->target, reterr);
	for (i = 0; report != NULL && i < report->n_endpoints; i++)
		if (report->endpoints[i].of_target)
			add_address(options, &report->endpoints[i].address, questions);
	for (i = 0; report != NULL && questions->n == 0 && options->replay != NULL &&
		    i < snapshot->routing.n_answers;
	     i++)
		add_address(options, &snapshot->routing.answers[i].destination, questions);
	i = report != NULL;
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	return i != 0 ? 0 : -ENOMEM;
}

static void add_examples(struct questions *questions)
{
	size_t i;

	questions->n_all = questions->n;
	for (i = 0; i < questions->n; i++) {
		struct mux_path_question example = questions->list[i];

		if (example.source_port != 0 || example.protocol == IPPROTO_ICMP)
			return;
		example.source_port = EXAMPLE_PORT;
		questions->list[questions->n_all++] = example;
	}
}

static bool parse_literal(const char *text, struct mux_address *ret_address)
{
	memset(ret_address, 0, sizeof(*ret_address));
	ret_address->family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	return inet_pton(ret_address->family, text, ret_address->bytes) == 1;
}

/* Finds what the target stands for: in the recording, or on this machine. */
static int find_questions(const struct path_options *options, const struct mux_bundle *replayed,
			  struct questions *questions, struct mux_error *reterr)
{
	struct mux_question question = {.target = options->target};
	struct mux_address address;
	struct mux_bundle *bundle;
	int error;

	if (parse_literal(options->target.host, &address)) {
		add_address(options, &address, questions);
		return 0;
	}
	if (replayed != NULL)
		return add_resolved(options, replayed, questions, reterr);
	/* Without a port nothing is sent to the addresses. */
	question.target.port = 0;
	bundle = mux_gather(&question, reterr);
	if (bundle == NULL)
		return -ENOMEM;
	error = add_resolved(options, bundle, questions, reterr);
	mux_bundle_free(bundle);
	return error;
}

/* --- the answers ------------------------------------------------------------------------- */

/* "localhost:8080", "[::1]:8080", "127.0.0.1" */
static void name_target(const struct mux_target *target, char *buffer, size_t size)
{
	bool v6 = strchr(target->host, ':') != NULL;

	if (target->port == 0)
		snprintf(buffer, size, "%s", target->host);
	else
		snprintf(buffer, size, "%s%s%s:%u", v6 ? "[" : "", target->host, v6 ? "]" : "",
			 (unsigned)target->port);
}

static int print_paths(const struct mux_paths *paths, const struct path_options *options)
{
	const struct mux_render_options how = {
		.format = options->format,
		.colour = command_wants_colour(options->no_color),
		.verbosity = options->verbosity,
	};
	char *text = NULL, target[300];
	size_t len = 0;
	int error;

	name_target(&options->target, target, sizeof(target));
	error = mux_paths_render(paths, target, &how, &text, &len);
	error = command_print_rendered(error, text, len);
	return error != 0 ? error : (int)mux_paths_status(paths);
}

/* Prints for each address the answer for any source port, or that for the example if only this one
 * is known. */
static int choose_and_print(const struct mux_paths *paths, const struct path_options *options,
			    const struct questions *questions)
{
	struct mux_path chosen[MAX_ADDRESSES];
	const struct mux_paths all = {chosen, questions->n};
	size_t i;

	for (i = 0; i < questions->n; i++) {
		bool has_example = questions->n + i < questions->n_all;

		chosen[i] = paths->paths[i];
		if (!has_example || chosen[i].verdict != MUX_PATH_UNKNOWN ||
		    paths->paths[questions->n + i].verdict == MUX_PATH_UNKNOWN)
			continue;
		chosen[i] = paths->paths[questions->n + i];
		if (chosen[i].assumption == NULL)
			chosen[i].assumption = "that the client's port is 50000; --source-port "
					       "asks about another";
	}
	return print_paths(&all, options);
}

static int answer(const struct path_options *options, const struct mux_bundle *bundle,
		  const struct questions *questions)
{
	struct mux_error error = {0};
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);
	const struct mux_paths *paths = NULL;
	int status;

	if (snapshot != NULL)
		paths = mux_paths_evaluate(snapshot, questions->list, questions->n_all, true,
					   &error);
	status = paths != NULL ? choose_and_print(paths, options, questions)
			       : command_complain(COMMAND_INTERNAL, error.message);
	mux_paths_free(paths);
	mux_snapshot_free(snapshot);
	return status;
}

static int run_live(const struct path_options *options, struct questions *questions)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle;
	int status = 0;

	if (find_questions(options, NULL, questions, &error) != 0)
		return command_complain(COMMAND_INTERNAL, error.message);
	if (questions->n == 0)
		return command_complain(MUX_STATUS_UNKNOWN, "the target has no such address");
	add_examples(questions);
	bundle = mux_gather_paths(questions->list, questions->n_all, &error);
	if (bundle == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	if (options->record != NULL && mux_bundle_save(bundle, options->record, &error) != 0)
		status = command_complain(COMMAND_INTERNAL, error.message);
	if (status == 0)
		status = answer(options, bundle, questions);
	mux_bundle_free(bundle);
	return status;
}

static int run_replayed(const struct path_options *options, struct questions *questions)
{
	struct mux_error error = {0};
	struct mux_bundle *bundle = mux_bundle_load(options->replay, &error);
	int unresolved, status;

	if (bundle == NULL)
		return command_complain(error.code == ENOMEM ? COMMAND_INTERNAL : COMMAND_USAGE,
					error.message);
	unresolved = find_questions(options, bundle, questions, &error);
	add_examples(questions);
	if (unresolved != 0)
		status = command_complain(COMMAND_INTERNAL, error.message);
	else if (questions->n == 0)
		status = command_complain(MUX_STATUS_UNKNOWN, "the target has no such address");
	else
		status = answer(options, bundle, questions);
	mux_bundle_free(bundle);
	return status;
}

int command_path(int argc, char *const *argv)
{
	struct questions questions = {.n = 0};
	struct mux_error error = {0};
	struct path_options options;

	if (path_options_parse(argc, argv, &options, &error) != 0)
		return command_complain(COMMAND_USAGE, error.message);
	if (options.help)
		return print_help();
	if (options.batch)
		return path_batch(stdin, options.replay, options.record);
	return options.replay != NULL ? run_replayed(&options, &questions)
				      : run_live(&options, &questions);
}
