/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Walks a legacy table as ipt_do_table() and ip6t_do_table() do, with both branches followed where
 * a match is in doubt.
 */
#include "netfilter/kernel.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <string.h>

#include "base/slice.h"
#include "base/str.h"
#include "netfilter/index.h"
#include "netfilter/legacy_entry.h"
#include "netfilter/xt.h"

struct walk {
	struct nf_machine *machine;
	const struct mux_xtables_table *table;
	size_t underflow; /* where the policy of this built-in chain stands */
};

static bool run_from(struct walk *walk, size_t offset);

/* Nothing is known about what happens from here on in this table. */
static void give_up(struct nf_machine *machine, const char *why)
{
	nf_outcome_add(machine, NF_KIND_UNKNOWN, why);
	nf_live_forget(&machine->live);
	nf_flow_add(&machine->accepted, &machine->live);
}

/* Compares bits of the packet under a mask, as the kernel's masked comparisons do. */
static enum mux_answer equal_masked(const uint8_t *value, const uint8_t *known,
				    const uint8_t *wanted, const uint8_t *mask, size_t len)
{
	enum mux_answer answer = MUX_YES;
	size_t i;

	for (i = 0; i < len; i++) {
		if (((value[i] & mask[i]) ^ wanted[i]) & known[i])
			return MUX_NO;
		/* A wanted bit outside the mask can never be met. */
		if ((wanted[i] & ~mask[i]) != 0)
			return MUX_NO;
		if ((mask[i] & ~known[i]) != 0)
			answer = MUX_UNKNOWN;
	}
	return answer;
}

static enum mux_answer inverted(enum mux_answer answer, bool invert)
{
	return invert ? nf_not(answer) : answer;
}

static enum mux_answer link_matches(const struct nf_machine *machine, bool has_link,
				    const char *wanted, const uint8_t *mask)
{
	char name[IFNAMSIZ] = "";
	size_t i, len = machine->live.link_name.len;

	if (has_link && len < sizeof(name))
		memcpy(name, machine->live.link_name.data, len);
	for (i = 0; i < sizeof(name); i++)
		if (((name[i] ^ wanted[i]) & mask[i]) != 0)
			return MUX_NO;
	return MUX_YES;
}

/* ip_packet_match(), ip6_packet_match(). Nothing on lo is a fragment. */
static enum mux_answer header_matches(const struct nf_machine *machine,
				      const struct nf_entry *entry)
{
	const struct nf_live *live = &machine->live;
	size_t source = entry->address_len == 4 ? 12 : 8;
	size_t destination = source + entry->address_len;
	enum mux_answer answers[6];
	enum mux_answer all = MUX_YES;
	size_t i;

	answers[0] =
		inverted(equal_masked(live->value.network + source, live->known.network + source,
				      entry->source, entry->source_mask, entry->address_len),
			 entry->invert & IPT_INV_SRCIP);
	answers[1] = inverted(equal_masked(live->value.network + destination,
					   live->known.network + destination, entry->destination,
					   entry->destination_mask, entry->address_len),
			      entry->invert & IPT_INV_DSTIP);
	answers[2] = inverted(
		link_matches(machine, nf_has_input(machine), entry->input, entry->input_mask),
		entry->invert & IPT_INV_VIA_IN);
	answers[3] = inverted(
		link_matches(machine, nf_has_output(machine), entry->output, entry->output_mask),
		entry->invert & IPT_INV_VIA_OUT);
	answers[4] = MUX_YES;
	if (entry->has_protocol)
		answers[4] = inverted(entry->protocol == live->protocol ? MUX_YES : MUX_NO,
				      entry->invert & XT_INV_PROTO);
	answers[5] = MUX_YES;
	if (entry->fragment)
		answers[5] = entry->invert & IPT_INV_FRAG ? MUX_YES : MUX_NO;
	for (i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		if (answers[i] == MUX_NO)
			return MUX_NO;
		if (answers[i] == MUX_UNKNOWN)
			all = MUX_UNKNOWN;
	}
	return all;
}

static enum nf_step not_modelled(struct nf_machine *machine, const char *what,
				 struct mux_slice name)
{
	const char *escaped = str_escape(machine->arena, name);
	const char *why = arena_printf(machine->arena, "the %s \"%s\" is not modelled", what,
				       escaped == NULL ? "?" : escaped);

	nf_doubt(machine, why == NULL ? "out of memory" : why);
	machine->verdict.code = NF_CODE_UNKNOWN;
	return NF_STEP_ALIEN;
}

