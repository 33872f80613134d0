/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ::1 is what clients try first, and it fails for no reason that another cause knows, while
 * 127.0.0.1 works. That is worth saying even unexplained, because clients that stay with their
 * first address fail. It stands last in causes.def: it looks at what the others found.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/subject.h"
#include "causes/words.h"

/* Returns the target's first address if it is ::1 and fails. */
static const struct ev_candidate *find_dead(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && candidate->position == 1)
			return candidate->works == MUX_NO &&
					       addr_equal(&candidate->address, &addr_loopback6)
				       ? candidate
				       : NULL;
	}
	return NULL;
}

/* Returns the target's IPv4 loopback address that works, or NULL. */
static const struct ev_candidate *find_living(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && candidate->works == MUX_YES &&
		    candidate->address.family == AF_INET && addr_is_loopback(&candidate->address))
			return candidate;
	}
	return NULL;
}

/* Has another cause found what stops IPv6? */
static bool is_explained(const struct findings *findings)
{
	const struct cause_finding *found = findings->list.items;
	size_t i;

	for (i = 0; i < findings->list.n; i++)
		if (found[i].blocks != 0 && found[i].family != AF_INET)
			return true;
	return false;
}

static void add_stage(struct findings *findings, struct cause_finding *finding, const char *source,
		      const char *text)
{
	if (text != NULL)
		finding_evidence(findings, finding, source, "%s", text);
}

static void add_fixes(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;

	if (evaluation->target.port != 0)
		finding_fix(findings, finding, "See how far a packet comes, which takes root",
			    arena_printf(findings->arena, "muxdiag trace '[::1]:%u'",
					 (unsigned)evaluation->target.port),
			    NULL);
	finding_fix(findings, finding,
		    "Look at what is not read here: IPsec policies and filters "
		    "of traffic control",
		    "ip xfrm policy", "tc -s filter show dev lo ingress");
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *dead = find_dead(evaluation);
	const struct ev_candidate *living = find_living(evaluation);
	struct cause_finding *finding;

	if (dead == NULL || living == NULL || is_explained(findings))
		return 0;
	finding = finding_add(findings, &cause_ipv6_offered_but_dead, MUX_SEVERITY_WARNING);
	finding_title(findings, finding,
		      "%s stands for ::1 first, which fails for a reason that was not found",
		      cause_escape(findings, dead->name->name));
	add_stage(findings, finding, "route", dead->route.text);
	add_stage(findings, finding, "way out", dead->output.text);
	add_stage(findings, finding, "way in", dead->input.text);
	if (evaluation->target.port != 0)
		add_stage(findings, finding, "server", dead->listen.text);
	subject_add_probes(findings, finding, dead);
	subject_add_probes(findings, finding, living);
	finding_hit(finding, subject_hit(findings, AF_INET6));
	finding_blocks(finding, dead->blocked, AF_INET6);
	add_fixes(findings, finding);
	if (finding != NULL)
		finding->public.inferred = true;
	return finding_result(findings);
}

const struct cause cause_ipv6_offered_but_dead = {
	.id = "ipv6-offered-but-dead",
	.summary = "::1 is tried first and fails for a reason that was not found",
	.explanation = "The name stands for ::1 first and for 127.0.0.1 after it; "
		       "127.0.0.1 works, and ::1 does not. None of the other causes "
		       "applies: IPv6 is on, lo has ::1, the server listens there, and no "
		       "rule that could be read is in the way.\n\n"
		       "Clients that go on to the next address work, at once or after "
		       "waiting. Those that stay with the first one fail, with \"Connection "
		       "timed out\" or \"Operation not permitted\", or hang.\n\n"
		       "This is what remains when everything else was looked at, so "
		       "without root it may hide a cause that root would name; the report "
		       "lists what could not be read. Known reasons that muxdiag does not "
		       "read are IPsec policies, filters of traffic control, and BPF "
		       "programs on the link.\n\n"
		       "Run muxdiag again as root, and `muxdiag trace` to see how far a "
		       "packet comes. Until then ask for 127.0.0.1, or let the client "
		       "prefer IPv4.",
	.find = find,
};
