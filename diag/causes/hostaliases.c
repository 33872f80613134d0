/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The variable HOSTALIASES names a file that makes the name another one where DNS is asked. */
#include "base/slice.h"
#include "causes/name_service.h"
#include "causes/subject.h"
#include "causes/words.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_host_alias *alias = service_alias(evaluation);
	const struct ev_candidate *stray = service_stray(evaluation);
	struct arena *arena = findings->arena;
	struct cause_finding *finding;
	enum mux_severity severity;
	const char *file;

	if (alias == NULL)
		return 0;
	severity = service_severity(evaluation);
	finding = finding_add(findings, &cause_hostaliases, severity);
	file = cause_escape(findings, evaluation->snapshot->host_aliases.path);
	finding_title(findings, finding, "%s makes %s an alias of %s%s%s", file,
		      cause_escape(findings, alias->name), cause_escape(findings, alias->target),
		      stray != NULL ? ", which leads to " : "",
		      stray != NULL ? words_address(arena, &stray->address) : "");
	finding_evidence(findings, finding, "environment", "HOSTALIASES=%s", file);
	finding_evidence(findings, finding, arena_printf(arena, "%s:%zu", file, alias->line),
			 "%s %s", cause_escape(findings, alias->name),
			 cause_escape(findings, alias->target));
	service_add_answer(findings, finding);
	if (stray != NULL)
		subject_add_probes(findings, finding, stray);
	finding_hit(finding, "programs of this environment that ask glibc or c-ares");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	finding_fix(findings, finding, "Start the program without the variable",
		    "unset HOSTALIASES", NULL);
	if (service_find(&evaluation->snapshot->nsswitch, "files") != NULL)
		service_give_lines(findings, finding);
	return finding_result(findings);
}

const struct cause cause_hostaliases = {
	.id = "hostaliases",
	.summary = "the file that HOSTALIASES names makes the name another one",
	.explanation =
		"The environment variable HOSTALIASES names a file with lines of two words: an "
		"alias, and the name that is to be asked for in its place (hostname(7)). It is "
		"read only for names without a dot, and only where name servers are asked: a name "
		"that /etc/hosts has stays what it is.\n\n"
		"Programs that were started with the variable, by a profile or a job script, "
		"connect to the other name's address or say \"Name or service not known\"; the "
		"same program works in another shell. Programs that run as set-user-ID do not "
		"look at it, and neither do Go, curl and browsers for localhost.\n\n"
		"muxdiag reads the variable of its own environment, and the file. It accuses it "
		"when an alias is the name that was asked about and /etc/hosts does not have that "
		"name. No privilege is needed, but it must run in the environment that is hit.\n\n"
		"Unset the variable, take the line out of its file, or give the name its lines in "
		"/etc/hosts.",
	.find = find,
};
