/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the causes about a server's first words share. A candidate is a connected one of the target.
 */
#ifndef MUX_CAUSES_TALK_H
#define MUX_CAUSES_TALK_H

#include "causes/cause.h"
#include "evaluate/serve.h"

/* Returns the first candidate of the target whose server speaks that, or NULL. */
const struct ev_candidate *talk_find(const struct evaluation *evaluation, enum mux_speech speech);

/* How many connections wait for the server to accept them, after it has said nothing; 0 = none, or
 * not known. */
uint32_t talk_waiting(const struct evaluation *evaluation, const struct ev_candidate *candidate);

/* "answers HTTP 200 (Server: muxd) after 0.1 ms", in the arena, never NULL. */
const char *talk_text(struct arena *arena, const struct mux_talk *talk);

/* Adds what was said to the server, and what came back, as evidence. */
void talk_add(struct findings *findings, struct cause_finding *finding,
	      const struct ev_candidate *candidate);

/* Returns who it is that answered HTTP: "muxd/0.1.0 20-1537" or "Server: nginx"; NULL = it did not
 * say. In the arena. */
const char *talk_identity(struct arena *arena, const struct ev_candidate *candidate);

/* Returns the URL of the target with that scheme, escaped. */
const char *talk_url(struct findings *findings, const char *scheme);

#endif
