/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What listens instead, where nobody listens on the port that is asked for. */
#ifndef MUX_CAUSES_NEARBY_H
#define MUX_CAUSES_NEARBY_H

#include "causes/cause.h"

/* Adds what may have been meant as evidence, the likeliest first, and a fix that names it; adds
 * nothing where it was not looked for. */
void nearby_add(struct findings *findings, struct cause_finding *finding);

#endif
