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
	const uint32_t new = NF_CT_STATE_BIT(IP_CT_NEW);
	enum mux_answer active = machine->ruleset->conntrack[machine->live.family == NFPROTO_IPV6];

	uint32_t done = machine->place.hook == NF_HOOK_OUTPUT ? IPS_DST_NAT_DONE : IPS_SRC_NAT_DONE;

	if (machine->place.hook == NF_HOOK_PREROUTING || machine->place.hook == NF_HOOK_INPUT)
		return MUX_NO;
	/* nf_nat_inet_fn(): the first chain that translates is the last that runs. */
	if ((machine->live.known.ct_status & done) == 0)
		return active == MUX_NO ? MUX_NO : MUX_UNKNOWN;
	if ((machine->live.value.ct_status & done) != 0)
		return MUX_NO;
	if ((machine->live.known.ct_state & new) != 0 && (machine->live.value.ct_state & new) == 0)
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

int nf_run_hook_on(const struct nf_ruleset *ruleset, struct nf_live *live, enum nf_hook hook,
		   struct arena *arena, struct nf_decision *ret_decision)
{
	struct nf_machine *machine = arena_alloc(arena, sizeof(*machine));
	struct tally tally = {.machine = machine, .alive = true};
	struct arena_list bases;
	const struct nf_base *base;
	bool translated = false;
	size_t i;
	int r;

	if (machine == NULL)
		return -ENOMEM;
	machine->ruleset = ruleset;
	machine->arena = arena;
	machine->place.hook = hook;
	machine->live = *live;
	if (hook != NF_HOOK_OUTPUT)
		machine->live.ct_attached = true;
	r = nf_index_bases(ruleset, live, hook, arena, &bases);
	if (r != 0)
		return r;
	add_unread_sources(&tally);
	for (i = 0, base = bases.items; tally.alive && i < bases.n; i++, base++) {
		translate(machine, &translated, base->priority);
		if (!base->nat || nat_runs(machine) != MUX_NO)
			run_base(&tally, base);
	}
	translate(machine, &translated, INT32_MAX);
	conclude(&tally, ret_decision);
	*live = machine->live;
	live->ct_attached = true;
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
