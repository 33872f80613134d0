/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A fix is applied to a copy of the facts, and everything is evaluated again. One that is not
 * enough because another cause is in the way as well is tried together with that one's fix.
 */
#include <errno.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/answer.h"
#include "causes/cause.h"
#include "evaluate/client.h"

/* Beyond so many causes nobody is helped by knowing which of them go together. */
enum { MOST_TOGETHER = 6 };

/* A world that could be, and what it would mean. */
struct trial {
	struct arena *arena;
	struct change_world world;
	struct evaluation evaluation;
};

enum verdict { GAIN_NONE, GAIN_UNSURE, GAIN_CERTAIN };

/* How one world differs from another, for whoever asks. */
struct gain {
	enum verdict verdict;
	size_t gained_clients, lost_clients, gained_addresses, gained_names;
	bool unsure;
	size_t n_working, n_clients;
};

/* --- worlds ------------------------------------------------------------------------------ */

/* Several fixes at once; NULL ones are passed over. */
struct choice {
	const struct cause_fix *fixes[MOST_TOGETHER];
};

static void trial_end(struct trial *trial)
{
	arena_free(trial->arena);
	trial->arena = NULL;
}

static int apply(struct trial *trial, const struct cause_fix *fix)
{
	const struct change *changes = fix->changes.items;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < fix->changes.n; i++)
		error = change_apply(&trial->world, &changes[i]);
	return error;
}

/* Returns 0, -ENOENT when it cannot be simulated, or -ENOMEM. On success trial_end() is due. */
static int trial_run(const struct findings *findings, const struct choice *choice,
		     struct trial *trial)
{
	size_t i;
	int error = 0;

	trial->arena = arena_new();
	if (trial->arena == NULL)
		return -ENOMEM;
	change_world_init(&trial->world, findings->evaluation, trial->arena);
	for (i = 0; error == 0 && i < MOST_TOGETHER; i++)
		if (choice->fixes[i] != NULL)
			error = apply(trial, choice->fixes[i]);
	if (error == 0)
		error = evaluate(&trial->world.snapshot, &trial->world.target, trial->arena,
				 &trial->evaluation);
	if (error != 0)
		trial_end(trial);
	return error;
}

/* --- comparing --------------------------------------------------------------------------- */

static void compare_clients(const struct evaluation *before, const struct evaluation *after,
			    const struct ev_client *only, struct gain *gain)
{
	size_t i;

	for (i = 0; i < after->n_clients; i++) {
		const struct ev_client_result *now = &after->clients[i];
		enum fare is = answer_fare(now->works, now->after_ms), was = FARE_UNKNOWN;

		if ((only != NULL && now->client != only) || now->proxy != NULL)
			continue;
		if (i < before->n_clients)
			was = answer_fare(before->clients[i].works, before->clients[i].after_ms);
		gain->n_clients++;
		gain->n_working += is == FARE_WORKS;
		gain->gained_clients += (is == FARE_WORKS && was != FARE_WORKS) ||
					(is == FARE_STALLS && was < FARE_STALLS);
		gain->lost_clients += (is < FARE_WORKS && was == FARE_WORKS) ||
				      (is < FARE_STALLS && was == FARE_STALLS);
		gain->unsure |= is == FARE_UNKNOWN && was < FARE_WORKS;
	}
}

static const struct ev_candidate *find_address(const struct evaluation *evaluation,
					       const struct mux_address *address, bool of_target)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, address) &&
		    (!of_target || evaluation->candidates[i].name->of_target))
			return &evaluation->candidates[i];
	return NULL;
}

/* An address of the target that connects, and did not or was none of it. */
static bool is_gained(const struct evaluation *before, const struct ev_candidate *candidate)
{
	const struct ev_candidate *was = find_address(before, &candidate->address, true);

	return candidate->name->of_target && candidate->works == MUX_YES &&
	       (was == NULL || was->works != MUX_YES);
}

/* Another cause may still be in the way, but not this one. */
static bool is_freer(const struct evaluation *before, const struct ev_candidate *candidate)
{
	const struct ev_candidate *was = find_address(before, &candidate->address, false);

	return was != NULL && was->works != MUX_YES &&
	       ((was->blocked & ~candidate->blocked) != 0 || candidate->works == MUX_UNKNOWN);
}

static void compare_addresses(const struct evaluation *before, const struct evaluation *after,
			      struct gain *gain)
{
	size_t i;

	for (i = 0; i < after->n_candidates; i++) {
		gain->gained_addresses += is_gained(before, &after->candidates[i]);
		gain->unsure |= is_freer(before, &after->candidates[i]);
	}
}

