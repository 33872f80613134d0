/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts gives localhost, or another name of the loopback interface, an address that is none of
 * a loopback interface: 0.0.0.0 of a block list, the machine's address in its network, or another
 * machine's. It harms as far as the target stands for such an address now.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

enum { SHOWN_LINES = 4 };

/* Returns the name of a loopback interface to which the line gives an address of another kind;
 * rather the target than another one. Empty when there is none. */
static struct mux_slice misled_name(const struct evaluation *evaluation,
				    const struct mux_hosts_entry *entry)
{
	struct mux_slice target = slice_of(evaluation->target.host), found = {0};
	size_t i;

	if (entry->commented || entry->address.family == 0 || addr_is_loopback(&entry->address))
		return found;
	for (i = 0; i < entry->n_names; i++) {
		if (!hosts_is_loopback_name(entry->names[i]))
			continue;
		if (slice_equal_nocase(entry->names[i], target))
			return entry->names[i];
		if (found.len == 0)
			found = entry->names[i];
	}
	return found;
}

/* Is it the target's name, and does it stand for that address? */
static const struct ev_candidate *target_candidate(const struct evaluation *evaluation,
						   const struct mux_hosts_entry *entry)
{
	size_t i;

	if (!slice_equal_nocase(misled_name(evaluation, entry), slice_of(evaluation->target.host)))
		return NULL;
	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    addr_equal(&evaluation->candidates[i].address, &entry->address))
			return &evaluation->candidates[i];
	return NULL;
}

/* The line to speak of: one that takes the target to an address that fails, then one that takes it
 * anywhere, then any. */
static const struct mux_hosts_entry *worst_line(const struct evaluation *evaluation)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	const struct mux_hosts_entry *any = NULL, *used = NULL;
	size_t i;

	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];
		const struct ev_candidate *candidate;

		if (misled_name(evaluation, entry).len == 0)
			continue;
		candidate = target_candidate(evaluation, entry);
		if (candidate != NULL && candidate->works != MUX_YES)
			return entry;
		if (candidate != NULL && used == NULL)
			used = entry;
		if (any == NULL)
			any = entry;
	}
	return used != NULL ? used : any;
}

static void add_lines(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++)
		if (misled_name(findings->evaluation, &hosts->entries[i]).len != 0) {
			finding_evidence(findings, finding,
					 hosts_place(findings, &hosts->entries[i]), "%s",
					 cause_escape(findings, hosts->entries[i].text));
			n++;
		}
}

/* Does the line name anything that may stand for what it likes? */
static bool has_other_names(const struct mux_hosts_entry *entry)
{
	size_t i;

	for (i = 0; i < entry->n_names; i++)
		if (!hosts_is_loopback_name(entry->names[i]))
			return true;
	return false;
}

/* Is the name given its loopback address of the line's family by another line? */
static bool is_given_elsewhere(const struct mux_hosts *hosts, struct mux_slice name, int family)
{
	size_t i, j;

	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		if (entry->commented || entry->address.family != family ||
		    !addr_is_loopback(&entry->address))
			continue;
		for (j = 0; j < entry->n_names; j++)
			if (slice_equal_nocase(entry->names[j], name))
				return true;
	}
	return false;
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct mux_hosts_entry *entry, struct mux_slice name)
{
	const char *loopback = entry->address.family == AF_INET6 ? "::1" : "127.0.0.1";
	bool given = is_given_elsewhere(&findings->evaluation->snapshot->hosts, name,
					entry->address.family);

	if (given)
		hosts_take_off(findings, finding, entry, name, NULL);
	else if (has_other_names(entry))
		hosts_take_off(findings, finding, entry, name, loopback);
	else
		hosts_give(findings, finding, entry, loopback);
}

static const char *kind_of(const struct mux_hosts_entry *entry,
			   const struct ev_candidate *candidate)
{
	if (candidate != NULL && candidate->route.state == EV_ROUTE_LOCAL &&
	    !addr_is_unspecified(&entry->address))
		return "which this machine has, but not on its loopback interface";
	if (candidate != NULL && candidate->route.state == EV_ROUTE_ELSEWHERE)
		return "which is another machine's";
	return "which is no loopback address";
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	const struct ev_candidate *candidate;
	const struct mux_hosts_entry *entry;
	struct cause_finding *finding;
	char address[ADDR_TEXT_MAX];
	struct mux_slice name;
	bool is_dead;

	entry = hosts->source.presence == MUX_PRESENT ? worst_line(evaluation) : NULL;
	if (entry == NULL)
		return 0;
	name = misled_name(evaluation, entry);
	candidate = target_candidate(evaluation, entry);
	is_dead = candidate != NULL && candidate->works == MUX_NO && !subject_works(evaluation);
	finding = finding_add(findings, &cause_hosts_localhost_not_loopback,
			      is_dead		  ? MUX_SEVERITY_CRITICAL
			      : candidate != NULL ? MUX_SEVERITY_WARNING
						  : MUX_SEVERITY_INFO);
	finding_title(findings, finding, "/etc/hosts gives %s the address %s, %s",
		      cause_escape(findings, name), addr_format(&entry->address, address),
		      kind_of(entry, candidate));
	add_lines(findings, finding);
	if (candidate != NULL && candidate->works != MUX_YES)
		subject_add_probes(findings, finding, candidate);
	else if (addr_is_unspecified(&entry->address))
		finding_hit(finding, "programs that do not take it for this machine, as Linux "
				     "does, and servers told to listen there: they listen on "
				     "every address");
	else
		finding_hit(finding, "servers told to listen there, and clients of those that "
				     "listen on loopback addresses only");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, entry->address.family);
	add_fix(findings, finding, entry, name);
	return finding_result(findings);
}

const struct cause cause_hosts_localhost_not_loopback = {
	.id = "hosts-localhost-not-loopback",
	.summary = "/etc/hosts gives localhost an address that is no loopback address",
	.explanation =
		"A line of /etc/hosts gives localhost, one of its aliases (ip6-localhost, "
		"ip6-loopback) or a name that ends in .localhost an address outside 127.0.0.0/8 "
		"and "
		"::1. Block lists that turn names into 0.0.0.0 do it, as do installers that "
		"replace "
		"127.0.0.1 by the machine's address in its network, which goes stale with the next "
		"lease.\n\n"
		"What happens depends on the address. Linux takes 0.0.0.0 and :: for the machine "
		"itself, so connections are made as if nothing were wrong, while other systems, "
		"some browsers and programs that compare addresses with 127.0.0.1 refuse. A server "
		"that is told to listen on localhost then listens on every address, for the whole "
		"network. At an address of another link, servers that listen on 127.0.0.1 are "
		"refused (\"Connection refused\"). At somebody else's, connections hang or fail "
		"with \"No route to host\", or another machine answers.\n\n"
		"muxdiag names the line and tries the address. Lines that the resolver does not "
		"use, "
		"because another service or an earlier line answers, are for information only. No "
		"privilege is needed.\n\n"
		"Give the line 127.0.0.1 or ::1, or take the name off it where another line has it "
		"right.",
	.find = find,
};
