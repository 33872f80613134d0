/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What each way to fail looks like to a client was measured per hook: a datagram that OUTPUT or
 * POSTROUTING drops gives EPERM at send() (ip_local_out() returns
 * the verdict), one that a netdev egress chain drops gives ENOBUFS, one that is dropped on
 * its way in gives nothing. TCP shows none of this: its SYN is lost silently either way.
 */
#include "netfilter/kernel.h"

#include "evaluate/infer.h"

#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>

#include "evaluate/counts.h"
#include "evaluate/icmp.h"
#include "evaluate/path.h"

/* On lo the handshake happens inside connect(); what was deferred under load came within a few
 * milliseconds. */
enum { SILENCE_US = 50 * 1000 };

struct inference {
	const struct ev_context *context;
	struct ev_candidate *candidate;
};

enum ev_fate ev_fate_of(const struct ev_candidate *candidate)
{
	const struct mux_probe *tcp = candidate->tcp;

	if (tcp == NULL)
		return EV_FATE_NONE;
	if (tcp->connected)
		return EV_FATE_CONNECTED;
	if (!tcp->finished || tcp->error == ETIMEDOUT)
		return tcp->elapsed_us >= SILENCE_US && candidate->route.state != EV_ROUTE_ELSEWHERE
			       ? EV_FATE_SILENT
			       : EV_FATE_NONE;
	if (tcp->icmp_origin != 0)
		return EV_FATE_ICMP;
	switch (tcp->error) {
	case ECONNREFUSED:
		return EV_FATE_RESET;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
	case 0:
		return EV_FATE_NONE; /* the probe failed, not the connection */
	default:
		return EV_FATE_LOCAL;
	}
}

/* --- marks on a stage -------------------------------------------------------------------- */

static void infer(const struct inference *inference, struct ev_path *path, enum mux_answer passes,
		  const char *text)
{
	/* A rule's own doubt stays visible; that no rule could be read is said elsewhere. */
	if (passes == MUX_NO && path->decided && path->decision.table.len != 0)
		text = arena_printf(inference->context->arena, "%s (from the rules: %s)", text,
				    path->text);
	else if (passes == MUX_NO && path->program != NULL)
		text = arena_printf(inference->context->arena, "%s (%s)", text, path->text);
	path->passes = passes;
	path->decided = false;
	path->inferred = true;
	path->text = text;
}

/* The way in is the likelier one where nothing tells the sides apart: rules for one protocol are
 * written for INPUT far more often than for OUTPUT. */
static void infer_in(const struct inference *inference, const char *text, bool either_side)
{
	infer(inference, &inference->candidate->input, MUX_NO, text);
	inference->candidate->input.either_side = either_side;
}

static void contradict(const struct inference *inference, struct ev_path *path, const char *seen)
{
	path->passes = MUX_UNKNOWN;
	path->contradicted = true;
	path->text = arena_printf(inference->context->arena, "%s by the rules, but %s", path->text,
				  seen);
}

/* What passes only until a limit is used up did not pass: it is. Returns whether that may be. */
static bool take_used_up(const struct inference *inference, struct ev_path *path, const char *seen)
{
	if (path->passes != MUX_YES || path->busy == NULL)
		return false;
	infer(inference, path, MUX_NO,
	      arena_printf(inference->context->arena, "a limit is used up: %s", seen));
	path->decision = *path->busy;
	path->used_up = true;
	return true;
}

/* The side with such a limit; where both have one, that is not known. */
static struct ev_path *find_limit(struct ev_candidate *candidate)
{
	if (candidate->output.busy != NULL && candidate->input.busy != NULL)
		return NULL;
	return candidate->output.busy != NULL ? &candidate->output : &candidate->input;
}

static void doubt_route(const struct inference *inference, const char *seen)
{
	struct ev_route *route = &inference->candidate->route;

	route->passes = MUX_UNKNOWN;
	route->text = arena_printf(inference->context->arena, "%s, but %s", route->text, seen);
}

/* Is the side one of which the rules are sure that it kills the SYN itself, and here? */
static bool kills(const struct ev_path *path, enum nf_verdict_kind kind)
{
	return path->passes == MUX_NO && path->decided && !path->of_reply &&
	       path->decision.kind == kind;
}

