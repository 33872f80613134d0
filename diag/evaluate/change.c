/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/change.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "evaluate/predict.h"
#include "evaluate/route.h"
#include "parse/parse.h"

/* --- arrays ------------------------------------------------------------------------------ */

static void copy(char *to, const char *from, size_t n, size_t size)
{
	if (n != 0)
		memcpy(to, from, n * size);
}

void *change_insert(struct arena *arena, const void *items, size_t n, size_t size, size_t at)
{
	const char *old = items;
	char *made = arena_array(arena, n + 1, size);

	if (made == NULL)
		return NULL;
	copy(made, old, at, size);
	copy(made + (at + 1) * size, n == at ? NULL : old + at * size, n - at, size);
	return made;
}

void *change_remove(struct arena *arena, const void *items, size_t n, size_t size, size_t at)
{
	const char *old = items;
	char *made = arena_array(arena, n - 1, size);

	if (made == NULL)
		return NULL;
	copy(made, old, at, size);
	copy(made + at * size, old + (at + 1) * size, n - at - 1, size);
	return made;
}

/* --- forgetting -------------------------------------------------------------------------- */

/* Does a stage that is known to fail explain why the address fails? */
static bool is_explained(const struct evaluation *before, const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < before->n_candidates; i++)
		if (addr_equal(&before->candidates[i].address, address))
			return before->candidates[i].blocked != 0;
	return true;
}

int change_forget_probes(struct change_world *world, int family)
{
	const struct mux_snapshot *old = world->before->snapshot;
	struct mux_probe *kept = arena_array(world->arena, old->n_probes, sizeof(*kept));
	size_t i, n = 0;

	if (kept == NULL)
		return -ENOMEM;
	world->stale |= (family != AF_INET6 ? EV_STALE_IPV4 : 0u) |
			(family != AF_INET ? EV_STALE_IPV6 : 0u);
	for (i = 0; i < world->snapshot.n_probes; i++) {
		const struct mux_probe *probe = &world->snapshot.probes[i];
		struct mux_address wire = ev_wire_address(&probe->address);

		if (probe->connected || (family != 0 && wire.family != family) ||
		    !is_explained(world->before, &probe->address))
			kept[n++] = *probe;
	}
	world->snapshot.probes = kept;
	world->snapshot.n_probes = n;
	return 0;
}

/* Answers that are not marked stay. */
static int keep_resolutions(struct change_world *world,
			    bool (*is_stale)(struct change_world *world,
					     const struct mux_resolution *answer, const void *what),
			    const void *what)
{
	struct mux_resolution *kept =
		arena_array(world->arena, world->snapshot.n_resolutions, sizeof(*kept));
	size_t i, n = 0;

	if (kept == NULL)
		return -ENOMEM;
	for (i = 0; i < world->snapshot.n_resolutions; i++)
		if (!is_stale(world, &world->snapshot.resolutions[i], what))
			kept[n++] = world->snapshot.resolutions[i];
	world->snapshot.resolutions = kept;
	world->snapshot.n_resolutions = n;
	return 0;
}

static bool is_of_files(struct change_world *world, const struct mux_resolution *answer,
			const void *name)
{
	(void)world;
	return answer->lookup != MUX_LOOKUP_DNS &&
	       slice_equal_nocase(answer->name, *(const struct mux_slice *)name);
}

int change_forget_name(struct change_world *world, struct mux_slice name)
{
	return keep_resolutions(world, is_of_files, &name);
}

static bool is_predictable(struct change_world *world, const struct mux_resolution *answer,
			   const void *nothing)
{
	const struct ev_context context = {.snapshot = &world->snapshot,
					   .target = &world->target,
					   .arena = world->arena,
					   .loopback = ev_route_loopback(&world->snapshot.routing)};
	struct ev_prediction prediction;

	(void)nothing;
	if (answer->resolver != MUX_GETADDRINFO || answer->lookup != MUX_LOOKUP_SYSTEM)
		return false;
	ev_predict(&context, answer->name, answer->family, &prediction);
	return prediction.resolves == MUX_YES;
}

