/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a packet through every base chain of one hook, as the kernel does (nf_hook_slow(),
 * nft_do_chain(), ipt_do_table()): nftables of the packet's family and of family inet, and legacy
 * tables, interleaved by priority. Pure.
 */
#ifndef MUX_NETFILTER_RULESET_H
#define MUX_NETFILTER_RULESET_H

#include "base/arena.h"
#include "netfilter/packet.h"
#include "netfilter/verdict.h"

/* The hooks a loopback packet passes, in order; numbered apart from NF_INET_* on purpose. */
enum nf_hook {
	NF_HOOK_OUTPUT,
	NF_HOOK_POSTROUTING,
	NF_HOOK_EGRESS,
	NF_HOOK_INGRESS,
	NF_HOOK_PREROUTING,
	NF_HOOK_INPUT,
	NF_N_HOOKS
};

/*
 * Evaluates one hook. *ret_decision is the verdict of the hook with whoever decided it: an accept
 * has no decider (its chain is empty); unknown names its reason; a certain drop anywhere on the
 * hook wins over an unknown before it, because the packet dies either way.
 * Returns 0 or -ENOMEM.
 */
int nf_run_hook(const struct mux_snapshot *snapshot, const struct nf_packet *packet,
		enum nf_hook hook, struct arena *arena, struct nf_decision *ret_decision);

struct nf_live;
struct nf_ruleset;

/*
 * As nf_run_hook() on a ruleset made ready once (netfilter/index.h), for a packet in flight
 * (netfilter/live.h), which is changed as the hook's rules change it.
 */
int nf_run_hook_on(const struct nf_ruleset *ruleset, struct nf_live *live, enum nf_hook hook,
		   struct arena *arena, struct nf_decision *ret_decision);

#endif