/* Returns the name that now stands for something, from `*at` on, or NULL. */
static const struct ev_name *next_gained_name(const struct evaluation *before,
					      const struct evaluation *after, size_t *at)
{
	size_t i;

	while (*at < after->n_names) {
		const struct ev_name *name = &after->names[(*at)++];

		for (i = 0; i < before->n_names; i++)
			if (slice_equal_nocase(before->names[i].name, name->name) &&
			    before->names[i].resolves != MUX_YES && name->resolves == MUX_YES)
				return name;
	}
	return NULL;
}

static struct gain compare(const struct evaluation *before, const struct evaluation *after,
			   const struct ev_client *only)
{
	struct gain gain = {.verdict = GAIN_NONE};
	size_t at = 0;

	compare_clients(before, after, only, &gain);
	compare_addresses(before, after, &gain);
	while (next_gained_name(before, after, &at) != NULL)
		gain.gained_names++;
	if (gain.gained_clients + gain.gained_addresses + gain.gained_names != 0 &&
	    (gain.lost_clients == 0 || gain.gained_clients > gain.lost_clients))
		gain.verdict = GAIN_CERTAIN;
	else if (gain.unsure && gain.lost_clients == 0)
		gain.verdict = GAIN_UNSURE;
	return gain;
}

/* --- words ------------------------------------------------------------------------------- */

/* "curl, ab and 3 more": the clients that then work, or those that do not. */
static void add_clients(struct str *text, const struct evaluation *after,
			const struct ev_client *only, bool working, size_t total)
{
	enum { SHOWN = 3 };
	size_t i, n = 0, shown = total <= SHOWN ? total : SHOWN - 1;

	for (i = 0; i < after->n_clients && n < shown; i++) {
		const struct ev_client_result *now = &after->clients[i];
		bool works = answer_fare(now->works, now->after_ms) == FARE_WORKS;

		if ((only != NULL && now->client != only) || now->proxy != NULL || works != working)
			continue;
		str_addf(text, "%s%s",
			 n == 0		  ? ""
			 : n + 1 == total ? " and "
					  : ", ",
			 now->client->title);
		n++;
	}
	if (total > shown)
		str_addf(text, " and %zu more", total - shown);
}

static void add_working(struct str *text, const struct evaluation *after,
			const struct ev_client *only, const struct gain *gain)
{
	size_t left = gain->n_clients - gain->n_working;

	if (left == 0 && only == NULL) {
		str_add(text, "works for every client");
	} else if (left * 2 < gain->n_clients && left != 0) {
		str_add(text, "works for every client but ");
		add_clients(text, after, only, false, left);
	} else if (gain->n_working != 0) {
		str_add(text, "works for ");
		add_clients(text, after, only, true, gain->n_working);
	} else {
		str_add(text, "works, after a delay");
	}
}

static void add_addresses(struct str *text, const struct evaluation *before,
			  const struct evaluation *after, size_t total)
{
	size_t i, n = 0;

	for (i = 0; i < after->n_candidates; i++) {
		char address[ADDR_TEXT_MAX];

		if (is_gained(before, &after->candidates[i]))
			str_addf(text, "%s%s",
				 n++ == 0     ? ""
				 : n == total ? " and "
					      : ", ",
				 addr_format(&after->candidates[i].address, address));
	}
	str_add(text, total == 1 ? " works, too" : " work, too");
}

/* What comes of it: the clients that notice, else the addresses, else the names. */
static const char *describe(struct findings *findings, const struct evaluation *after,
			    const struct gain *gain)
{
	const struct evaluation *before = findings->evaluation;
	const struct ev_name *name;
	struct str text;
	size_t at = 0;

	str_init(&text, findings->arena);
	if (gain->gained_clients != 0) {
		add_working(&text, after, before->only, gain);
	} else if (gain->gained_addresses != 0) {
		add_addresses(&text, before, after, gain->gained_addresses);
	} else {
		name = next_gained_name(before, after, &at);
		str_add_escaped(&text, name->name);
		str_add(&text, " stands for an address");
	}
	return str_done(&text);
}

/* --- one fix ----------------------------------------------------------------------------- */

static void accept(struct findings *findings, const struct trial *trial, const struct gain *gain,
		   const char *with, struct cause_fix *fix)
{
	const char *what = describe(findings, &trial->evaluation, gain);

	fix->public.proved = MUX_YES;
	fix->public.n_working = gain->n_working;
	fix->public.n_clients = gain->n_clients;
	fix->public.then =
		with == NULL || what == NULL
			? what
			: arena_printf(findings->arena, "%s, together with %s", what, with);
}

