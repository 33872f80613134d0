/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One packet, traced: look at the machine, find out where the packet goes, read what the evaluation
 * of just that packet needs, and only then send it. Like muxdiag.c it lives above the rooms,
 * because facts decide what is done next.
 */
#include <muxdiag/trace.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/sentinel.h"
#include "base/slice.h"
#include "evaluate/evaluation.h"
#include "evaluate/route.h"
#include "evaluate/trace.h"
#include "gather/clock.h"
#include "gather/mechanism.h"
#include "gather/trace.h"
#include "parse/parse.h"
#include "rounds.h"

__attribute__((format(printf, 3, 4))) static int fail(struct mux_error *reterr, int error,
						      const char *format, ...)
{
	va_list arguments;

	reterr->code = error;
	va_start(arguments, format);
	vsnprintf(reterr->message, sizeof(reterr->message), format, arguments);
	va_end(arguments);
	return -error;
}

/* --- where to ---------------------------------------------------------------------------- */

static bool is_wanted(const struct ev_candidate *candidate, int family)
{
	struct mux_address wire = ev_wire_address(&candidate->address);

	return family == AF_UNSPEC || wire.family == family;
}

/* The first address of the target; of localhost, which always stands for loopback (RFC 6761
 * section 6.3), even if it does not resolve here. */
static const struct ev_candidate *find_candidate(const struct evaluation *evaluation, int family)
{
	bool is_localhost =
		slice_equal_nocase(slice_of(evaluation->target.host), slice_of("localhost"));
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    is_wanted(&evaluation->candidates[i], family))
			return &evaluation->candidates[i];
	return is_localhost ? evaluation_literal(evaluation, family == AF_INET ? AF_INET : AF_INET6)
			    : NULL;
}

/* Also where routing is broken, and nothing will be sent. */
static bool is_ours(const struct ev_candidate *candidate, const struct mux_routing *routing)
{
	struct mux_address wire = ev_wire_address(&candidate->address);

	return candidate->route.state == EV_ROUTE_LOCAL || addr_is_loopback(&wire) ||
	       ev_route_own(routing, &wire) != NULL;
}

static int choose(const struct mux_trace_question *question, const struct evaluation *evaluation,
		  struct mux_address *ret_address, struct mux_error *reterr)
{
	const char *family = question->family == AF_INET    ? "IPv4 "
			     : question->family == AF_INET6 ? "IPv6 "
							    : "";
	const struct ev_candidate *candidate = find_candidate(evaluation, question->family);

	if (candidate == NULL)
		return fail(reterr, EDESTADDRREQ, "%s has no %saddress here",
			    question->look.target.host, family);
	if (!is_ours(candidate, &evaluation->snapshot->routing))
		return fail(reterr, EDESTADDRREQ,
			    "%s is not on this machine: only packets that stay on it are traced",
			    question->look.target.host);
	*ret_address = ev_wire_address(&candidate->address);
	return 0;
}

static int out_of_memory(struct mux_error *reterr)
{
	return fail(reterr, ENOMEM, "cannot trace: %s", strerrordesc_np(ENOMEM));
}

/* Finds the address and binds the probe's port. */
static int aim(const struct mux_trace_question *question, const struct mux_snapshot *snapshot,
	       struct arena *arena, struct trace *trace, struct mux_error *reterr)
{
	const struct mux_target *target = &question->look.target;
	struct evaluation evaluation;
	struct mux_address address;
	int error;

	if (evaluate(snapshot, target, arena, &evaluation) != 0)
		return out_of_memory(reterr);
	error = choose(question, &evaluation, &address, reterr);
	if (error != 0)
		return error;
	error = trace_aim(trace, question->protocol, &address,
			  question->protocol == MUX_ICMP ? 0 : target->port);
	if ((error == -EACCES || error == -EPERM) && question->protocol == MUX_ICMP)
		return fail(
			reterr, EPERM,
			"echo requests need the capability CAP_NET_RAW, or a group in the sysctl "
			"net.ipv4.ping_group_range");
	if (error != 0)
		return fail(reterr, -error, "cannot open a socket for the packet: %s",
			    strerrordesc_np(-error));
	return 0;
}

/* Reads what the evaluation of this very packet lacks. */
static int read_more(const struct trace_probe *probe, struct mux_bundle *bundle)
{
	const struct mux_probe known = {.protocol = probe->protocol,
					.address = probe->address,
					.port = probe->port,
					.local_port = probe->source_port};
	const struct mux_path_question question = ev_trace_path(&known);

	return rounds_for_paths(bundle, &question, 1);
}

/* --- the trace --------------------------------------------------------------------------- */

