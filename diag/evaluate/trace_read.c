/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's reports tell of our packets. A pass (out through OUTPUT, POSTROUTING and
 * egress, or in through ingress, PREROUTING and INPUT) has one trace id, which is made from the
 * packet's address in memory and comes again; the answer of a reject is reported within the pass
 * that it answers. So reports are put together by id and by where a pass begins, never by order.
 */
#include "netfilter/kernel.h"

#include "evaluate/trace_pass.h"

#include <errno.h>
#include <string.h>

#include "base/sentinel.h"
#include "base/slice.h"
#include "base/str.h"
#include "netfilter/printer.h"

enum { MAX_PASSES = 4096 }; /* those of other traces included */

/* --- passes ------------------------------------------------------------------------------ */

static struct pass *find_pass(const struct reading *reading, uint32_t id)
{
	struct pass *passes = reading->passes.items;
	size_t i;

	for (i = reading->passes.n; i-- > 0;)
		if (passes[i].id == id)
			return &passes[i];
	return NULL;
}

static struct pass *begin_pass(struct reading *reading, const struct mux_trace_event *event)
{
	struct pass *pass = NULL;
	size_t i;

	if (reading->passes.n < MAX_PASSES)
		pass = arena_list_add(reading->context->arena, &reading->passes);
	if (pass == NULL)
		return NULL;
	pass->id = event->id;
	pass->incoming = event->in_link != 0 && event->out_link == 0;
	pass->hook = pass->incoming ? NF_HOOK_INGRESS : NF_HOOK_OUTPUT;
	pass->header = pass->last_header = event->packet;
	pass->packet = ev_packet_of(&event->packet, &reading->trace->probe);
	for (i = 0; i < NF_N_HOOKS; i++) {
		pass->stops[i].after = INT32_MIN;
		pass->stops[i].steps.size = sizeof(struct ev_step);
	}
	return pass;
}

/* Has the pass been further than that chain of ours? Then it is another that begins there. */
static bool is_behind(const struct pass *pass, enum nf_hook hook, int32_t priority)
{
	size_t i;

	for (i = hook + 1u; i < NF_N_HOOKS; i++)
		if (pass->stops[i].seen)
			return true;
	return pass->stops[hook].seen && pass->stops[hook].after > priority;
}

/* Only the first report of each base chain has the packet's header. `hook` is NF_N_HOOKS unless the
 * chain is one of ours. */
static struct pass *pass_of(struct reading *reading, const struct mux_trace_event *event,
			    enum nf_hook hook, int32_t priority)
{
	struct pass *pass = find_pass(reading, event->id);
	const bool incoming = event->in_link != 0 && event->out_link == 0;

	if (!event->has_packet)
		return pass;
	if (pass == NULL || pass->incoming != incoming ||
	    (hook < NF_N_HOOKS && is_behind(pass, hook, priority)))
		return begin_pass(reading, event);
	pass->last_header = event->packet;
	return pass;
}

/* --- events ------------------------------------------------------------------------------ */

static const struct mux_nft_chain *find_chain(const struct reading *reading,
					      const struct mux_trace_event *event)
{
	const struct mux_nftables *nftables = &reading->context->snapshot->nftables;
	size_t i;

	for (i = 0; i < nftables->n_chains; i++) {
		const struct mux_nft_chain *chain = &nftables->chains[i];

		if (chain->family == event->family && slice_equal(chain->table, event->table) &&
		    slice_equal(chain->name, event->chain))
			return chain;
	}
	return NULL;
}

/* The hook of a base chain; `otherwise` for other chains and other hooks. */
static enum nf_hook hook_of(const struct mux_nft_chain *chain, enum nf_hook otherwise)
{
	if (chain == NULL || !chain->base)
		return otherwise;
	if (chain->family == NFPROTO_NETDEV)
		return chain->hook == NF_NETDEV_INGRESS ? NF_HOOK_INGRESS : NF_HOOK_EGRESS;
	switch (chain->hook) {
	case NF_INET_LOCAL_OUT:
		return NF_HOOK_OUTPUT;
	case NF_INET_POST_ROUTING:
		return NF_HOOK_POSTROUTING;
	case NF_INET_PRE_ROUTING:
		return NF_HOOK_PREROUTING;
	case NF_INET_LOCAL_IN:
		return NF_HOOK_INPUT;
	case NF_INET_INGRESS:
		return NF_HOOK_INGRESS;
	default:
		return otherwise;
	}
}

/* Does the verdict end the packet? The high half is an errno or a queue (NF_VERDICT_MASK). */
static bool is_end(const struct mux_trace_event *event)
{
	const uint32_t verdict = (uint32_t)event->verdict & NF_VERDICT_MASK;

	return event->has_verdict && event->verdict >= 0 &&
	       (verdict == NF_DROP || verdict == NF_STOLEN || verdict == NF_QUEUE);
}

bool reading_is_queue(const struct mux_trace_event *event)
{
	return ((uint32_t)event->verdict & NF_VERDICT_MASK) == NF_QUEUE;
}

