/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a rule, a chain or a whole hook says about a packet, and who said it. The kernel's verdicts
 * (uapi/linux/netfilter.h) with one more: unknown, which always names its reason.
 */
#ifndef MUX_NETFILTER_VERDICT_H
#define MUX_NETFILTER_VERDICT_H

#include <muxdiag/snapshot.h>

#include "base/arena.h"

enum nf_verdict_kind {
	NF_KIND_ACCEPT,
	NF_KIND_DROP,
	NF_KIND_REJECT, /* dropped, and an answer is made */
	NF_KIND_QUEUE,
	NF_KIND_UNKNOWN,
	NF_N_KINDS
};

enum nf_backend { NF_NFTABLES, NF_LEGACY };

/* How a reject answers. */
enum nf_reject_kind { NF_REJECT_NONE, NF_REJECT_ICMP, NF_REJECT_TCP_RESET };

struct nf_reject {
	enum nf_reject_kind kind;
	uint8_t type, code; /* of the ICMP or ICMPv6 message, by the packet's family */
};

/* Where packets are queued for a program. */
struct nf_queue {
	bool known;	       /* else the number is taken from the packet */
	bool bypass;	       /* without a program they pass */
	uint16_t first, total; /* numbers */
};

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
	struct nf_reject reject; /* of NF_KIND_REJECT */
	struct nf_queue queue;	 /* of NF_KIND_QUEUE */
	/* What was assumed about the machine: "that limit rate 5/second is not used up"; or NULL.
	 */
	const char *assumption;
	/* The packet dies, but it may be here or at another place; names the other. Else NULL. */
	const char *unless;
};

/* Returns "ip6 filter OUTPUT" and the like for a decision: family, table, chain, escaped; in the
 * arena, NULL when out of memory. */
const char *nf_decision_place(const struct nf_decision *decision, struct arena *arena);

/* Returns "output", "prerouting", … for an enum nf_hook, "unknown" for any other number. */
const char *nf_hook_name(uint8_t hook);

/* Returns "ip", "ip6", "inet", "netdev", … for NFPROTO_*, "unknown" for any other number. */
const char *nf_family_name(uint8_t family);

#endif
