/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One hook: every base chain in the kernel's order (nf_hook_slow()). An accept ends only its base
 * chain, anything else ends the packet.
 */
#include "netfilter/kernel.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"
#include "base/str.h"
#include "netfilter/index.h"
#include "netfilter/machine.h"

/* What has been found for the hook so far; like nf_outcomes of one base chain. */
struct tally {
	struct nf_machine *machine;
	struct nf_outcomes outcomes;
	bool alive; /* may the packet reach the next base chain? */
};

/* What is certain once it is reached may be in doubt for what leads around it. */
static void explain_doubt(const struct nf_machine *machine, struct nf_outcome *outcome)
{
	if (outcome->doubt != NULL || machine->split_doubt == NULL)
		return;
	outcome->doubt = machine->split_doubt;
	outcome->doubter = machine->split;
}

static void merge(struct tally *tally, const struct nf_outcomes *outcomes)
{
	unsigned kind;

	for (kind = 0; kind < NF_N_KINDS; kind++) {
		struct nf_outcome *into = &tally->outcomes.by[kind];

		if (kind == NF_KIND_ACCEPT || (outcomes->may & 1u << kind) == 0)
			continue;
		if (tally->outcomes.may & 1u << kind) {
			into->several = true;
			into->other = outcomes->by[kind].place;
		} else {
			*into = outcomes->by[kind];
			explain_doubt(tally->machine, into);
		}
		tally->outcomes.may |= 1u << kind;
	}
}

/* Adds a source of rules that could not be read. */
static void add_unread(struct tally *tally, const struct nf_place *place, const char *why)
{
	struct nf_outcomes outcomes = {.may = 1u << NF_KIND_UNKNOWN};

	outcomes.by[NF_KIND_UNKNOWN].place = *place;
	outcomes.by[NF_KIND_UNKNOWN].doubter = *place;
	outcomes.by[NF_KIND_UNKNOWN].doubt = why == NULL ? "out of memory" : why;
	merge(tally, &outcomes);
}

static const char *unread_text(struct tally *tally, const char *what,
			       const struct mux_source *source)
{
	struct arena *arena = tally->machine->arena;

	if (source->presence == MUX_DENIED)
		return arena_printf(arena, "%s could not be read: %s", what,
				    strerrorname_np(source->error) == NULL
					    ? "unknown error"
					    : strerrorname_np(source->error));
	return arena_printf(arena, "%s was not read", what);
}

/* Adds a doubt for everything on the hook that is not in the facts. */
static void add_unread_sources(struct tally *tally)
{
	struct nf_machine *machine = tally->machine;
	const struct mux_snapshot *snapshot = machine->ruleset->snapshot;
	bool v4 = machine->live.family == NFPROTO_IPV4;
	const struct mux_source *names = v4 ? &snapshot->xtables.names4 : &snapshot->xtables.names6;
	struct nf_place place = {.backend = NF_NFTABLES,
				 .family = machine->live.family,
				 .hook = machine->place.hook};

	if (snapshot->nftables.source.presence == MUX_DENIED ||
	    snapshot->nftables.source.presence == MUX_NOT_ASKED)
		add_unread(tally, &place,
			   unread_text(tally, "nftables", &snapshot->nftables.source));
	if (snapshot->nftables.source.presence == MUX_PRESENT && snapshot->nftables.changing)
		add_unread(tally, &place, "nftables changed while it was read");
	place.backend = NF_LEGACY;
	if (machine->place.hook == NF_HOOK_EGRESS || machine->place.hook == NF_HOOK_INGRESS)
		return;
	if (names->presence == MUX_DENIED || names->presence == MUX_NOT_ASKED)
		add_unread(tally, &place,
			   unread_text(tally,
				       v4 ? "the list of legacy IPv4 tables"
					  : "the list of legacy IPv6 tables",
				       names));
}

/* nat chains see only the first packet of a flow, and over lo only on its way out, because the
 * second pass finds the mapping made (nf_nat_inet_fn()). Without conntrack they see none. */
static enum mux_answer nat_runs(const struct nf_machine *machine)
{
	/* A reject's RST is related; of those only ICMP is kept from the chains
	 * (nf_nat_ipv4_fn()). */
	const uint32_t new =
		NF_CT_STATE_BIT(IP_CT_NEW) |
		(machine->live.protocol == IPPROTO_TCP ? NF_CT_STATE_BIT(IP_CT_RELATED) : 0);
	enum mux_answer active = machine->ruleset->conntrack[machine->live.family == NFPROTO_IPV6];

