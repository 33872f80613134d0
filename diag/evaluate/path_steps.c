/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/path_steps.h"

#include <string.h>

#include "base/str.h"
#include "netfilter/machine.h"

const char *path_packet_name(uint8_t protocol, enum nf_talk_packet packet)
{
	bool tcp = protocol == IPPROTO_TCP, udp = protocol == IPPROTO_UDP;

	switch (packet) {
	case NF_TALK_REQUEST:
		return tcp ? "SYN" : udp ? "query" : "echo request";
	case NF_TALK_ANSWER:
		return tcp ? "SYN/ACK" : udp ? "answer" : "echo reply";
	case NF_TALK_ACK:
		return "ACK";
	case NF_TALK_DATA:
		return "first data";
	case NF_TALK_REPLY:
		return "answer";
	case NF_TALK_REFUSAL:
		return tcp ? "RST of the closed port" : "port unreachable";
	case NF_TALK_REJECT:
		return "the reject's packet";
	}
	return "packet";
}

static const char *verdict_text(const struct nf_machine *machine, struct arena *arena)
{
	const struct nf_verdict *verdict = &machine->verdict;
	const char *chain = str_escape(arena, verdict->chain);

	switch (verdict->code) {
	case NF_CODE_CONTINUE:
		return "";
	case NF_CODE_ACCEPT:
		return "accept";
	case NF_CODE_DROP:
		return "drop";
	case NF_CODE_REJECT:
		return "reject";
	case NF_CODE_QUEUE:
		return "queue";
	case NF_CODE_RETURN:
		return "return";
	case NF_CODE_JUMP:
		return verdict->chain.len == 0 ? "jump" : arena_printf(arena, "jump %s", chain);
	case NF_CODE_GOTO:
		return verdict->chain.len == 0 ? "goto" : arena_printf(arena, "goto %s", chain);
	case NF_CODE_UNKNOWN:
		return "unknown";
	}
	return "unknown";
}

void path_place_set(const struct nf_decision *decision, struct arena *arena,
		    struct mux_path_place *ret)
{
	*ret = (struct mux_path_place){
		.hook = nf_hook_name(decision->hook),
		.legacy = decision->backend == NF_LEGACY,
		.family = nf_family_name(decision->family),
		.table = str_escape(arena, decision->table),
		.chain = str_escape(arena, decision->chain),
		.priority = decision->priority,
		.has_counters = decision->has_counters,
		.packets = decision->packets,
		.bytes = decision->bytes,
	};
	if (decision->by_policy)
		return;
	ret->handle = decision->handle;
	ret->position = decision->position;
	ret->rule = decision->rule;
}

static void seen(void *context, const struct nf_machine *machine, enum mux_answer matches)
{
	struct path_steps *steps = context;
	const struct nf_place *place = &machine->place;
	struct mux_path_step *step = arena_list_add(steps->arena, &steps->list);
	struct nf_decision decision = {.backend = place->backend,
				       .family = place->family,
				       .hook = (uint8_t)place->hook,
				       .table = place->table,
				       .chain = place->chain,
				       .priority = place->priority,
				       .position = place->position,
				       .by_policy = place->rule == NULL};

	/* Printing is by far the dearest part of it. The chain of a legacy rule is found by it. */
	const bool is_described = !steps->brief || matches != MUX_NO || place->backend == NF_LEGACY;

	if (step == NULL)
		return;
	if (is_described)
		nf_place_describe(machine, place, &decision);
	path_place_set(&decision, steps->arena, &step->place);
	step->packet = path_packet_name(steps->protocol, steps->packet);
	step->depth = machine->depth;
	step->matches = matches;
	if (matches != MUX_YES && is_described)
		step->why = matches == MUX_NO ? nf_failed_print(machine) : machine->doubt;
	step->verdict = matches == MUX_NO ? "" : verdict_text(machine, steps->arena);
}

void path_steps_begin(struct path_steps *steps, uint8_t protocol, struct arena *arena)
{
	*steps = (struct path_steps){
		.brief = steps->brief,
		.observer = {.seen = seen, .context = steps},
		.protocol = protocol,
		.arena = arena,
		.list = {.size = sizeof(struct mux_path_step)},
	};
}

static bool is_same(const struct mux_path_place *a, const struct mux_path_place *b)
{
	return a->table != NULL && b->table != NULL && a->legacy == b->legacy &&
	       a->position == b->position && a->priority == b->priority &&
	       strcmp(a->hook, b->hook) == 0 && strcmp(a->family, b->family) == 0 &&
	       strcmp(a->table, b->table) == 0 && strcmp(a->chain, b->chain) == 0;
}

void path_steps_end(struct path_steps *steps, struct mux_path *path)
{
	struct mux_path_step *list = steps->list.items;
	size_t i;

	path->steps = list;
	path->n_steps = steps->list.n;
	if (path->verdict == MUX_PATH_ACCEPT)
		return;
	for (i = 0; i < steps->list.n; i++)
		list[i].decides = list[i].matches != MUX_NO &&
				  strcmp(list[i].packet, path->packet) == 0 &&
				  is_same(&list[i].place, &path->place);
}
