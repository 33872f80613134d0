/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which finding helps most? The one whose removal alone makes the target connect. */
#include <errno.h>
#include <sys/socket.h>

#include "causes/cause.h"
#include "causes/diff.h"
#include "causes/subject.h"

static bool family_matches(const struct cause_finding *finding,
			   const struct ev_candidate *candidate)
{
	return finding->family == 0 || finding->family == candidate->address.family;
}

/* Is everything but the stages in `blocks` known to be good? */
static bool rest_is_good(const struct evaluation *evaluation, const struct ev_candidate *candidate,
			 unsigned blocks)
{
	const enum mux_answer answers[] = {
		[MUX_STAGE_ROUTE] = candidate->route.passes,
		[MUX_STAGE_OUTPUT] = candidate->output.passes,
		[MUX_STAGE_INPUT] = candidate->input.passes,
		[MUX_STAGE_LISTENER] =
			evaluation->target.port == 0 ? MUX_YES : candidate->listen.accepts,
	};
	size_t stage;

	for (stage = 0; stage < sizeof(answers) / sizeof(answers[0]); stage++)
		if ((blocks & 1u << stage) == 0 && answers[stage] != MUX_YES)
			return false;
	return (candidate->blocked & ~blocks) == 0;
}

/* Would the candidate work without this cause, and does it fail with it? A cause that takes the
 * name away is judged by the literals: they show what the name would lead to. */
static bool frees(const struct evaluation *evaluation, const struct cause_finding *finding,
		  const struct ev_candidate *candidate)
{
	if (!family_matches(finding, candidate))
		return false;
	if (finding->blocks == CAUSE_BLOCKS_NAME)
		return candidate->name->literal && candidate->works == MUX_YES;
	return candidate->name->of_target && candidate->works != MUX_YES &&
	       (candidate->blocked & finding->blocks) != 0 &&
	       rest_is_good(evaluation, candidate, finding->blocks);
}

/* Does it stop whatever was tried, the literals too? Then nothing that is done about names shows.
 */
static bool is_total(const struct evaluation *evaluation, const struct cause_finding *finding)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (!family_matches(finding, &evaluation->candidates[i]) ||
		    evaluation->candidates[i].works == MUX_YES ||
		    (evaluation->candidates[i].blocked & finding->blocks) == 0)
			return false;
	return evaluation->n_candidates != 0;
}

static void judge(const struct evaluation *evaluation, struct cause_finding *finding)
{
	size_t i;

	for (i = 0; finding->blocks != 0 && i < evaluation->n_candidates; i++)
		if (frees(evaluation, finding, &evaluation->candidates[i]))
			finding->n_freed++;
	finding->public.decisive = finding->n_freed != 0;
	finding->is_total = is_total(evaluation, finding);
	/* As bad as that the name stands for nothing, which would not matter without it. */
	if (finding->is_total && !subject_resolves(evaluation) &&
	    finding->public.severity == MUX_SEVERITY_WARNING)
		finding->public.severity = MUX_SEVERITY_CRITICAL;
	finding->public.evidence = finding->evidence.items;
	finding->public.n_evidence = finding->evidence.n;
}

static bool comes_before(const struct cause_finding *a, const struct cause_finding *b)
{
	if (a->public.severity != b->public.severity)
		return a->public.severity > b->public.severity;
	if (a->public.decisive != b->public.decisive)
		return a->public.decisive;
	if (a->n_freed != b->n_freed)
		return a->n_freed > b->n_freed;
	return a->is_total && !b->is_total;
}

/* Stable, so that equals stay as in causes.def; there are never many findings. */
static void sort(struct cause_finding *findings, size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++) {
		struct cause_finding moving = findings[i];

		for (j = i; j > 0 && comes_before(&moving, &findings[j - 1]); j--)
			findings[j] = findings[j - 1];
		findings[j] = moving;
	}
}

/* How long a change of what the kernel has lasts, where no command keeps it: the files that it was
 * set up from are nowhere the same. NULL = it stays, or that is not for us to say. */
static const char *lifetime(const struct cause_fix *fix)
{
	static const char *const lifetimes[CHANGE_N_KINDS] = {
		[CHANGE_SYSCTL] = "until the machine restarts",
		[CHANGE_LINK_UP] = "until the network is set up again",
		[CHANGE_LINK_MTU] = "until the network is set up again",
		[CHANGE_ADDRESS] = "until the network is set up again",
		[CHANGE_LOCAL_RULE] = "until the network is set up again",
		[CHANGE_LOCAL_ROUTE] = "until the network is set up again",
		[CHANGE_RULE] = "until the network is set up again",
		[CHANGE_ROUTE] = "until the network is set up again",
		[CHANGE_ACCEPT] = "until the rules are loaded again",
	};
	const struct change *changes = fix->changes.items;

	if (fix->changes.n == 0 || fix->public.n_commands == 0 || fix->public.n_lasting != 0)
		return NULL;
	return lifetimes[changes[0].kind];
}

static void add_lifetime(struct findings *findings, struct cause_fix *fix)
{
	const char *lasts = lifetime(fix);

	if (lasts != NULL)
		fix->public.title =
			arena_printf(findings->arena, "%s (lasts %s)", fix->public.title, lasts);
}

static int publish_fixes(struct findings *findings, struct cause_finding *finding)
{
	struct cause_fix *fixes = finding->fixes.items;
	struct mux_fix *fixed = arena_array(findings->arena, finding->fixes.n, sizeof(*fixed));
	size_t i;

	if (fixed == NULL)
		return -ENOMEM;
	for (i = 0; i < finding->fixes.n; i++) {
		diff_fill(findings, &fixes[i]);
		add_lifetime(findings, &fixes[i]);
		fixed[i] = fixes[i].public;
	}
	finding->public.fixes = fixed;
	finding->public.n_fixes = finding->fixes.n;
	return arena_failed(findings->arena) ? -ENOMEM : 0;
}

static int publish(struct findings *findings, const struct mux_finding **ret_findings)
{
	struct cause_finding *found = findings->list.items;
	struct mux_finding *public =
		arena_array(findings->arena, findings->list.n, sizeof(*public));
	size_t i;

	if (public == NULL)
		return -ENOMEM;
	for (i = 0; i < findings->list.n; i++) {
		if (publish_fixes(findings, &found[i]) != 0)
			return -ENOMEM;
		public[i] = found[i].public;
	}
	*ret_findings = public;
	return 0;
}

int causes_find(const struct evaluation *evaluation, struct arena *arena, bool simulate,
		const struct mux_finding **ret_findings, size_t *ret_n)
{
	struct findings findings = {
		.evaluation = evaluation,
		.arena = arena,
		.list = {.size = sizeof(struct cause_finding)},
	};
	struct cause_finding *found;
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < n_causes; i++)
		error = causes[i]->find(&findings);
	if (error != 0)
		return error;
	found = findings.list.items;
	for (i = 0; i < findings.list.n; i++)
		judge(evaluation, &found[i]);
	sort(found, findings.list.n);
	if (simulate)
		error = causes_simulate(&findings);
	*ret_n = findings.list.n;
	return error != 0 ? error : publish(&findings, ret_findings);
}
