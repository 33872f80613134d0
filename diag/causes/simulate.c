/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fix is applied to a copy of the facts, and everything is evaluated again. One that is not
 * enough because another cause is in the way as well is tried beside the others' fixes.
 */
#include <errno.h>

#include "causes/cause.h"
#include "causes/firewall.h"
#include "causes/gain.h"

/* Beyond so many causes nobody is helped by knowing which of them go together. */
enum { MOST_TOGETHER = 6 };

/* A machine with more findings than that was made to cost time: the rest is not tried. */
enum { MOST_FINDINGS = 24 };

/* And a firewall of more chains in a row than that is nobody's. */
enum { MOST_CHAINS = 4 };

/* Of a trial that is not of leading fixes alone. */
#define NO_SET (~0u)

/* A world that could be, and what it would mean. */
struct trial {
	unsigned set;	     /* bit i: with the leading fix of finding i */
	struct arena *arena; /* NULL: it cannot be simulated */
	struct change_world world;
	struct evaluation evaluation;
};

struct simulation {
	struct findings *findings;
	/* The fix of each finding that is tried beside others, as it changes things; n = 0: none.
	 */
	struct arena_list leads[MOST_TOGETHER];
	size_t n_leads;
	struct arena_list
		trials; /* of struct trial *, of leading fixes: each set is asked for often */
};

/* --- worlds ------------------------------------------------------------------------------ */

static void trial_end(struct trial *trial)
{
	arena_free(trial->arena);
	trial->arena = NULL;
}

static int apply(struct trial *trial, const struct arena_list *changes)
{
	const struct change *list = changes->items;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < changes->n; i++)
		error = change_apply(&trial->world, &list[i]);
	return error;
}

/* What of the addresses the leading fixes of the set touch: EV_STALE_…. */
static unsigned touches(const struct simulation *simulation, unsigned set)
{
	struct trial *const *known = simulation->trials.items;
	unsigned stale = 0;
	size_t i;

	for (i = 0; i < simulation->trials.n; i++)
		if (known[i]->set != NO_SET && (known[i]->set & ~set) == 0)
			stale |= known[i]->world.stale;
	return stale;
}

/* A trial from which the set differs in nothing that touches addresses knows how they fare. */
static void take_over(const struct simulation *simulation, unsigned set, struct trial *trial)
{
	struct trial *const *known = simulation->trials.items;
	size_t i;

	for (i = 0; i < simulation->trials.n; i++)
		if (known[i] != trial && known[i]->arena != NULL && known[i]->set != NO_SET &&
		    (known[i]->set & ~set) == 0 && touches(simulation, set & ~known[i]->set) == 0) {
			trial->world.known = &known[i]->evaluation;
			trial->world.stale = 0;
			return;
		}
}

/* Tries the leading fixes in the set and these changes, if any. Returns 0, -ENOENT when they cannot
 * be simulated, or -ENOMEM. On success trial_end() is due. */
static int trial_run(const struct simulation *simulation, unsigned set,
		     const struct arena_list *changes, struct trial *trial)
{
	size_t i;
	int error = 0;

	trial->set = changes == NULL ? set : NO_SET;
	trial->arena = arena_new();
	if (trial->arena == NULL)
		return -ENOMEM;
	change_world_init(&trial->world, simulation->findings->evaluation, trial->arena);
	for (i = 0; error == 0 && i < simulation->n_leads; i++)
		if ((set >> i & 1) != 0)
			error = apply(trial, &simulation->leads[i]);
	if (error == 0 && changes != NULL)
		error = apply(trial, changes);
	if (error == 0 && changes == NULL)
		take_over(simulation, set, trial);
	if (error == 0)
		error = evaluate_again(&trial->world, &trial->evaluation);
	if (error != 0)
		trial_end(trial);
	return error;
}

/* Returns a trial that lives until forget_all(), or NULL when out of memory. */
static struct trial *trial_new(struct simulation *simulation)
{
	struct arena *arena = simulation->findings->arena;
	struct trial *trial = arena_alloc(arena, sizeof(*trial)), **added;

	added = trial != NULL ? arena_list_add(arena, &simulation->trials) : NULL;
	if (added == NULL)
		return NULL;
	*added = trial;
	return trial;
}

/* Returns what the leading fixes of the set would make of the machine; NULL when out of memory. */
static const struct trial *recall(struct simulation *simulation, unsigned set)
{
	struct trial *const *known = simulation->trials.items, *trial;
	size_t i;

	for (i = 0; i < simulation->trials.n; i++)
		if (known[i]->set == set)
			return known[i];
	trial = trial_new(simulation);
	if (trial == NULL || trial_run(simulation, set, NULL, trial) == -ENOMEM)
		return NULL;
	return trial;
}

