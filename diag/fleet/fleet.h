/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this room share: the results so far, and how one more gets in. */
#ifndef MUX_FLEET_FLEET_H
#define MUX_FLEET_FLEET_H

#include <muxdiag/summary.h>

#include "base/arena.h"
#include "base/str.h"

/* More than any machine has, so that a hostile result cannot make a cheap one dear. */
enum { FLEET_MAX_FINDINGS = 500, FLEET_MAX_CAUSES = 2000, FLEET_MAX_ID = 64 };

struct fleet_finding {
	uint32_t cause; /* place in the fleet's causes */
	enum mux_severity severity;
};

/* The newest result of a host about a target. */
struct fleet_result {
	const char *host, *target;
	int64_t time; /* Unix; 0 = not known */
	enum mux_status status;
	struct fleet_finding *findings; /* one a cause */
	size_t n_findings, capacity;
	size_t n_older;
};

/* Where a source of JSON is read. */
struct fleet_reader {
	char *data; /* of the result that has begun */
	size_t len, capacity;
	size_t depth;	   /* of braces and brackets; 0 = between results */
	bool in_string;	   /* between quotes */
	bool escaped;	   /* behind a backslash there */
	bool skips;	   /* what follows is no result, until a line begins with a brace */
	size_t line;	   /* that is read, from 1; 0 = none yet */
	size_t begin_line; /* of the result */
	size_t n_results;  /* of the source, good and bad */
	char last;	   /* the byte before */
};

struct mux_fleet {
	struct arena *arena;
	struct fleet_result **table; /* by hash of host and target; n_slots is a power of two */
	size_t n_slots;
	struct arena_list results; /* of struct fleet_result * */
	struct arena_list causes;  /* of const char * */
	struct arena_list unread;  /* of struct mux_summary_unread */
	size_t n_read;		   /* results */
	/* Of the result that is coming in. */
	struct fleet_finding findings[FLEET_MAX_FINDINGS];
	size_t n_findings;
	struct fleet_reader reader;
};

/* Who a result is about, and how that fares. Borrowed until fleet_commit() returns. */
struct fleet_answer {
	const char *host;   /* NULL or empty: as the source says */
	const char *target; /* NULL: none */
	int64_t time;	    /* Unix; 0 = not known */
	enum mux_status status;
};

/* Begins a result, forgetting one that was not committed. */
void fleet_begin(struct mux_fleet *fleet);

/* Adds a finding to it. Returns 0, -EINVAL for an id that is none, -E2BIG for too many, -ENOMEM. */
int fleet_add_finding(struct mux_fleet *fleet, const char *id, enum mux_severity severity);

/* Takes it in, unless there is a newer one. Returns 0 or -ENOMEM. */
int fleet_commit(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		 const struct fleet_answer *answer);

/* Reads one JSON result and takes it in. Returns 0, or -EINVAL with why in `why`, or -ENOMEM. */
int fleet_read_result(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		      struct mux_slice text, char *why, size_t size);

/* The statuses from good to bad: that of a host that fails is worse than that of one of which
 * nothing is known. */
bool fleet_is_worse(enum mux_status a, enum mux_status b);

#endif
