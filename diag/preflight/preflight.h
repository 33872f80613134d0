/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Facts and an evaluation → how fit the machine is for a load, pure. A check looks at one thing and
 * adds one finding, also when all is well; preflight.def is the list, one file a subject.
 */
#ifndef MUX_PREFLIGHT_PREFLIGHT_H
#define MUX_PREFLIGHT_PREFLIGHT_H

#include <muxdiag/path.h>
#include <muxdiag/preflight.h>

#include "base/arena.h"
#include "evaluate/evaluation.h"

/* What is known of a tool that makes load. */
struct preflight_tool {
	const char *name;
	const char *client;  /* its name in evaluate/client.c */
	bool http10;	     /* speaks HTTP/1.0: connections are kept only when both say so */
	bool one_thread;     /* whatever there is of processors */
	bool ends_at_errors; /* the first reset ends the run */
	bool always_keeps;   /* has no mode with a connection for each request */
	bool paced;	     /* can send at a given rate, whether or not answers come */
	unsigned request_us; /* its own processor time for a request on a new connection */
	const char *proxy;   /* the variable that it obeys for localhost; NULL = none */
};

/* Returns the tool of that name; one of no name, of which nothing is known, for others. */
const struct preflight_tool *preflight_tool_find(const char *name);

/* What the checks read and write. */
struct preflight {
	const struct mux_snapshot *snapshot;
	const struct evaluation *evaluation;
	const struct mux_capacity *capacity;
	const struct mux_run *run; /* NULL before the run */
	const struct preflight_tool *tool;
	/* Where the tool connects; NULL when no address of the target works. */
	const struct ev_candidate *candidate;
	const struct mux_listener *listener; /* who accepts there, or NULL */
	struct arena *arena;
	struct arena_list findings; /* of struct fit */
};

/* A finding while it is being made. */
struct fit {
	struct mux_fitness_finding public;
	struct arena_list evidence; /* of struct mux_evidence */
	struct arena_list fixes;    /* of struct mux_fix */
};

struct preflight_check {
	const char *id, *subject;
	/* Adds its finding, or none where the question does not arise. Running out of memory is
	 * remembered by the arena. */
	void (*run)(struct preflight *preflight, const struct preflight_check *check);
};

#define CHECK(subject, identifier) extern const struct preflight_check preflight_##identifier;
#include "preflight/after.def"
#include "preflight/preflight.def"
#undef CHECK

/* Starts a finding with its title; NULL when out of memory, which the functions below take and then
 * do nothing. Arguments must be trusted or escaped. */
struct fit *fit_add(struct preflight *preflight, const struct preflight_check *check,
		    enum mux_fitness fitness, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Starts a finding that a source could not be read, and says why. */
void fit_add_unknown(struct preflight *preflight, const struct preflight_check *check,
		     const struct mux_source *source, const char *what);

/* Says what the load will meet. */
void fit_expect(struct preflight *preflight, struct fit *fit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Says what would be enough, and why. */
void fit_want(struct preflight *preflight, struct fit *fit, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Adds what was read, and where. */
void fit_see(struct preflight *preflight, struct fit *fit, const char *source, const char *format,
	     ...) __attribute__((format(printf, 4, 5)));

/* Adds a way to mend it, with up to two commands (NULL = none). */
void fit_mend(struct preflight *preflight, struct fit *fit, const char *title, const char *command,
	      const char *command2);

/* --- what several checks ask --------------------------------------------------------------- */

/* Returns the number of a sysctl, -1 when it was not read or is none; *ret_sysctl may be NULL. */
int64_t preflight_sysctl(const struct preflight *preflight, const char *path);

/* Returns bytes of the machine escaped for a text, never NULL. */
const char *preflight_escape(struct preflight *preflight, struct mux_slice bytes);

/* How many requests a second the load will make, as far as the baseline and the tool's own cost
 * tell; 0 = not known. */
int64_t preflight_rate(const struct preflight *preflight);

/* Does the load open a connection for each request? */
bool preflight_opens_many(const struct preflight *preflight);

/* Did the server close the connections of its own accord? MUX_UNKNOWN when none was seen. */
enum mux_answer preflight_server_closes(const struct preflight *preflight);

/* Returns by how much one of the kernel's counters went up during the run. */
long long preflight_went_up(const struct preflight *preflight, const char *name);

/* Returns for how long the server's first answer was waited for, in vain; -1 when it came, or could
 * not come. */
int64_t preflight_patience_us(const struct preflight *preflight);

/* Returns the question about the packets of one request to that address. What is gathered and what
 * is judged must ask the same. */
struct mux_path_question preflight_path(const struct mux_address *address, uint16_t port);

/* Returns "[::]:8080 (muxd, pid 7)". */
const char *preflight_listener_text(struct preflight *preflight,
				    const struct mux_listener *listener);

/* Runs all checks of the machine, or of the run where there was one. Returns 0 or -ENOMEM; the
 * findings are in the arena, worst first. */
int preflight_run(struct preflight *preflight, const struct mux_fitness_finding **ret_findings,
		  size_t *ret_n);

/* The answer in one sentence. */
const char *preflight_headline(struct preflight *preflight, const struct mux_report *check,
			       const struct mux_fitness_finding *findings, size_t n);

/* As preflight_headline(), of the run. */
const char *preflight_run_headline(struct preflight *preflight,
				   const struct mux_fitness_finding *findings, size_t n);

#endif
