/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * localhost is not in /etc/hosts, and a name server answers for it. With a loopback address that is
 * worth knowing; with any other, clients talk to somebody else's machine.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/search.h"
#include "causes/subject.h"
#include "causes/words.h"

/* Did the name servers answer what the system's resolver says? Whoever else may is asked first. */
static bool is_of_name_server(const struct evaluation *evaluation)
{
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	const struct ev_name *name = subject_name(evaluation);

	return name != NULL && !name->literal && name->resolution != NULL &&
	       name->resolves == MUX_YES && services_ask_dns(nsswitch) &&
	       service_find(nsswitch, "myhostname") == NULL &&
	       (!hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, 0) ||
		service_find(nsswitch, "files") == NULL);
}

static void add_servers(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_resolv *resolv = &findings->evaluation->snapshot->resolv;
	struct str text;
	size_t i;

	if (resolv->source.presence != MUX_PRESENT)
		return;
	str_init(&text, findings->arena);
	for (i = 0; i < resolv->n_nameservers && i < SEARCH_MAX_SERVERS; i++)
		str_addf(&text, "%s%s", i == 0 ? "name server " : ", ",
			 words_address(findings->arena, &resolv->nameservers[i]));
	finding_evidence(findings, finding, "/etc/resolv.conf", "%s", str_done(&text));
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *stray = service_stray(evaluation);
	const struct ev_name *name = subject_name(evaluation);
	struct cause_finding *finding;
	enum mux_severity severity;

	if (!hosts_is_loopback_name(slice_of(evaluation->target.host)) ||
	    !is_of_name_server(evaluation) || search_captures(evaluation) ||
	    service_alias(evaluation) != NULL)
		return 0;
	severity = service_severity(evaluation);
	finding = finding_add(findings, &cause_dns_answers_localhost, severity);
	if (stray != NULL)
		finding_title(findings, finding,
			      "a name server answers for %s, with %s, which is no loopback address",
			      cause_escape(findings, name->name),
			      words_address(findings->arena, &stray->address));
	else
		finding_title(findings, finding,
			      "a name server answers for %s; without it the name is dead",
			      cause_escape(findings, name->name));
	service_add_answer(findings, finding);
	service_add_line(findings, finding);
	add_servers(findings, finding);
	if (stray != NULL)
		subject_add_probes(findings, finding, stray);
	finding_hit(finding, "programs that ask the system's resolver; curl and browsers answer "
			     "localhost themselves");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	if (service_find(&evaluation->snapshot->nsswitch, "files") != NULL)
		service_give_lines(findings, finding);
	return finding_result(findings);
}

const struct cause cause_dns_answers_localhost = {
	.id = "dns-answers-localhost",
	.summary = "a name server answers for localhost",
	.explanation =
		"localhost has no line in /etc/hosts, so the resolver asks a name server, and that "
		"one answers. RFC 6761 section 6.3 wants 127.0.0.1 and ::1 or no such name; "
		"providers that sell their misses, captive portals and zones with a wildcard give "
		"an address of their own. Then clients talk to a machine that is not this one.\n\n"
		"Programs on glibc and Go connect to that address: they are refused, wait for a "
		"time-out, or get a strange certificate or page. What they send, passwords "
		"included, goes there. curl, browsers and c-ares answer localhost themselves and "
		"notice nothing.\n\n"
		"muxdiag compares what getaddrinfo answers with /etc/hosts and the services of "
		"/etc/nsswitch.conf. It does not connect to ports of other machines that were not "
		"asked about. A loopback answer is reported for information only. No privilege is "
		"needed.\n\n"
		"Give localhost its lines in /etc/hosts; they are asked before any name server. "
		"Where nss-myhostname is installed it answers as well.",
	.find = find,
};
