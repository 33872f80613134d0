/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts line of nsswitch.conf ends, or strays, before the service that knows the target: a name
 * server stands in front of /etc/hosts, or [NOTFOUND=return] in front of who would answer.
 */
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/subject.h"

static bool is_of_myhostname(const struct evaluation *evaluation)
{
	const struct ev_name *name = subject_name(evaluation);

	return name->host_name || slice_equal_nocase(name->name, slice_of("localhost")) ||
	       hosts_is_below_localhost(name->name);
}

static bool has_dns_answer(const struct evaluation *evaluation, int family)
{
	const struct mux_resolution *answer = service_dns_answer(evaluation, family);

	return answer != NULL && answer->status == 0 && answer->n_addresses != 0;
}

static bool knows(const struct evaluation *evaluation, const struct mux_nss_service *service)
{
	if (slice_is(service->name, "files"))
		return service_hosts_know(evaluation);
	if (slice_is(service->name, "myhostname"))
		return is_of_myhostname(evaluation);
	return slice_is(service->name, "dns") &&
	       (has_dns_answer(evaluation, AF_INET) || has_dns_answer(evaluation, AF_INET6));
}

/* Returns the first service that knows the target, or NULL. */
static const struct mux_nss_service *find_knowing(const struct evaluation *evaluation)
{
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	size_t i;

	for (i = 0; i < nsswitch->n_services; i++)
		if (knows(evaluation, &nsswitch->services[i]))
			return &nsswitch->services[i];
	return NULL;
}

/* Returns the service before `end` that the look-up of a failing or straying name ended with, as
 * far as can be told: one that asks elsewhere, or that ends it where it finds nothing. */
static const struct mux_nss_service *find_guilty(const struct evaluation *evaluation,
						 const struct mux_nss_service *end)
{
	const struct mux_nss_service *service = evaluation->snapshot->nsswitch.services;
	bool strays = service_stray(evaluation) != NULL;

	for (; service < end; service++) {
		if (strays && service_asks_dns(service))
			return service;
		/* It has no more to say than UNAVAIL (nsswitch-module-missing). */
		if (service_lacks_module(evaluation->snapshot, service))
			continue;
		if (!strays && (service->actions[MUX_NSS_NOTFOUND] == MUX_NSS_RETURN ||
				service->actions[MUX_NSS_UNAVAIL] == MUX_NSS_RETURN ||
				service->actions[MUX_NSS_TRYAGAIN] == MUX_NSS_RETURN))
			return service;
	}
	return NULL;
}

static void set_title(struct findings *findings, struct cause_finding *finding,
		      const struct mux_nss_service *guilty, const struct mux_nss_service *knowing)
{
	const char *first = cause_escape(findings, guilty->name);
	const char *second = cause_escape(findings, knowing->name);

	if (service_stray(findings->evaluation) != NULL)
		finding_title(
			findings, finding,
			"/etc/nsswitch.conf has \"%s\" answer for %s before \"%s\" is asked", first,
			cause_escape(findings, subject_name(findings->evaluation)->name), second);
	else
		finding_title(findings, finding,
			      "/etc/nsswitch.conf ends the look-up of %s at \"%s\", before \"%s\", "
			      "which knows it",
			      cause_escape(findings, subject_name(findings->evaluation)->name),
			      first, second);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	const struct mux_nss_service *guilty, *knowing;
	const struct ev_name *name = subject_name(evaluation);
	struct cause_finding *finding;
	enum mux_severity severity;

	/* With /etc/hosts in front, as everywhere, an answer that strays is somebody else's. */
	if (name == NULL || name->literal || nsswitch->source.presence != MUX_PRESENT ||
	    nsswitch->line == 0 || name->resolves == MUX_UNKNOWN)
		return 0;
	severity = service_severity(evaluation);
	if (severity == MUX_SEVERITY_INFO)
		return 0;
	knowing = find_knowing(evaluation);
	guilty = knowing != NULL ? find_guilty(evaluation, knowing) : NULL;
	if (guilty == NULL)
		return 0;
	finding = finding_add(findings, &cause_nsswitch_order, severity);
	set_title(findings, finding, guilty, knowing);
	service_add_line(findings, finding);
	service_add_answer(findings, finding);
	finding_hit(finding, "programs that resolve with glibc or Go");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	if (!slice_is(knowing->name, "myhostname"))
		service_fix(findings, finding, "Let /etc/hosts be asked first, then name servers",
			    "hosts: files dns");
	else
		service_fix(findings, finding, "Let /etc/hosts and nss-myhostname be asked first",
			    "hosts: files myhostname dns");
	return finding_result(findings);
}

const struct cause cause_nsswitch_order = {
	.id = "nsswitch-order",
	.summary = "/etc/nsswitch.conf ends the look-up before the service that knows the name",
	.explanation =
		"The services on the hosts line of /etc/nsswitch.conf are asked from left to "
		"right, and an action such as [NOTFOUND=return] ends the look-up there. With dns "
		"in front of files a name server may answer for localhost, and with dns "
		"[NOTFOUND=return] files, or resolve [!UNAVAIL=return] files, the lines of "
		"/etc/hosts are never reached once the first service says no.\n\n"
		"Programs say \"Name or service not known\" (glibc) or \"no such host\" (Go) for a "
		"name that plainly stands in /etc/hosts, or reach a machine that is not this one. "
		"curl and browsers answer localhost themselves and notice nothing.\n\n"
		"muxdiag reads the line with its actions as glibc does, and compares what the "
		"resolver answers with what the services behind the guilty one know. An order that "
		"is unusual but harmless, as mdns4_minimal [NOTFOUND=return], which minds only "
		"names in .local, is not accused. No privilege is needed.\n\n"
		"Put files first: hosts: files dns.",
	.find = find,
};
