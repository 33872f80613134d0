/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One conversation per question, and how it ended. What happens on the way is path_steps.c's. */
#include "netfilter/kernel.h"

#include "evaluate/paths.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/arena.h"
#include "base/slice.h"
#include "base/str.h"
#include "evaluate/listen.h"
#include "evaluate/needs.h"
#include "evaluate/packet_sysctls.h"
#include "evaluate/path_steps.h"
#include "evaluate/route.h"
#include "netfilter/talk.h"

enum { TCP_SYN = 0x02 };

/* What is handed out, and what it lives in. */
struct answers {
	struct mux_paths paths; /* first: a pointer to it is a pointer to this */
	struct arena *arena;
};

/* What one conversation reads. */
struct asking {
	const struct mux_snapshot *snapshot;
	const struct mux_path_question *question;
	const struct nf_ruleset *ruleset;
	struct arena *arena;
};

/* --- the packet -------------------------------------------------------------------------- */

static struct mux_address source_for(const struct mux_snapshot *snapshot,
				     const struct mux_address *destination)
{
	struct arena *arena = arena_new();
	const struct mux_target target = {.port = 0};
	struct ev_context context = {.snapshot = snapshot,
				     .target = &target,
				     .arena = arena,
				     .loopback = ev_route_loopback(&snapshot->routing)};
	struct ev_route route = {.passes = MUX_UNKNOWN};
	struct mux_address source;

	if (arena != NULL)
		ev_route_run(&context, destination, &route);
	source = ev_route_source(&route, destination);
	arena_free(arena);
	return source;
}

void paths_request(const struct mux_snapshot *snapshot, const struct mux_path_question *question,
		   struct nf_packet *ret_packet)
{
	const struct mux_link *loopback = ev_route_loopback(&snapshot->routing);
	const struct mux_address wire = ev_wire_address(&question->destination);
	bool v6 = wire.family == AF_INET6, echo = question->protocol == IPPROTO_ICMP;

	*ret_packet = (struct nf_packet){
		.source = source_for(snapshot, &wire),
		.destination = wire,
		.protocol = echo && v6 ? IPPROTO_ICMPV6 : question->protocol,
		.source_port = echo ? 0 : question->source_port,
		.destination_port = echo ? 0 : question->destination_port,
		.tcp_flags = question->protocol == IPPROTO_TCP ? TCP_SYN : 0,
		.link = loopback != NULL ? loopback->index : 1,
		.link_name = loopback != NULL ? loopback->name : slice_of("lo"),
		.has_socket = true,
		.uid = question->has_uid ? question->uid : snapshot->machine.uid,
		.has_gid = !question->has_uid && snapshot->machine.has_gid,
		.gid = snapshot->machine.gid,
		.mark = question->mark,
		.icmp_type = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO,
		.has_payload = question->has_payload && question->protocol != IPPROTO_TCP,
		.n_payload = question->n_payload,
	};
	packet_set_sysctls(snapshot, ret_packet);
}

/* --- who listens ------------------------------------------------------------------------- */

static void find_listener(const struct asking *asking, uint16_t port, struct ev_listen *ret)
{
	struct mux_snapshot snapshot = *asking->snapshot;
	const struct mux_target target = {.port = port};
	const struct ev_context context = {.snapshot = &snapshot,
					   .target = &target,
					   .arena = asking->arena,
					   .loopback = ev_route_loopback(&snapshot.routing),
					   .port_known = snapshot.machine.port == 0 ||
							 snapshot.machine.port == port};

	if (asking->question->protocol == IPPROTO_UDP)
		snapshot.listeners = snapshot.udp;
	ev_listen_run(&context, &asking->question->destination, ret);
}

/* For nf_talk(): of a port that rules sent the request to. */
static enum mux_answer listens_on(const void *context, uint16_t port)
{
	struct ev_listen listen;

	find_listener(context, port, &listen);
	return listen.accepts;
}

/* --- how it ended ------------------------------------------------------------------------ */

static const char *reject_text(struct arena *arena, const struct nf_decision *decision, bool v6)
{
	if (decision->kind != NF_KIND_REJECT)
		return NULL;
	if (decision->reject.kind == NF_REJECT_TCP_RESET)
		return "tcp reset";
	return arena_printf(arena, "%s type %u code %u", v6 ? "icmpv6" : "icmp",
			    (unsigned)decision->reject.type, (unsigned)decision->reject.code);
}

static enum mux_path_verdict verdict_of(enum nf_verdict_kind kind)
{
	static const enum mux_path_verdict verdicts[] = {
		[NF_KIND_ACCEPT] = MUX_PATH_ACCEPT,   [NF_KIND_DROP] = MUX_PATH_DROP,
		[NF_KIND_REJECT] = MUX_PATH_REJECT,   [NF_KIND_QUEUE] = MUX_PATH_QUEUE,
		[NF_KIND_UNKNOWN] = MUX_PATH_UNKNOWN,
	};

	return verdicts[kind];
}

static enum mux_path_result result_of(enum nf_talk_result result)
{
	static const enum mux_path_result results[] = {
		[NF_TALK_CONNECTED] = MUX_PATH_CONNECTED,
		[NF_TALK_TIMEOUT] = MUX_PATH_TIMEOUT,
		[NF_TALK_ERROR] = MUX_PATH_ERROR,
		[NF_TALK_UNKNOWN] = MUX_PATH_NOT_KNOWN,
	};

