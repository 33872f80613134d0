/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/redirect.h"

#include <errno.h>

#include "evaluate/listen.h"
#include "netfilter/machine.h"

/* The first rule behind which packets are for the new destination. */
struct search {
	const struct walk *walk;
	bool found;
	struct nf_decision rule;
};

static void seen(void *context, const struct nf_machine *machine, enum mux_answer matches)
{
	struct search *search = context;
	const struct nf_place *place = &machine->place;

	if (search->found || matches == MUX_NO || place->rule == NULL ||
	    !walk_is_for(&machine->live, &search->walk->sent_on_to, search->walk->sent_on_to_port))
		return;
	search->found = true;
	search->rule = (struct nf_decision){
		.kind = NF_KIND_ACCEPT,
		.backend = place->backend,
		.family = place->family,
		.table = place->table,
		.chain = place->chain,
		.hook = (uint8_t)place->hook,
		.priority = place->priority,
		.position = place->position,
	};
	nf_place_describe(machine, place, &search->rule);
}

static int find_rule(const struct walk *walk, const struct nf_decision **ret)
{
	struct search search = {.walk = walk};
	const struct nf_observer observer = {.seen = seen, .context = &search};
	struct ev_context context = *walk->context;
	struct walk again = {.context = &context, .candidate = walk->candidate};
	struct nf_decision *rule;
	int error;

	context.ruleset.observer = &observer;
	error = walk_run(&again);
	if (error != 0 || !search.found)
		return error;
	rule = arena_alloc(walk->context->arena, sizeof(*rule));
	if (rule == NULL)
		return -ENOMEM;
	*rule = search.rule;
	*ret = rule;
	return 0;
}

int ev_redirect_run(const struct walk *walk, struct ev_candidate *candidate)
{
	const struct ev_context *context = walk->context;
	struct ev_listen *listen = &candidate->listen;
	const struct nf_decision *rule = NULL;
	int error = find_rule(walk, &rule);

	if (error != 0)
		return error;
	*listen = (struct ev_listen){.accepts = MUX_UNKNOWN};
	if (walk->sent_on_to_port == context->target->port)
		ev_listen_run(context, &walk->sent_on_to, listen);
	else
		listen->text = arena_printf(
			context->arena, "rules send it on to %s, which was not looked at",
			ev_endpoint(context->arena, &walk->sent_on_to, walk->sent_on_to_port));
	listen->redirected = true;
	listen->redirect = rule;
	listen->sent_on_to = walk->sent_on_to;
	listen->sent_on_to_port = walk->sent_on_to_port;
	return 0;
}
