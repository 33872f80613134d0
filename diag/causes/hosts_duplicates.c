/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts gives the target several addresses of one family. As long as all of them lead to the
 * server that is harmless; where they do not, it depends on the client, on the order, and on
 * `multi` of host.conf(5) which of them counts.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

enum { SHOWN_LINES = 4 };

static bool is_of_target(const struct evaluation *evaluation, const struct mux_hosts_entry *entry)
{
	return !entry->commented && hosts_names(entry, evaluation->target.host);
}

/* An address that another cause speaks of is not counted here. */
static bool is_counted(const struct evaluation *evaluation, const struct mux_hosts_entry *entry,
		       int family)
{
	const struct ev_name *name = subject_name(evaluation);

	if (!is_of_target(evaluation, entry) || entry->address.family != family)
		return false;
	if (hosts_is_loopback_name(name->name))
		return addr_is_loopback(&entry->address);
	return !name->host_name || hosts_is_own(evaluation, &entry->address);
}

static const struct ev_candidate *find_candidate(const struct evaluation *evaluation,
						 const struct mux_address *address, bool of_target)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (addr_equal(&evaluation->candidates[i].address, address) &&
		    (evaluation->candidates[i].name->of_target == of_target))
			return &evaluation->candidates[i];
	return NULL;
}

/* The target's, if it stands for the address, else any. */
static const struct ev_candidate *candidate_of(const struct evaluation *evaluation,
					       const struct mux_address *address)
{
	const struct ev_candidate *found = find_candidate(evaluation, address, true);

	return found != NULL ? found : find_candidate(evaluation, address, false);
}

/* The first lines of the target whose addresses of the family work, and do not. */
struct pair {
	const struct mux_hosts_entry *first, *second; /* the first two that differ */
	const struct mux_hosts_entry *good, *bad;
};

static void find_pair(const struct evaluation *evaluation, int family, struct pair *ret)
{
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	size_t i;

	*ret = (struct pair){NULL, NULL, NULL, NULL};
	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];
		const struct ev_candidate *candidate;

		if (!is_counted(evaluation, entry, family))
			continue;
		if (ret->first == NULL)
			ret->first = entry;
		else if (ret->second == NULL && !addr_equal(&entry->address, &ret->first->address))
			ret->second = entry;
		candidate = candidate_of(evaluation, &entry->address);
		if (candidate != NULL && candidate->works == MUX_YES && ret->good == NULL)
			ret->good = entry;
		if (candidate != NULL && candidate->works == MUX_NO && ret->bad == NULL)
			ret->bad = entry;
	}
}

static void add_evidence(struct findings *findings, struct cause_finding *finding, int family)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	size_t i, n = 0;

	for (i = 0; i < snapshot->hosts.n_entries && n < SHOWN_LINES; i++)
		if (is_counted(findings->evaluation, &snapshot->hosts.entries[i], family)) {
			finding_evidence(findings, finding,
					 hosts_place(findings, &snapshot->hosts.entries[i]), "%s",
					 cause_escape(findings, snapshot->hosts.entries[i].text));
			n++;
		}
	if (snapshot->host_conf.source.presence == MUX_DENIED)
		return;
	if (snapshot->host_conf.multi_line != 0)
		finding_evidence(findings, finding,
				 arena_printf(findings->arena, "/etc/host.conf:%zu",
					      snapshot->host_conf.multi_line),
				 "multi %s", snapshot->host_conf.multi ? "on" : "off");
	else
		finding_evidence(findings, finding, "/etc/host.conf",
				 "multi is not set, which is off");
}

