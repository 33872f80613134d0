/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The live line on standard error that shows what is still out. */
#ifndef MUX_PROGRESS_H
#define MUX_PROGRESS_H

#include <muxdiag/muxdiag.h>

struct progress {
	struct mux_progress callback; /* for struct mux_question */
	bool shown;
};

/* Prepares the line; nothing is written before something is out for long enough to be noticed. */
void progress_init(struct progress *progress);

/* Erases the line, if it was shown. */
void progress_done(struct progress *progress);

#endif
