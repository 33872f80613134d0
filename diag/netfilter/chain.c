/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks the chains of nftables as nft_do_chain() does. Where it is in doubt whether a rule matches,
 * both branches are followed: what the match would lead to is added to the outcomes, and the walk
 * goes on with what both branches agree on.
 */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/str.h"
#include "netfilter/index.h"
#include "netfilter/machine.h"

static bool run_chain(struct nf_machine *machine, struct mux_slice name);

/* Nothing is known about what happens from here on in this base chain: it may accept as well. */
static void give_up(struct nf_machine *machine, const char *why)
{
	nf_outcome_add(machine, NF_KIND_UNKNOWN, why);
	nf_live_forget(&machine->live);
	nf_flow_add(&machine->accepted, &machine->live);
}

static enum nf_verdict_kind kind_of(enum nf_code code)
{
	switch (code) {
	case NF_CODE_ACCEPT:
		return NF_KIND_ACCEPT;
	case NF_CODE_DROP:
		return NF_KIND_DROP;
	case NF_CODE_REJECT:
		return NF_KIND_REJECT;
	case NF_CODE_QUEUE:
		return NF_KIND_QUEUE;
	default:
		return NF_KIND_UNKNOWN;
	}
}

/* Runs the chain jumped to. Returns whether the packet comes back. */
static bool run_jump(struct nf_machine *machine)
{
	const struct nf_place place = machine->place;
	const char *branch_doubt = machine->branch_doubt;
	struct mux_slice target = machine->verdict.chain;
	bool alive = true;

	if (machine->doubt != NULL && branch_doubt == NULL)
		machine->branch_doubt = machine->doubt;
	if (machine->depth + 1 >= NF_MAX_DEPTH) {
		give_up(machine, "jumps nest too deeply");
	} else {
		machine->depth++;
		alive = run_chain(machine, target);
		machine->depth--;
	}
	machine->place = place;
	machine->branch_doubt = branch_doubt;
	return alive;
}

/* Does what the verdict of a matching rule says. Returns whether the next rule is reached. */
static bool follow(struct nf_machine *machine, struct nf_flow *back)
{
	switch (machine->verdict.code) {
	case NF_CODE_CONTINUE:
		return true;
	case NF_CODE_RETURN:
		nf_flow_add(back, &machine->live);
		return false;
	case NF_CODE_JUMP:
		return run_jump(machine);
	case NF_CODE_GOTO:
		if (run_jump(machine))
			nf_flow_add(back, &machine->live);
		return false;
	case NF_CODE_UNKNOWN:
		give_up(machine, machine->doubt);
		return true;
	default:
		nf_outcome_add(machine, kind_of(machine->verdict.code), machine->doubt);
		if (machine->verdict.code == NF_CODE_ACCEPT)
			nf_flow_add(&machine->accepted, &machine->live);
		return false;
	}
}

/* Runs one rule. Returns whether the next one is reached. */
static bool run_rule(struct nf_machine *machine, const struct mux_nft_rule *rule,
		     struct nf_flow *back)
{
	struct nf_live missed;
	enum mux_answer matches;
	bool alive;

	matches = nf_rule_run(machine, rule);
	nf_observe(machine, matches);
	if (matches == MUX_NO)
		return true;
	if (matches == MUX_YES)
		return follow(machine, back);
	missed = machine->before;
	nf_split(machine);
	alive = follow(machine, back);
	if (alive)
		nf_live_join(&machine->live, &missed);
	else
		machine->live = missed;
	return true;
}

static const char *why_not_read(struct nf_machine *machine, const struct mux_source *source,
				struct mux_slice name)
{
	const char *escaped = str_escape(machine->arena, name), *text;

	if (source != NULL && source->presence == MUX_DENIED)
		text = arena_printf(machine->arena, "the rules of chain %s could not be read: %s",
				    escaped, strerrorname_np(source->error));
	else
		text = arena_printf(machine->arena, "the rules of chain %s were not read", escaped);
	return text == NULL ? "out of memory" : text;
}

/*
 * Notes that the rules are lacking, for those who want to know. They then run again with the rules:
 * until then the chain counts as empty, for a doubt would lead to every chain behind it.
 */
static bool note_need(struct nf_machine *machine, const struct mux_nft_chain_rules *rules,
		      struct mux_slice name)
{
	if (machine->ruleset->needs == NULL ||
	    (rules != NULL && rules->source.presence != MUX_NOT_ASKED))
		return false;
	needs_add_chain(machine->ruleset->needs, machine->arena,
			&(struct need_chain){machine->place.family, machine->place.table, name});
	return true;
}

/* Runs all rules of a chain. Returns whether the packet falls off its end or is returned. */
static bool run_chain(struct nf_machine *machine, struct mux_slice name)
{
	const struct mux_nft_chain_rules *rules =
		nf_index_rules(machine->ruleset, machine->place.family, machine->place.table, name);
	struct nf_flow back = {.alive = false};
	bool alive = true;
	size_t i;

	machine->place.chain = name;
	machine->place.position = 0;
	machine->place.rule = NULL;
	if (rules == NULL || rules->source.presence != MUX_PRESENT) {
		if (note_need(machine, rules, name))
			return true;
		give_up(machine,
			why_not_read(machine, rules == NULL ? NULL : &rules->source, name));
		return true;
	}
	for (i = 0; alive && i < rules->n_rules; i++) {
		if (machine->steps++ >= machine->ruleset->max_steps) {
			give_up(machine, "too many rules to follow every branch");
			break;
		}
		machine->place.position = i + 1;
		machine->place.rule = &rules->rules[i];
		alive = run_rule(machine, &rules->rules[i], &back);
	}
	if (alive)
		nf_flow_add(&back, &machine->live);
	if (back.alive)
		machine->live = back.live;
	return back.alive;
}

/* nft_base_chain: what falls off its end meets the policy. */
static void apply_policy(struct nf_machine *machine, const struct mux_nft_chain *chain)
{
	enum nf_verdict_kind kind = chain->policy == NF_ACCEPT ? NF_KIND_ACCEPT : NF_KIND_DROP;
	struct nf_outcome *outcome = &machine->outcomes.by[kind];
	bool first = (machine->outcomes.may & 1u << kind) == 0;

	machine->place.chain = chain->name;
	machine->place.position = 0;
	machine->place.rule = NULL;
	machine->verdict.code = kind == NF_KIND_ACCEPT ? NF_CODE_ACCEPT : NF_CODE_DROP;
	nf_observe(machine, MUX_YES);
	nf_outcome_add(machine, kind, NULL);
	if (first) {
		outcome->has_counters = chain->has_counters;
		outcome->packets = chain->packets;
		outcome->bytes = chain->bytes;
	}
	if (kind == NF_KIND_ACCEPT)
		nf_flow_add(&machine->accepted, &machine->live);
}

void nf_base_chain_run(struct nf_machine *machine, const struct mux_nft_chain *chain)
{
	machine->place.backend = NF_NFTABLES;
	machine->place.family = chain->family;
	machine->place.table = chain->table;
	machine->depth = 0;
	machine->branch_doubt = machine->base_doubt;
	machine->accepted.alive = false;
	if (run_chain(machine, chain->name))
		apply_policy(machine, chain);
}
