/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int command_print(const char *text, size_t len)
{
	while (len != 0) {
		ssize_t n = write(STDOUT_FILENO, text, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fprintf(stderr, "muxdiag: cannot write to standard output: %s\n",
				strerror(errno));
			return COMMAND_INTERNAL;
		}
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

int command_complain(int status, const char *message)
{
	fprintf(stderr, "muxdiag: %s\n", message);
	return status;
}

int command_print_rendered(int error, char *text, size_t len)
{
	int status = error != 0 ? command_complain(COMMAND_INTERNAL, strerror(-error))
				: command_print(text, len);

	free(text);
	return status;
}

int command_print_version(void)
{
	return command_print("muxdiag " MUX_VERSION "\n", strlen("muxdiag " MUX_VERSION "\n"));
}

bool command_wants_colour(bool no_color)
{
	const char *variable = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no_color || (variable != NULL && variable[0] != '\0'))
		return false;
	return isatty(STDOUT_FILENO) && (term == NULL || strcmp(term, "dumb") != 0);
}
