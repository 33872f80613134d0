/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * c-ares (aria2, Envoy, Node's dns.resolve, some builds of curl) and the system's getaddrinfo
 * answer differently for the same name. Never said of localhost and what ends in .localhost:
 * c-ares makes those answers up (RFC 6761 section 6.3), so they tell nothing about the machine.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/hosts.h"
#include "causes/subject.h"

static bool is_made_up(struct mux_slice name)
{
	return slice_equal_nocase(name, slice_of("localhost")) || hosts_is_below_localhost(name);
}

struct question {
	enum mux_resolver resolver;
	enum mux_lookup lookup;
	struct mux_slice name;
	int family;
};

static const struct mux_resolution *find_answer(const struct findings *findings,
						const struct question *question)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_resolutions; i++) {
		const struct mux_resolution *answer = &snapshot->resolutions[i];

		if (answer->resolver == question->resolver && answer->lookup == question->lookup &&
		    answer->family == question->family && !answer->addrconfig && answer->answered &&
		    slice_equal_nocase(answer->name, question->name))
			return answer;
	}
	return NULL;
}

static bool has_address(const struct mux_resolution *answer, const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < answer->n_addresses; i++)
		if (addr_equal(&answer->addresses[i], address))
			return true;
	return false;
}

/* Are all addresses of `part` among those of `all`? */
static bool is_part(const struct mux_resolution *part, const struct mux_resolution *all)
{
	size_t i;

	for (i = 0; i < part->n_addresses; i++)
		if (!has_address(all, &part->addresses[i]))
			return false;
	return true;
}

static const char *answer_text(struct findings *findings, const struct mux_resolution *answer)
{
	char address[ADDR_TEXT_MAX];
	struct str text;
	size_t i;

	str_init(&text, findings->arena);
	for (i = 0; i < answer->n_addresses && i < 4; i++)
		str_addf(&text, "%s%s", i == 0 ? "" : ", ",
			 addr_format(&answer->addresses[i], address));
	if (answer->n_addresses > i)
		str_addf(&text, " and %zu more", answer->n_addresses - i);
	if (answer->n_addresses == 0)
		str_add_escaped(&text, answer->status_text);
	return str_done(&text);
}

/* A line that one of them may take for an address and the other not ("127.1 devbox"). */
static void add_faulty_lines(struct findings *findings, struct cause_finding *finding,
			     struct mux_slice name)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	size_t i, j;

	for (i = 0; i < hosts->n_entries; i++) {
		const struct mux_hosts_entry *entry = &hosts->entries[i];

		for (j = 0; entry->fault != MUX_HOSTS_OK && j < entry->n_names; j++)
			if (slice_equal_nocase(entry->names[j], name)) {
				finding_evidence(findings, finding, hosts_place(findings, entry),
						 "%s", cause_escape(findings, entry->text));
				break;
			}
	}
}

/* A line in /etc/hosts is read by both. The host name gets Debian's address: those that an NSS
 * module makes up for it change with the network. */
static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct ev_name *name, const struct mux_resolution *system)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	const char *host = findings->evaluation->target.host;
	char address[ADDR_TEXT_MAX] = "127.0.1.1";

	if (!name->of_target || !hosts_is_plain(name->name) || system->n_addresses == 0 ||
	    snapshot->hosts.source.presence != MUX_PRESENT || hosts_has(&snapshot->hosts, host, 0))
		return;
	if (!name->host_name && system->addresses[0].scope_id != 0)
		return;
	if (!name->host_name)
		addr_format(&system->addresses[0], address);
	finding_fix(findings, finding, "Give the name a line in /etc/hosts, which both read",
		    hosts_append(findings, arena_printf(findings->arena, "%s\\t%s", address, host)),
		    NULL);
	hosts_adds(findings, finding, arena_printf(findings->arena, "%s\t%s", address, host));
}

static void report(struct findings *findings, const struct ev_name *name,
		   const struct mux_resolution *system, const struct mux_resolution *cares)
{
	const char *escaped = cause_escape(findings, name->name);
	struct cause_finding *finding;

	/* To know no answer is mild (nss-myhostname is glibc's alone); a wrong one misleads. */
	finding = finding_add(findings, &cause_resolvers_disagree,
			      name->of_target && !is_part(cares, system) ? MUX_SEVERITY_WARNING
									 : MUX_SEVERITY_INFO);
	finding_title(findings, finding, "c-ares and getaddrinfo disagree about %s%s", escaped,
		      system->family == AF_INET	   ? " for IPv4"
		      : system->family == AF_INET6 ? " for IPv6"
						   : "");
	finding_evidence(findings, finding, "getaddrinfo", "%s: %s", escaped,
			 answer_text(findings, system));
	finding_evidence(findings, finding, "c-ares", "%s: %s", escaped,
			 answer_text(findings, cares));
	add_faulty_lines(findings, finding, name->name);
	finding_hit(finding, "clients that resolve with c-ares, such as aria2 and Envoy");
	add_fix(findings, finding, name, system);
}

/* Compares the answers for one family. Returns whether c-ares' whole answer was there to compare.
 */
static bool compare(struct findings *findings, const struct ev_name *name, int family)
{
	struct question question = {MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, name->name, family};
	const struct mux_resolution *system = find_answer(findings, &question), *cares;
	bool is_whole = true;

	question.resolver = MUX_CARES;
	cares = find_answer(findings, &question);
	if (cares == NULL) {
		/* Its view of the hosts file alone: wrong if it says more than the system does. */
		question.lookup = MUX_LOOKUP_HOSTS;
		cares = find_answer(findings, &question);
		is_whole = false;
	}
	if (system == NULL || cares == NULL)
		return false;
	if (!is_part(cares, system) || (is_whole && !is_part(system, cares)))
		report(findings, name, system, cares);
	return is_whole;
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	size_t i;

	for (i = 0; i < evaluation->n_names; i++) {
		const struct ev_name *name = &evaluation->names[i];

		if (name->literal || is_made_up(name->name) || compare(findings, name, AF_UNSPEC))
			continue;
		compare(findings, name, AF_INET);
		compare(findings, name, AF_INET6);
	}
	return finding_result(findings);
}

const struct cause cause_resolvers_disagree = {
	.id = "resolvers-disagree",
	.summary = "c-ares and the system's getaddrinfo answer differently for the same name",
	.explanation =
		"Not every program asks the system's resolver. Those built on c-ares (aria2, "
		"Envoy, "
		"Node's dns.resolve, some builds of curl) read /etc/hosts and ask the name servers "
		"by "
		"themselves. The two differ where a line is written in a way that only one of them "
		"takes (127.1 is 127.1.0.0 to c-ares and nothing to glibc), and where an NSS "
		"module "
		"answers that c-ares does not know, such as nss-myhostname.\n\n"
		"One program reaches the server under a name, and another one fails for the same "
		"name, "
		"or connects to another machine.\n\n"
		"muxdiag puts the same question to both and compares. It does not for localhost "
		"and "
		"names below it, which c-ares answers without looking. It warns when c-ares gives "
		"an address of the target that the system does not; to know less is only worth a "
		"remark. No privilege is needed.\n\n"
		"Write the line in full, as inet_pton(3) takes it, or give a name that only an NSS "
		"module knows a line in /etc/hosts.",
	.find = find,
};