	uint32_t done = machine->place.hook == NF_HOOK_OUTPUT ? IPS_DST_NAT_DONE : IPS_SRC_NAT_DONE;

	if (machine->place.hook == NF_HOOK_PREROUTING || machine->place.hook == NF_HOOK_INPUT)
		return MUX_NO;
	/* nf_nat_inet_fn(): the first chain that translates is the last that runs. */
	if ((machine->live.known.ct_status & done) == 0)
		return active == MUX_NO ? MUX_NO : MUX_UNKNOWN;
	if ((machine->live.value.ct_status & done) != 0)
		return MUX_NO;
	if ((machine->live.known.ct_state & new) == new &&
	    (machine->live.value.ct_state & new) == 0)
		return MUX_NO;
	return active;
}

/* Why it is not certain that the base chain runs at all; NULL = it is. */
static const char *base_doubt(const struct nf_machine *machine, const struct nf_base *base)
{
	bool on_device =
		machine->place.hook == NF_HOOK_EGRESS || machine->place.hook == NF_HOOK_INGRESS;

	if (base->nat && nat_runs(machine) == MUX_UNKNOWN)
		return "whether a nat chain runs";
	if (on_device && base->chain != NULL && base->chain->device.len == 0)
		return "whether lo is among the devices of the chain";
	return NULL;
}

/* Runs one base chain on the packet as it is now. */
static void run_base(struct tally *tally, const struct nf_base *base)
{
	struct nf_machine *machine = tally->machine;
	const struct nf_live before = machine->live;

	machine->base_doubt = base_doubt(machine, base);
	machine->place.priority = base->inner_priority;
	memset(&machine->outcomes, 0, sizeof(machine->outcomes));
	machine->split_doubt = NULL;
	if (base->chain != NULL) {
		nf_base_chain_run(machine, base->chain);
	} else if (base->legacy->source.presence == MUX_PRESENT) {
		nf_legacy_table_run(machine, base->legacy);
	} else {
		const struct nf_place place = {.backend = NF_LEGACY,
					       .family = base->legacy->family,
					       .hook = machine->place.hook,
					       .priority = base->priority,
					       .table = base->legacy->name};

		add_unread(tally, &place, unread_text(tally, "the table", &base->legacy->source));
		nf_live_forget(&machine->live);
		return;
	}
	merge(tally, &machine->outcomes);
	if (machine->base_doubt != NULL)
		nf_flow_add(&machine->accepted, &before);
	tally->alive = machine->accepted.alive;
	machine->live = machine->accepted.alive ? machine->accepted.live : before;
}

static void decide(const struct nf_machine *machine, enum nf_verdict_kind kind,
		   const struct nf_outcome *outcome, struct nf_decision *ret)
{
	const struct nf_place *place = &outcome->place;

	*ret = (struct nf_decision){
		.kind = kind,
		.backend = place->backend,
		.family = place->family,
		.table = place->table,
		.chain = place->chain,
		.hook = (uint8_t)place->hook,
		.priority = place->priority,
		.by_policy = outcome->by_policy && kind != NF_KIND_UNKNOWN,
		.position = place->position,
		.has_counters = outcome->has_counters,
		.packets = outcome->packets,
		.bytes = outcome->bytes,
		.reject = outcome->reject,
		.queue = outcome->queue,
		.assumption = machine->assumption,
	};
	nf_place_describe(machine, place, ret);
}

static const char *other_place(const struct nf_machine *machine, const struct nf_place *place)
{
	const struct nf_decision decision = {
		.family = place->family, .table = place->table, .chain = place->chain};

	return nf_decision_place(&decision, machine->arena);
}

/* The packet dies for certain: at the place named, or at another. */
static void decide_death(const struct tally *tally, struct nf_decision *ret)
{
	const struct nf_outcomes *outcomes = &tally->outcomes;
	const struct nf_outcome *certain = NULL, *other = NULL;
	enum nf_verdict_kind kind = NF_KIND_DROP, k;

	for (k = NF_KIND_DROP; k <= NF_KIND_UNKNOWN; k++) {
		const struct nf_outcome *outcome = &outcomes->by[k];

		if ((outcomes->may & 1u << k) == 0)
			continue;
		if (k != NF_KIND_UNKNOWN && (certain == NULL || certain->doubt != NULL)) {
			other = certain;
			certain = outcome;
			kind = k;
		} else {
			other = outcome;
		}
	}
	decide(tally->machine, kind, certain, ret);
	if (other != NULL)
		ret->unless = other_place(tally->machine, &other->place);
	else if (certain->several)
		ret->unless = other_place(tally->machine, &certain->other);
}

