/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The machine's own name stands for nothing: localhost does not mind, but a fallback is lost. */
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

static const struct ev_name *host_name(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_names; i++)
		if (evaluation->names[i].host_name)
			return &evaluation->names[i];
	return NULL;
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct ev_name *name)
{
	const char *line = arena_printf(findings->arena, "127.0.1.1\\t%.*s", (int)name->name.len,
					name->name.data);

	if (line == NULL)
		return;
	finding_fix(findings, finding, "Give the host name an address in /etc/hosts",
		    hosts_append(findings, line), NULL);
	hosts_adds(findings, finding,
		   arena_printf(findings->arena, "127.0.1.1\t%.*s", (int)name->name.len,
				name->name.data));
}

static int find(struct findings *findings)
{
	const struct ev_name *name = host_name(findings->evaluation);
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	struct cause_finding *finding;
	size_t i;

	if (name == NULL || name->literal || name->resolves != MUX_NO ||
	    hosts_is_garbled(findings, name->name))
		return 0;
	finding = finding_add(findings, &cause_hostname_unresolvable,
			      name->of_target ? MUX_SEVERITY_CRITICAL : MUX_SEVERITY_INFO);
	finding_title(findings, finding, "the host name %s stands for no address",
		      cause_escape(findings, name->name));
	finding_evidence(findings, finding, "resolver", "%s", name->text != NULL ? name->text : "");
	for (i = 0; i < hosts->n_entries; i++)
		if (hosts_is_plain(name->name) && hosts->entries[i].commented &&
		    hosts_names(&hosts->entries[i],
				arena_copy(findings->arena, name->name.data, name->name.len)))
			finding_evidence(findings, finding,
					 hosts_place(findings, &hosts->entries[i]), "%s",
					 cause_escape(findings, hosts->entries[i].text));
	if (!name->of_target)
		finding_hit(finding, "programs that look up their own name, such as sudo");
	finding_blocks(finding, name->of_target ? CAUSE_BLOCKS_NAME : 0, 0);
	if (hosts_is_plain(name->name) && hosts->source.presence != MUX_DENIED &&
	    !hosts_are_dangling(findings->evaluation->snapshot))
		add_fix(findings, finding, name);
	return finding_result(findings);
}

const struct cause cause_hostname_unresolvable = {
	.id = "hostname-unresolvable",
	.summary = "the machine's own name stands for no address",
	.explanation =
		"The name that this machine gives itself (hostname) has no line in /etc/hosts, and "
		"no "
		"other service of /etc/nsswitch.conf knows it. That happens after a renaming that "
		"left /etc/hosts as it was, and in images made for many machines.\n\n"
		"Programs that look up their own name notice: \"sudo: unable to resolve host NAME: "
		"Name or service not known\", a slow start of mail servers, Java's "
		"UnknownHostException from getLocalHost(). Where a name server is asked in vain, "
		"each look-up may wait for seconds. localhost itself does not depend on it, but "
		"the "
		"host name is then no way around a broken localhost.\n\n"
		"muxdiag asks getaddrinfo for the name and shows lines for it that were commented "
		"out; no privilege is needed.\n\n"
		"Give the name a line in /etc/hosts, on Debian 127.0.1.1 followed by the name, or "
		"install nss-myhostname.",
	.find = find,
};
