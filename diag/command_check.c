/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag check`: gather or load, record, diagnose, render; the exit status is the answer. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "command.h"
#include "options.h"
#include "watch.h"

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

static int run(const struct options *options)
{
	struct check check;
	int status = check_make(options, &check);

	if (status == 0)
		status = check_print(check.report, options);
	if (status < COMMAND_USAGE && check.record_failed)
		status = COMMAND_INTERNAL;
	check_done(&check);
	return status;
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
	if (status != 0)
		return status;
	if (options.until)
		return watch_until(&options);
	return options.watch ? watch_changes(&options) : run(&options);
}
