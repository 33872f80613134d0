/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule, a chain or a whole hook says about a packet, and who said it. The kernel's verdicts
 * (uapi/linux/netfilter.h) with one more: unknown, which always names its reason.
 */
#ifndef MUX_NETFILTER_VERDICT_H
#define MUX_NETFILTER_VERDICT_H

#include <muxdiag/snapshot.h>

enum nf_verdict_kind {
	NF_KIND_ACCEPT,
	NF_KIND_DROP,
	NF_KIND_REJECT, /* dropped, and an answer is made */
	NF_KIND_QUEUE,
	NF_KIND_UNKNOWN,
};

enum nf_backend { NF_NFTABLES, NF_LEGACY };

/* Who decided. Everything a person needs to find the place again. */
struct nf_decision {
	enum nf_verdict_kind kind;
	enum nf_backend backend;
	uint8_t family; /* NFPROTO_* of the table */
	struct mux_slice table, chain;
	uint8_t hook; /* enum nf_hook, netfilter/ruleset.h */
	int32_t priority;
	bool by_policy;
	uint64_t handle; /* of the rule, nftables; 0 = none */
	size_t position; /* of the rule in its chain, from 1; 0 = none */
	bool has_counters;
	uint64_t packets, bytes;
	const char *rule;   /* printed in the syntax of its backend, escaped; NULL when by policy */
	const char *reason; /* of NF_KIND_UNKNOWN: "4 rules not evaluated"; else NULL */
};

#endif
