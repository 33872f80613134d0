/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ICMP and ICMPv6 errors by their names. */
#ifndef MUX_EVALUATE_ICMP_H
#define MUX_EVALUATE_ICMP_H

#include <muxdiag/snapshot.h>

#include "base/arena.h"

/* Returns "ICMPv6 no route" and the like for the error that the probe met; NULL when out of memory.
 */
const char *ev_icmp_text(struct arena *arena, const struct mux_probe *probe);

#endif