/* Runs the matches of a rule one after the other. */
static enum nf_step run_matches(struct nf_machine *machine, const struct nf_entry *entry)
{
	struct mux_slice rest = entry->matches, name, info;
	struct nf_xt_use use;
	bool damaged = false;
	uint8_t revision;

	while (nf_entry_next_match(&rest, &name, &revision, &info, &damaged)) {
		enum nf_step step = NF_STEP_ALIEN;

		if (nf_xt_find(name, false, revision, info, &use))
			step = use.xt->run(machine, &use);
		if (step == NF_STEP_ALIEN)
			return not_modelled(machine, "match", name);
		machine->broken = name;
		if (step == NF_STEP_BREAK || machine->verdict.code != NF_CODE_CONTINUE)
			return step;
	}
	if (damaged)
		return not_modelled(machine, "entry", slice_of("damaged"));
	return machine->doubt == NULL ? NF_STEP_NEXT : NF_STEP_DOUBT;
}

static void standard_verdict(struct nf_machine *machine, int32_t code)
{
	struct nf_verdict *verdict = &machine->verdict;

	if (code >= 0) {
		verdict->code = NF_CODE_JUMP;
		verdict->offset = (size_t)code;
	} else if (code == XT_RETURN) {
		verdict->code = NF_CODE_RETURN;
	} else if (-code - 1 == NF_ACCEPT) {
		verdict->code = NF_CODE_ACCEPT;
	} else if ((-code - 1) % (NF_QUEUE + 1) == NF_QUEUE) {
		verdict->code = NF_CODE_QUEUE;
	} else {
		verdict->code = NF_CODE_DROP;
	}
}

static enum nf_step run_target(struct nf_machine *machine, const struct nf_entry *entry)
{
	struct nf_xt_use use;
	enum nf_step step = NF_STEP_ALIEN;
	int32_t code;

	if (nf_entry_standard(entry, &code)) {
		standard_verdict(machine, code);
		return NF_STEP_NEXT;
	}
	if (nf_xt_find(entry->target_name, true, entry->target_revision, entry->target_info, &use))
		step = use.xt->run(machine, &use);
	if (step == NF_STEP_ALIEN)
		return not_modelled(machine, "target", entry->target_name);
	return step;
}

/* Runs one rule. Returns whether it matches, as nf_rule_run() does for nftables. */
static enum mux_answer run_rule(struct nf_machine *machine, const struct nf_entry *entry)
{
	enum nf_step step;

	machine->doubt = NULL;
	machine->verdict.code = NF_CODE_CONTINUE;
	machine->verdict.reject.kind = NF_REJECT_NONE;
	machine->verdict.queue.known = false;
	machine->broken.len = 0;
	switch (header_matches(machine, entry)) {
	case MUX_NO:
		return MUX_NO;
	case MUX_UNKNOWN:
		nf_doubt(machine, "an address that is not known");
		break;
	case MUX_YES:
		break;
	}
	step = run_matches(machine, entry);
	if (step == NF_STEP_BREAK)
		return MUX_NO;
	if (step != NF_STEP_ALIEN && machine->verdict.code == NF_CODE_CONTINUE)
		run_target(machine, entry);
	return machine->doubt == NULL ? MUX_YES : MUX_UNKNOWN;
}

/* Runs the chain jumped to. Returns whether the packet comes back. */
static bool run_jump(struct walk *walk)
{
	struct nf_machine *machine = walk->machine;
	const struct nf_place place = machine->place;
	const char *branch_doubt = machine->branch_doubt;
	size_t offset = machine->verdict.offset;
	bool alive = true;

	if (machine->doubt != NULL && branch_doubt == NULL)
		machine->branch_doubt = machine->doubt;
	if (machine->depth + 1 >= NF_MAX_DEPTH) {
		give_up(machine, "jumps nest too deeply");
	} else {
		machine->depth++;
		alive = run_from(walk, offset);
		machine->depth--;
	}
	machine->place = place;
	machine->branch_doubt = branch_doubt;
	return alive;
}

