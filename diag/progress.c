/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "progress.h"

#include <stdio.h>

#include "options.h"

/* A healthy machine answers sooner, and then nothing flickers. */
enum { NOTICEABLE_US = 100 * 1000 };

static void show(void *context, const char *what, int64_t elapsed_us)
{
	struct progress *progress = context;
	char escaped[60];

	if (elapsed_us < NOTICEABLE_US)
		return;
	fprintf(stderr, "\r\033[Kwaiting for %s (%lld.%lld s)",
		options_escape(what, escaped, sizeof(escaped)), (long long)(elapsed_us / 1000000),
		(long long)(elapsed_us / 100000 % 10));
	fflush(stderr);
	progress->shown = true;
}

void progress_init(struct progress *progress)
{
	progress->callback.waiting = show;
	progress->callback.context = progress;
	progress->shown = false;
}

void progress_done(struct progress *progress)
{
	if (!progress->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress->shown = false;
}
