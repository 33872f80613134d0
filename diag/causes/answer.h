/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From an evaluation to the whole report: outcome, sentence, findings, what to use, what is not
 * known. */
#ifndef MUX_CAUSES_ANSWER_H
#define MUX_CAUSES_ANSWER_H

#include "base/arena.h"
#include "evaluate/evaluation.h"

/*
 * Fills *report; all of it is in the arena and borrows from the evaluation. Returns 0, or -ENOMEM
 * and then *report must not be read.
 */
int answer(const struct evaluation *evaluation, struct arena *arena, struct mux_report *report);

/* The parts. Each fills its own fields of the report and may read those that an earlier part
 * filled: endpoints, clients and findings, gaps, status, recommendations, headline. Running out of
 * memory is remembered by the arena. */
void answer_endpoints(const struct evaluation *evaluation, struct arena *arena,
		      struct mux_report *report);
void answer_clients(const struct evaluation *evaluation, struct arena *arena,
		    struct mux_report *report);
void answer_gaps(const struct evaluation *evaluation, struct arena *arena,
		 struct mux_report *report);
void answer_recommendations(const struct evaluation *evaluation, struct arena *arena,
			    struct mux_report *report);
void answer_headline(const struct evaluation *evaluation, struct arena *arena,
		     struct mux_report *report);

/* Returns whether the candidate is of use: connects, to a server that does its part. */
enum mux_answer answer_works(const struct ev_candidate *candidate);

/* What a person waits for without wondering. */
enum { ANSWER_PATIENT_MS = 1000 };

/* The ways to fare that a person tells apart, worst first. */
enum fare { FARE_DIES, FARE_FAILS, FARE_STALLS, FARE_WORKS, FARE_UNKNOWN, N_FARES };

/* Returns how a client fares that works, or fails, after that time. */
enum fare answer_fare(enum mux_answer works, int64_t after_ms);

/* Returns "ab fails after 30 s, wrk stalls for 131 s, curl works", of each way to fare the first
 * client; "" when all fare alike. In the arena. */
const char *answer_clause(const struct mux_report *report, struct arena *arena);

/* Counts the target's candidates by what is known of them. */
struct answer_count {
	size_t total, work, fail, unknown;
};
struct answer_count answer_count(const struct evaluation *evaluation);

#endif