/* Does what the verdict of a matching rule says. Returns whether the next rule is reached. */
static bool follow(struct walk *walk, const struct nf_entry *entry, struct nf_flow *back)
{
	struct nf_machine *machine = walk->machine;
	size_t next = (size_t)(entry->start - walk->table->entries.data) + entry->len;

	switch (machine->verdict.code) {
	case NF_CODE_CONTINUE:
		return true;
	case NF_CODE_RETURN:
		nf_flow_add(back, &machine->live);
		return false;
	case NF_CODE_JUMP:
		/* A rule without a target "jumps" to the next one. */
		if (machine->verdict.offset == next)
			return true;
		if (!entry->is_goto)
			return run_jump(walk);
		if (run_jump(walk))
			nf_flow_add(back, &machine->live);
		return false;
	case NF_CODE_UNKNOWN:
		give_up(machine, machine->doubt);
		return true;
	case NF_CODE_ACCEPT:
		nf_outcome_add(machine, NF_KIND_ACCEPT, machine->doubt);
		nf_flow_add(&machine->accepted, &machine->live);
		return false;
	case NF_CODE_REJECT:
		nf_outcome_add(machine, NF_KIND_REJECT, machine->doubt);
		return false;
	case NF_CODE_QUEUE:
		nf_outcome_add(machine, NF_KIND_QUEUE, machine->doubt);
		return false;
	default:
		nf_outcome_add(machine, NF_KIND_DROP, machine->doubt);
		return false;
	}
}

/* Runs one rule and follows it. Returns whether the next one is reached. */
static bool step(struct walk *walk, const struct nf_entry *entry, struct nf_flow *back)
{
	struct nf_machine *machine = walk->machine;
	enum mux_answer matches = run_rule(machine, entry);
	struct nf_live missed;
	bool alive;

	nf_observe(machine, matches);
	if (matches == MUX_NO)
		return true;
	if (matches == MUX_YES)
		return follow(walk, entry, back);
	missed = machine->before;
	nf_split(machine);
	alive = follow(walk, entry, back);
	if (alive)
		nf_live_join(&machine->live, &missed);
	else
		machine->live = missed;
	return true;
}

/* Runs entries from the offset until the chain ends. Returns whether the packet comes back: for a
 * built-in chain, whether it meets the policy. */
static bool run_from(struct walk *walk, size_t offset)
{
	struct nf_machine *machine = walk->machine;
	struct nf_flow back = {.alive = false};
	struct nf_entry entry;
	bool alive = true;

	for (; alive && offset != walk->underflow; offset += entry.len) {
		if (machine->steps++ >= machine->ruleset->max_steps) {
			give_up(machine, "too many rules to follow every branch");
			break;
		}
		if (!nf_entry_read(walk->table, offset, &entry)) {
			give_up(machine, "the table's bytes are damaged");
			break;
		}
		machine->place.rule = entry.start;
		machine->place.rule_len = entry.len;
		alive = step(walk, &entry, &back);
	}
	if (alive)
		nf_flow_add(&back, &machine->live);
	if (back.alive)
		machine->live = back.live;
	return back.alive;
}

static void apply_policy(struct walk *walk)
{
	struct nf_machine *machine = walk->machine;
	enum nf_verdict_kind kind = NF_KIND_DROP;
	struct nf_entry entry;
	int32_t verdict = 0;

	machine->place.rule = NULL;
	if (!nf_entry_read(walk->table, walk->underflow, &entry) ||
	    !nf_entry_standard(&entry, &verdict) || verdict >= 0) {
		give_up(machine, "the table's bytes are damaged");
		return;
	}
	if (verdict == -NF_ACCEPT - 1)
		kind = NF_KIND_ACCEPT;
	machine->verdict.code = kind == NF_KIND_ACCEPT ? NF_CODE_ACCEPT : NF_CODE_DROP;
	nf_observe(machine, MUX_YES);
	if ((machine->outcomes.may & 1u << kind) == 0) {
		nf_outcome_add(machine, kind, NULL);
		machine->outcomes.by[kind].has_counters = true;
		machine->outcomes.by[kind].packets = entry.packets;
		machine->outcomes.by[kind].bytes = entry.bytes;
	} else {
		nf_outcome_add(machine, kind, NULL);
	}
	if (kind == NF_KIND_ACCEPT)
		nf_flow_add(&machine->accepted, &machine->live);
}

void nf_legacy_table_run(struct nf_machine *machine, const struct mux_xtables_table *table)
{
	unsigned hook = nf_legacy_hook(machine->place.hook);
	struct walk walk = {
		.machine = machine, .table = table, .underflow = table->underflow[hook]};

	machine->place.backend = NF_LEGACY;
	machine->place.family = table->family;
	machine->place.table = table->name;
	machine->place.chain = slice_of(nf_legacy_chain_name(hook));
	machine->place.position = 0;
	machine->place.rule = NULL;
	machine->depth = 0;
	machine->branch_doubt = machine->base_doubt;
	machine->accepted.alive = false;
	if (run_from(&walk, table->hook_entry[hook]))
		apply_policy(&walk);
}
