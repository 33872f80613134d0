/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the rules, as evaluated, and the kernel do not say the same. A doubt contradicts nothing,
 * and what leaves no trace (legacy rules) is compared by the priorities between which the packet
 * was seen no more.
 */
#include "netfilter/kernel.h"

#include "evaluate/trace.h"

#include <string.h>

#include "base/slice.h"
#include "base/str.h"
#include "netfilter/legacy_entry.h"

/* --- who takes what vanishes ------------------------------------------------------------- */

/* A live packet that is like the traced one as far as nf_index_bases() asks. */
static void init_live(const struct ev_context *context, const struct mux_trace *trace,
		      struct nf_live *live)
{
	memset(live, 0, sizeof(*live));
	live->family = trace->probe.address.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	live->link_index = context->loopback != NULL ? context->loopback->index : 1;
	live->link_name = context->loopback != NULL ? context->loopback->name : slice_of("lo");
}

size_t ev_trace_suspects(const struct ev_context *context, const struct mux_trace *trace,
			 const struct ev_side *side, enum nf_hook hook, struct nf_base *ret_table)
{
	struct arena_list bases;
	const struct nf_base *base;
	struct nf_live live;
	size_t i, n = 0;

	init_live(context, trace, &live);
	if (nf_index_bases(&context->ruleset, &live, hook, context->arena, &bases) != 0)
		return 0;
	for (i = 0, base = bases.items; i < bases.n; i++, base++) {
		if (base->legacy == NULL || base->priority <= side->after ||
		    base->priority >= side->before)
			continue;
		if (n++ == 0)
			*ret_table = *base;
	}
	return n;
}

/* --- rules ------------------------------------------------------------------------------- */

static bool same_place(const struct nf_decision *a, const struct nf_decision *b)
{
	return a->family == b->family && a->by_policy == b->by_policy && a->handle == b->handle &&
	       slice_equal(a->table, b->table) && slice_equal(a->chain, b->chain);
}

/* Looks from *hint on, which is then set behind the step: both lists have most in one order. */
static bool has_step(const struct ev_side *side, const struct nf_decision *where, size_t *hint)
{
	const struct ev_step *steps = side->steps.items;
	size_t i;

	for (i = 0; i < side->steps.n; i++) {
		size_t at = (*hint + i) % side->steps.n;

		if (!same_place(&steps[at].where, where))
			continue;
		*hint = at + 1;
		return true;
	}
	return false;
}

const char *ev_decision_text(struct arena *arena, const struct nf_decision *decision)
{
	const char *place = nf_decision_place(decision, arena);
	struct str text;

	str_init(&text, arena);
	if (place == NULL)
		return NULL;
	if (decision->by_policy)
		str_addf(&text, "the policy of %s", place);
	else if (decision->position != 0)
		str_addf(&text, "rule %zu of %s", decision->position, place);
	else if (decision->handle != 0)
		str_addf(&text, "the rule with handle %llu of %s",
			 (unsigned long long)decision->handle, place);
	else
		str_add(&text, place);
	if (decision->backend == NF_LEGACY)
		str_add(&text, " (legacy)");
	if (!decision->by_policy && decision->rule != NULL)
		str_addf(&text, ": %s", decision->rule);
	return str_done(&text);
}

/*
 * Which of two tables' chains of one priority comes first is not known, so where one of them ends
 * the packet the other may or may not have run.
 */
static bool may_be_skipped(const struct nf_decision *where, const struct ev_side *evaluated)
{
	const struct nf_decision *decision = &evaluated->decision;

	return evaluated->fate != MUX_FATE_ACCEPTED && where->priority == decision->priority &&
	       (where->family != decision->family || !slice_equal(where->table, decision->table));
}

/*
 * Does the kernel's list of the rules that matched hold what the evaluation is certain of, and
 * nothing else? Their order is not looked at. Behind a rule that may or may not match nothing is
 * certain.
 */
