/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * /etc/hosts gives localhost one family only. On a machine without the other family that is as it
 * should be, and mostly harmless elsewhere. Where the family left out is the one that works, its
 * line is a way out, but never guiltier than what breaks the other.
 */
#include <sys/socket.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

static void add_lines(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < 4; i++)
		if (hosts_names(&hosts->entries[i], "localhost")) {
			finding_evidence(findings, finding,
					 hosts_place(findings, &hosts->entries[i]), "%s",
					 cause_escape(findings, hosts->entries[i].text));
			n++;
		}
}

static void report(struct findings *findings, int missing, bool is_reason)
{
	const char *family = missing == AF_INET6 ? "IPv4" : "IPv6";
	const char *address = missing == AF_INET6 ? "::1" : "127.0.0.1";
	struct cause_finding *finding =
		finding_add(findings, &cause_hosts_localhost_one_family,
			    is_reason ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_INFO);

	finding_title(findings, finding,
		      "/etc/hosts gives localhost an %s address only; %s%s is not offered", family,
		      is_reason ? "the working " : "", address);
	add_lines(findings, finding);
	if (!is_reason)
		finding_hit(finding, missing == AF_INET6
					     ? "clients that ask for IPv6 only"
					     : "clients that read /etc/hosts themselves and ask "
					       "for IPv4; glibc answers 127.0.0.1 for ::1");
	finding_blocks(finding, is_reason ? CAUSE_BLOCKS_NAME : 0, missing);
	finding_fix(findings, finding,
		    missing == AF_INET6 ? "Give localhost its IPv6 address in /etc/hosts"
					: "Give localhost its IPv4 address in /etc/hosts",
		    hosts_append(findings, missing == AF_INET6
						   ? "::1\\tlocalhost ip6-localhost ip6-loopback"
						   : "127.0.0.1\\tlocalhost"),
		    NULL);
	hosts_adds(findings, finding,
		   missing == AF_INET6 ? "::1\tlocalhost ip6-localhost ip6-loopback"
				       : "127.0.0.1\tlocalhost");
}

/* Does any name of the target stand for an address of that family (hosts is not the only source)?
 */
static bool is_offered(const struct evaluation *evaluation, int family)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].name->of_target &&
		    evaluation->candidates[i].address.family == family)
			return true;
	return false;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	bool has4 = hosts_has(hosts, "localhost", AF_INET);
	bool has6 = hosts_has(hosts, "localhost", AF_INET6);
	int missing = has4 ? AF_INET6 : AF_INET;
	const struct ev_candidate *literal = evaluation_literal(evaluation, missing);

	if (hosts->source.presence != MUX_PRESENT || hosts->source.truncated || has4 == has6)
		return 0;
	if (!subject_is_called(evaluation, "localhost") || is_offered(evaluation, missing) ||
	    hosts_is_garbled(findings, slice_of("localhost")))
		return 0;
	if (literal == NULL || literal->route.passes != MUX_YES)
		return 0;
	report(findings, missing, !subject_works(evaluation) && literal->works == MUX_YES);
	return finding_result(findings);
}

const struct cause cause_hosts_localhost_one_family = {
	.id = "hosts-localhost-one-family",
	.summary = "/etc/hosts gives localhost an address of one family only",
	.explanation =
		"The file /etc/hosts has a line that gives localhost an address of one family, but "
		"none for the other, although this machine can use both: mostly 127.0.0.1 without "
		"::1, or ::1 without 127.0.0.1.\n\n"
		"It matters when the family that is left out is the one that works. A server that "
		"listens on ::1 only is refused at 127.0.0.1 (\"Connection refused\"), and "
		"localhost never "
		"leads to it; clients that ask for IPv6 alone fail with \"Name or service not "
		"known\". The other way round is milder: asked for IPv4 alone, glibc answers "
		"127.0.0.1 for a line with ::1.\n\n"
		"muxdiag compares the lines with what getaddrinfo gives and tries the address that "
		"is missing; no privilege is needed. What breaks the family that is offered is "
		"reported on its own, and comes first.\n\n"
		"Add the line for the other family, or let the server listen on both.",
	.find = find,
};
