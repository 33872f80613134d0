/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Whose rules are these? Programs that write rules undo what is changed behind their backs, so a
 * fix is best made in their own words. */
#ifndef MUX_CAUSES_OWNER_H
#define MUX_CAUSES_OWNER_H

#include "causes/cause.h"

enum owner_kind {
	OWNER_FIREWALL,	 /* a manager of the machine's own rules */
	OWNER_VPN,	 /* tunnels, and what keeps traffic out of their surroundings */
	OWNER_CONTAINER, /* containers, clusters, virtual machines */
	OWNER_FILTER,	 /* asks about, bans or redirects single connections */
};

struct owner {
	const char *name; /* as its makers write it */
	enum owner_kind kind;
	/* What lets loopback, and nothing else, pass by its own means; the commands may be NULL.
	 * "%s" in a command stands for the loopback address of the packet's family. */
	const char *advice, *in, *out;
};

/*
 * Returns whose rule or policy decided, or NULL when that cannot be told. *ret_why is then what
 * gives it away, escaped: "table inet firewalld", "chain ufw6-user-input".
 */
const struct owner *owner_find(struct findings *findings, const struct nf_decision *decision,
			       const char **ret_why);

/* Adds the owner as evidence, if there is one, and what to do about it in its own words. `out`: the
 * packets are on their way out; `family` is theirs (AF_INET, AF_INET6). */
void owner_add(struct findings *findings, struct cause_finding *finding,
	       const struct nf_decision *decision, bool out, int family);

#endif