	return results[result];
}

static void conclude(const struct asking *asking, const struct nf_talk_answer *answer,
		     struct mux_path *path)
{
	const struct nf_decision *decision = &answer->decision;
	bool v6 = asking->question->destination.family == AF_INET6;

	path->verdict = verdict_of(decision->kind);
	path->packet = path_packet_name(asking->question->protocol, answer->packet);
	if (decision->kind != NF_KIND_ACCEPT && decision->table.len != 0)
		path_place_set(decision, asking->arena, &path->place);
	path->after_request = answer->packet == NF_TALK_REPLY;
	path->reject = reject_text(asking->arena, decision, v6);
	path->reason = decision->reason;
	path->assumption = decision->assumption;
	path->result = result_of(answer->result);
	path->error = answer->error;
	path->unless = decision->unless;
	/* An ICMP error is no packet of the flow: the request itself has arrived. */
	if (answer->packet == NF_TALK_REFUSAL && asking->question->protocol != IPPROTO_TCP) {
		path->verdict = MUX_PATH_ACCEPT;
		path->packet = path_packet_name(asking->question->protocol, NF_TALK_REQUEST);
		path->place = (struct mux_path_place){.hook = path->place.hook};
		path->reason = path->unless = NULL;
	}
}

static int ask(const struct asking *asking, struct path_steps *steps, struct mux_path *path)
{
	struct nf_memory memory = {.arena = asking->arena};
	struct nf_talk_question question = {.listens_on = listens_on,
					    .context = asking,
					    .has_data = asking->question->has_payload,
					    .n_data = asking->question->n_payload};
	struct nf_ruleset ruleset = *asking->ruleset;
	struct nf_talk_answer answer;
	struct ev_listen listen;
	int error;

	paths_request(asking->snapshot, asking->question, &question.request);
	find_listener(asking, asking->question->destination_port, &listen);
	question.listens = listen.accepts;
	question.has_server_address = listen.listener != NULL;
	question.server_is_wildcard =
		listen.listener != NULL && addr_is_unspecified(&listen.listener->address);
	question.has_server_uid = listen.listener != NULL;
	question.server_uid = listen.listener != NULL ? listen.listener->uid : 0;
	ruleset.memory = &memory;
	if (steps != NULL) {
		path_steps_begin(steps, asking->question->protocol, asking->arena);
		ruleset.observer = &steps->observer;
		question.on_its_way = &steps->packet;
	}
	error = nf_talk(&ruleset, &question, asking->arena, &answer);
	if (error != 0)
		return error;
	path->question = *asking->question;
	path->listening = listen.accepts;
	conclude(asking, &answer, path);
	if (steps != NULL)
		path_steps_end(steps, path);
	return arena_failed(asking->arena) ? -ENOMEM : 0;
}

const struct mux_paths *paths_evaluate(const struct mux_snapshot *snapshot,
				       const struct mux_path_question *questions,
				       size_t n_questions, enum paths_steps steps,
				       struct mux_error *reterr)
{
	struct arena *arena = arena_new();
	struct answers *answers = arena == NULL ? NULL : arena_alloc(arena, sizeof(*answers));
	struct nf_ruleset ruleset;
	struct mux_path *paths;
	struct path_steps seen = {.brief = steps == PATHS_BRIEF_STEPS};
	size_t i;

	if (answers == NULL || nf_ruleset_init(snapshot, arena, &ruleset) != 0)
		goto fail;
	paths = arena_array(arena, n_questions, sizeof(*paths));
	if (paths == NULL)
		goto fail;
	answers->arena = arena;
	answers->paths.paths = paths;
	answers->paths.n_paths = n_questions;
	for (i = 0; i < n_questions; i++) {
		const struct asking asking = {snapshot, &questions[i], &ruleset, arena};

		if (ask(&asking, steps != PATHS_NO_STEPS ? &seen : NULL, &paths[i]) != 0)
			goto fail;
	}
	return &answers->paths;
fail:
	arena_free(arena);
	reterr->code = ENOMEM;
	snprintf(reterr->message, sizeof(reterr->message), "out of memory while following packets");
	return NULL;
}

const struct mux_paths *mux_paths_evaluate(const struct mux_snapshot *snapshot,
					   const struct mux_path_question *questions,
					   size_t n_questions, bool steps, struct mux_error *reterr)
{
	return paths_evaluate(snapshot, questions, n_questions,
			      steps ? PATHS_ALL_STEPS : PATHS_NO_STEPS, reterr);
}

int needs_of_paths(const struct mux_snapshot *snapshot, const struct mux_path_question *questions,
		   size_t n_questions, struct arena *arena, struct needs *ret_needs)
{
	struct nf_ruleset ruleset;
	struct mux_path path;
	size_t i;
	int error;

	needs_init(ret_needs);
	error = nf_ruleset_init(snapshot, arena, &ruleset);
	ruleset.needs = ret_needs;
	for (i = 0; error == 0 && i < n_questions; i++) {
		const struct asking asking = {snapshot, &questions[i], &ruleset, arena};

		error = ask(&asking, NULL, &path);
	}
	return error;
}

void mux_paths_free(const struct mux_paths *paths)
{
	const struct answers *answers = (const void *)paths;

	if (answers != NULL)
		arena_free(answers->arena);
}
