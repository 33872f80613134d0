/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MUX_NETFILTER_SETS_H
#define MUX_NETFILTER_SETS_H

#include "netfilter/index.h"

/* Makes sets and elements ready to be found (nf_set_find(), nf_element_find() of machine.h), in the
 * arena. Returns 0 or -ENOMEM. */
int nf_sets_build(const struct mux_nftables *nftables, struct arena *arena,
		  struct nf_ruleset *ruleset);

#endif
