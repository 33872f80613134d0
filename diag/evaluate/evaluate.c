/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names → candidates → stages → what works. */
#include "evaluate/evaluation.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/cgroup.h"
#include "evaluate/change.h"
#include "evaluate/client.h"
#include "evaluate/context.h"
#include "evaluate/infer.h"
#include "evaluate/listen.h"
#include "evaluate/needs.h"
#include "evaluate/path.h"
#include "evaluate/resolve.h"
#include "evaluate/route.h"
#include "evaluate/serve.h"

static bool is_live(const struct mux_snapshot *snapshot, const struct mux_target *target)
{
	return snapshot->machine.port == target->port &&
	       slice_equal_nocase(slice_of(snapshot->machine.target), slice_of(target->host));
}

static const struct mux_probe *find_probe(const struct ev_context *context,
					  enum mux_protocol protocol,
					  const struct mux_address *address)
{
	const struct mux_snapshot *snapshot = context->snapshot;
	size_t i;

	if (context->target->port == 0)
		return NULL;
	for (i = 0; i < snapshot->n_probes; i++)
		if (snapshot->probes[i].protocol == protocol &&
		    snapshot->probes[i].port == context->target->port &&
		    addr_equal(&snapshot->probes[i].address, address))
			return &snapshot->probes[i];
	return NULL;
}

static const struct mux_talk *find_talk(const struct ev_context *context, enum mux_words words,
					const struct mux_address *address)
{
	const struct mux_snapshot *snapshot = context->snapshot;
	size_t i;

	for (i = 0; context->target->port != 0 && i < snapshot->n_talks; i++)
		if (snapshot->talks[i].words == words &&
		    snapshot->talks[i].port == context->target->port &&
		    addr_equal(&snapshot->talks[i].address, address))
			return &snapshot->talks[i];
	return NULL;
}

/* Another machine's sockets are not ours to judge. */
static void look_elsewhere(struct ev_listen *listen)
{
	*listen = (struct ev_listen){
		.accepts = MUX_UNKNOWN,
		.text = "another machine would have to listen",
	};
}

static int assess(const struct ev_context *context, struct ev_candidate *candidate)
{
	int error;

	candidate->tcp = find_probe(context, MUX_TCP, &candidate->address);
	candidate->udp = find_probe(context, MUX_UDP, &candidate->address);
	candidate->http = find_talk(context, MUX_WORDS_HTTP, &candidate->address);
	candidate->tls = find_talk(context, MUX_WORDS_TLS, &candidate->address);
	candidate->instance = find_talk(context, MUX_WORDS_INSTANCE, &candidate->address);
	ev_route_run(context, &candidate->address, &candidate->route);
	if (candidate->route.state == EV_ROUTE_ELSEWHERE && context->target->port != 0)
		look_elsewhere(&candidate->listen);
	else
		ev_listen_run(context, &candidate->address, &candidate->listen);
	error = ev_path_run(context, candidate);
	if (error != 0)
		return error;
	ev_cgroup_run(context, candidate);
	ev_infer_run(context, candidate);
	ev_conclude(context, candidate);
	return 0;
}

/* What stands for the same address ends the same way. */
static const struct ev_candidate *find_same(const struct evaluation *evaluation,
					    const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, address))
			return &evaluation->candidates[i];
	return NULL;
}

static bool is_stale(const struct ev_context *context, const struct mux_address *address)
{
	struct mux_address wire = ev_wire_address(address);

	return (context->stale & (wire.family == AF_INET ? EV_STALE_IPV4 : EV_STALE_IPV6)) != 0;
}

/* What is known of the address already, in this world or one in which it is the same. */
static const struct ev_candidate *find_known(const struct ev_context *context,
					     const struct evaluation *evaluation,
					     const struct mux_address *address)
{
	const struct ev_candidate *same = find_same(evaluation, address);

	if (same != NULL || context->before == NULL || is_stale(context, address))
		return same;
	return find_same(context->before, address);
}

