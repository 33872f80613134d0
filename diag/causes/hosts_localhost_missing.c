/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * localhost has no line in /etc/hosts. Where another source answers for it (nss-myhostname, a name
 * server) that is no more than worth knowing; otherwise it is why the name is dead. Lines that were
 * commented out are named, because they show what happened.
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

enum { SHOWN_LINES = 6 };

static bool was_commented_out(const struct mux_hosts_entry *entry)
{
	return entry->commented && hosts_names(entry, "localhost");
}

/* " (commented out in lines 1 and 4)" */
static const char *commented_lines(struct findings *findings)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, n = 0, total = 0;
	struct str text;

	for (i = 0; i < hosts->n_entries; i++)
		total += was_commented_out(&hosts->entries[i]);
	str_init(&text, findings->arena);
	if (total != 0)
		str_addf(&text, " (commented out in line%s ", total == 1 ? "" : "s");
	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++)
		if (was_commented_out(&hosts->entries[i]))
			str_addf(&text, "%s%zu", n++ == 0 ? "" : (n == total ? " and " : ", "),
				 hosts->entries[i].line);
	if (total > n)
		str_addf(&text, " and %zu more", total - n);
	if (total != 0)
		str_add(&text, ")");
	return str_done(&text);
}

/* The first commented-out line that gives localhost its address of that family, or NULL. */
static const struct mux_hosts_entry *find_commented(const struct mux_hosts *hosts, int family)
{
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (was_commented_out(&hosts->entries[i]) &&
		    hosts->entries[i].address.family == family &&
		    addr_is_loopback(&hosts->entries[i].address))
			return &hosts->entries[i];
	return NULL;
}

/* The line as sed(1) leaves it. */
static void add_bare_line(struct findings *findings, struct cause_finding *finding,
			  const struct mux_hosts_entry *entry)
{
	struct mux_slice rest = entry->text;

	while (rest.len != 0 && (rest.data[0] == '#' || rest.data[0] == ' ' ||
				 (rest.data[0] >= '\t' && rest.data[0] <= '\r'))) {
		rest.data++;
		rest.len--;
	}
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_HOSTS,
					.hosts = {.line = entry->line,
						  .text = arena_copy(findings->arena, rest.data,
								     rest.len)}});
}

static void add_uncomment(struct findings *findings, struct cause_finding *finding)
{
	static const char script[] = "s/^[#[:space:]]*//";
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	const struct mux_hosts_entry *v4 = find_commented(hosts, AF_INET);
	const struct mux_hosts_entry *v6 = find_commented(hosts, AF_INET6);
	const char *title, *command;

	if (v4 == NULL && v6 == NULL)
		return;
	if (v4 != NULL && v6 != NULL) {
		title = arena_printf(findings->arena,
				     "Take the comment marks off lines %zu and %zu of /etc/hosts",
				     v4->line, v6->line);
		command = arena_printf(findings->arena, "sed -i '%zu%s;%zu%s' /etc/hosts", v4->line,
				       script, v6->line, script);
	} else {
		size_t line = v4 != NULL ? v4->line : v6->line;

		title = arena_printf(findings->arena,
				     "Take the comment mark off line %zu of /etc/hosts", line);
		command = arena_printf(findings->arena, "sed -i '%zu%s' /etc/hosts", line, script);
	}
	finding_fix(findings, finding, title, command, NULL);
	if (v4 != NULL)
		add_bare_line(findings, finding, v4);
	if (v6 != NULL)
		add_bare_line(findings, finding, v6);
}

static void add_evidence(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	const struct ev_name *name = subject_name(findings->evaluation);
	size_t i, n = 0;

	for (i = 0; i < hosts->n_entries && n < SHOWN_LINES; i++)
		if (was_commented_out(&hosts->entries[i]) ||
		    hosts->entries[i].fault != MUX_HOSTS_OK) {
			finding_evidence(findings, finding,
					 hosts_place(findings, &hosts->entries[i]), "%s",
					 cause_escape(findings, hosts->entries[i].text));
			n++;
		}
	if (hosts->source.presence == MUX_PRESENT && hosts->n_live == 0)
		finding_evidence(findings, finding, "/etc/hosts",
				 "none of its %zu lines gives any name an address", hosts->n_lines);
	if (name != NULL && subject_is_called(findings->evaluation, "localhost"))
		finding_evidence(findings, finding, "resolver", "localhost: %s",
				 name->text != NULL ? name->text : "");
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_hosts *hosts = &evaluation->snapshot->hosts;
	bool absent = hosts->source.presence == MUX_ABSENT;
	bool is_asked = subject_is_called(evaluation, "localhost");
	bool is_dead = is_asked && !subject_resolves(evaluation) && hosts_are_asked(evaluation);
	struct cause_finding *finding;

	/* A link to nothing is more than a missing file (hosts-unreadable). */
	if ((hosts->source.presence != MUX_PRESENT && !absent) ||
	    hosts_are_dangling(evaluation->snapshot))
		return 0;
	if (hosts->source.truncated || hosts_has(hosts, "localhost", 0) ||
	    hosts_is_garbled(findings, slice_of("localhost")))
		return 0;
	finding = finding_add(findings, &cause_hosts_localhost_missing,
			      is_dead ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_INFO);
	if (absent)
		finding_title(findings, finding, "there is no /etc/hosts");
	else
		finding_title(findings, finding, "localhost is not in /etc/hosts%s",
			      commented_lines(findings));
	add_evidence(findings, finding);
	if (!is_dead)
		finding_hit(finding, "programs that read /etc/hosts alone");
	finding_blocks(finding, is_dead ? CAUSE_BLOCKS_NAME : 0, 0);
	add_uncomment(findings, finding);
	finding_fix(findings, finding, "Add the usual lines to /etc/hosts",
		    hosts_append(findings, "127.0.0.1\\tlocalhost\\n"
					   "::1\\tlocalhost ip6-localhost ip6-loopback"),
		    NULL);
	hosts_adds(findings, finding, "127.0.0.1\tlocalhost");
	hosts_adds(findings, finding, "::1\tlocalhost ip6-localhost ip6-loopback");
	return finding_result(findings);
}

const struct cause cause_hosts_localhost_missing = {
	.id = "hosts-localhost-missing",
	.summary = "localhost is not in /etc/hosts",
	.explanation =
		"The file /etc/hosts gives localhost no address: the line is gone, commented out, "
		"or was never there. Hosts managers, block list updaters, container images and "
		"clean-up scripts leave such files. The system's resolver then asks the next "
		"service of the hosts line in /etc/nsswitch.conf, mostly a name server, which "
		"need not know the name.\n\n"
		"Programs that resolve with glibc's getaddrinfo fail: \"Name or service not "
		"known\", \"Temporary failure in name resolution\", \"getaddrinfo ENOTFOUND "
		"localhost\" (Node), \"Could not resolve host\". Browsers, curl 7.78 and later "
		"and c-ares make the answer up themselves (RFC 6761 section 6.3) and work, so "
		"it seems to depend on the program. Where nss-myhostname or a name server answers, "
		"nothing fails and the finding is for information only.\n\n"
		"muxdiag reads the file with its line numbers, names lines that were commented "
		"out, and asks getaddrinfo itself; no privilege is needed.\n\n"
		"Take the comment marks off, or add 127.0.0.1 localhost and ::1 localhost. Until "
		"then the addresses, or a name that still resolves, lead to the server.",
	.find = find,
};
