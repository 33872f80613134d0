/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why does a decider let some packets pass and not others? Each reason is a cause of its own, so
 * that one rule is one finding. */
#ifndef MUX_CAUSES_FIREWALL_REASON_H
#define MUX_CAUSES_FIREWALL_REASON_H

#include "causes/cause.h"

enum firewall_reason {
	FIREWALL_PLAIN,	      /* it just does */
	FIREWALL_LIMIT,	      /* a limit, a quota or chance: only sometimes */
	FIREWALL_QUEUE,	      /* a program in user space decides */
	FIREWALL_TABLE,	      /* no rule: conntrack's table is full */
	FIREWALL_CONNTRACK,   /* conntrack has not seen the packet */
	FIREWALL_OWNER,	      /* it asks who sends */
	FIREWALL_DEVICE,      /* it sits on the link itself */
	FIREWALL_KILL_SWITCH, /* it keeps everything in a tunnel */
};

/* Returns the reason of a path that does not let everything pass. */
enum firewall_reason firewall_reason_of(struct findings *findings, const struct ev_path *path);

/* Is what decides in doubt because it counts, or because of chance? */
bool firewall_counts(const struct nf_decision *decision);

/* Returns what such a decision depends on: "limit rate 2/hour", "a quota", "chance". */
const char *firewall_doubt(const struct nf_decision *decision);

/* Is it chance, so that packets are lost however few there are? */
bool firewall_is_chance(const struct nf_decision *decision);

#endif
