/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nsswitch.conf keeps the system's resolver from /etc/hosts: its hosts line lacks `files`, or glibc
 * refuses the whole file. What /etc/hosts says is then right and yet of no use.
 */
#include <errno.h>
#include <string.h>

#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/name_service.h"
#include "causes/subject.h"

static bool is_refused(const struct mux_nsswitch *nsswitch)
{
	return nsswitch->source.presence == MUX_DENIED && nsswitch->source.error == EBADMSG;
}

static bool lacks_files(const struct mux_nsswitch *nsswitch)
{
	return nsswitch->source.presence == MUX_PRESENT && nsswitch->line != 0 &&
	       service_find(nsswitch, "files") == NULL;
}

/* The line may be that of another database: its services are read by more than host look-ups. */
static bool is_hosts_line(struct mux_slice line)
{
	return slice_starts_with(line, "hosts");
}

/* Puts "files" in front of the services that the line has; the simulation reads the line that
 * sed(1) leaves. glibc takes blanks and colons in any number for what parts them from the name. */
static void put_files_first(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;
	static const char separators[] = {' ', '\t', '\r', '\v', '\f', ':'};
	struct mux_slice rest = nsswitch->text;
	size_t skip = is_hosts_line(rest) ? strlen("hosts") : 0;
	const char *line;

	while (skip < rest.len && memchr(separators, rest.data[skip], sizeof(separators)) != NULL)
		skip++;
	rest = (struct mux_slice){rest.data + skip, rest.len - skip};
	line = arena_printf(findings->arena, "hosts: files %.*s", (int)rest.len, rest.data);
	finding_fix(findings, finding, "Let the resolver read /etc/hosts first",
		    arena_printf(findings->arena,
				 "sed -i '%zus/hosts[[:space:]:]*/hosts: files /' "
				 "/etc/nsswitch.conf",
				 nsswitch->line),
		    NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_NSSWITCH, .nsswitch = line});
}

static void add_fix(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_nsswitch *nsswitch = &findings->evaluation->snapshot->nsswitch;

	if (!is_refused(nsswitch)) {
		put_files_first(findings, finding);
		return;
	}
	if (is_hosts_line(nsswitch->text)) {
		service_fix(findings, finding, "Give the hosts line its usual services",
			    "hosts: files dns");
		return;
	}
	finding_fix(findings, finding, "Take the bad action off the line",
		    arena_printf(findings->arena,
				 "sed -i '%zus/\\[[^]]*\\]*//g' /etc/nsswitch.conf",
				 nsswitch->line),
		    NULL);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_nsswitch *nsswitch = &evaluation->snapshot->nsswitch;
	const struct ev_name *name = subject_name(evaluation);
	struct cause_finding *finding;
	enum mux_severity severity;

	if (name == NULL || name->literal || (!is_refused(nsswitch) && !lacks_files(nsswitch)))
		return 0;
	/* A name that /etc/hosts does not have either is dead for another reason. */
	severity = is_refused(nsswitch) || service_hosts_know(evaluation)
			   ? service_severity(evaluation)
			   : MUX_SEVERITY_INFO;
	finding = finding_add(findings, &cause_nsswitch_without_files, severity);
	if (is_refused(nsswitch))
		finding_title(findings, finding,
			      "line %zu of /etc/nsswitch.conf is faulty, and glibc refuses every "
			      "look-up",
			      nsswitch->line);
	else
		finding_title(findings, finding,
			      "the hosts line of /etc/nsswitch.conf lacks \"files\", so that "
			      "/etc/hosts is not read");
	service_add_line(findings, finding);
	service_add_answer(findings, finding);
	finding_hit(finding, "programs that resolve with glibc or Go; those of musl read "
			     "/etc/hosts all the same");
	finding_blocks(finding, severity == MUX_SEVERITY_CRITICAL ? CAUSE_BLOCKS_NAME : 0, 0);
	add_fix(findings, finding);
	return finding_result(findings);
}

const struct cause cause_nsswitch_without_files = {
	.id = "nsswitch-without-files",
	.summary = "/etc/nsswitch.conf keeps the resolver from /etc/hosts",
	.explanation =
		"The hosts line of /etc/nsswitch.conf lists who is asked for an address. Without "
		"the word files, /etc/hosts is never read, whatever stands in it, and localhost "
		"goes to a name server. Hand-written files of small container images are like "
		"that. A faulty [STATUS=action], on the line of any database, is worse: glibc then "
		"refuses every look-up.\n\n"
		"Programs on glibc say \"Name or service not known\", \"Temporary failure in name "
		"resolution\" or, of a faulty file, \"System error\"; Go says \"lookup localhost: "
		"no such host\". Programs on musl do not read nsswitch.conf and work; so do curl, "
		"which answers localhost itself, and whatever is given an address. So the same "
		"address works in one image and not in the next.\n\n"
		"muxdiag reads the file as glibc does, names the line, and asks getaddrinfo. Where "
		"the name still leads to the server, through nss-myhostname or a name server, the "
		"finding is for information only. No privilege is needed.\n\n"
		"Write hosts: files dns, or files myhostname dns where nss-myhostname is "
		"installed. Programs that run read the change at their next look-up.",
	.find = find,
};
