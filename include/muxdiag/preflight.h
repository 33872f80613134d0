/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is this machine fit for that benchmark? Looks at what decides how a load of so many connections
 * and requests will end, and afterwards at what the kernel counted while it ran.
 */
#ifndef MUXDIAG_PREFLIGHT_H
#define MUXDIAG_PREFLIGHT_H

#include <muxdiag/capacity.h>
#include <muxdiag/muxdiag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How a check ended, least bad first. */
enum mux_fitness {
	MUX_FIT_OK,
	MUX_FIT_INFO,	 /* to be written down beside the result */
	MUX_FIT_UNKNOWN, /* something could not be read */
	MUX_FIT_WARNING, /* the result will be distorted */
	MUX_FIT_FAIL,	 /* the run will break, or measure something else */
};

/* One check. Texts are as in report.h; none is NULL. */
struct mux_fitness_finding {
	const char *id;	     /* kebab-case and stable: "backlog" */
	const char *subject; /* "reach", "queues", "descriptors", "ports", "firewall", … */
	enum mux_fitness fitness;
	const char *title;	/* one sentence */
	const char *prediction; /* what this load will meet; "" when nothing */
	const char *threshold;	/* what would be enough, and why; "" when there is none */
	const struct mux_evidence *evidence;
	size_t n_evidence;
	const struct mux_fix *fixes;
	size_t n_fixes;
};

/* What is to be said of a run that was watched. */
struct mux_preflight_run {
	enum mux_status status;
	const char *headline;
	const struct mux_fitness_finding *findings; /* worst first */
	size_t n_findings;
};

struct mux_preflight {
	const struct mux_report *check; /* what `muxdiag check` says of the target */
	struct mux_load load;
	enum mux_status status; /* the worst of the check's and the findings' */
	const char *headline;
	const struct mux_fitness_finding *findings; /* worst first, then as in preflight.def */
	size_t n_findings;
	const struct mux_preflight_run *run; /* NULL = none was watched */
};

struct mux_preflight_question {
	struct mux_question look; /* the target needs a port */
	struct mux_load load;
};

/*
 * Gathers what mux_gather() does and what decides about the load, and makes a few requests (about
 * a hundred in 50 ms at most) to the address that the tool would use first, unless nobody answers
 * there. Once the name is resolved all of it takes less than 150 ms, or question->look.timeout_ms
 * where that is given; what the server has not answered by then is not known. Returns the bundle,
 * to be freed with mux_bundle_free(), or NULL with *reterr.
 */
MUX_API struct mux_bundle *mux_preflight_gather(const struct mux_preflight_question *question,
						struct mux_error *reterr);

/*
 * Judges what mux_preflight_gather() found, for the load that is recorded in it. The snapshot is
 * that of the bundle; the result borrows from both. Returns it, to be freed with
 * mux_preflight_free(), or NULL with *reterr (-ENOMEM; -ENOENT when the bundle holds no preflight).
 */
MUX_API struct mux_preflight *mux_preflight_judge(const struct mux_bundle *bundle,
						  const struct mux_snapshot *snapshot,
						  struct mux_error *reterr);

/* Frees the result. NULL is allowed. */
MUX_API void mux_preflight_free(struct mux_preflight *preflight);

/*
 * Renders it into a newly allocated, NUL-terminated buffer, to be freed with free(): text, with
 * verbosity 0 only what is wrong, or JSON by contrib/schema/muxdiag-preflight.schema.json. Returns
 * 0, -ENOMEM, or -EINVAL for an unknown format.
 */
MUX_API int mux_preflight_render(const struct mux_preflight *preflight,
				 const struct mux_render_options *options, char **ret_text,
				 size_t *ret_len);

/* As mux_preflight_render() of preflight->run alone, as text. */
MUX_API int mux_preflight_render_run(const struct mux_preflight *preflight,
				     const struct mux_render_options *options, char **ret_text,
				     size_t *ret_len);

/* --- watching a run ---------------------------------------------------------------------- */

/* Counting while a load runs. Opaque. */
struct mux_run_watch;

/* How the command that made the load ended. */
struct mux_run_command {
	const char *name;
	int status;	    /* as a shell's $? */
	int64_t cpu_us;	    /* user and system time */
	const char *output; /* the end of what it printed, output_len bytes; NULL = not kept */
	size_t output_len;
};

/*
 * Reads the kernel's counters into the bundle of a preflight, which must outlive the watch. Returns
 * the watch, to be freed with mux_run_watch_free(), or NULL with *reterr.
 */
MUX_API struct mux_run_watch *mux_run_watch_begin(struct mux_bundle *bundle,
						  const struct mux_snapshot *snapshot,
						  struct mux_error *reterr);

/* Looks at the server's accept queue. To be called about every 100 ms. */
MUX_API void mux_run_watch_sample(struct mux_run_watch *watch);

/* Reads the counters again and records what was seen; `command` may be NULL. After it the bundle is
 * to be parsed and judged anew. Returns 0 or -errno with *reterr. */
MUX_API int mux_run_watch_end(struct mux_run_watch *watch, const struct mux_run_command *command,
			      struct mux_error *reterr);

/* Frees the watch. NULL is allowed. */
MUX_API void mux_run_watch_free(struct mux_run_watch *watch);

#ifdef __cplusplus
}
#endif

#endif