/* The packet may pass and may die: the first doubt names the reason. */
static void decide_unknown(const struct tally *tally, struct nf_decision *ret)
{
	const struct nf_outcomes *outcomes = &tally->outcomes;
	const struct nf_outcome *doubtful = NULL;
	struct nf_outcome at_doubter;
	enum nf_verdict_kind k;

	for (k = NF_KIND_UNKNOWN; k > NF_KIND_ACCEPT; k--)
		if ((outcomes->may & 1u << k) != 0 &&
		    (doubtful == NULL ||
		     (doubtful->doubt == NULL && outcomes->by[k].doubt != NULL)))
			doubtful = &outcomes->by[k];
	at_doubter = *doubtful;
	if (doubtful->doubt != NULL)
		at_doubter.place = doubtful->doubter;
	decide(tally->machine, NF_KIND_UNKNOWN, &at_doubter, ret);
	ret->reason = doubtful->doubt != NULL ? doubtful->doubt
					      : "an earlier rule that may or may not match";
}

static void conclude(const struct tally *tally, struct nf_decision *ret)
{
	const unsigned lethal = tally->outcomes.may & ~(1u << NF_KIND_ACCEPT);

	if (!tally->alive && lethal != 1u << NF_KIND_UNKNOWN)
		decide_death(tally, ret);
	else if (lethal != 0)
		decide_unknown(tally, ret);
	else
		*ret = (struct nf_decision){.kind = NF_KIND_ACCEPT,
					    .family = tally->machine->live.family,
					    .hook = (uint8_t)tally->machine->place.hook,
					    .assumption = tally->machine->assumption};
}

/* Where the nat core rewrites later packets of a translated flow, between two base chains. */
static void translate(struct nf_machine *machine, bool *translated, int32_t priority)
{
	enum nf_hook hook = machine->place.hook;

	if (*translated || (hook != NF_HOOK_OUTPUT && hook != NF_HOOK_POSTROUTING))
		return;
	if (priority <= (hook == NF_HOOK_OUTPUT ? NF_IP_PRI_NAT_DST : NF_IP_PRI_NAT_SRC))
		return;
	nf_live_follow(&machine->live, hook == NF_HOOK_POSTROUTING);
	*translated = true;
}

/* What one hook is run with. */
struct run {
	const struct nf_ruleset *ruleset;
	struct arena *arena;
	enum nf_hook hook;
	struct arena_list bases;
};

/* Runs the base chains in the order they are listed. */
static int run_in_order(const struct run *run, struct nf_live *live,
			struct nf_decision *ret_decision)
{
	struct nf_machine *machine = arena_alloc(run->arena, sizeof(*machine));
	struct tally tally = {.machine = machine, .alive = true};
	const struct nf_base *base = run->bases.items;
	bool translated = false;
	size_t i;

	if (machine == NULL)
		return -ENOMEM;
	machine->ruleset = run->ruleset;
	machine->arena = run->arena;
	machine->place.hook = run->hook;
	machine->live = *live;
	if (run->hook != NF_HOOK_OUTPUT)
		machine->live.ct_attached = true;
	add_unread_sources(&tally);
	for (i = 0; tally.alive && i < run->bases.n; i++, base++) {
		translate(machine, &translated, base->priority);
		if (!base->nat || nat_runs(machine) != MUX_NO)
			run_base(&tally, base);
	}
	translate(machine, &translated, INT32_MAX);
	conclude(&tally, ret_decision);
	*live = machine->live;
	live->ct_attached = true;
	return arena_failed(run->arena) ? -ENOMEM : 0;
}

/* Two of one priority run in the order they were registered in, the last one first; that can be
 * told within one table only. */
static bool is_order_known(const struct nf_base *first, const struct nf_base *second)
{
	if (first->priority != second->priority || first->inner_priority != second->inner_priority)
		return true;
	return first->chain != NULL && second->chain != NULL &&
	       first->chain->family == second->chain->family &&
	       slice_equal(first->chain->table, second->chain->table);
}

