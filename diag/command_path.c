/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag path`: what the rules do to the packets of a conversation. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "path_batch.h"

int command_path(int argc, char *const *argv)
{
	const char *replay = NULL, *record = NULL;
	int i;

	for (i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--batch") == 0)
			continue;
		if (strcmp(argv[i], "--replay") == 0 && i + 1 < argc)
			replay = argv[++i];
		else if (strcmp(argv[i], "--record") == 0 && i + 1 < argc)
			record = argv[++i];
		else
			return COMMAND_USAGE;
	}
	return path_batch(stdin, replay, record);
}
