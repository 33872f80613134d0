/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What kind of place this is, as far as it explains a failure: whose localhost is asked here, and
 * who besides the network may refuse a connection? */
#ifndef MUX_CAUSES_PLACE_H
#define MUX_CAUSES_PLACE_H

#include "causes/cause.h"

/* Where the server may be that nobody finds here; the first that applies. */
enum place {
	PLACE_ORDINARY,	       /* nothing says that it is anywhere else */
	PLACE_OTHER_NAMESPACE, /* it was seen in another network namespace */
	PLACE_CONTAINER,       /* this is a container with a network of its own */
	PLACE_SANDBOX,	       /* this is a sandbox with nothing but lo */
	PLACE_WSL,	       /* this is WSL2: a virtual machine beside Windows */
};

/* Returns the place. Only for a port that nobody listens on (listener_missing()). */
enum place place_of(const struct evaluation *evaluation);

/* Is the kernel that of WSL2? */
bool place_is_wsl(const struct evaluation *evaluation);

/* Returns the value of a variable of ours, or NULL when it is not set. */
const struct mux_variable *place_variable(const struct evaluation *evaluation, const char *name);

/* Adds what makes this a container, or a sandbox, as evidence. */
void place_add_container(struct findings *findings, struct cause_finding *finding);
void place_add_sandbox(struct findings *findings, struct cause_finding *finding);

/* Adds how this sandbox is told to allow connections, where it is a known one, as a fix. */
void place_add_allowance(struct findings *findings, struct cause_finding *finding);

/* Adds which links there are as evidence: "lo alone", "lo, eth0". */
void place_add_links(struct findings *findings, struct cause_finding *finding);

/* Returns how the container of a control group is called, "docker 0123456789ab", or NULL when the
 * path, as in /proc/PID/cgroup, names none. */
const char *place_container(struct findings *findings, struct mux_slice cgroup);

/* Who refuses a connection before any packet is sent. */
enum refuser { REFUSER_NONE, REFUSER_SANDBOX, REFUSER_SELINUX, REFUSER_APPARMOR };

/* Returns who refuses connections to the candidate; REFUSER_NONE when none does, or another cause
 * explains it, or nothing but the error speaks for it. */
enum refuser place_refuser(const struct evaluation *evaluation,
			   const struct ev_candidate *candidate);

/* Returns the first candidate the answer is about that this one refuses; *ret_families says whether
 * it is all of them (0) or those of one family. NULL = none. */
const struct ev_candidate *place_refused(const struct evaluation *evaluation, enum refuser refuser,
					 int *ret_family);

#endif
