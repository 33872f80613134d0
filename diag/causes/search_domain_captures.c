/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that was meant for this machine is completed with a domain of the search list, and the
 * name server knows that one: localhost.example.com is another machine. */
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/search.h"
#include "causes/subject.h"
#include "causes/words.h"

static bool is_meant_for_us(const struct evaluation *evaluation)
{
	const struct ev_name *name = subject_name(evaluation);

	return hosts_is_loopback_name(name->name) || name->host_name;
}

static void add_search(struct findings *findings, struct cause_finding *finding,
		       const struct search_list *list)
{
	const struct mux_resolv *resolv = &findings->evaluation->snapshot->resolv;
	struct str text;
	size_t i;

	if (list->variable != NULL) {
		finding_evidence(findings, finding, "environment", "LOCALDOMAIN=%s",
				 cause_escape(findings, list->variable->value));
		return;
	}
	str_init(&text, findings->arena);
	str_add(&text, "search");
	for (i = 0; i < resolv->n_search; i++) {
		str_add(&text, " ");
		str_add_escaped(&text, resolv->search[i]);
	}
	finding_evidence(findings, finding, "/etc/resolv.conf", "%s", str_done(&text));
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct search_list list = search_list(evaluation);
	const struct ev_name *name = subject_name(evaluation);
	const struct ev_candidate *stray = service_stray(evaluation);
	struct cause_finding *finding;
	enum mux_severity severity;

	if (name == NULL || !is_meant_for_us(evaluation) || !search_captures(evaluation) ||
	    service_alias(evaluation) != NULL)
		return 0;
	severity = service_severity(evaluation);
	finding = finding_add(findings, &cause_search_domain_captures, severity);
	finding_title(findings, finding, "%s is completed with the search domain %s%s%s",
		      cause_escape(findings, name->name),
		      list.n == 1	      ? cause_escape(findings, list.first)
		      : list.variable != NULL ? "of LOCALDOMAIN"
					      : "of /etc/resolv.conf",
		      stray != NULL ? ", which leads to " : "",
		      stray != NULL ? words_address(findings->arena, &stray->address) : "");
	service_add_answer(findings, finding);
	finding_evidence(findings, finding, "name server", "knows no %s without the search domain",
			 cause_escape(findings, name->name));
	add_search(findings, finding, &list);
	if (stray != NULL)
		subject_add_probes(findings, finding, stray);
	finding_hit(finding, "programs that ask the system's resolver");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	if (list.variable != NULL)
		finding_fix(findings, finding, "Start the program without the variable",
			    "unset LOCALDOMAIN", NULL);
	if (service_find(&evaluation->snapshot->nsswitch, "files") != NULL)
		service_give_lines(findings, finding);
	return finding_result(findings);
}

const struct cause cause_search_domain_captures = {
	.id = "search-domain-captures",
	.summary = "a search domain of resolv.conf answers for the name of this machine",
	.explanation =
		"A name with fewer dots than the option ndots (1) is first tried with each domain "
		"of the search line of /etc/resolv.conf, or of the variable LOCALDOMAIN, which "
		"replaces it. When /etc/hosts does not have localhost, the name server is asked "
		"for localhost.example.com before localhost, and a zone "
		"with such a record or a wildcard answers. A network's DHCP server usually chose "
		"that domain, so it happens in one network and not in the next.\n\n"
		"Programs on glibc and Go connect to the address of that record: they are refused, "
		"time out, or reach a strange server. curl, browsers and c-ares answer localhost "
		"themselves.\n\n"
		"muxdiag accuses the search list only when getaddrinfo gives an address while the "
		"name servers, asked by c-ares for the bare name, know none. Otherwise it is "
		"dns-answers-localhost. No privilege is needed.\n\n"
		"Give the name its lines in /etc/hosts, or unset LOCALDOMAIN. A trailing dot "
		"(localhost.) keeps the search list out of a single look-up.",
	.find = find,
};
