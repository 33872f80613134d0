/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lo has its address, but table local lost the route by which the kernel knows it for its own. */
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/route_fault.h"
#include "causes/subject.h"
#include "causes/words.h"
#include "evaluate/context.h"

static void report(struct findings *findings, const struct ev_candidate *candidate)
{
	struct mux_address wire = ev_wire_address(&candidate->address);
	const char *address = words_address(findings->arena, &wire);
	bool v6 = wire.family == AF_INET6;
	struct cause_finding *finding =
		finding_add(findings, &cause_local_table_broken,
			    subject_severity(findings->evaluation, candidate->name->of_target));

	finding_title(findings, finding,
		      "lo is up and has its address, but the routing table local lacks %s",
		      v6 ? "::1" : "127.0.0.0/8");
	finding_evidence(findings, finding, "table local", "no local route leads to %s", address);
	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "kernel's route to %s", address), "%s",
			 candidate->route.text);
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, wire.family));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, wire.family);
	finding_fix(findings, finding, "Add the route again",
		    v6 ? "ip -6 route add local ::1 dev lo table local"
		       : "ip route add local 127.0.0.0/8 dev lo table local",
		    NULL);
	finding_change(
		findings, finding,
		&(struct change){.kind = CHANGE_LOCAL_ROUTE,
				 .address = {v6 ? addr_loopback6 : addr_loopback4, v6 ? 128 : 8}});
	finding_fix(findings, finding,
		    "Or take lo down and up, which breaks the connections over it",
		    "ip link set "
		    "lo down",
		    "ip link set lo up");
}

static int find(struct findings *findings)
{
	static const int families[] = {AF_INET, AF_INET6};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct route_fault fault;
		const struct ev_candidate *candidate = route_fault_find(
			findings->evaluation, ROUTE_FAULT_LOCAL_TABLE, families[i], &fault);

		if (candidate != NULL)
			report(findings, candidate);
	}
	return finding_result(findings);
}

const struct cause cause_local_table_broken = {
	.id = "local-table-broken",
	.summary = "the routing table local lacks the loopback address that lo has",
	.explanation = "lo is up and has its address, but the routing table local has no "
		       "entry for it. The kernel keeps that table itself; only a `ip route "
		       "del` or a flush of all tables takes something out of it.\n\n"
		       "Clients fail at once with \"Network is unreachable\", although `ip "
		       "address` shows nothing wrong. With a default route the packets for "
		       "127.0.0.1 leave through it, and the connection hangs.\n\n"
		       "muxdiag compares the addresses of lo with table local, and asks "
		       "the kernel for its route, all without privilege. Where the table "
		       "is complete but not asked, that is reported instead "
		       "(rule-diverts).\n\n"
		       "Add the route again as the report shows, or take lo down and up: "
		       "the kernel then makes all entries anew.",
	.find = find,
};
