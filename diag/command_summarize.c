/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag summarize`: the results of many machines, and which causes hit which of them. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command.h"
#include "options.h"
#include "summarize_inputs.h"

struct summarize_options {
	struct mux_render_options how;
	bool by_file, help, version;
};

static const char help[] =
	"usage: muxdiag summarize [OPTIONS] PATH...\n"
	"\n"
	"Says which causes hit which hosts. A PATH is a folder that `muxdiag check --record` made, "
	"a\n"
	"file with what `muxdiag check --json` printed, once or often, - for such on standard "
	"input,\n"
	"or a folder with any number of these.\n"
	"\n"
	"      --json         print the summary for programs, with every host\n"
	"      --by-file      call hosts as their files, not as they call themselves\n"
	"  -q, --quiet        print the first sentence only\n"
	"  -v, --verbose      name every host\n"
	"  -h, --help         print this help\n"
	"  -V, --version      print the version\n"
	"\n"
	"Exit status: 0 all work, 1 some with a warning, 2 some fail, 3 some are not known or "
	"were\n"
	"not read, 64 wrong usage or nothing to read, 70 internal error.\n";

static void set_json(struct summarize_options *options)
{
	options->how.format = MUX_FORMAT_JSON;
}

static void set_by_file(struct summarize_options *options)
{
	options->by_file = true;
}

static void set_quiet(struct summarize_options *options)
{
	options->how.verbosity = -1;
}

static void set_verbose(struct summarize_options *options)
{
	options->how.verbosity = 1;
}

static void set_help(struct summarize_options *options)
{
	options->help = true;
}

static void set_version(struct summarize_options *options)
{
	options->version = true;
}

static const struct {
	char letter; /* 0 = none */
	const char *name;
	void (*set)(struct summarize_options *options);
} table[] = {
	{0, "json", set_json},	       {0, "by-file", set_by_file}, {'q', "quiet", set_quiet},
	{'v', "verbose", set_verbose}, {'h', "help", set_help},	    {'V', "version", set_version},
};

/* Sets what "--name" or each letter of "-qv" says. */
static bool set_option(struct summarize_options *options, const char *text)
{
	const char *at = text[1] == '-' ? text + 2 : text + 1;
	bool is_long = text[1] == '-', found = true;
	size_t i;

	for (; found && *at != '\0'; at = is_long ? "" : at + 1) {
		found = false;
		for (i = 0; i < sizeof(table) / sizeof(table[0]) && !found; i++) {
			found = is_long ? strcmp(at, table[i].name) == 0 : *at == table[i].letter;
			if (found)
				table[i].set(options);
		}
	}
	return found;
}

/* Moves the paths to the front of `paths`. Returns how many they are, or -1 after a complaint. */
static int parse(int argc, char *const *argv, struct summarize_options *options, const char **paths)
{
	bool only_paths = false;
	int i, n = 0;

	for (i = 0; i < argc && !options->help && !options->version; i++) {
		char escaped[256];

		if (only_paths || argv[i][0] != '-' || argv[i][1] == '\0') {
			paths[n++] = argv[i];
		} else if (strcmp(argv[i], "--") == 0) {
			only_paths = true;
		} else if (!set_option(options, argv[i])) {
			fprintf(stderr,
				"muxdiag: unknown option '%s'; `muxdiag summarize --help` lists "
				"them\n",
				options_escape(argv[i], escaped, sizeof(escaped)));
			return -1;
		}
	}
	return n;
}

/* Of one folder of results its own name is not part of theirs. */
static size_t find_unnamed(const char *const *paths, int n)
{
	struct stat status;
	size_t len = strlen(paths[0]);

	if (n != 1 || stat(paths[0], &status) != 0 || !S_ISDIR(status.st_mode))
		return 0;
	return paths[0][len - 1] == '/' ? len : len + 1;
}

static int add_all(struct summarize_inputs *inputs, const char *const *paths, int n)
{
	int i, error = 0;

	inputs->unnamed = find_unnamed(paths, n);
	for (i = 0; error == 0 && i < n; i++)
		error = summarize_add(inputs, paths[i]);
	return error;
}

static int print(const struct mux_summary *summary, const struct mux_render_options *how)
{
	char *text = NULL;
	size_t i, len = 0;
	int error;

	for (i = 0; i < summary->n_unread; i++)
		fprintf(stderr, "muxdiag: not read: %s: %s\n", summary->unread[i].source,
			summary->unread[i].text);
	error = mux_summary_render(summary, how, &text, &len);
	if (error != 0)
		return command_complain(COMMAND_INTERNAL, strerror(-error));
	error = command_print(text, len);
	free(text);
	if (error != 0)
		return error;
	return summary->n_results != 0 ? (int)summary->status : COMMAND_USAGE;
}

static int summarize(const struct summarize_options *options, const char *const *paths, int n)
{
	struct summarize_inputs inputs = {.fleet = mux_fleet_new(), .by_file = options->by_file};
	const struct mux_summary *summary = NULL;
	struct mux_error error = {.message = "out of memory"};
	int status;

	if (inputs.fleet != NULL && add_all(&inputs, paths, n) == 0)
		summary = mux_fleet_summarize(inputs.fleet, &error);
	status = summary != NULL ? print(summary, &options->how)
				 : command_complain(COMMAND_INTERNAL, error.message);
	mux_fleet_free(inputs.fleet);
	return status;
}

int command_summarize(int argc, char *const *argv)
{
	struct summarize_options options = {.how.format = MUX_FORMAT_TEXT};
	const char **paths = calloc((size_t)argc + 1, sizeof(*paths));
	int n, status;

	if (paths == NULL)
		return command_complain(COMMAND_INTERNAL, strerror(ENOMEM));
	n = parse(argc, argv, &options, paths);
	if (n < 0)
		status = COMMAND_USAGE;
	else if (options.help)
		status = command_print(help, sizeof(help) - 1);
	else if (options.version)
		status = command_print_version();
	else if (n == 0)
		status = command_complain(COMMAND_USAGE, "what is to be summarized? `muxdiag "
							 "summarize --help` says more");
	else
		status = summarize(&options, paths, n);
	free(paths);
	return status;
}
