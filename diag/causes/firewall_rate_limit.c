/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/slice.h"
#include "causes/firewall.h"
#include "causes/subject.h"
#include "causes/words.h"

/* What may stop the packets of a connection that was made, sometimes; or NULL. */
static const struct nf_decision *find_limit(const struct ev_path *path)
{
	if (path->busy != NULL)
		return path->busy;
	return path->inferred && path->passes == MUX_YES &&
			       path->decision.kind == NF_KIND_UNKNOWN &&
			       path->decision.table.len != 0 && firewall_counts(&path->decision)
		       ? &path->decision
		       : NULL;
}

static bool is_same(const struct nf_decision *a, const struct nf_decision *b)
{
	return a != NULL && a->handle == b->handle && a->position == b->position &&
	       a->hook == b->hook && a->family == b->family && slice_equal(a->table, b->table) &&
	       slice_equal(a->chain, b->chain);
}

static const struct ev_path *path_of(const struct ev_candidate *candidate, bool out)
{
	return out ? &candidate->output : &candidate->input;
}

static bool works(const struct evaluation *evaluation, const struct ev_candidate *candidate)
{
	return candidate->works == MUX_YES && subject_has(evaluation, candidate);
}

/* Have earlier candidates met it? */
static bool is_known(const struct evaluation *evaluation, size_t n, bool out,
		     const struct nf_decision *limit)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (works(evaluation, &evaluation->candidates[i]) &&
		    is_same(find_limit(path_of(&evaluation->candidates[i], out)), limit))
			return true;
	return false;
}

/* It works now, and will not always. */
static void warn(struct findings *findings, const struct ev_candidate *candidate, bool out,
		 const struct nf_decision *limit)
{
	struct cause_finding *finding =
		finding_add(findings, &cause_firewall_rate_limit,
			    firewall_is_chance(limit) ? MUX_SEVERITY_WARNING : MUX_SEVERITY_INFO);

	finding_title(findings, finding, "%s lets packets to %s pass only sometimes (%s)",
		      firewall_decider(findings, limit),
		      words_address(findings->arena, &candidate->address), firewall_doubt(limit));
	firewall_add_decision(findings, finding, limit);
	subject_add_probes(findings, finding, candidate);
	firewall_add_fixes(findings, finding, limit, out, candidate->address.family);
}

static void look(struct findings *findings, size_t i, bool out)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = &evaluation->candidates[i];
	const struct nf_decision *limit = find_limit(path_of(candidate, out));

	if (limit != NULL && works(evaluation, candidate) && !is_known(evaluation, i, out, limit))
		warn(findings, candidate, out, limit);
}

static int find(struct findings *findings)
{
	size_t i;

	for (i = 0; i < findings->evaluation->n_candidates; i++) {
		look(findings, i, true);
		look(findings, i, false);
	}
	return firewall_find_because(findings, &cause_firewall_rate_limit, FIREWALL_LIMIT);
}

const struct cause cause_firewall_rate_limit = {
	.id = "firewall-rate-limit",
	.summary = "a rule that counts, or rolls a die, stops packets sometimes",
	.explanation =
		"A rule on the way counts: so many connections a second (limit, hashlimit, "
		"meter), at once (connlimit, ct count), of late (recent), or so many bytes "
		"(quota); or it rolls a die (statistic, numgen). Until the count is reached "
		"everything works, then packets are dropped or rejected until it has recovered. "
		"Such rules are meant for strangers, and meet lo where nothing accepts it "
		"before.\n\n"
		"It works by hand and fails under load: a benchmark starts well, then "
		"connections hang (\"Connection timed out\", or one, three and seven seconds "
		"longer than usual, because a dropped SYN is sent again) or are refused. "
		"Results do not repeat, and a pause helps.\n\n"
		"muxdiag, as root, takes limits for fresh when it walks the rules, and walks "
		"them once more as if they were used up. Where the two differ it names the "
		"rule; where a real connection fails although fresh limits would let it pass, "
		"it concludes that the limit is used up. While everything works the finding is "
		"a mere hint, but for chance, which hits without any load.\n\n"
		"Accept what passes lo in front of that rule: a limit on connections from this "
		"machine to itself protects nothing.",
	.find = find,
};
