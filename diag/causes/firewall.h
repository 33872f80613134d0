/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firewall causes share: finding each decider once, and naming it in its own tool's words.
 */
#ifndef MUX_CAUSES_FIREWALL_H
#define MUX_CAUSES_FIREWALL_H

#include "causes/firewall_reason.h"

/* What becomes of a connection; each death is of one kind, so that one cause reports it. */
enum firewall_fate {
	FIREWALL_DROPS,	       /* the SYN */
	FIREWALL_DROPS_ANSWER, /* the SYN passes, the SYN/ACK does not */
	FIREWALL_REJECTS,      /* either, with an error */
};

/* Adds one finding for each policy or rule that does so, for no other reason than that it does, to
 * packets of a candidate in that direction (MUX_STAGE_OUTPUT or MUX_STAGE_INPUT). Returns 0 or
 * -ENOMEM. */
int firewall_find(struct findings *findings, const struct cause *cause, enum mux_stage stage,
		  enum firewall_fate fate);

/* Adds one finding for each policy or rule that stops packets for that reason, whatever becomes of
 * them. Returns 0 or -ENOMEM. */
int firewall_find_because(struct findings *findings, const struct cause *cause,
			  enum firewall_reason reason);

/* Returns "rule 3 of inet filter input (hook input)", "the policy of ip6 filter OUTPUT (hook
 * output, legacy xtables)" and the like; never NULL. */
const char *firewall_decider(struct findings *findings, const struct nf_decision *decision);

/* Adds the deciding rule or policy as evidence, and the command that shows it. */
void firewall_add_decision(struct findings *findings, struct cause_finding *finding,
			   const struct nf_decision *decision);

/* Adds the fixes: in the words of the program that made the rule, then in those of its backend.
 * `out`: packets are on their way out; `family` is theirs. */
void firewall_add_fixes(struct findings *findings, struct cause_finding *finding,
			const struct nf_decision *decision, bool out, int family);

/* Returns where a path's packets are queued and what comes of it: "queue 5, which no program
 * reads". */
const char *firewall_queue_verdict(struct findings *findings, const struct ev_path *path);

/* Adds the queue's reader, or that there is none, as evidence, and what to do about it. */
void firewall_queue_add(struct findings *findings, struct cause_finding *finding,
			const struct ev_path *path);

/* Returns the command that asks the same question as root: "sudo muxdiag check localhost:8000". */
const char *firewall_ask_as_root(struct findings *findings);

/* Returns the command that shows the deciding chain: "ip6tables -S OUTPUT", "nft list chain …". */
const char *firewall_view(struct findings *findings, const struct nf_decision *decision);

/*
 * Returns the command that accepts loopback packets, and nothing else, in front of everything in
 * the base chain that decided; NULL when that chain is not known.
 */
const char *firewall_accept(struct findings *findings, const struct nf_decision *decision);

/* Says what that command changes; false when the base chain is not known. */
bool firewall_accept_change(const struct findings *findings, const struct nf_decision *decision,
			    struct change *ret_change);

/*
 * Adds what a fix like this lacks: the same in the base chain that stops the packets on the same
 * side in `after`, where the fix is applied already. Returns false when there is none, or it cannot
 * be said how.
 */
bool firewall_extend(struct findings *findings, const struct evaluation *after,
		     struct cause_fix *fix);

#endif
