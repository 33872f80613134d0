/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which causes hit which hosts? Takes in the results of many machines, one after the other, and
 * keeps of each no more than its name, how it fares, and which causes apply.
 *
 *	struct mux_fleet *fleet = mux_fleet_new();
 *	mux_fleet_add_report(fleet, &source, report);
 *	const struct mux_summary *summary = mux_fleet_summarize(fleet, &error);
 */
#ifndef MUXDIAG_SUMMARY_H
#define MUXDIAG_SUMMARY_H

#include <muxdiag/muxdiag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Texts are as in report.h; none is NULL. */

struct mux_summary_host {
	const char *name;
	enum mux_status status; /* the worst of its targets */
	size_t n_targets;	/* that it was asked about */
	size_t n_older;		/* results that a newer one of the same target has replaced */
	size_t n_causes;	/* that hit it */
};

struct mux_summary_cause {
	const char *id;
	enum mux_severity severity; /* the worst that it has on a host */
	const size_t *hosts;	    /* places in the summary's hosts, ascending */
	size_t n_hosts;
};

/* What could not be taken in. */
struct mux_summary_unread {
	const char *source;
	const char *text; /* why */
};

struct mux_summary {
	enum mux_status status; /* of all: fails if one does, else unknown, warning, ok */
	const struct mux_summary_host *hosts; /* by name, each once */
	size_t n_hosts;
	size_t n_of_status[4]; /* how many hosts fare so, by enum mux_status */
	size_t n_results;      /* that were read */
	size_t n_older;	       /* of them, that are not counted because of a newer one */
	const struct mux_summary_cause *causes; /* that hits most hosts first */
	size_t n_causes;
	const struct mux_summary_unread *unread; /* in the order of reading */
	size_t n_unread;
};

/* The results that were taken in. Opaque. */
struct mux_fleet;

/* Where a result comes from. */
struct mux_fleet_source {
	const char *path; /* for messages; any bytes */
	const char *host; /* who that is when the result names no host; any bytes */
	bool is_host;	  /* it is this host even when the result names one */
};

enum { MUX_FLEET_LARGEST_RESULT = 16 << 20 }; /* bytes of one JSON result */

/* Returns a fleet without hosts, to be freed with mux_fleet_free(), or NULL when out of memory. */
MUX_API struct mux_fleet *mux_fleet_new(void);

/* Frees the fleet and its summaries. NULL is allowed. */
MUX_API void mux_fleet_free(struct mux_fleet *fleet);

/*
 * Takes in a report, which may be freed afterwards. Of several results of a host about the same
 * target the newest counts; of the same time, the last that was taken in.
 * Returns 0, -E2BIG for more findings than any machine has, or -ENOMEM.
 */
MUX_API int mux_fleet_add_report(struct mux_fleet *fleet, const struct mux_fleet_source *source,
				 const struct mux_report *report);

/*
 * Takes in the next bytes of a source that holds what `muxdiag check --json` prints, as often as
 * one likes, one result after the other; len 0 ends the source. What is no result is noted as
 * unread and skipped. *source stays the same until the source has ended. Returns 0 or -ENOMEM.
 */
MUX_API int mux_fleet_add_json(struct mux_fleet *fleet, const struct mux_fleet_source *source,
			       const char *data, size_t len);

/* Notes what could not be taken in: source and text may have any bytes. Returns 0 or -ENOMEM. */
MUX_API int mux_fleet_add_unread(struct mux_fleet *fleet, const char *source, const char *text);

/*
 * Counts. What was noted as unread makes the status unknown unless a host fails.
 * Returns the summary, which is the fleet's and stays as it is when more is taken in, or NULL with
 * *reterr (-ENOMEM).
 */
MUX_API const struct mux_summary *mux_fleet_summarize(struct mux_fleet *fleet,
						      struct mux_error *reterr);

/* As mux_render(): text for people, or JSON. Verbose text names every host. */
MUX_API int mux_summary_render(const struct mux_summary *summary,
			       const struct mux_render_options *options, char **ret_text,
			       size_t *ret_len);

#ifdef __cplusplus
}
#endif

#endif
