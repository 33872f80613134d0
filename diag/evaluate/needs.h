/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What an evaluation still lacks. Gather answers exactly this, and evaluation runs again until it
 * needs nothing: rules are asked for per chain and only for chains that a loopback packet can
 * reach, because the kernel's dump of everything is quadratic in its size.
 */
#ifndef MUX_EVALUATE_NEEDS_H
#define MUX_EVALUATE_NEEDS_H

#include "base/arena.h"
#include "base/slice.h"
#include "netfilter/need.h"
#include "netfilter/packet.h"

/*
 * Lists the chains whose rules an evaluation of loopback packets would read and that are not in
 * the facts yet: base chains on hooks that loopback packets pass, and chains that their known
 * rules jump to. Dormant tables need nothing. Returns 0 or -ENOMEM; the names are borrowed from
 * the facts.
 */
int needs_of_nftables(const struct mux_nftables *nftables, struct arena *arena,
		      struct needs *ret_needs);

/*
 * Runs the packets over every hook, with the facts there are, and lists what that lacked: elements
 * of sets, by key, and chains that only an element leads to. Returns 0 or -ENOMEM; keys are in the
 * arena.
 */
int needs_of_packets(const struct mux_snapshot *snapshot, const struct nf_packet *packets,
		     size_t n_packets, struct arena *arena, struct needs *ret_needs);

#endif
