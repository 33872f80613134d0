/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Below an MTU of 1280 the kernel takes all of IPv6 from a link, and does not give lo its ::1 back
 * when the MTU grows again (addrconf_notify()).
 */
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/subject.h"
#include "evaluate/context.h"
#include "evaluate/route.h"

enum { USUAL_MTU = 65536 };

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct mux_link *loopback = ev_route_loopback(&evaluation->snapshot->routing);
	const struct ev_candidate *candidate =
		subject_stopped(evaluation, EV_ROUTE_ADDRESS_MISSING, AF_INET6);
	struct cause_finding *finding;

	if (candidate == NULL || !ev_route_is_small(loopback))
		return 0;
	finding = finding_add(findings, &cause_loopback_mtu,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding,
		      "lo has an MTU of %u, too small for IPv6, and so has lost ::1",
		      (unsigned)loopback->mtu);
	finding_evidence(findings, finding, "link lo", "its MTU is %u, IPv6 needs %d",
			 (unsigned)loopback->mtu, IPV6_LEAST_MTU);
	finding_evidence(findings, finding, "addresses", "no link has the address ::1");
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, AF_INET6));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, AF_INET6);
	finding_fix(findings, finding,
		    "Give lo its usual MTU, and then its address, which does not come back by "
		    "itself",
		    "ip link set lo mtu 65536", "ip address add ::1/128 dev lo");
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_LINK_MTU, .mtu = USUAL_MTU});
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_ADDRESS, .address = {addr_loopback6, 128}});
	return finding_result(findings);
}

const struct cause cause_loopback_mtu = {
	.id = "loopback-mtu",
	.summary = "the MTU of lo is too small for IPv6, which took ::1 away",
	.explanation = "IPv6 needs an MTU of 1280 bytes on every link. When somebody gives "
		       "lo less, the kernel takes IPv6 from it, and with it the address "
		       "::1.\n\n"
		       "Clients that try ::1 fail at once with \"Cannot assign requested "
		       "address\"; 127.0.0.1 goes on working. A small MTU that is not below "
		       "1280 breaks nothing, but makes transfers over loopback slow.\n\n"
		       "muxdiag reads the MTU and the addresses of lo, which needs no "
		       "privilege. Raising the MTU again does not bring ::1 back, and then "
		       "only the missing address is left to see "
		       "(loopback-address-missing).\n\n"
		       "Give lo its usual MTU of 65536 and then add ::1 again, or take lo "
		       "down and up. What lowered the MTU was mostly a command for another "
		       "link, or an experiment with small packets.",
	.find = find,
};
