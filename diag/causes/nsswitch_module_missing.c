/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hosts line names a service whose module is not installed. glibc goes on as if it had said
 * UNAVAIL, which matters when that ends the look-up, or when the missing one was to answer.
 */
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/subject.h"

/* systemd's modules answer for localhost and the host name themselves. */
static bool would_answer(const struct ev_name *name, const struct mux_nss_service *service)
{
	if (!slice_is(service->name, "myhostname") && !slice_is(service->name, "resolve"))
		return false;
	return name->host_name || slice_equal_nocase(name->name, slice_of("localhost")) ||
	       hosts_is_below_localhost(name->name);
}

/* Returns the missing service that the target's look-up fails for, or NULL. */
static const struct mux_nss_service *find_guilty(const struct evaluation *evaluation)
{
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	size_t i;

	for (i = 0; i < nsswitch->n_services; i++) {
		const struct mux_nss_service *service = &nsswitch->services[i];
		bool ends = service->actions[MUX_NSS_UNAVAIL] == MUX_NSS_RETURN;

		if (service_lacks_module(evaluation->snapshot, service) &&
		    (would_answer(subject_name(evaluation), service) ||
		     (ends && service_hosts_know(evaluation))))
			return service;
		/* Who has the name stands further left: the look-up did not fail behind it. */
		if (slice_is(service->name, "files") && service_hosts_know(evaluation))
			return NULL;
	}
	return NULL;
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct mux_nss_service *guilty)
{
	if (service_hosts_know(findings->evaluation))
		service_fix(findings, finding, "Let /etc/hosts be asked first, then name servers",
			    "hosts: files dns");
	if (slice_is(guilty->name, "myhostname") || slice_is(guilty->name, "resolve"))
		finding_fix(findings, finding, "Install the module (on Debian)",
			    arena_printf(findings->arena, "apt-get install libnss-%.*s",
					 (int)guilty->name.len, guilty->name.data),
			    NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	const struct ev_name *name = subject_name(evaluation);
	const struct mux_nss_service *guilty;
	struct cause_finding *finding;

	if (name == NULL || name->literal || name->resolves != MUX_NO ||
	    snapshot->nsswitch.source.presence != MUX_PRESENT)
		return 0;
	guilty = find_guilty(evaluation);
	if (guilty == NULL)
		return 0;
	finding = finding_add(findings, &cause_nsswitch_module_missing, MUX_SEVERITY_CRITICAL);
	finding_title(
		findings, finding,
		service_hosts_know(evaluation)
			? "/etc/nsswitch.conf ends the look-up at \"%s\", whose module is "
			  "not installed, before /etc/hosts gives %s its address"
			: "/etc/nsswitch.conf counts on \"%s\" for %s, and that module is not "
			  "installed",
		cause_escape(findings, guilty->name), cause_escape(findings, name->name));
	service_add_line(findings, finding);
	finding_evidence(findings, finding, "libraries", "there is no libnss_%s.so.2",
			 cause_escape(findings, guilty->name));
	service_add_answer(findings, finding);
	finding_hit(finding, "programs that resolve with glibc");
	finding_blocks(finding, CAUSE_BLOCKS_NAME, 0);
	add_fixes(findings, finding, guilty);
	return finding_result(findings);
}

const struct cause cause_nsswitch_module_missing = {
	.id = "nsswitch-module-missing",
	.summary = "/etc/nsswitch.conf counts on a module that is not installed",
	.explanation =
		"Every service on the hosts line of /etc/nsswitch.conf but files and dns is a "
		"library, libnss_NAME.so.2. When it is not installed, glibc says nothing and goes "
		"on with the next service. That matters when nobody else knows the name, as with "
		"files myhostname dns and no localhost in /etc/hosts, or when an action "
		"[UNAVAIL=return] ends the look-up there. Images that were made smaller and "
		"removed packages leave such lines.\n\n"
		"Programs on glibc say \"Name or service not known\", \"Temporary failure in name "
		"resolution\" or, where the look-up ends there, \"System error\". Go with its own "
		"resolver, musl, curl and browsers do not use "
		"the modules.\n\n"
		"muxdiag looks for the library beside the C library, in the usual directories and "
		"in the loader's cache, without loading it. Where nscd runs, it looks names up "
		"with modules of its own, and nothing is said. A missing module that makes no "
		"difference is not reported. No privilege is needed.\n\n"
		"Install the module (libnss-myhostname, libnss-resolve), or write hosts: files "
		"dns and give localhost its lines in /etc/hosts.",
	.find = find,
};
