/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The machine's own name stands for an address that is none of the machine's: a line or a record
 * that was left behind by another lease, another network or another machine.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"
#include "causes/words.h"

static const char ours[] = "127.0.1.1";

/* The live line that gives the name that address, or NULL. */
static const struct mux_hosts_entry *line_of(const struct mux_hosts *hosts, struct mux_slice name,
					     const struct mux_address *address)
{
	size_t i, j;

	for (i = 0; hosts->source.presence == MUX_PRESENT && i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		if (entry->commented || !addr_equal(&entry->address, address))
			continue;
		for (j = 0; j < entry->n_names; j++)
			if (slice_equal_nocase(entry->names[j], name))
				return entry;
	}
	return NULL;
}

/* Has the line a name that is neither the host name nor one with its domain behind it? */
static bool has_other_names(const struct mux_hosts_entry *entry, struct mux_slice name)
{
	size_t i;

	for (i = 0; i < entry->n_names; i++) {
		struct mux_slice other = entry->names[i];

		if (other.len > name.len && other.data[name.len] == '.')
			other.len = name.len;
		if (!slice_equal_nocase(other, name))
			return true;
	}
	return false;
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct ev_candidate *candidate, const struct mux_hosts_entry *entry,
		    bool has_own)
{
	struct mux_slice name = candidate->name->name;
	const char *line;

	if (!hosts_is_plain(name))
		return;
	if (entry != NULL && (has_own || has_other_names(entry, name))) {
		hosts_take_off(findings, finding, entry, name, has_own ? NULL : ours);
	} else if (entry != NULL) {
		hosts_give(findings, finding, entry, ours);
	} else if (findings->evaluation->snapshot->hosts.source.presence == MUX_PRESENT) {
		line = arena_printf(findings->arena, "%s\\t%.*s", ours, (int)name.len, name.data);
		finding_fix(findings, finding, "Give the host name an address in /etc/hosts",
			    hosts_append(findings, line), NULL);
		hosts_adds(
			findings, finding,
			arena_printf(findings->arena, "%s\t%.*s", ours, (int)name.len, name.data));
	}
}

static void report(struct findings *findings, const struct ev_candidate *candidate, bool has_own)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_name *name = candidate->name;
	const struct mux_hosts_entry *entry =
		line_of(&evaluation->snapshot->hosts, name->name, &candidate->address);
	bool is_dead = name->of_target && candidate->works == MUX_NO && !subject_works(evaluation);
	struct cause_finding *finding;

	finding = finding_add(findings, &cause_hostname_not_local,
			      is_dead		? MUX_SEVERITY_CRITICAL
			      : name->of_target ? MUX_SEVERITY_WARNING
						: MUX_SEVERITY_INFO);
	finding_title(findings, finding,
		      "the host name %s stands for %s, which is no address of this machine",
		      cause_escape(findings, name->name),
		      words_address(findings->arena, &candidate->address));
	if (entry != NULL)
		finding_evidence(findings, finding, hosts_place(findings, entry), "%s",
				 cause_escape(findings, entry->text));
	else
		finding_evidence(findings, finding, "resolver", "%s",
				 name->text != NULL ? name->text : "");
	if (name->of_target)
		subject_add_probes(findings, finding, candidate);
	else
		finding_hit(finding, "programs that listen at or connect to their own name");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, 0);
	add_fix(findings, finding, candidate, entry, has_own);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *foreign = NULL;
	bool has_own = false;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (!candidate->name->host_name || candidate->name->literal ||
		    hosts_is_loopback_name(candidate->name->name))
			continue;
		if (hosts_is_own(evaluation, &candidate->address))
			has_own = true;
		else if (foreign == NULL)
			foreign = candidate;
	}
	if (foreign != NULL)
		report(findings, foreign, has_own);
	return finding_result(findings);
}

const struct cause cause_hostname_not_local = {
	.id = "hostname-not-local",
	.summary = "the machine's own name stands for an address that is not the machine's",
	.explanation =
		"The name that this machine gives itself resolves, but to an address that is on "
		"none "
		"of its links: the line of /etc/hosts, or the record of a name server, is left "
		"from "
		"an earlier lease, an earlier network, or the machine that this one was cloned "
		"from.\n\n"
		"Who connects to the host name reaches nobody, or another machine: \"No route to "
		"host\", \"Connection timed out\", \"Network is unreachable\", or somebody else's "
		"page. A server that binds its own name does not start: \"Cannot assign requested "
		"address\". Java, Erlang, Hadoop and mail servers are known for looking up the "
		"machine's name by themselves.\n\n"
		"muxdiag compares the answer with the addresses of all links and with the kernel's "
		"routes. Behind address translation, as clouds have it, a public address is on no "
		"link either, and may work all the same; unless the host name was asked about, the "
		"finding is for information only. No privilege is needed.\n\n"
		"Give the name 127.0.1.1, as Debian does, or the address that the machine has now.",
	.find = find,
};