static void forget_all(struct simulation *simulation)
{
	struct trial **known = simulation->trials.items;
	size_t i;

	for (i = 0; i < simulation->trials.n; i++)
		trial_end(known[i]);
}

/* --- one fix ----------------------------------------------------------------------------- */

static void accept(struct findings *findings, const struct evaluation *after,
		   const struct gain *gain, const char *with, struct cause_fix *fix)
{
	const char *what = gain_describe(findings->evaluation, after, gain, findings->arena);

	fix->public.proved = MUX_YES;
	fix->public.n_working = gain->n_working;
	fix->public.n_clients = gain->n_clients;
	fix->public.then =
		with == NULL || what == NULL
			? what
			: arena_printf(findings->arena, "%s, together with %s", what, with);
}

/* Sets fix->gain. Returns 0 or -ENOMEM. */
static int prove_as_it_is(struct simulation *simulation, struct cause_fix *fix, struct trial *trial)
{
	const struct evaluation *before = simulation->findings->evaluation;
	struct gain gain;
	int error = trial_run(simulation, 0, &fix->changes, trial);

	fix->gain = GAIN_UNSURE;
	fix->simulated = error == 0;
	if (error != 0)
		return error == -ENOENT ? 0 : error;
	gain = gain_compare(before, &trial->evaluation, before->only);
	fix->gain = gain.verdict;
	if (gain.verdict == GAIN_CERTAIN)
		accept(simulation->findings, &trial->evaluation, &gain, NULL, fix);
	return 0;
}

/* Where several base chains stop the packets one after the other, one fix opens them all. */
static int prove_alone(struct simulation *simulation, struct cause_fix *fix, struct trial *trial)
{
	size_t n;
	int error = prove_as_it_is(simulation, fix, trial);

	for (n = 0;
	     error == 0 && n < MOST_CHAINS && trial->arena != NULL && fix->gain != GAIN_CERTAIN &&
	     firewall_extend(simulation->findings, &trial->evaluation, fix);
	     n++) {
		trial_end(trial);
		error = prove_as_it_is(simulation, fix, trial);
	}
	return error;
}

/* Does the fix beside those of the set help, and more than they alone? Returns 0 or -ENOMEM. */
static int prove_beside(struct simulation *simulation, unsigned set, const char *with,
			struct cause_fix *fix)
{
	const struct evaluation *before = simulation->findings->evaluation;
	const struct trial *without = recall(simulation, set), *together;
	struct trial other = {.arena = NULL};
	struct gain gain, more;
	int error = 0;

	if (without == NULL)
		return -ENOMEM;
	together = &other;
	if (fix->lead != 0)
		together = recall(simulation, set | fix->lead);
	else
		error = trial_run(simulation, set, &fix->changes, &other);
	if (together == NULL || error == -ENOMEM)
		return -ENOMEM;
	if (without->arena != NULL && together->arena != NULL) {
		more = gain_compare(&without->evaluation, &together->evaluation, before->only);
		gain = gain_compare(before, &together->evaluation, before->only);
		if (more.verdict == GAIN_CERTAIN && gain.verdict == GAIN_CERTAIN) {
			accept(simulation->findings, &together->evaluation, &gain, with, fix);
			fix->gain = GAIN_CERTAIN;
		}
	}
	trial_end(&other);
	return 0;
}

/*
 * May the fix of finding i do more where those of the set are applied? Only for an address that the
 * finding blocks, and of whose blocks none but theirs would be left. Spares most of the trials.
 */
static bool may_help(const struct simulation *simulation, unsigned set, size_t i)
{
	const struct evaluation *evaluation = simulation->findings->evaluation;
	const struct cause_finding *found = simulation->findings->list.items;
	unsigned blocks = found[i].blocks;
	size_t j;

	for (j = 0; j < simulation->n_leads; j++) {
		if ((set >> j & 1) != 0 && found[j].blocks == 0)
			return true;
		if ((set >> j & 1) != 0)
			blocks |= found[j].blocks;
	}
	if (found[i].blocks == 0 || (found[i].blocks & CAUSE_BLOCKS_NAME) != 0)
		return true;
	for (j = 0; j < evaluation->n_candidates; j++)
		if ((evaluation->candidates[j].blocked & found[i].blocks) != 0 &&
		    (evaluation->candidates[j].blocked & ~blocks) == 0)
			return true;
	return false;
}

