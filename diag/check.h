/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One look at the machine, or at a recorded one, and what it says; for `muxdiag check` once and for
 * --watch again and again. */
#ifndef MUX_CHECK_H
#define MUX_CHECK_H

#include <muxdiag/muxdiag.h>

#include "options.h"

struct check {
	struct mux_bundle *bundle;
	const struct mux_snapshot *snapshot;
	struct mux_report *report;
	bool record_failed; /* was said already */
};

/*
 * Gathers or loads, records if that was asked for, and diagnoses. Returns 0, or an exit status
 * after a line on standard error. *ret is to be freed with check_done() in both cases.
 */
int check_make(const struct options *options, struct check *ret);

/* Frees what check_make() filled in. */
void check_done(struct check *check);

/* Prints the report as the options want it; returns the exit status. */
int check_print(const struct mux_report *report, const struct options *options);

#endif