/* --- it connected ------------------------------------------------------------------------ */

static void take_connected(const struct inference *inference)
{
	static const char seen[] = "a real connection was made";
	struct ev_candidate *candidate = inference->candidate;
	struct ev_path *paths[] = {&candidate->output, &candidate->input};
	struct ev_listen *listen = &candidate->listen;
	size_t i;

	for (i = 0; i < 2; i++)
		if (paths[i]->passes == MUX_NO)
			contradict(inference, paths[i], seen);
		else if (paths[i]->passes == MUX_UNKNOWN)
			infer(inference, paths[i], MUX_YES, "a real connection passed");
	if (candidate->route.passes == MUX_NO)
		doubt_route(inference, seen);
	else
		candidate->route.passes = MUX_YES;
	if (listen->accepts == MUX_YES)
		return;
	listen->accepts = MUX_YES;
	listen->text = arena_printf(inference->context->arena, "%s, but %s", listen->text, seen);
}

/* --- nothing came back ------------------------------------------------------------------- */

static bool is_explained(const struct ev_candidate *candidate)
{
	return candidate->route.passes == MUX_NO || candidate->output.passes == MUX_NO ||
	       candidate->input.passes == MUX_NO || candidate->listen.queue_full;
}

/* What refused a datagram on its way out, or NULL. */
static const char *refused_out(const struct ev_candidate *candidate)
{
	const struct mux_probe *udp = candidate->udp;

	if (udp == NULL || udp->connected || udp->icmp_origin != 0)
		return NULL;
	if (udp->error == EPERM && candidate->output.program != NULL)
		return "dropped on the way out: a datagram was refused with EPERM";
	if (udp->error == EPERM)
		return "dropped on the way out: a datagram was refused with EPERM, as a firewall "
		       "at OUTPUT or POSTROUTING does, or a BPF program of the control group";
	if (udp->error == ENOBUFS)
		return "dropped on the way out: a datagram was refused with ENOBUFS, as a netdev "
		       "egress chain of lo does";
	return NULL;
}

/* The datagram left. Did it, or the error it made, come back? */
static const char *lost_in(const struct ev_candidate *candidate)
{
	if (candidate->udp->error != 0)
		return "TCP packets are dropped while datagrams pass: on the way in, or the reply "
		       "is, or on the way out by a rule for TCP alone";
	return "dropped on the way in (ingress, PREROUTING, INPUT), or the reply is: a datagram "
	       "left, no TCP answer came";
}

static struct ev_path *path_at(struct ev_candidate *candidate, enum mux_stage stage)
{
	return stage == MUX_STAGE_OUTPUT ? &candidate->output : &candidate->input;
}

/* Both sides let it pass as far as rules tell, and somebody listens. */
static void take_unexplained(const struct inference *inference, const char *out)
{
	struct ev_candidate *candidate = inference->candidate;
	const struct ev_loss *lost =
		ev_counts_loss(ev_counts_of_silence(&candidate->tcp->counters));
	struct ev_path *limit;

	if (candidate->listen.accepts != MUX_YES || candidate->route.passes != MUX_YES)
		return;
	limit = lost != NULL ? path_at(candidate, lost->stage) : find_limit(candidate);
	if (limit != NULL && take_used_up(inference, limit, "no answer came to a real connection"))
		return;
	if (out != NULL)
		contradict(inference, &candidate->output,
			   "a datagram was refused on the way out and no TCP answer came");
	else if (lost != NULL)
		contradict(inference, path_at(candidate, lost->stage), lost->text);
	else
		contradict(inference, &candidate->input, "no answer came to a real connection");
}

/* A path that no rule could be read for lets pass what was counted behind it. */
static void pass_counted(const struct inference *inference, struct ev_path *path)
{
	if (path->passes == MUX_UNKNOWN && !path->contradicted)
		infer(inference, path, MUX_YES, "the kernel counted a packet behind it");
}

static void take_full_queue(const struct inference *inference)
{
	struct ev_listen *listen = &inference->candidate->listen;

	pass_counted(inference, &inference->candidate->output);
	pass_counted(inference, &inference->candidate->input);
	listen->accepts = MUX_NO;
	listen->queue_full = true;
	listen->text = "the accept queue of the server is full: the kernel counted an overflow";
}