static const char *compare_steps(struct arena *arena, const struct ev_side *evaluated,
				 const struct ev_side *real)
{
	const struct ev_step *expected = evaluated->steps.items, *seen = real->steps.items;
	bool certain = true;
	size_t i, hint = 0;

	for (i = 0; i < real->steps.n; i++)
		if (!has_step(evaluated, &seen[i].where, &hint) &&
		    !may_be_skipped(&seen[i].where, evaluated))
			return arena_printf(arena, "only the kernel runs %s",
					    ev_decision_text(arena, &seen[i].where));
	for (i = 0, hint = 0; i < evaluated->steps.n; i++) {
		certain = certain && expected[i].certain;
		if (certain && expected[i].where.backend == NF_NFTABLES &&
		    !has_step(real, &expected[i].where, &hint) &&
		    !may_be_skipped(&expected[i].where, evaluated))
			return arena_printf(arena, "the kernel does not run %s",
					    ev_decision_text(arena, &expected[i].where));
	}
	return NULL;
}

/* --- fates ------------------------------------------------------------------------------- */

static bool is_death(enum mux_fate fate)
{
	return fate == MUX_FATE_DROPPED || fate == MUX_FATE_REJECTED || fate == MUX_FATE_QUEUED ||
	       fate == MUX_FATE_VANISHED;
}

/* Both end the packet: is it the same who does it? */
static bool same_end(const struct ev_side *evaluated, const struct ev_side *real)
{
	const struct nf_decision *decision = &evaluated->decision;

	if ((evaluated->fate == MUX_FATE_QUEUED) != (real->fate == MUX_FATE_QUEUED) &&
	    real->fate != MUX_FATE_VANISHED)
		return false;
	/* Of two that may be it, only one is named in full. */
	if (decision->unless != NULL)
		return true;
	if (real->fate == MUX_FATE_VANISHED)
		return decision->backend == NF_LEGACY && decision->priority > real->after &&
		       decision->priority < real->before;
	return decision->backend == NF_NFTABLES && same_place(decision, &real->decision);
}

static const char *describe(struct arena *arena, const struct ev_side *side)
{
	switch (side->fate) {
	case MUX_FATE_ACCEPTED:
		return "passes";
	case MUX_FATE_NONE:
		return "does not get here";
	case MUX_FATE_VANISHED:
		return "is lost where no nftables rule is";
	case MUX_FATE_QUEUED:
		return arena_printf(arena, "is queued by %s",
				    ev_decision_text(arena, &side->decision));
	default:
		return arena_printf(arena, "is ended by %s",
				    ev_decision_text(arena, &side->decision));
	}
}

static enum mux_answer differ(struct arena *arena, const struct ev_side *evaluated,
			      const struct ev_side *real, const char **ret_difference)
{
	*ret_difference = arena_printf(arena, "evaluated, it %s; really, it %s",
				       describe(arena, evaluated), describe(arena, real));
	return MUX_NO;
}

enum mux_answer ev_trace_agree(const struct ev_context *context, const struct ev_side *evaluated,
			       const struct ev_side *real, enum nf_hook hook,
			       const char **ret_difference)
{
	struct arena *arena = context->arena;
	struct nf_base suspect;
	const char *difference = NULL;

	*ret_difference = "";
	if (evaluated->fate == MUX_FATE_UNKNOWN || real->fate == MUX_FATE_UNKNOWN)
		return MUX_UNKNOWN;
	if (evaluated->fate == MUX_FATE_NONE && real->fate == MUX_FATE_NONE)
		return MUX_YES;
	/* On a hook that a packet does not get to, the one before has the difference. */
	if (evaluated->fate == MUX_FATE_NONE || real->fate == MUX_FATE_NONE)
		return MUX_UNKNOWN;
	if (real->fate == MUX_FATE_VANISHED && !is_death(evaluated->fate) &&
	    ev_trace_suspects(context, &context->snapshot->trace, real, hook, &suspect) == 0)
		return MUX_UNKNOWN;
	if (is_death(evaluated->fate) != is_death(real->fate) ||
	    (is_death(real->fate) && !same_end(evaluated, real)))
		return differ(arena, evaluated, real, ret_difference);
	difference = compare_steps(arena, evaluated, real);
	if (difference == NULL)
		return MUX_YES;
	*ret_difference = difference;
	return MUX_NO;
}