/* Returns a verdict, or -ENOMEM. */
static int prove_alone(struct findings *findings, struct cause_fix *fix)
{
	const struct choice choice = {.fixes = {fix}};
	struct trial trial;
	struct gain gain;
	int error = trial_run(findings, &choice, &trial);

	if (error == -ENOENT)
		return GAIN_UNSURE;
	if (error != 0)
		return error;
	gain = compare(findings->evaluation, &trial.evaluation, findings->evaluation->only);
	if (gain.verdict == GAIN_CERTAIN)
		accept(findings, &trial, &gain, NULL, fix);
	trial_end(&trial);
	return (int)gain.verdict;
}

/* Tries the fix beside others. Returns whether that helps, and more than the others alone; or
 * -ENOMEM. */
static int prove_beside(struct findings *findings, const struct choice *others, const char *with,
			struct cause_fix *fix)
{
	const struct ev_client *only = findings->evaluation->only;
	struct choice all = *others;
	struct trial without, together;
	struct gain gain;
	bool helps = false;
	size_t i;
	int error = trial_run(findings, others, &without);

	if (error != 0)
		return error == -ENOENT ? 0 : error;
	for (i = 0; all.fixes[i] != NULL;)
		i++;
	all.fixes[i] = fix;
	error = trial_run(findings, &all, &together);
	if (error == 0) {
		gain = compare(&without.evaluation, &together.evaluation, only);
		helps = gain.verdict == GAIN_CERTAIN;
		gain = compare(findings->evaluation, &together.evaluation, only);
		helps = helps && gain.verdict == GAIN_CERTAIN;
		if (helps)
			accept(findings, &together, &gain, with, fix);
		trial_end(&together);
	}
	trial_end(&without);
	return error != 0 && error != -ENOENT ? error : helps;
}

/* --- all of them ------------------------------------------------------------------------- */

/* The first fix of the finding that can be simulated, or NULL. */
static struct cause_fix *lead_of(const struct findings *findings, size_t i)
{
	const struct cause_finding *found = findings->list.items;
	struct cause_fix *fixes = found[i].fixes.items;
	size_t j;

	for (j = 0; j < found[i].fixes.n; j++)
		if (fixes[j].changes.n != 0)
			return &fixes[j];
	return NULL;
}

/* Beside one other finding's fix, the nearest earlier one first, or beside all others'. */
static int prove_together(struct findings *findings, size_t i, struct cause_fix *fix)
{
	size_t n = findings->list.n < MOST_TOGETHER ? findings->list.n : MOST_TOGETHER, j, k = 0;
	struct choice all = {.fixes = {NULL}};
	int proved = 0;

	for (j = 0; proved == 0 && j < n; j++) {
		size_t other = j < i ? i - 1 - j : j;
		struct choice one = {.fixes = {other == i ? NULL : lead_of(findings, other)}};

		if (one.fixes[0] == NULL)
			continue;
		all.fixes[k++] = one.fixes[0];
		proved = prove_beside(findings, &one,
				      other + 1 == i   ? "the fix above"
				      : other == i + 1 ? "the fix below"
						       : "the other fixes",
				      fix);
	}
	if (proved == 0 && k > 1)
		proved = prove_beside(findings, &all, "the other fixes", fix);
	return proved;
}

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

/* What a finding that takes nothing away is worth is not for the models to say. */
static bool is_worth_keeping(const struct cause_finding *finding, const struct cause_fix *fix,
			     int verdict)
{
	return fix->changes.n == 0 || verdict != GAIN_NONE || finding->blocks == 0;
}

static int simulate(struct findings *findings, size_t i)
{
	struct cause_finding *finding = &((struct cause_finding *)findings->list.items)[i];
	struct cause_fix *fixes = finding->fixes.items;
	size_t j, kept = 0;

	for (j = 0; j < finding->fixes.n; j++) {
		int verdict = GAIN_UNSURE, proved = 0;

		if (fixes[j].changes.n != 0)
			verdict = prove_alone(findings, &fixes[j]);
		if (verdict >= 0 && verdict != GAIN_CERTAIN && fixes[j].changes.n != 0 &&
		    i < MOST_TOGETHER)
			proved = prove_together(findings, i, &fixes[j]);
		if (verdict < 0 || proved < 0)
			return verdict < 0 ? verdict : proved;
		if (proved != 0 || is_worth_keeping(finding, &fixes[j], verdict))
			fixes[kept++] = fixes[j];
	}
	finding->fixes.n = kept;
	return 0;
}

int causes_simulate(struct findings *findings)
{
	struct cause_finding *found = findings->list.items;
	size_t i;
	int error = 0;

	for (i = 0; i < findings->list.n; i++)
		sort(&found[i]);
	for (i = 0; error == 0 && i < findings->list.n; i++)
		error = simulate(findings, i);
	return error != 0 || !arena_failed(findings->arena) ? error : -ENOMEM;
}
