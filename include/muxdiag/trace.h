/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One real packet and what answers it, as the kernel reports it, beside what the rules say by
 * evaluation.
 *
 *	struct mux_trace_question question = {
 *		.look = {.target = {.host = "::1", .port = 8000}}, .protocol = MUX_TCP};
 *	struct mux_bundle *bundle = mux_trace(&question, &error);
 *	const struct mux_snapshot *facts = mux_snapshot_parse(bundle, &error);
 *	struct mux_trace_report *report = mux_trace_compare(facts, &error);
 */
#ifndef MUXDIAG_TRACE_H
#define MUXDIAG_TRACE_H

#include <muxdiag/muxdiag.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- gather ------------------------------------------------------------------------------ */

struct mux_trace_question {
	/* The target, with a port unless the protocol is MUX_ICMP; the time for everything. */
	struct mux_question look;
	enum mux_protocol protocol;
	int family; /* AF_INET or AF_INET6; AF_UNSPEC: of the address that the target has first */
	/* Told what is about to be added to the firewall, in words safe for a terminal; or NULL. */
	void (*announce)(void *context, const char *text);
	void *context;
};

/*
 * Looks at this machine, adds a table of its own to nftables, sends one packet to the target, which
 * must be this machine, and takes the table away; should the process be killed, the kernel does.
 * Returns the bundle, to be freed with mux_bundle_free(), or NULL with *reterr: EPERM without
 * CAP_NET_ADMIN, EDESTADDRREQ for a target that has no address here, EOPNOTSUPP for a kernel that
 * cannot do it (before 5.12).
 */
MUX_API struct mux_bundle *mux_trace(const struct mux_trace_question *question,
				     struct mux_error *reterr);

/* --- what was found ---------------------------------------------------------------------- */

enum mux_trace_status {
	MUX_TRACE_ARRIVES,    /* every packet arrived, and the evaluation does not contradict */
	MUX_TRACE_DIES,	      /* one did not, and the evaluation does not contradict */
	MUX_TRACE_INCOMPLETE, /* it cannot be told */
	MUX_TRACE_DIFFERS,    /* the evaluation says otherwise: a mistake in muxdiag */
};

enum mux_fate {
	MUX_FATE_NONE,	   /* it does not get here */
	MUX_FATE_ACCEPTED, /* it leaves the hook */
	MUX_FATE_DROPPED,
	MUX_FATE_REJECTED, /* dropped with an answer; the kernel's reports do not tell it from a
			      drop */
	MUX_FATE_QUEUED,   /* for a program in user space */
	MUX_FATE_VANISHED, /* the kernel's report: it was seen no more, and no nftables rule did it
			    */
	MUX_FATE_UNKNOWN,
};

/* A rule that matched, or a policy. */
struct mux_trace_step {
	const char *place;   /* "inet filter input" */
	uint64_t handle;     /* of an nftables rule; 0 = none */
	size_t position;     /* in its chain, from 1; 0 = a policy, or not known */
	const char *rule;    /* in the syntax of its backend; "" when not known */
	const char *verdict; /* "accept", "jump name", "continue", … */
	bool certain;	     /* the evaluation's only: it is known to match */
};

/* What one of the two says of a hook. */
struct mux_trace_side {
	enum mux_fate fate;
	const char *text; /* where and why, unless it is accepted; "" */
	/* Who decides; for MUX_FATE_VANISHED who may be it. NULL and 0 where there is nobody. */
	const char *family, *table, *chain;
	bool policy;
	uint64_t handle;
	size_t position;
	const char *rule;
	const struct mux_trace_step *steps; /* in order */
	size_t n_steps;
};

struct mux_trace_hook {
	const char *name; /* "output", "postrouting", … */
	struct mux_trace_side evaluated, real;
	enum mux_answer agree;
	const char *difference; /* what differs; "" unless `agree` is MUX_NO */
};

enum { MUX_TRACE_HOOKS = 6 };

/* One packet on its way out and in again. */
struct mux_trace_journey {
	const char *name;	 /* "request", "answer", "ack", "refusal" */
	const char *description; /* "SYN", "echo request", … */
	struct mux_trace_hook hooks[MUX_TRACE_HOOKS];
	enum mux_answer arrived; /* really */
};

struct mux_trace_report {
	const char *target;   /* "[::1]:8000" */
	const char *protocol; /* "tcp", "udp", "icmp" */
	uint16_t port, local_port;
	enum mux_trace_status status;
	const char *headline;			    /* the answer in one sentence */
	const char *real_result, *evaluated_result; /* how the sender sees it end */
	const struct mux_trace_journey *journeys;
	size_t n_journeys;
	const char *const *notes; /* what is worth knowing besides */
	size_t n_notes;
	const struct mux_machine *machine;
};

/*
 * Compares what a snapshot of mux_trace() holds. Returns the report, which borrows from the
 * snapshot, or NULL with *reterr: ENOENT when it holds no trace, ENOMEM.
 */
MUX_API struct mux_trace_report *mux_trace_compare(const struct mux_snapshot *snapshot,
						   struct mux_error *reterr);

/* Frees the report. NULL is allowed. */
MUX_API void mux_trace_report_free(struct mux_trace_report *report);

/* As mux_render(). */
MUX_API int mux_trace_render(const struct mux_trace_report *report,
			     const struct mux_render_options *options, char **ret_text,
			     size_t *ret_len);

#ifdef __cplusplus
}
#endif

#endif