static void add_title(struct findings *findings, struct cause_finding *finding,
		      const struct pair *pair, bool differ)
{
	struct arena *arena = findings->arena;
	const char *name = cause_escape(findings, slice_of(findings->evaluation->target.host));
	const char *family = pair->first->address.family == AF_INET ? "IPv4" : "IPv6";

	if (differ)
		finding_title(findings, finding,
			      "/etc/hosts gives %s several %s addresses: %s fails, %s works", name,
			      family, words_address(arena, &pair->bad->address),
			      words_address(arena, &pair->good->address));
	else if (findings->evaluation->snapshot->host_conf.multi)
		finding_title(findings, finding, "/etc/hosts gives %s several %s addresses", name,
			      family);
	else
		finding_title(findings, finding,
			      "/etc/hosts gives %s several %s addresses, of which glibc uses %s",
			      name, family, words_address(arena, &pair->first->address));
}

/* Does the resolver put the address that fails before the one that works? */
static bool is_tried_first(const struct evaluation *evaluation, const struct pair *pair)
{
	const struct ev_candidate *bad = candidate_of(evaluation, &pair->bad->address);
	const struct ev_candidate *good = candidate_of(evaluation, &pair->good->address);

	return bad->position < good->position;
}

static void report(struct findings *findings, const struct pair *pair)
{
	const struct evaluation *evaluation = findings->evaluation;
	bool multi = evaluation->snapshot->host_conf.multi;
	bool differ = pair->good != NULL && pair->bad != NULL;
	bool is_dead = differ && !subject_works(evaluation);
	struct cause_finding *finding;

	/* Without `multi` what stands behind the first line harms nobody. */
	if (differ && !multi && !is_dead)
		differ = false;
	finding = finding_add(findings, &cause_hosts_duplicates,
			      is_dead  ? MUX_SEVERITY_CRITICAL
			      : differ ? MUX_SEVERITY_WARNING
				       : MUX_SEVERITY_INFO);
	add_title(findings, finding, pair, differ);
	add_evidence(findings, finding, pair->first->address.family);
	if (differ && multi)
		finding_hit(finding, is_tried_first(evaluation, pair)
					     ? "programs that try one address only, and those that "
					       "wait at the one that fails"
					     : "programs that use all addresses of a name, in turn "
					       "or at once");
	else if (is_dead)
		finding_hit(finding, "programs that ask the system's resolver, which gives the "
				     "first line's address alone");
	else if (!multi)
		finding_hit(finding, "programs that read /etc/hosts themselves, such as those "
				     "with c-ares: they take all lines");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, pair->first->address.family);
	if (differ)
		hosts_take_off(findings, finding, pair->bad, slice_of(evaluation->target.host),
			       NULL);
}

static int find(struct findings *findings)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_name *name = subject_name(evaluation);
	struct pair pair;
	size_t i;

	if (evaluation->snapshot->hosts.source.presence != MUX_PRESENT || name == NULL ||
	    name->literal || !hosts_are_asked(evaluation))
		return 0;
	for (i = 0; i < 2; i++) {
		find_pair(evaluation, families[i], &pair);
		if (pair.second != NULL)
			report(findings, &pair);
	}
	return finding_result(findings);
}

const struct cause cause_hosts_duplicates = {
	.id = "hosts-duplicates",
	.summary = "/etc/hosts gives the target several addresses of one family",
	.explanation =
		"Several lines of /etc/hosts name the target with different addresses of one "
		"family, "
		"such as 127.0.0.1 and 127.0.1.1, or an address of today and one of last year. "
		"With "
		"`multi on` in /etc/host.conf, Debian's default, glibc gives all of them; without "
		"it, only that of the first line. c-ares gives all of them in any case.\n\n"
		"While every address leads to the server nobody notices. Where one does not, "
		"programs "
		"that try a single address fail with \"Connection refused\" or hang, others work "
		"at "
		"the second attempt, perhaps after a wait. Which address comes first is decided by "
		"RFC 6724, not by the order of the lines alone.\n\n"
		"muxdiag tries every address that the resolver gives, and 127.0.0.1 and ::1. It "
		"warns "
		"only when some work and some do not. No privilege is needed.\n\n"
		"Take the name off the line whose address fails, or let the server listen there.",
	.find = find,
};