/* Still right: it is delivered here. */
static bool is_local(const struct mux_route_answer *answer)
{
	return answer->error == 0 && answer->type == RTN_LOCAL;
}

int change_forget_routes(struct change_world *world, int family)
{
	struct mux_routing *routing = &world->snapshot.routing;
	struct mux_route_answer *kept =
		arena_array(world->arena, routing->n_answers, sizeof(*kept));
	size_t i, n = 0;

	if (kept == NULL)
		return -ENOMEM;
	for (i = 0; i < routing->n_answers; i++)
		if (routing->answers[i].destination.family != family ||
		    is_local(&routing->answers[i]))
			kept[n++] = routing->answers[i];
	routing->answers = kept;
	routing->n_answers = n;
	return keep_resolutions(world, is_predictable, NULL);
}

/* --- the small changes ------------------------------------------------------------------- */

static bool is_of_services(struct change_world *world, const struct mux_resolution *answer,
			   const void *nothing)
{
	(void)world;
	(void)nothing;
	return answer->lookup == MUX_LOOKUP_SYSTEM;
}

static int change_nsswitch(struct change_world *world, const struct change *change)
{
	struct mux_nsswitch *nsswitch = &world->snapshot.nsswitch;
	/* Without its end glibc ignores a line. */
	const char *line = arena_printf(world->arena, "%s\n", change->nsswitch);
	size_t number = nsswitch->line;
	int error = line == NULL ? -ENOMEM : parse_nsswitch(slice_of(line), world->arena, nsswitch);

	if (error != 0)
		return error;
	nsswitch->source.presence = MUX_PRESENT;
	nsswitch->source.error = 0;
	nsswitch->line = number;
	return keep_resolutions(world, is_of_services, NULL);
}

static const struct mux_gai_row *find_row(const struct mux_gai *gai, size_t line,
					  size_t *ret_n_configured)
{
	const struct mux_gai_row *found = NULL;
	size_t i;

	for (i = *ret_n_configured = 0; i < gai->n_precedences; i++) {
		*ret_n_configured += gai->precedences[i].line != 0;
		if (gai->precedences[i].line == line && line != 0)
			found = &gai->precedences[i];
	}
	return found;
}

/* With its last row of a kind gai.conf loses its say in it; a row for everything is always there
 * (gaiconf_init()). */
static int change_gai(struct change_world *world, const struct change *change)
{
	struct mux_gai *gai = &world->snapshot.gai, built_in = {0};
	size_t n_configured;
	const struct mux_gai_row *row = find_row(gai, change->gai_line, &n_configured);
	struct mux_gai_row *rows;

	if (row == NULL)
		return -ENOENT;
	rows = change_remove(world->arena, gai->precedences, gai->n_precedences, sizeof(*rows),
			     (size_t)(row - gai->precedences));
	if (rows == NULL || parse_gai((struct mux_slice){"", 0}, world->arena, &built_in) != 0)
		return -ENOMEM;
	if (n_configured == 1) {
		gai->precedences = built_in.precedences;
		gai->n_precedences = built_in.n_precedences;
		return keep_resolutions(world, is_predictable, NULL);
	}
	gai->precedences = rows;
	gai->n_precedences--;
	/* Rows are sorted by falling length, so the one for everything is the last. */
	if (rows[gai->n_precedences - 1].prefix_len != 0) {
		rows = change_insert(world->arena, rows, gai->n_precedences, sizeof(*rows),
				     gai->n_precedences);
		if (rows == NULL)
			return -ENOMEM;
		rows[gai->n_precedences++] = built_in.precedences[built_in.n_precedences - 1];
		gai->precedences = rows;
	}
	return keep_resolutions(world, is_predictable, NULL);
}

