/* SPDX-License-Identifier: GPL-2.0-or-later */
/* IPv6 is switched off, but a name still offers an IPv6 address. A machine without IPv6 whose names
 * offer none is healthy. */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

/* "net/ipv6/conf/lo/disable_ipv6" as sysctl(8) wants it; in a link's name a dot becomes a slash. */
static const char *sysctl_name(struct findings *findings, const struct mux_sysctl *sysctl)
{
	char *name = arena_copy(findings->arena, sysctl->path, strlen(sysctl->path));
	char *at;

	for (at = name; at != NULL && *at != '\0'; at++)
		*at = *at == '/' ? '.' : *at == '.' ? '/' : *at;
	return name != NULL ? cause_escape(findings, (struct mux_slice){name, strlen(name)}) : "";
}

static const struct ev_candidate *find_offered(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->name->of_target && candidate->address.family == AF_INET6 &&
		    candidate->route.state == EV_ROUTE_IPV6_DISABLED && candidate->works != MUX_YES)
			return candidate;
	}
	return NULL;
}

/* The line of /etc/hosts that gives the name this address, or NULL. */
static const struct mux_hosts_entry *find_line(const struct evaluation *evaluation,
					       const struct ev_candidate *candidate)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (!hosts->entries[i].commented &&
		    addr_equal(&hosts->entries[i].address, &candidate->address) &&
		    hosts_names(&hosts->entries[i], evaluation->target.host))
			return &hosts->entries[i];
	return NULL;
}

/* Without a sysctl to blame, the whole kernel is without IPv6. */
static void add_kernel(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_surroundings *surroundings = &findings->evaluation->snapshot->surroundings;

	if (surroundings->parameter.len != 0)
		finding_evidence(findings, finding, "/proc/cmdline", "%s",
				 cause_escape(findings, surroundings->parameter));
	if (surroundings->ipv6_off)
		finding_evidence(findings, finding, "/sys/module/ipv6/parameters/disable", "1");
}

/* Enough even where conf.all is the one that was set: lo gets its ::1 back. */
static void add_switch(struct findings *findings, struct cause_finding *finding)
{
	finding_fix(findings, finding, "Enable IPv6 on lo",
		    "sysctl -w net.ipv6.conf.lo.disable_ipv6=0", NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_SYSCTL,
					.sysctl = {"net/ipv6/conf/lo/disable_ipv6", "0"}});
	/* sysctl.d(5): the last name wins, and conf.all set after it would undo it. */
	finding_lasting(findings, finding,
			"echo net.ipv6.conf.lo.disable_ipv6=0 > /etc/sysctl.d/99-zz-loopback.conf");
}

static void add_fixes(struct findings *findings, struct cause_finding *finding,
		      const struct ev_candidate *candidate)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_hosts_entry *line = find_line(evaluation, candidate);

	if (candidate->route.sysctl != NULL)
		add_switch(findings, finding);
	else if (evaluation->snapshot->surroundings.ipv6_off)
		finding_fix(findings, finding,
			    "Take ipv6.disable=1 from the kernel's command line, and reboot", NULL,
			    NULL);
	if (line != NULL)
		finding_fix(findings, finding,
			    arena_printf(findings->arena, "Take %s off %s, which gives it %s",
					 cause_escape(findings, candidate->name->name),
					 hosts_place(findings, line),
					 words_address(findings->arena, &candidate->address)),
			    NULL, NULL);
}

static void add_evidence(struct findings *findings, struct cause_finding *finding,
			 const struct ev_candidate *candidate)
{
	const struct mux_hosts_entry *line = find_line(findings->evaluation, candidate);

	if (candidate->route.sysctl != NULL)
		finding_evidence(findings, finding, "sysctl", "%s = %s",
				 sysctl_name(findings, candidate->route.sysctl),
				 cause_escape(findings, candidate->route.sysctl->text));
	else
		add_kernel(findings, finding);
	if (line != NULL)
		finding_evidence(findings, finding, hosts_place(findings, line), "%s",
				 cause_escape(findings, line->text));
	subject_add_probes(findings, finding, candidate);
}

static int find(struct findings *findings)
{
	const struct ev_candidate *candidate = find_offered(findings->evaluation);
	struct cause_finding *finding;
	const char *guilty = "";

	if (candidate == NULL)
		return 0;
	if (candidate->route.sysctl != NULL)
		guilty = arena_printf(findings->arena, " by sysctl %s",
				      sysctl_name(findings, candidate->route.sysctl));
	else if (findings->evaluation->snapshot->surroundings.ipv6_off)
		guilty = " by ipv6.disable=1";
	finding = finding_add(findings, &cause_ipv6_disabled,
			      subject_severity(findings->evaluation, true));
	finding_title(findings, finding, "IPv6 is disabled%s, but %s still stands for %s", guilty,
		      cause_escape(findings, candidate->name->name),
		      words_address(findings->arena, &candidate->address));
	add_evidence(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, AF_INET6));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, AF_INET6);
	add_fixes(findings, finding, candidate);
	return finding_result(findings);
}

const struct cause cause_ipv6_disabled = {
	.id = "ipv6-disabled",
	.summary = "IPv6 is disabled, but the name still stands for an IPv6 address",
	.explanation = "IPv6 is switched off, by a sysctl, on the kernel's command line or "
		       "because the kernel was built without it, but a name still stands "
		       "for an IPv6 address. Mostly that is the line \"::1 localhost\" of "
		       "/etc/hosts, which nobody took away when IPv6 was disabled.\n\n"
		       "Clients that try the IPv6 address first and do not go on to the "
		       "next one fail: \"Cannot assign requested address\", or \"Address "
		       "family not supported by protocol\" on a machine without any IPv6. "
		       "Servers that are told to listen on [::] may not start for the same "
		       "reason.\n\n"
		       "muxdiag reads the switches net.ipv6.conf.*.disable_ipv6 and what "
		       "the kernel was started with; none of it needs root. A machine "
		       "without IPv6 whose names offer no IPv6 address is healthy and is "
		       "not accused.\n\n"
		       "Enabling IPv6 on lo alone is enough, even where "
		       "net.ipv6.conf.all.disable_ipv6 is 1, and opens nothing to the "
		       "network. Otherwise take the name from the line of its IPv6 "
		       "address. After ipv6.disable=1 only a reboot without it brings IPv6 "
		       "back.",
	.find = find,
};