static void announce(const struct mux_trace_question *question, const struct trace *trace)
{
	const struct trace_probe *probe = &trace->probe;
	char text[512], address[ADDR_TEXT_MAX];
	const char *protocol = probe->protocol == MUX_TCP   ? "TCP SYN"
			       : probe->protocol == MUX_UDP ? "empty UDP datagram"
							    : "ICMP echo request";

	if (question->announce == NULL)
		return;
	snprintf(text, sizeof(text),
		 "adding the nftables table inet %s for a moment: chains that accept everything, "
		 "and rules that mark one %s (%s %u) to %s, and what answers it, for tracing; the "
		 "kernel removes it with this process, however that ends",
		 trace->table, protocol, probe->protocol == MUX_ICMP ? "identifier" : "from port",
		 (unsigned)probe->source_port,
		 addr_format_port(&probe->address, probe->port, address));
	question->announce(question->context, text);
}

static int complain(int error, struct mux_error *reterr)
{
	if (error == -ENOMEM)
		return out_of_memory(reterr);
	if (error == -EPERM)
		return fail(reterr, EPERM,
			    "tracing needs the capability CAP_NET_ADMIN: run it as "
			    "root, e.g. with sudo; `muxdiag check` needs neither");
	if (error == -EPROTONOSUPPORT || error == -EOPNOTSUPP || error == -EINVAL)
		return fail(reterr, EOPNOTSUPP,
			    "this kernel does not trace (it takes nf_tables of Linux 5.12): %s",
			    strerrordesc_np(-error));
	return fail(reterr, -error, "cannot trace: %s", strerrordesc_np(-error));
}

static int run(const struct mux_trace_question *question, struct trace *trace, int64_t deadline_us,
	       struct mux_bundle *bundle, struct mux_error *reterr)
{
	struct arena *arena = arena_new();
	struct mux_snapshot snapshot;
	int error;

	if (arena == NULL || parse_snapshot(bundle, arena, &snapshot) != 0) {
		arena_free(arena);
		return out_of_memory(reterr);
	}
	error = aim(question, &snapshot, arena, trace, reterr);
	if (error == 0) {
		error = read_more(&trace->probe, bundle);
		if (error == 0) {
			announce(question, trace);
			error = trace_run(trace, deadline_us, bundle);
		}
		if (error != 0)
			complain(error, reterr);
	}
	arena_free(arena);
	return error;
}

struct mux_bundle *mux_trace(const struct mux_trace_question *question, struct mux_error *reterr)
{
	int timeout_ms =
		question->look.timeout_ms > 0 ? question->look.timeout_ms : MUX_DEFAULT_TIMEOUT_MS;
	int64_t deadline_us = clock_now_us() + (int64_t)timeout_ms * 1000;
	struct mux_question look = question->look;
	struct mux_bundle *bundle = NULL;
	struct trace trace;
	int error = trace_open(&trace);

	/* Nothing else is to be sent; and without a port every socket is of interest, because rules
	 * may send the packet to another. */
	look.target.port = 0;
	if (error != 0)
		complain(error, reterr);
	else
		bundle = mux_gather(&look, reterr);
	if (bundle != NULL)
		error = gather_sockets(bundle);
	if (bundle != NULL && error == 0)
		error = run(question, &trace, deadline_us, bundle, reterr);
	trace_close(&trace);
	if (error == 0)
		return bundle;
	if (bundle != NULL && reterr->code == 0)
		complain(error, reterr);
	mux_bundle_free(bundle);
	return NULL;
}

/* --- the report -------------------------------------------------------------------------- */

struct comparison {
	struct mux_trace_report report; /* first: a report pointer is a pointer to this */
	struct arena *arena;
};

struct mux_trace_report *mux_trace_compare(const struct mux_snapshot *snapshot,
					   struct mux_error *reterr)
{
	struct comparison *comparison;

	if (snapshot->trace.source.presence != MUX_PRESENT) {
		fail(reterr, ENOENT, "the recording holds no trace, or a damaged one");
		return NULL;
	}
	comparison = calloc(1, sizeof(*comparison));
	if (comparison != NULL)
		comparison->arena = arena_new();
	if (comparison != NULL && comparison->arena != NULL &&
	    ev_trace_run(snapshot, comparison->arena, &comparison->report) == 0)
		return &comparison->report;
	if (comparison != NULL)
		mux_trace_report_free(&comparison->report);
	out_of_memory(reterr);
	return NULL;
}

void mux_trace_report_free(struct mux_trace_report *report)
{
	struct comparison *comparison = (struct comparison *)report;

	if (report == NULL)
		return;
	arena_free(comparison->arena);
	free(comparison);
}
