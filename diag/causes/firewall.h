/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firewall causes share: finding each decider once, and naming it in its own tool's words.
 */
#ifndef MUX_CAUSES_FIREWALL_H
#define MUX_CAUSES_FIREWALL_H

#include "causes/cause.h"

/* What becomes of a connection; each death is of one kind, so that one cause reports it. */
enum firewall_fate {
	FIREWALL_DROPS,	       /* the SYN */
	FIREWALL_DROPS_ANSWER, /* the SYN passes, the SYN/ACK does not */
	FIREWALL_REJECTS,      /* either, with an error */
};

/* Adds one finding for each policy or rule that does so to packets of a candidate in that direction
 * (MUX_STAGE_OUTPUT or MUX_STAGE_INPUT). Returns 0 or -ENOMEM. */
int firewall_find(struct findings *findings, const struct cause *cause, enum mux_stage stage,
		  enum firewall_fate fate);

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

#endif
