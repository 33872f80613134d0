/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a cause asks again and again: whom does the question concern, and how badly is it hit? */
#ifndef MUX_CAUSES_SUBJECT_H
#define MUX_CAUSES_SUBJECT_H

#include "causes/cause.h"

/* Returns the name that was asked about, or NULL. */
const struct ev_name *subject_name(const struct evaluation *evaluation);

/* Is the name asked about this one, whatever the case of its letters? */
bool subject_is_called(const struct evaluation *evaluation, const char *name);

/* Has the target any address? */
bool subject_resolves(const struct evaluation *evaluation);

/* Does any address of the target work? */
bool subject_works(const struct evaluation *evaluation);

/* Is the candidate one of those the answer is about: the target's, or the loopback literals while
 * the target has none? */
bool subject_has(const struct evaluation *evaluation, const struct ev_candidate *candidate);

/* Returns the first candidate of that family that the answer is about and that its route stops in
 * that state, or NULL. */
const struct ev_candidate *subject_stopped(const struct evaluation *evaluation,
					   enum ev_route_state state, int family);

/* How bad it is that these addresses fail: critical when nothing of the target works and the target
 * is hit, a warning when it is hit in part, information when it is not hit. */
enum mux_severity subject_severity(const struct evaluation *evaluation, bool target_is_hit);

/*
 * Returns who is hit while the target's addresses of that family fail, from how the clients will
 * fare; "" when everybody is (also for family 0), or nobody notices.
 */
const char *subject_hit(const struct findings *findings, int family);

/* Returns the address with the port asked about, if any: "[::1]:8000". */
const char *subject_address(struct findings *findings, const struct mux_address *address);

/* Adds what the real connection and the datagram met as evidence. */
void subject_add_probes(struct findings *findings, struct cause_finding *finding,
			const struct ev_candidate *candidate);

/* Adds the socket that accepts for the candidate as evidence, if it is known. */
void subject_add_listener(struct findings *findings, struct cause_finding *finding,
			  const struct ev_candidate *candidate);

#endif