/*
 * Takes what the counters betray of a silence, where rules do not tell. Returns whether that was
 * anything. `out` is what a refused datagram says of the way out, which names the hook better.
 */
static bool take_counts(const struct inference *inference, const char *out)
{
	struct ev_candidate *candidate = inference->candidate;
	enum ev_end end = ev_counts_of_silence(&candidate->tcp->counters);
	const struct ev_loss *lost = ev_counts_loss(end);
	struct ev_path *path;

	if (is_explained(candidate))
		return false;
	if (end == EV_END_QUEUE) {
		take_full_queue(inference);
		return true;
	}
	if (lost == NULL)
		return false;
	/* A datagram that egress refused was sent, as far as the counters go. */
	path = path_at(candidate,
		       end == EV_END_LINK && out != NULL ? MUX_STAGE_OUTPUT : lost->stage);
	if (path->passes != MUX_UNKNOWN)
		return false;
	infer(inference, path, MUX_NO,
	      out != NULL && path == &candidate->output && !lost->reply ? out : lost->text);
	path->counted = true;
	path->of_reply = lost->reply;
	if (path == &candidate->input)
		pass_counted(inference, &candidate->output);
	else if (path->of_reply)
		pass_counted(inference, &candidate->input);
	return true;
}

/* nf_conntrack_in() drops the first packet of a flow that the table has no room for, on OUTPUT. */
static bool take_full_table(const struct inference *inference, const char *out)
{
	struct ev_candidate *candidate = inference->candidate;
	const struct ev_context *context = inference->context;
	const struct mux_conntrack *conntrack = &context->snapshot->conntrack;
	uint8_t family = candidate->address.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	enum ev_end end = ev_counts_of_silence(&candidate->tcp->counters);

	if (conntrack->source.presence != MUX_PRESENT || conntrack->count < conntrack->max ||
	    candidate->output.passes == MUX_NO ||
	    (ev_path_readable(context->snapshot) &&
	     nf_conntrack_active(&context->ruleset, family) == MUX_NO) ||
	    (end != EV_END_OUTPUT && (end != EV_END_UNKNOWN || out == NULL)))
		return false;
	infer(inference, &candidate->output, MUX_NO,
	      arena_printf(inference->context->arena,
			   "dropped on the way out, where conntrack's table is full (%llu of %llu "
			   "flows)",
			   (unsigned long long)conntrack->count,
			   (unsigned long long)conntrack->max));
	candidate->output.counted = end == EV_END_OUTPUT;
	candidate->output.table_full = true;
	return true;
}

static void take_silence(const struct inference *inference)
{
	struct ev_candidate *candidate = inference->candidate;
	struct ev_path *output = &candidate->output, *input = &candidate->input;
	const char *out = refused_out(candidate);
	bool sent = candidate->udp != NULL && candidate->udp->connected;

	if (take_full_table(inference, out) || take_counts(inference, out))
		return;
	if (out != NULL && output->passes == MUX_UNKNOWN)
		infer(inference, output, MUX_NO, out);
	/* A closed port answers with a reset, so silence means a drop with or without a listener;
	 * but a listener that was not seen may have a full queue. */
	if (is_explained(candidate) || candidate->listen.accepts == MUX_UNKNOWN)
		return;
	if (output->passes == MUX_YES && input->passes == MUX_YES)
		take_unexplained(inference, out);
	else if (output->passes == MUX_YES)
		infer(inference, input, MUX_NO,
		      "dropped on the way in, or the reply is: no answer came to a real "
		      "connection");
	else if (input->passes == MUX_YES)
		infer(inference, output, MUX_NO,
		      "dropped on the way out, or the reply is: no answer came to a real "
		      "connection");
	else if (sent)
		infer_in(inference, lost_in(candidate), candidate->udp->error != 0);
}

/* --- something came back ----------------------------------------------------------------- */

/* Rules that drop make no answer, so an answer gives them the lie. */
static void contradict_drops(const struct inference *inference, const char *seen)
{
	struct ev_path *paths[] = {&inference->candidate->output, &inference->candidate->input};
	size_t i;

	for (i = 0; i < 2; i++)
		if (kills(paths[i], NF_KIND_DROP) && paths[i]->decision.unless == NULL)
			contradict(inference, paths[i], seen);
}

