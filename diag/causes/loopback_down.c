/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lo is down: ::1 is gone at once, 127.0.0.1 hangs (the local table still has it). */
#include "causes/subject.h"

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = NULL;
	struct cause_finding *finding;
	bool target_is_hit = false;
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *here = &evaluation->candidates[i];

		if (here->route.state != EV_ROUTE_LOOPBACK_DOWN || here->works == MUX_YES)
			continue;
		if (candidate == NULL)
			candidate = here;
		target_is_hit |= here->name->of_target;
	}
	if (candidate == NULL)
		return 0;
	finding = finding_add(findings, &cause_loopback_down,
			      subject_severity(evaluation, target_is_hit));
	finding_title(findings, finding, "the loopback interface lo is down");
	finding_evidence(findings, finding, "link lo", "it lacks the flag UP");
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, 0);
	finding_fix(findings, finding, "Bring lo up", "ip link set lo up", NULL);
	finding_change(findings, finding, &(struct change){.kind = CHANGE_LINK_UP});
	return finding_result(findings);
}

const struct cause cause_loopback_down = {
	.id = "loopback-down",
	.summary = "the loopback interface lo is down",
	.explanation = "The loopback interface lo is not up. Everything that this machine "
		       "sends to itself goes over lo, whatever address it uses, so no "
		       "local connection can work.\n\n"
		       "Every client is hit. With IPv6 connect() fails at once with "
		       "\"Cannot assign requested address\"; with IPv4 it says \"Network is "
		       "unreachable\" on a machine whose lo was never up, and hangs where "
		       "lo was taken down later. A server can still bind and listen, so a "
		       "listening socket proves nothing.\n\n"
		       "muxdiag reads the flags of lo from the kernel, which needs no "
		       "privilege. It happens in new network namespaces: in containers, "
		       "build sandboxes and test beds that forgot to bring lo up.\n\n"
		       "Bring it up with `ip link set lo up`, as root of that namespace. "
		       "Where a sandbox made the namespace, its own option for a working "
		       "loopback is the lasting repair.",
	.find = find,
};