static const char *verdict_text(const struct mux_trace_event *event, struct arena *arena)
{
	static const char *const words[] = {"drop", "accept", "stolen", "queue", "repeat", "stop"};
	const char *word = "continue";
	uint32_t verdict = (uint32_t)event->verdict & NF_VERDICT_MASK;

	if (!event->has_verdict)
		return "";
	switch (event->verdict) {
	case NFT_JUMP:
	case NFT_GOTO:
		word = event->verdict == NFT_JUMP ? "jump" : "goto";
		return event->target.len == 0 ? word
					      : arena_printf(arena, "%s %s", word,
							     str_escape(arena, event->target));
	case NFT_RETURN:
		return "return";
	case NFT_CONTINUE:
	case NFT_BREAK:
		return word;
	default:
		return event->verdict >= 0 && verdict < sizeof(words) / sizeof(words[0])
			       ? words[verdict]
			       : "unknown";
	}
}

/* Finds the rule's text and position by its handle; most rules come one after the other. */
static void describe_rule(struct reading *reading, struct nf_decision *where)
{
	const struct mux_nft_chain_rules *rules = nf_index_rules(
		&reading->context->ruleset, where->family, where->table, where->chain);
	size_t i;

	if (rules == NULL || rules->source.presence != MUX_PRESENT)
		return;
	for (i = 0; i < rules->n_rules; i++) {
		size_t at = (reading->hint + i) % rules->n_rules;

		if (rules->rules[at].handle != where->handle)
			continue;
		reading->hint = at;
		where->position = at + 1;
		where->rule =
			nf_rule_print(where->family, &rules->rules[at], reading->context->arena);
		return;
	}
}

static void enter_chain(struct pass *pass, const struct mux_nft_chain *chain)
{
	pass->hook = hook_of(chain, pass->hook);
	if (chain != NULL && chain->base)
		pass->priority = chain->priority;
}

struct nf_decision reading_place(struct reading *reading, const struct mux_trace_event *event,
				 enum nf_hook hook)
{
	struct nf_decision where = {
		.kind = is_end(event) && reading_is_queue(event) ? NF_KIND_QUEUE : NF_KIND_DROP,
		.family = event->family,
		.table = event->table,
		.chain = event->chain,
		.hook = (uint8_t)hook,
		.by_policy = event->kind == MUX_TRACE_POLICY,
		.handle = event->kind == MUX_TRACE_RULE ? event->handle : 0,
	};

	if (where.handle != 0)
		describe_rule(reading, &where);
	return where;
}

static void add_step(struct reading *reading, struct pass *pass,
		     const struct mux_trace_event *event)
{
	struct arena *arena = reading->context->arena;
	struct stop *stop = &pass->stops[pass->hook];
	struct ev_step *step;

	stop->seen = true;
	if (is_end(event) && stop->end == NULL)
		stop->end = event;
	/* The end of a chain is no rule. */
	if (event->kind != MUX_TRACE_POLICY &&
	    (event->kind != MUX_TRACE_RULE || event->handle == 0))
		return;
	step = arena_list_add(arena, &stop->steps);
	if (step == NULL)
		return;
	step->where = reading_place(reading, event, pass->hook);
	step->where.priority = pass->priority;
	step->verdict = verdict_text(event, arena);
	step->certain = true;
}

static enum nf_hook hook_named(const char *name)
{
	enum nf_hook hook;

	for (hook = 0; hook + 1 < NF_N_HOOKS; hook++)
		if (strcmp(nf_hook_name((uint8_t)hook), name) == 0)
			break;
	return hook;
}

static void take_sentinel(struct pass *pass, const struct mux_trace_event *event, enum nf_hook hook,
			  int32_t priority)
{
	struct stop *stop = &pass->stops[hook];

	pass->hook = hook;
	stop->seen = true;
	stop->after = priority;
	stop->left |= priority == INT32_MAX;
	pass->selected |= event->kind == MUX_TRACE_RULE && event->handle != 0;
}

static void take(struct reading *reading, const struct mux_trace_event *event)
{
	bool own =
		event->family == NFPROTO_INET && slice_equal(event->table, reading->trace->table);
	int32_t priority = 0;
	const struct sentinels *sentinels = own ? sentinel_parse(event->chain, &priority) : NULL;
	enum nf_hook hook = sentinels != NULL ? hook_named(sentinels->hook) : NF_N_HOOKS;
	struct pass *pass = pass_of(reading, event, hook, priority);

	if (pass == NULL)
		return;
	if (sentinels != NULL) {
		take_sentinel(pass, event, hook, priority);
	} else if (!ev_is_trace_table(event->family, event->table)) {
		enter_chain(pass, find_chain(reading, event));
		add_step(reading, pass, event);
	}
}

int ev_trace_read(const struct ev_context *context, const struct mux_trace *trace,
		  struct ev_conversation *ret)
{
	struct reading reading = {
		.context = context,
		.trace = trace,
		.passes = {.size = sizeof(struct pass)},
	};
	size_t i;

	ev_conversation_init(ret);
	for (i = 0; i < trace->n_events; i++)
		take(&reading, &trace->events[i]);
	if (!arena_failed(context->arena))
		reading_follow(&reading, ret);
	return arena_failed(context->arena) ? -ENOMEM : 0;
}