/* Did the datagram meet the same error? */
static bool is_same_error(const struct mux_probe *udp, const struct mux_probe *tcp)
{
	return udp->icmp_origin == tcp->icmp_origin && udp->icmp_type == tcp->icmp_type &&
	       udp->icmp_code == tcp->icmp_code;
}

/* The side on which the counters betray that a rule answered, or NULL. */
static struct ev_path *find_counted(struct ev_candidate *candidate)
{
	switch (ev_counts_of_refusal(&candidate->tcp->counters)) {
	case EV_END_OUTPUT:
		return &candidate->output;
	case EV_END_INPUT:
		return &candidate->input;
	default:
		return NULL;
	}
}

/* A rule rejects; on which side? A datagram that is rejected on its way out fails at send(); one
 * that is not rejected at all leaves it open. */
static struct ev_path *find_rejecting(struct ev_candidate *candidate, bool *ret_either)
{
	const struct mux_probe *udp = candidate->udp;
	struct ev_path *counted = find_counted(candidate);

	*ret_either = false;
	if (candidate->output.passes == MUX_YES)
		return &candidate->input;
	if (candidate->input.passes == MUX_YES)
		return &candidate->output;
	if (counted != NULL)
		return counted;
	if (udp == NULL)
		return NULL;
	*ret_either = !is_same_error(udp, candidate->tcp);
	return udp->connected || *ret_either ? &candidate->input : &candidate->output;
}

static bool is_rejected(const struct ev_candidate *candidate)
{
	return candidate->output.passes == MUX_NO || candidate->input.passes == MUX_NO;
}

static void take_icmp(const struct inference *inference)
{
	struct ev_candidate *candidate = inference->candidate;
	struct arena *arena = inference->context->arena;
	const char *icmp = ev_icmp_text(arena, candidate->tcp);
	const char *seen = arena_printf(arena, "a real connection was answered with %s", icmp);
	struct ev_path *path;
	bool either;

	contradict_drops(inference, seen);
	if (is_rejected(candidate) || candidate->output.contradicted ||
	    candidate->input.contradicted)
		return;
	path = find_limit(candidate);
	if (path != NULL && take_used_up(inference, path, seen))
		return;
	path = find_rejecting(candidate, &either);
	if (path == NULL)
		return;
	if (path->passes == MUX_YES)
		contradict(inference, path, seen);
	else if (either)
		infer_in(inference,
			 arena_printf(arena, "rejected by a rule for TCP, on the way in or out: %s",
				      seen),
			 true);
	else
		infer(inference, path, MUX_NO,
		      arena_printf(arena, "rejected by a rule on the way %s: %s",
				   path == &candidate->output ? "out" : "in", seen));
	path->counted = path->inferred && path == find_counted(candidate);
}

/* A socket listens, and yet the reset came from a closed port, by the counters: of rules that could
 * not be read, one sends the connection on. */
static bool take_sent_on(const struct inference *inference)
{
	struct ev_candidate *candidate = inference->candidate;
	struct ev_listen *listen = &candidate->listen;

	if (ev_counts_of_refusal(&candidate->tcp->counters) != EV_END_PORT ||
	    ev_path_readable(inference->context->snapshot))
		return false;
	pass_counted(inference, &candidate->output);
	pass_counted(inference, &candidate->input);
	listen->accepts = MUX_NO;
	listen->redirected = true;
	listen->text = "a socket listens, but a closed port answered: a rule sends connections on "
		       "to where nobody listens";
	return true;
}

/* A socket listens, and yet the connection was reset. */
static void take_reset_by_rule(const struct inference *inference)
{
	static const char text[] = "a socket listens, so a rule answers with a TCP reset";
	struct ev_candidate *candidate = inference->candidate;
	struct ev_path *output = &candidate->output, *input = &candidate->input;
	struct ev_path *counted = find_counted(candidate), *limit = find_limit(candidate);

	if (limit != NULL && take_used_up(inference, limit, "a real connection was reset"))
		return;
	if (take_sent_on(inference))
		return;
	if (counted != NULL && counted->passes == MUX_UNKNOWN) {
		infer(inference, counted, MUX_NO, text);
		counted->counted = true;
	} else if (output->passes == MUX_YES && input->passes == MUX_YES) {
		candidate->listen.accepts = MUX_UNKNOWN;
		candidate->listen.text = arena_printf(inference->context->arena,
						      "%s, but a real connection was refused",
						      candidate->listen.text);
	} else if (input->passes == MUX_YES) {
		infer(inference, output, MUX_NO, text);
	} else {
		infer_in(inference, text, output->passes != MUX_YES);
	}
}

