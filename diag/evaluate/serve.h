/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the server behind a connection was found to do, from the first words that were exchanged. */
#ifndef MUX_EVALUATE_SERVE_H
#define MUX_EVALUATE_SERVE_H

#include "evaluate/context.h"
#include "evaluate/evaluation.h"

/* Returns what the server behind the candidate speaks. */
enum mux_speech ev_speech(const struct ev_candidate *candidate);

/* Was the server given its time, and has it said nothing? */
bool ev_is_silent(const struct ev_candidate *candidate);

/* Did it end each connection without a word? */
bool ev_is_dead(const struct ev_candidate *candidate);

/* Is it a server of web pages that one would expect at the target: by its scheme, or by a port that
 * is usual for them? */
bool ev_expects_http(const struct mux_target *target);

/* A program that only passes connections on, and for whom. */
struct ev_hop {
	const char *command, *of;
};

/* Returns what the program behind the candidate's port is then, or NULL. */
const struct ev_hop *ev_hop(const struct ev_candidate *candidate);

/*
 * Finds the candidates of which a connection is known to be of no use: the server there speaks
 * another protocol than the target's scheme asks for, its process is stopped, or it ends every
 * connection without a word though a scheme says which words are right, or though it should have
 * passed them on. What was not talked to is judged by what the same server does for other
 * candidates, or did in the world before a change.
 */
void ev_judge_servers(const struct ev_context *context, struct ev_candidate *candidates, size_t n);

#endif
