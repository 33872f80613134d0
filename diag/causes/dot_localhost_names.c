/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A name that ends in .localhost stands for no loopback address here. RFC 6761 section 6.3 lets
 * resolvers make the answer up, and many programs do; glibc with `files dns` does not.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

/* An address of the target that is no loopback one, and that /etc/hosts does not give, or NULL. */
static const struct ev_candidate *find_stray(const struct evaluation *evaluation)
{
	const struct ev_candidate *stray = NULL;
	size_t i;

	if (hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, 0))
		return NULL;
	for (i = 0; stray == NULL && i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    !addr_is_loopback(&evaluation->candidates[i].address))
			stray = &evaluation->candidates[i];
	return stray;
}

static void add_services(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;

	if (nsswitch->source.presence == MUX_PRESENT && nsswitch->line != 0)
		finding_evidence(
			findings, finding,
			arena_printf(findings->arena, "/etc/nsswitch.conf:%zu", nsswitch->line),
			"%s", cause_escape(findings, nsswitch->text));
}

static void add_fixes(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;
	const char *host = evaluation->target.host;
	struct arena *arena = findings->arena;

	if (hosts_is_plain(slice_of(host)) && hosts_are_asked(evaluation) &&
	    evaluation->snapshot->hosts.source.presence == MUX_PRESENT) {
		finding_fix(findings, finding, "Give the name its lines in /etc/hosts",
			    hosts_append(findings, arena_printf(arena, "127.0.0.1\\t%s\\n::1\\t%s",
								host, host)),
			    NULL);
		hosts_adds(findings, finding, arena_printf(arena, "127.0.0.1\t%s", host));
		hosts_adds(findings, finding, arena_printf(arena, "::1\t%s", host));
	}
	finding_fix(findings, finding,
		    "Let nss-myhostname answer for all names below localhost (on Debian)",
		    "apt-get install libnss-myhostname", NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	struct mux_slice host = slice_of(evaluation->target.host);
	bool is_dead = !subject_resolves(evaluation);
	const struct ev_name *name = subject_name(evaluation);
	const struct ev_candidate *stray;
	struct cause_finding *finding;

	if (!hosts_is_below_localhost(host) || name == NULL || name->resolves == MUX_UNKNOWN ||
	    hosts_is_garbled(findings, host))
		return 0;
	stray = find_stray(evaluation);
	if (!is_dead && stray == NULL)
		return 0;
	is_dead |= stray != NULL && stray->works == MUX_NO && !subject_works(evaluation);
	finding = finding_add(findings, &cause_dot_localhost_names,
			      is_dead ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_WARNING);
	if (stray != NULL)
		finding_title(findings, finding,
			      "%s is not in /etc/hosts, and another source makes it %s",
			      cause_escape(findings, host),
			      words_address(findings->arena, &stray->address));
	else
		finding_title(findings, finding,
			      "%s is not in /etc/hosts, and the system's resolver does not make "
			      "up names below localhost",
			      cause_escape(findings, host));
	finding_evidence(findings, finding, "resolver", "%s: %s", cause_escape(findings, host),
			 name->text != NULL ? name->text : "");
	add_services(findings, finding);
	finding_hit(finding, "programs that ask the system's resolver; browsers and curl answer "
			     "such names with the loopback addresses themselves");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, 0);
	add_fixes(findings, finding);
	return finding_result(findings);
}

const struct cause cause_dot_localhost_names = {
	.id = "dot-localhost-names",
	.summary = "a name that ends in .localhost is not answered with the loopback addresses",
	.explanation =
		"RFC 6761 section 6.3 reserves all names below localhost: resolvers should answer "
		"app.localhost with the loopback addresses and not ask a name server. Browsers, "
		"curl, "
		"systemd-resolved and nss-myhostname do so. glibc's own services do not: with "
		"`hosts: "
		"files dns` in /etc/nsswitch.conf such a name needs a line in /etc/hosts, and a "
		"name "
		"server is asked otherwise.\n\n"
		"So http://app.localhost:8000/ opens in the browser, while Python, Go, Node, Java, "
		"wget "
		"and ab say \"Name or service not known\", \"no such host\" or \"getaddrinfo "
		"ENOTFOUND "
		"app.localhost\". A name server with a wildcard, or one that sells its misses, may "
		"even "
		"give an address of its own.\n\n"
		"muxdiag asks getaddrinfo and shows the services that it asks. No privilege is "
		"needed.\n\n"
		"Give the name lines in /etc/hosts, which knows no wildcards, or install "
		"nss-myhostname, which answers for all of them. Where the server does not look at "
		"the "
		"Host field, plain localhost does.",
	.find = find,
};