static void take_reset(const struct inference *inference)
{
	struct ev_candidate *candidate = inference->candidate;
	struct ev_path *paths[] = {&candidate->output, &candidate->input};
	struct ev_listen *listen = &candidate->listen;
	size_t i;

	contradict_drops(inference, "a real connection was refused by an answer");
	if (is_rejected(candidate))
		return;
	/* Nothing is on the port, and its reset came all the way back. */
	for (i = 0; listen->accepts == MUX_NO && !listen->queue_full && i < 2; i++)
		if (paths[i]->passes == MUX_UNKNOWN && !paths[i]->contradicted)
			infer(inference, paths[i], MUX_YES, "the answer of a closed port passed");
	if (listen->accepts == MUX_YES)
		take_reset_by_rule(inference);
	else if (listen->accepts == MUX_UNKNOWN && candidate->output.passes == MUX_YES &&
		 candidate->input.passes == MUX_YES && !listen->queue_full) {
		listen->accepts = MUX_NO;
		listen->text =
			listen->redirected
				? arena_printf(inference->context->arena,
					       "rules send it on to %s, where nobody listens: a "
					       "real connection was refused",
					       ev_endpoint(inference->context->arena,
							   &listen->sent_on_to,
							   listen->sent_on_to_port))
				: "nobody listens there: a real connection was refused";
	}
}

/* connect() failed before a packet was sent. */
static void take_local(const struct inference *inference)
{
	struct ev_candidate *candidate = inference->candidate;
	struct arena *arena = inference->context->arena;
	int error = candidate->tcp->error;

	if (candidate->route.passes == MUX_NO)
		return;
	if (error == EPERM && candidate->output.passes != MUX_NO) {
		if (candidate->output.passes == MUX_YES)
			contradict(inference, &candidate->output,
				   "connect() was refused with EPERM, as a BPF program of the "
				   "control group or a sandbox does");
		else
			infer(inference, &candidate->output, MUX_NO,
			      "connect() was refused with EPERM: a BPF program of the control "
			      "group, or a sandbox");
		return;
	}
	if (error == EADDRNOTAVAIL)
		doubt_route(inference, "connect() found no free local port or no source address");
	else if (error == EACCES)
		doubt_route(inference, "connect() was refused with EACCES, as a security module or "
				       "a sandbox does");
	else
		doubt_route(inference,
			    arena_printf(arena, "connect() says: %s", ev_error_text(arena, error)));
}

/* --- all together ------------------------------------------------------------------------ */

/* From the stages alone. Without a port nobody can listen, so the stage does not count. */
static enum mux_answer foresee(const struct ev_context *context,
			       const struct ev_candidate *candidate)
{
	const enum mux_answer stages[] = {
		candidate->route.passes,
		candidate->output.passes,
		candidate->input.passes,
		context->target->port == 0 ? MUX_YES : candidate->listen.accepts,
	};
	enum mux_answer works = MUX_YES;
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (stages[i] == MUX_NO)
			return MUX_NO;
		if (stages[i] == MUX_UNKNOWN)
			works = MUX_UNKNOWN;
	}
	return works;
}

void ev_infer_run(const struct ev_context *context, struct ev_candidate *candidate)
{
	static void (*const take[])(const struct inference *) = {
		[EV_FATE_CONNECTED] = take_connected, [EV_FATE_SILENT] = take_silence,
		[EV_FATE_RESET] = take_reset,	      [EV_FATE_ICMP] = take_icmp,
		[EV_FATE_LOCAL] = take_local,
	};
	const struct inference inference = {.context = context, .candidate = candidate};
	enum ev_fate fate = ev_fate_of(candidate);

	if (fate == EV_FATE_NONE) {
		candidate->works = foresee(context, candidate);
		return;
	}
	take[fate](&inference);
	candidate->works = fate == EV_FATE_CONNECTED ? MUX_YES : MUX_NO;
}
