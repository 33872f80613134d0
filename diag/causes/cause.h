/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A cause is one file: it looks at an evaluation and, when it applies, adds a finding with its
 * evidence, who is hit and how to fix it. causes.def is the list; rank.c orders what was found by
 * what would help most.
 */
#ifndef MUX_CAUSES_CAUSE_H
#define MUX_CAUSES_CAUSE_H

#include "base/arena.h"
#include "base/str.h"
#include "causes/gain.h"
#include "evaluate/change.h"
#include "evaluate/evaluation.h"

/* What a cause takes away, beyond the stages: the names themselves. */
enum { CAUSE_BLOCKS_NAME = 1u << MUX_N_STAGES };

struct findings {
	const struct evaluation *evaluation;
	struct arena *arena;
	struct arena_list list; /* of struct cause_finding */
};

/* A fix with what it changes in the facts; none = it cannot be simulated. */
struct cause_fix {
	struct mux_fix public;
	struct arena_list changes; /* of struct change */
	/* simulate.c: how it went alone; which bit stands for it beside others, 0 = none. */
	bool simulated;
	enum gain_verdict gain;
	unsigned lead;
};

/* A finding while it is being made. */
struct cause_finding {
	struct mux_finding public;
	struct arena_list evidence; /* of struct mux_evidence */
	struct arena_list fixes;    /* of struct cause_fix */
	int family;		    /* whose candidates it blocks: AF_INET, AF_INET6, 0 = both */
	unsigned blocks;	    /* 1u << MUX_STAGE_x, or CAUSE_BLOCKS_NAME; 0 = nothing */
	size_t n_freed;		    /* rank.c: target candidates that work once it is gone */
	bool is_total;		    /* rank.c: no address of this machine works while it is there */
};

struct cause {
	const char *id;
	const char *summary; /* one sentence, for lists */
	/* For `muxdiag explain` and the manual: what happens, who notices it and how, how it is
	 * told apart from what looks alike, what helps. Paragraphs are parted by one empty line;
	 * whoever shows them breaks the lines. */
	const char *explanation;
	/* Adds findings; returns 0 or -ENOMEM. */
	int (*find)(struct findings *findings);
};

/* Starts a finding of the cause, or returns NULL when out of memory. */
struct cause_finding *finding_add(struct findings *findings, const struct cause *cause,
				  enum mux_severity severity);

/* The functions below take a NULL finding, which is what finding_add() returns when out of memory,
 * and then do nothing. */

/* Sets the one sentence that names the guilty thing. Arguments must be trusted or escaped. */
void finding_title(struct findings *findings, struct cause_finding *finding, const char *format,
		   ...) __attribute__((format(printf, 3, 4)));

/* Says who is hit; the text is trusted or escaped and stays borrowed. */
void finding_hit(struct cause_finding *finding, const char *text);

/* Says what the cause takes away (see struct cause_finding), for ranking. */
void finding_blocks(struct cause_finding *finding, unsigned blocks, int family);

/* Adds evidence; both texts trusted or escaped. */
void finding_evidence(struct findings *findings, struct cause_finding *finding, const char *source,
		      const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Adds a fix with up to two commands (NULL = none); each trusted or quoted by str_add_shell(). */
void finding_fix(struct findings *findings, struct cause_finding *finding, const char *title,
		 const char *command, const char *command2);

/*
 * Says what the fix that was added last changes, so that it can be simulated; several times for a
 * fix of several changes. What the change points to is borrowed. Does nothing without a fix.
 */
void finding_change(struct findings *findings, struct cause_finding *finding,
		    const struct change *change);

/* Adds a command that makes the fix that was added last outlast a restart of the machine. */
void finding_lasting(struct findings *findings, struct cause_finding *finding, const char *command);

/* What a find() returns at its end: 0, or -ENOMEM when anything in the arena failed. */
int finding_result(const struct findings *findings);

/* Returns bytes of the machine escaped for a text, never NULL. */
const char *cause_escape(struct findings *findings, struct mux_slice bytes);

#define CAUSE(identifier) extern const struct cause cause_##identifier;
#include "causes/causes.def"
#undef CAUSE

/* All causes, in the order of causes.def. */
extern const struct cause *const causes[];
extern const size_t n_causes;

/*
 * Applies every fix that can be simulated to a copy of the facts and evaluates that: fixes that
 * help say what comes of them, others are taken away; the least intrusive comes first. The findings
 * must be in their final order. Returns 0 or -ENOMEM.
 */
int causes_simulate(struct findings *findings);

/*
 * Finds every cause that applies and orders them: first those whose removal alone makes an address
 * of the target connect, then by severity, then those without whose removal nothing works by any
 * name, then as in causes.def. Fixes are those of the causes;
 * with `simulate` as causes_simulate() leaves them. Returns 0 or -ENOMEM.
 */
int causes_find(const struct evaluation *evaluation, struct arena *arena, bool simulate,
		const struct mux_finding **ret_findings, size_t *ret_n);

#endif
