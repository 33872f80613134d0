/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes about listening sockets share. */
#ifndef MUX_CAUSES_LISTENER_H
#define MUX_CAUSES_LISTENER_H

#include "causes/cause.h"

/* How a candidate's address and the sockets of its port go together. */
enum listener_fit {
	LISTENER_FITS,	       /* somebody accepts, or it is not known */
	LISTENER_NOWHERE,      /* nobody listens on the port at all */
	LISTENER_OTHER_FAMILY, /* the loopback address of the other family is served */
	LISTENER_ELSEWHERE,    /* the port is served, on another address or device */
};

/* Returns how they go together. A candidate that was seen to work fits, whatever the list says. */
enum listener_fit listener_fit(const struct evaluation *evaluation,
			       const struct ev_candidate *candidate);

/* Returns the first candidate the question is about that fits like this, with an address of that
 * family (0 = any), or NULL. */
const struct ev_candidate *listener_find(const struct evaluation *evaluation, enum listener_fit fit,
					 int family);

/* Returns the first candidate that fails because nobody listens on the port, on no address; NULL
 * when somebody does, or it is not known, or the target works all the same. */
const struct ev_candidate *listener_missing(const struct evaluation *evaluation);

/* Is it only the link that the nearest socket is bound to that keeps it from the candidate? */
bool listener_is_device_bound(const struct ev_candidate *candidate);

/* Has its process as many descriptors open as it may, so that it cannot accept? A NULL listener has
 * not. */
bool listener_is_used_up(const struct mux_listener *listener);

/* Says of the fix that was added last that the same server then listens on :: for both families and
 * through every link. */
void listener_add_change(struct findings *findings, struct cause_finding *finding,
			 const struct mux_listener *listener);

/* Returns "127.0.0.1:8000 (python3, pid 42)". */
const char *listener_text(struct findings *findings, const struct mux_listener *listener);

/* Adds the usual way to make this server serve both families, where it is a known one. */
void listener_add_fix(struct findings *findings, struct cause_finding *finding,
		      const struct mux_listener *listener);

/* Reports that the server is not on the loopback address of `missing` but on the other family's.
 * Returns 0 or -ENOMEM. */
int listener_report_family(struct findings *findings, const struct cause *cause, int missing);

#endif
