/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a fix does to a file, as people read it. */
#ifndef MUX_CAUSES_DIFF_H
#define MUX_CAUSES_DIFF_H

#include "causes/cause.h"

/* Fills in the fix's diff from its changes, where they are of a file whose lines are known. Running
 * out of memory is remembered by the arena. */
void diff_fill(struct findings *findings, struct cause_fix *fix);

#endif