/* Beside one other finding's fix, the nearest earlier one first, or beside all others'. */
static int prove_together(struct simulation *simulation, size_t i, struct cause_fix *fix)
{
	size_t j, n = 0;
	unsigned all = 0;
	int error = 0;

	for (j = 0; error == 0 && fix->gain != GAIN_CERTAIN && j < simulation->n_leads; j++) {
		size_t other = j < i ? i - 1 - j : j;

		if (other == i || simulation->leads[other].n == 0)
			continue;
		all |= 1u << other;
		n++;
		if (!may_help(simulation, 1u << other, i))
			continue;
		error = prove_beside(simulation, 1u << other,
				     other + 1 == i   ? "the fix above"
				     : other == i + 1 ? "the fix below"
						      : "the other fixes",
				     fix);
	}
	if (error == 0 && fix->gain != GAIN_CERTAIN && n > 1)
		error = prove_beside(simulation, all, "the other fixes", fix);
	return error;
}

/* --- all of them ------------------------------------------------------------------------- */

/* By the most intrusive of its changes. */
static enum change_kind intrusiveness(const struct cause_fix *fix)
{
	const struct change *changes = fix->changes.items;
	enum change_kind kind = changes[0].kind;
	size_t i;

	for (i = 1; i < fix->changes.n; i++)
		if (changes[i].kind > kind)
			kind = changes[i].kind;
	return kind;
}

/* What cannot be simulated stays where its cause has put it. */
static bool comes_before(const struct cause_fix *a, const struct cause_fix *b)
{
	return a->changes.n != 0 && b->changes.n != 0 && intrusiveness(a) < intrusiveness(b);
}

static void sort(struct cause_finding *finding)
{
	struct cause_fix *fixes = finding->fixes.items;
	size_t i, j;

	for (i = 1; i < finding->fixes.n; i++) {
		struct cause_fix moving = fixes[i];

		for (j = i; j > 0 && comes_before(&moving, &fixes[j - 1]); j--)
			fixes[j] = fixes[j - 1];
		fixes[j] = moving;
	}
}

/* Tries the finding's fixes one by one; the first that does anything is its leading one. */
static int try_alone(struct simulation *simulation, size_t i)
{
	struct cause_finding *finding =
		&((struct cause_finding *)simulation->findings->list.items)[i];
	struct cause_fix *fixes = finding->fixes.items;
	bool has_lead = i >= simulation->n_leads;
	struct trial *trial;
	size_t j;
	int error = 0;

	sort(finding);
	for (j = 0; error == 0 && j < finding->fixes.n; j++) {
		fixes[j].gain = GAIN_UNSURE;
		if (fixes[j].changes.n == 0 || i >= MOST_FINDINGS)
			continue;
		trial = trial_new(simulation);
		error = trial != NULL ? prove_alone(simulation, &fixes[j], trial) : -ENOMEM;
		if (has_lead || !fixes[j].simulated || fixes[j].gain == GAIN_NONE)
			continue;
		simulation->leads[i] = fixes[j].changes;
		trial->set = fixes[j].lead = 1u << i;
		has_lead = true;
	}
	return error;
}

/* What a finding that takes nothing away is worth is not for the models to say. */
static bool is_worth_keeping(const struct cause_finding *finding, const struct cause_fix *fix)
{
	return fix->changes.n == 0 || fix->gain != GAIN_NONE || finding->blocks == 0;
}

static int try_together(struct simulation *simulation, size_t i)
{
	struct cause_finding *finding =
		&((struct cause_finding *)simulation->findings->list.items)[i];
	struct cause_fix *fixes = finding->fixes.items;
	size_t j, kept = 0;
	int error = 0;

	for (j = 0; error == 0 && j < finding->fixes.n; j++) {
		if (fixes[j].simulated && fixes[j].gain != GAIN_CERTAIN && i < simulation->n_leads)
			error = prove_together(simulation, i, &fixes[j]);
		if (is_worth_keeping(finding, &fixes[j]))
			fixes[kept++] = fixes[j];
	}
	finding->fixes.n = kept;
	return error;
}

int causes_simulate(struct findings *findings)
{
	struct simulation simulation = {
		.findings = findings,
		.n_leads = findings->list.n < MOST_TOGETHER ? findings->list.n : MOST_TOGETHER,
		.trials = {.size = sizeof(struct trial *)},
	};
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < findings->list.n; i++)
		error = try_alone(&simulation, i);
	for (i = 0; error == 0 && i < findings->list.n; i++)
		error = try_together(&simulation, i);
	forget_all(&simulation);
	return error != 0 || !arena_failed(findings->arena) ? error : -ENOMEM;
}