static int add_candidates(const struct ev_context *context, const struct ev_name *name,
			  const struct ev_addresses *addresses, struct evaluation *evaluation,
			  struct ev_candidate *candidates)
{
	size_t i;
	int error;

	for (i = 0; i < addresses->n; i++) {
		const struct ev_candidate *same =
			find_known(context, evaluation, &addresses->list[i]);
		struct ev_candidate *candidate = &candidates[evaluation->n_candidates];

		if (same != NULL)
			*candidate = *same;
		candidate->name = name;
		candidate->address = addresses->list[i];
		candidate->position = (unsigned)i + 1;
		error = same != NULL ? 0 : assess(context, candidate);
		if (error != 0)
			return error;
		evaluation->n_candidates++;
	}
	return 0;
}

static int add_names(const struct ev_context *context, struct evaluation *evaluation)
{
	struct ev_name *names = arena_array(context->arena, EV_MAX_NAMES, sizeof(*names));
	struct ev_addresses *addresses =
		arena_array(context->arena, EV_MAX_NAMES, sizeof(*addresses));
	struct ev_candidate *candidates;
	size_t i, n = 0;
	int error = 0;

	if (names == NULL || addresses == NULL)
		return -ENOMEM;
	evaluation->names = names;
	evaluation->n_names = ev_resolve_names(context, names);
	for (i = 0; i < evaluation->n_names; i++) {
		ev_resolve_run(context, &names[i], &addresses[i]);
		n += addresses[i].n;
	}
	candidates = arena_array(context->arena, n, sizeof(*candidates));
	if (candidates == NULL)
		return -ENOMEM;
	evaluation->candidates = candidates;
	for (i = 0; error == 0 && i < evaluation->n_names; i++)
		error = add_candidates(context, &names[i], &addresses[i], evaluation, candidates);
	if (error == 0)
		ev_judge_servers(context, candidates, evaluation->n_candidates);
	return error;
}

/* Fills in what of the context does not depend on who asks. */
static int run(struct ev_context *context, struct needs *needs, struct evaluation *ret)
{
	const struct mux_snapshot *snapshot = context->snapshot;
	const struct mux_target *target = context->target;
	int error = nf_ruleset_init(snapshot, context->arena, &context->ruleset);

	if (error != 0)
		return error;
	context->ruleset.needs = needs;
	context->loopback = ev_route_loopback(&snapshot->routing);
	context->port_known = snapshot->machine.port == target->port;
	memset(ret, 0, sizeof(*ret));
	ret->snapshot = snapshot;
	ret->target = *target;
	ret->live_target = is_live(snapshot, target);
	ret->firewall_readable = ev_path_readable(snapshot);
	error = add_names(context, ret);
	if (error == 0)
		error = ev_clients_run(context, ret);
	return error != 0 || !arena_failed(context->arena) ? error : -ENOMEM;
}

int evaluate(const struct mux_snapshot *snapshot, const struct mux_target *target,
	     struct arena *arena, struct evaluation *ret)
{
	struct ev_context context = {.snapshot = snapshot, .target = target, .arena = arena};

	return run(&context, NULL, ret);
}

int evaluate_again(const struct change_world *world, struct evaluation *ret)
{
	struct ev_context context = {
		.snapshot = &world->snapshot,
		.target = &world->target,
		.arena = world->arena,
		.before = world->known,
		.stale = world->stale,
	};

	return run(&context, NULL, ret);
}

int needs_of_target(const struct mux_snapshot *snapshot, const struct mux_target *target,
		    struct arena *arena, struct needs *ret_needs)
{
	struct ev_context context = {.snapshot = snapshot, .target = target, .arena = arena};
	struct evaluation evaluation;

	needs_init(ret_needs);
	return run(&context, ret_needs, &evaluation);
}

const struct ev_candidate *evaluation_literal(const struct evaluation *evaluation, int family)
{
	const struct mux_address *wanted = family == AF_INET ? &addr_loopback4 : &addr_loopback6;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->literal &&
		    addr_equal(&evaluation->candidates[i].address, wanted))
			return &evaluation->candidates[i];
	return NULL;
}