/* Turns round every row of base chains whose order is not known. Returns whether there was one. */
static bool turn_round(struct run *run)
{
	struct nf_base *bases = run->bases.items, swap;
	bool turned = false;
	size_t i, j, end;

	for (i = 0; i < run->bases.n; i = end) {
		bool known = true;

		for (end = i + 1; end < run->bases.n && bases[end].priority == bases[i].priority &&
				  bases[end].inner_priority == bases[i].inner_priority;
		     end++)
			known = known && is_order_known(&bases[end - 1], &bases[end]);
		for (j = 0; !known && i + j < end - 1 - j; j++) {
			swap = bases[i + j];
			bases[i + j] = bases[end - 1 - j];
			bases[end - 1 - j] = swap;
		}
		turned = turned || !known;
	}
	return turned;
}

static bool is_same_decision(const struct nf_decision *a, const struct nf_decision *b)
{
	return a->kind == b->kind &&
	       (a->kind == NF_KIND_ACCEPT ||
		(a->backend == b->backend && a->family == b->family && a->handle == b->handle &&
		 a->position == b->position && a->priority == b->priority &&
		 a->by_policy == b->by_policy && slice_equal(a->table, b->table) &&
		 slice_equal(a->chain, b->chain)));
}

static bool is_lethal(const struct nf_decision *decision)
{
	return decision->kind == NF_KIND_DROP || decision->kind == NF_KIND_REJECT;
}

/* Keeps of two answers, for two orders, what does not depend on the order. */
static void reconcile(const struct nf_decision *other, struct arena *arena,
		      struct nf_decision *decision)
{
	if (is_same_decision(decision, other) || decision->kind == NF_KIND_UNKNOWN)
		return;
	if (is_lethal(decision) && is_lethal(other)) {
		decision->unless = nf_decision_place(other, arena);
		return;
	}
	if (decision->kind == NF_KIND_ACCEPT)
		*decision = *other;
	decision->kind = NF_KIND_UNKNOWN;
	decision->by_policy = false;
	if (decision->reason == NULL)
		decision->reason = "the order of base chains of one priority";
}

/* What packets have used up so far counts once, whatever is tried. */
static int copy_memory(const struct nf_memory *memory, struct arena *arena, struct nf_memory *ret)
{
	size_t i;

	*ret = (struct nf_memory){.arena = arena, .spent = {.size = sizeof(struct nf_spent)}};
	for (i = 0; i < memory->spent.n; i++) {
		struct nf_spent *spent = arena_list_add(arena, &ret->spent);

		if (spent == NULL)
			return -ENOMEM;
		*spent = ((const struct nf_spent *)memory->spent.items)[i];
	}
	return 0;
}

/* The other order, unseen by anybody. */
static int run_turned(const struct run *run, const struct nf_memory *memory, struct nf_live *live,
		      struct nf_decision *ret_decision)
{
	struct nf_ruleset ruleset = *run->ruleset;
	struct nf_memory spent = *memory;
	struct run turned = *run;

	ruleset.observer = NULL;
	ruleset.memory = run->ruleset->memory != NULL ? &spent : NULL;
	turned.ruleset = &ruleset;
	return run_in_order(&turned, live, ret_decision);
}

int nf_run_hook_on(const struct nf_ruleset *ruleset, struct nf_live *live, enum nf_hook hook,
		   struct arena *arena, struct nf_decision *ret_decision)
{
	struct run run = {.ruleset = ruleset, .arena = arena, .hook = hook};
	struct nf_memory before = {.arena = arena};
	struct nf_live other_live = *live;
	struct nf_decision other;
	int r = nf_index_bases(ruleset, live, hook, arena, &run.bases);

	if (r == 0 && run.bases.n > 1 && ruleset->memory != NULL)
		r = copy_memory(ruleset->memory, arena, &before);
	if (r == 0)
		r = run_in_order(&run, live, ret_decision);
	if (r != 0 || !turn_round(&run))
		return r;
	r = run_turned(&run, &before, &other_live, &other);
	if (r != 0)
		return r;
	reconcile(&other, arena, ret_decision);
	nf_live_join(live, &other_live);
	return arena_failed(arena) ? -ENOMEM : 0;
}

int nf_run_hook(const struct mux_snapshot *snapshot, const struct nf_packet *packet,
		enum nf_hook hook, struct arena *arena, struct nf_decision *ret_decision)
{
	struct nf_ruleset ruleset;
	struct nf_live live;
	int r = nf_ruleset_init(snapshot, arena, &ruleset);

	if (r != 0)
		return r;
	nf_live_init(&live, packet);
	return nf_run_hook_on(&ruleset, &live, hook, arena, ret_decision);
}
