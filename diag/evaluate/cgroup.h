/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What BPF programs of the control group mean for a candidate. */
#ifndef MUX_EVALUATE_CGROUP_H
#define MUX_EVALUATE_CGROUP_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/*
 * Puts the sides that the rules let pass in doubt where a BPF program has a say: what it does is
 * not evaluated. Runs after ev_path_run() and before ev_infer_run(), which takes the doubt away
 * again if a real connection was made.
 */
void ev_cgroup_run(const struct ev_context *context, struct ev_candidate *candidate);

#endif
