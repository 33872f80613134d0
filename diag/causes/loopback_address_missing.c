/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lo is up, but somebody took 127.0.0.1 or ::1 from it. */
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/subject.h"
#include "causes/words.h"
#include "evaluate/context.h"
#include "evaluate/route.h"

static void add_fix(struct findings *findings, struct cause_finding *finding, int family)
{
	struct change change = {
		.kind = CHANGE_ADDRESS,
		.address = {family == AF_INET ? addr_loopback4 : addr_loopback6,
			    family == AF_INET ? 8 : 128},
	};

	finding_fix(findings, finding, "Give lo its address back",
		    family == AF_INET ? "ip address add 127.0.0.1/8 dev lo"
				      : "ip address add ::1/128 dev lo",
		    NULL);
	finding_change(findings, finding, &change);
}

static void report(struct findings *findings, const struct ev_candidate *candidate)
{
	const struct evaluation *evaluation = findings->evaluation;
	struct mux_address wire = ev_wire_address(&candidate->address);
	const char *address = words_address(findings->arena, &wire);
	struct cause_finding *finding =
		finding_add(findings, &cause_loopback_address_missing,
			    subject_severity(evaluation, candidate->name->of_target));

	finding_title(findings, finding, "the loopback interface lo is up, but lacks %s", address);
	finding_evidence(findings, finding, "addresses", "no link has the address %s", address);
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, candidate->address.family));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, candidate->address.family);
	add_fix(findings, finding, wire.family);
}

static int find(struct findings *findings)
{
	static const int families[] = {AF_INET, AF_INET6};
	const struct mux_routing *routing = &findings->evaluation->snapshot->routing;
	bool is_small = ev_route_is_small(ev_route_loopback(routing));
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct ev_candidate *candidate = subject_stopped(
			findings->evaluation, EV_ROUTE_ADDRESS_MISSING, families[i]);

		/* Of ::1 a too small MTU is the reason (loopback_mtu.c). */
		if (candidate != NULL && (families[i] == AF_INET || !is_small))
			report(findings, candidate);
	}
	return finding_result(findings);
}

const struct cause cause_loopback_address_missing = {
	.id = "loopback-address-missing",
	.summary = "the loopback interface lo is up, but lacks its address",
	.explanation = "lo is up, but the address 127.0.0.1 or ::1 is not on it: somebody "
		       "deleted it, or the kernel took it away and was not made to give it "
		       "back.\n\n"
		       "Clients that use the missing address fail at once: with \"Cannot "
		       "assign requested address\" for ::1, with \"Network is unreachable\" "
		       "for 127.0.0.1. Those that go on to the other address work.\n\n"
		       "muxdiag reads the addresses of all links and the IPv6 switches, "
		       "which needs no privilege. Where a switch explains the missing ::1 "
		       "that is reported instead (ipv6-disabled), and so is an MTU too "
		       "small for IPv6 (loopback-mtu). An MTU that was too small once and "
		       "has been restored leaves no trace but the missing ::1.\n\n"
		       "Add the address again, as the report shows, or take lo down and "
		       "up: the kernel then gives it both of its addresses.",
	.find = find,
};