static int change_target(struct change_world *world, const struct change *change)
{
	size_t len = strlen(change->host);

	if (len >= sizeof(world->target.host))
		return -ENOENT;
	memcpy(world->target.host, change->host, len + 1);
	return 0;
}

static int change_variable(struct change_world *world, const struct change *change)
{
	struct mux_environment *environment = &world->snapshot.environment;
	struct mux_variable *variables =
		change_insert(world->arena, environment->variables, environment->n_variables,
			      sizeof(*variables), environment->n_variables);
	size_t i;

	if (variables == NULL)
		return -ENOMEM;
	environment->variables = variables;
	for (i = 0; i < environment->n_variables; i++)
		if (strcmp(variables[i].name, change->variable.name) == 0) {
			variables[i].value = change->variable.value;
			return 0;
		}
	variables[environment->n_variables++] = change->variable;
	return 0;
}

static int change_listener(struct change_world *world, const struct change *change)
{
	struct mux_listeners *listeners = &world->snapshot.listeners;
	struct mux_listener *sockets = change_insert(world->arena, listeners->sockets,
						     listeners->n_sockets, sizeof(*sockets), 0);

	if (sockets == NULL)
		return -ENOMEM;
	sockets[0] = change->listener;
	listeners->sockets = sockets;
	listeners->n_sockets++;
	return change_forget_probes(world, 0);
}

static int change_queue(struct change_world *world, const struct change *change)
{
	struct mux_listeners *listeners = &world->snapshot.listeners;
	struct mux_listener *sockets =
		arena_array(world->arena, listeners->n_sockets, sizeof(*sockets));
	size_t i;

	if (sockets == NULL)
		return -ENOMEM;
	for (i = 0; i < listeners->n_sockets; i++) {
		sockets[i] = listeners->sockets[i];
		if (sockets[i].port == change->port)
			sockets[i].queued = 0;
	}
	listeners->sockets = sockets;
	return change_forget_probes(world, 0);
}

static int change_accept(struct change_world *world, const struct change *change)
{
	static const int families[] = {
		[NFPROTO_IPV4] = AF_INET,
		[NFPROTO_IPV6] = AF_INET6,
	};
	uint8_t family = change->accept.family;
	int error = change->accept.legacy ? change_xt_accept(world, change)
					  : change_nft_accept(world, change);

	if (error != 0)
		return error;
	return change_forget_probes(
		world, family < sizeof(families) / sizeof(families[0]) ? families[family] : 0);
}

/* --- all of them ------------------------------------------------------------------------- */

static int (*const apply[CHANGE_N_KINDS])(struct change_world *world,
					  const struct change *change) = {
	[CHANGE_TARGET] = change_target,
	[CHANGE_VARIABLE] = change_variable,
	[CHANGE_HOSTS] = change_hosts,
	[CHANGE_NSSWITCH] = change_nsswitch,
	[CHANGE_GAI] = change_gai,
	[CHANGE_SYSCTL] = change_sysctl,
	[CHANGE_LINK_UP] = change_link_up,
	[CHANGE_LINK_MTU] = change_link_mtu,
	[CHANGE_ADDRESS] = change_address,
	[CHANGE_RULE] = change_rule,
	[CHANGE_ROUTE] = change_route,
	[CHANGE_LOCAL_RULE] = change_local_rule,
	[CHANGE_LOCAL_ROUTE] = change_local_route,
	[CHANGE_ACCEPT] = change_accept,
	[CHANGE_LISTENER] = change_listener,
	[CHANGE_QUEUE] = change_queue,
};

void change_world_init(struct change_world *world, const struct evaluation *before,
		       struct arena *arena)
{
	world->snapshot = *before->snapshot;
	world->target = before->target;
	world->before = world->known = before;
	world->stale = 0;
	world->arena = arena;
}

int change_apply(struct change_world *world, const struct change *change)
{
	return apply[change->kind](world, change);
}
