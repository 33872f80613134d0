/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of commands. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "options.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char *const *argv);
	const char *description;
} commands[] = {
	{"check", command_check, "why does connecting fail, and what to use instead"},
	{"path", command_path, "what the firewall does to a packet, rule by rule"},
	{"trace", command_trace, "follow one real packet through the firewall, in the kernel"},
	{"preflight", command_preflight, "is this machine fit for that benchmark"},
	{"summarize", command_summarize, "which causes hit which hosts, from many results"},
	{"explain", command_explain, "what a cause is, how it shows, and what helps"},
};

enum { N_COMMANDS = sizeof(commands) / sizeof(commands[0]) };

/* A descriptor 0 to 2 that came closed would be the next socket's, and output would go there.
 * Opened for reading only, so that writing still fails and is noticed. */
static bool keep_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd < 0)
		return false;
	close(fd);
	return true;
}

static size_t format_usage(char *buffer, size_t size)
{
	size_t i, len = 0;

	len = (size_t)snprintf(buffer, size, "usage: muxdiag COMMAND [OPTIONS] [TARGET]\n\n");
	for (i = 0; i < N_COMMANDS && len < size; i++)
		len += (size_t)snprintf(buffer + len, size - len, "  %-10s %s\n", commands[i].name,
					commands[i].description);
	if (len < size)
		len += (size_t)snprintf(buffer + len, size - len,
					"\n`muxdiag COMMAND --help` says more, `muxdiag --version` "
					"prints the version.\n");
	return len < size ? len : size - 1;
}

static int run_unknown(const char *name)
{
	char escaped[256];

	options_escape(name, escaped, sizeof(escaped));
	if (name[0] == '-')
		fprintf(stderr, "muxdiag: unknown option '%s'; try `muxdiag --help`\n", escaped);
	else
		fprintf(stderr, "muxdiag: unknown command '%s'; for a target: `muxdiag check %s`\n",
			escaped, escaped);
	return COMMAND_USAGE;
}

int main(int argc, char **argv)
{
	char usage[1024];
	size_t i, len = format_usage(usage, sizeof(usage));

	if (!keep_standard_files())
		return COMMAND_INTERNAL;
	/* A reader that went away is an error to report, like a full disk. */
	signal(SIGPIPE, SIG_IGN);
	if (argc < 2) {
		fputs(usage, stderr);
		return COMMAND_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return command_print(usage, len);
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)
		return command_print_version();
	for (i = 0; i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 2, argv + 2);
	return run_unknown(argv[1]);
}
