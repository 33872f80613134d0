/* SPDX-License-Identifier: GPL-2.0-or-later */
/* No source port is left for the server's address: all of the range connect, or wait, to it. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/subject.h"
#include "causes/words.h"

/* With the address here, and on a link that is up, it is the port that is not available. */
static bool is_delivered(const struct ev_candidate *candidate)
{
	const struct mux_route_answer *answer = candidate->route.answer;

	return candidate->route.passes != MUX_NO && answer != NULL && answer->error == 0 &&
	       answer->type == RTN_LOCAL;
}

static const struct ev_candidate *find_refused(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (is_delivered(candidate) && candidate->tcp != NULL && candidate->tcp->finished &&
		    candidate->tcp->error == EADDRNOTAVAIL && subject_has(evaluation, candidate))
			return candidate;
	}
	return NULL;
}

static const struct mux_destination *find_count(const struct evaluation *evaluation,
						const struct mux_address *address)
{
	const struct mux_destinations *counts = &evaluation->snapshot->destinations;
	size_t i;

	for (i = 0; i < counts->n; i++)
		if (addr_equal(&counts->list[i].address, address))
			return &counts->list[i];
	return NULL;
}

static struct mux_slice sysctl_of(const struct evaluation *evaluation, const char *path)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_sysctls; i++)
		if (snapshot->sysctls[i].source.presence == MUX_PRESENT &&
		    slice_is(slice_of(snapshot->sysctls[i].path), path))
			return snapshot->sysctls[i].text;
	return (struct mux_slice){"", 0};
}

/* The two ends of a range have a tab between them. */
static const char *with_blanks(struct findings *findings, struct mux_slice text)
{
	char *copy = arena_copy(findings->arena, text.data, text.len), *tab;

	if (copy == NULL)
		return "";
	for (tab = strchr(copy, '\t'); tab != NULL; tab = strchr(tab, '\t'))
		*tab = ' ';
	return cause_escape(findings, slice_of(copy));
}

static void add_evidence(struct findings *findings, struct cause_finding *finding,
			 const struct ev_candidate *candidate)
{
	static const struct {
		const char *path, *name;
	} sysctls[] = {
		{"net/ipv4/ip_local_port_range", "net.ipv4.ip_local_port_range"},
		{"net/ipv4/ip_local_reserved_ports", "net.ipv4.ip_local_reserved_ports"},
		{"net/ipv4/tcp_tw_reuse", "net.ipv4.tcp_tw_reuse"},
	};
	const struct mux_destination *count = find_count(findings->evaluation, &candidate->address);
	size_t i;

	for (i = 0; i < sizeof(sysctls) / sizeof(sysctls[0]); i++) {
		struct mux_slice text = sysctl_of(findings->evaluation, sysctls[i].path);

		if (text.len != 0)
			finding_evidence(findings, finding, "sysctl", "%s = %s", sysctls[i].name,
					 with_blanks(findings, text));
	}
	if (count != NULL)
		finding_evidence(findings, finding, "sockets",
				 "%s%lld to %s, and %lld in TIME_WAIT",
				 count->at_least ? "at least " : "", (long long)count->in_use,
				 subject_address(findings, &candidate->address),
				 (long long)count->time_wait);
	subject_add_probes(findings, finding, candidate);
}

static void add_fixes(struct findings *findings, struct cause_finding *finding)
{
	finding_fix(findings, finding,
		    "Use connections again (keep-alive), or wait a minute for those in TIME_WAIT",
		    NULL, NULL);
	finding_fix(findings, finding, "Give clients more ports",
		    "sysctl -w net.ipv4.ip_local_port_range='1024 65535'", NULL);
	finding_lasting(findings, finding,
			"echo net.ipv4.ip_local_port_range=1024 65535 > "
			"/etc/sysctl.d/60-ports.conf");
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = find_refused(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL)
		return 0;
	finding = finding_add(findings, &cause_ports_exhausted,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "no source port is left for connections to %s",
		      subject_address(findings, &candidate->address));
	add_evidence(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, candidate->address.family));
	finding_blocks(finding, 1u << MUX_STAGE_PROBE, candidate->address.family);
	add_fixes(findings, finding);
	return finding_result(findings);
}

const struct cause cause_ports_exhausted = {
	.id = "ports-exhausted",
	.summary = "no source port is left for connections to the server",
	.explanation =
		"A connection needs a source port that no other one to the same address and port "
		"has. The kernel picks it from net.ipv4.ip_local_port_range, for IPv6 too. When "
		"every port of the range is connected, or was closed by the client within the "
		"last minute (TIME_WAIT), connect() fails although the server is well.\n\n"
		"Clients say \"Cannot assign requested address\" at once, most often a load tool "
		"without keep-alive, and everybody else on the machine with it. Another address "
		"of the same server, 127.0.0.2 for one, still works: ports are counted for each "
		"destination.\n\n"
		"The same error comes when IPv6 is off or lo lacks its address. muxdiag tells them "
		"apart by the addresses of lo: with the address there it is the port that is "
		"missing. It then counts the sockets to that destination. No privilege is "
		"needed.\n\n"
		"Use keep-alive; widen the range; let the server close first, so that TIME_WAIT is "
		"its own; leave net.ipv4.tcp_tw_reuse at 2 or 1, which gives ports over lo back "
		"after a second.",
	.find = find,
};
