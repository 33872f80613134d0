/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/name_service.h"

#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

const struct mux_nss_service *service_find(const struct mux_nsswitch *nsswitch, const char *name)
{
	size_t i;

	for (i = 0; i < nsswitch->n_services; i++)
		if (slice_is(nsswitch->services[i].name, name))
			return &nsswitch->services[i];
	return NULL;
}

bool service_asks_dns(const struct mux_nss_service *service)
{
	return slice_is(service->name, "dns") || slice_is(service->name, "resolve");
}

bool services_ask_dns(const struct mux_nsswitch *nsswitch)
{
	return service_find(nsswitch, "dns") != NULL || service_find(nsswitch, "resolve") != NULL;
}

bool service_lacks_module(const struct mux_snapshot *snapshot,
			  const struct mux_nss_service *service)
{
	const struct mux_nss_modules *modules = &snapshot->nss_modules;
	size_t i;

	for (i = 0; i < modules->n; i++)
		if (slice_equal(modules->list[i].service, service->name))
			return !modules->list[i].found && !modules->nscd;
	return false;
}

const char *service_place(struct findings *findings)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;

	if (nsswitch->line == 0)
		return "/etc/nsswitch.conf";
	return arena_printf(findings->arena, "/etc/nsswitch.conf:%zu", nsswitch->line);
}

void service_add_line(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;

	if (nsswitch->line != 0)
		finding_evidence(findings, finding, service_place(findings), "%s",
				 cause_escape(findings, nsswitch->text));
}

void service_fix(struct findings *findings, struct cause_finding *finding, const char *title,
		 const char *line)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;

	finding_fix(findings, finding, title,
		    nsswitch->line != 0
			    ? arena_printf(findings->arena,
					   "sed -i '%zus/.*/%s/' /etc/nsswitch.conf",
					   nsswitch->line, line)
			    : arena_printf(findings->arena, "printf '%s\\n' >> /etc/nsswitch.conf",
					   line),
		    NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_NSSWITCH, .nsswitch = line});
}

void service_give_lines(struct findings *findings, struct cause_finding *finding)
{
	const struct evaluation *evaluation = findings->evaluation;
	const char *host = evaluation->target.host;
	struct arena *arena = findings->arena;

	if (!hosts_is_plain(slice_of(host)) ||
	    evaluation->snapshot->hosts.source.presence != MUX_PRESENT)
		return;
	finding_fix(findings, finding, "Give the name its lines in /etc/hosts",
		    hosts_append(findings,
				 arena_printf(arena, "127.0.0.1\\t%s\\n::1\\t%s", host, host)),
		    NULL);
	hosts_adds(findings, finding, arena_printf(arena, "127.0.0.1\t%s", host));
	hosts_adds(findings, finding, arena_printf(arena, "::1\t%s", host));
}

bool service_hosts_know(const struct evaluation *evaluation)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented &&
		    hosts_names(&hosts->entries[i], evaluation->target.host) &&
		    addr_is_loopback(&hosts->entries[i].address))
			return true;
	return false;
}

static bool is_in_hosts(const struct evaluation *evaluation, const struct mux_address *address)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented &&
		    hosts_names(&hosts->entries[i], evaluation->target.host) &&
		    addr_equal(&hosts->entries[i].address, address))
			return true;
	return false;
}

const struct ev_candidate *service_stray(const struct evaluation *evaluation)
{
	bool is_loopback_name = hosts_is_loopback_name(slice_of(evaluation->target.host));
	size_t i;

	/* Any other name may well stand for another machine. */
	if (!is_loopback_name && !service_hosts_know(evaluation))
		return NULL;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && !candidate->name->literal &&
		    !addr_is_loopback(&candidate->address) &&
		    (is_loopback_name || !hosts_is_own(evaluation, &candidate->address)) &&
		    !is_in_hosts(evaluation, &candidate->address))
			return candidate;
	}
	return NULL;
}

const struct mux_resolution *service_dns_answer(const struct evaluation *evaluation, int family)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == MUX_CARES && answer->lookup == MUX_LOOKUP_DNS &&
		    answer->family == family && answer->answered &&
		    slice_equal_nocase(answer->name, slice_of(evaluation->target.host)))
			return answer;
	}
	return NULL;
}

const struct mux_host_alias *service_alias(const struct evaluation *evaluation)
{
	const struct mux_host_aliases *aliases = &evaluation->snapshot->host_aliases;
	struct mux_slice host = slice_of(evaluation->target.host);
	const struct ev_name *name = subject_name(evaluation);
	size_t i;

	/* res_nsearch(): not for a name with a dot. */
	if (name == NULL || name->literal || strchr(evaluation->target.host, '.') != NULL ||
	    hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, AF_INET) ||
	    hosts_has(&evaluation->snapshot->hosts, evaluation->target.host, AF_INET6) ||
	    service_find(&evaluation->snapshot->nsswitch, "dns") == NULL)
		return NULL;
	for (i = 0; i < aliases->n; i++)
		if (slice_equal_nocase(aliases->list[i].name, host))
			return aliases->list[i].target.len != 0 ? &aliases->list[i] : NULL;
	return NULL;
}

enum mux_severity service_severity(const struct evaluation *evaluation)
{
	if (!subject_works(evaluation) &&
	    (!subject_resolves(evaluation) || service_stray(evaluation) != NULL))
		return MUX_SEVERITY_CRITICAL;
	return service_stray(evaluation) != NULL ? MUX_SEVERITY_WARNING : MUX_SEVERITY_INFO;
}

void service_add_answer(struct findings *findings, struct cause_finding *finding)
{
	const struct ev_name *name = subject_name(findings->evaluation);

	if (name != NULL)
		finding_evidence(findings, finding, "resolver", "%s: %s",
				 cause_escape(findings, name->name),
				 name->text != NULL ? name->text : "");
}
