/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Policy routing leads loopback packets to another table than local, mostly a VPN's: its rule
 * stands in front of the one for table local, or that one is gone. */
#include <sys/socket.h>

#include "causes/route_fault.h"
#include "causes/subject.h"
#include "causes/words.h"
#include "evaluate/context.h"

static const char *ip_of(const struct ev_candidate *candidate)
{
	return candidate->address.family == AF_INET6 ? "ip -6" : "ip";
}

/* "for uids 0 to 99", "for every packet", … */
static const char *selector_text(struct findings *findings, const struct mux_rule *rule)
{
	if (rule->has_uids && rule->first_uid == rule->last_uid)
		return arena_printf(findings->arena, "for uid %u", (unsigned)rule->first_uid);
	if (rule->has_uids)
		return arena_printf(findings->arena, "for uids %u to %u", (unsigned)rule->first_uid,
				    (unsigned)rule->last_uid);
	return rule->selective ? "for some packets" : "for every packet";
}

static struct cause_finding *begin(struct findings *findings, const struct ev_candidate *candidate)
{
	return finding_add(findings, &cause_rule_diverts,
			   subject_severity(findings->evaluation, candidate->name->of_target));
}

static void finish(struct findings *findings, struct cause_finding *finding,
		   const struct ev_candidate *candidate)
{
	struct mux_address wire = ev_wire_address(&candidate->address);

	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "kernel's route to %s",
				      words_address(findings->arena, &wire)),
			 "%s", candidate->route.text);
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, candidate->address.family));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, candidate->address.family);
}

static void add_local_rule(struct findings *findings, struct cause_finding *finding,
			   const struct ev_candidate *candidate)
{
	finding_fix(
		findings, finding, "Let table local be asked first, as it usually is",
		arena_printf(findings->arena, "%s rule add pref 0 lookup local", ip_of(candidate)),
		NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_LOCAL_RULE,
					.family = ev_wire_address(&candidate->address).family});
}

static void report_rule(struct findings *findings, const struct ev_candidate *candidate,
			const struct mux_rule *rule)
{
	struct mux_address wire = ev_wire_address(&candidate->address);
	unsigned priority = (unsigned)rule->priority, table = (unsigned)rule->table;
	struct cause_finding *finding = begin(findings, candidate);

	finding_title(findings, finding, "routing rule %u sends packets to %s to table %u",
		      priority, words_address(findings->arena, &wire), table);
	finding_evidence(
		findings, finding, arena_printf(findings->arena, "routing rule %u", priority),
		"lookup %u, %s, before table local is asked", table, selector_text(findings, rule));
	finish(findings, finding, candidate);
	if (priority > 0)
		add_local_rule(findings, finding, candidate);
	finding_fix(findings, finding, priority > 0 ? "Or remove the rule" : "Remove the rule",
		    arena_printf(findings->arena, "%s rule del pref %u lookup %u", ip_of(candidate),
				 priority, table),
		    NULL);
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_RULE,
					.rule = {rule->family, rule->priority, rule->action}});
}

static void report_missing(struct findings *findings, const struct ev_candidate *candidate)
{
	struct mux_address wire = ev_wire_address(&candidate->address);
	struct cause_finding *finding = begin(findings, candidate);

	finding_title(findings, finding,
		      "no routing rule looks up table local, which delivers packets to %s",
		      words_address(findings->arena, &wire));
	finding_evidence(findings, finding, "routing rules",
			 "none looks up table local for every packet of IPv%c",
			 wire.family == AF_INET6 ? '6' : '4');
	finish(findings, finding, candidate);
	add_local_rule(findings, finding, candidate);
}

static int find(struct findings *findings)
{
	static const int families[] = {AF_INET, AF_INET6};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		struct route_fault fault;
		const struct ev_candidate *candidate = route_fault_find(
			findings->evaluation, ROUTE_FAULT_RULE, families[i], &fault);

		if (candidate != NULL) {
			report_rule(findings, candidate, fault.rule);
			continue;
		}
		candidate = route_fault_find(findings->evaluation, ROUTE_FAULT_NO_LOCAL_RULE,
					     families[i], &fault);
		if (candidate != NULL)
			report_missing(findings, candidate);
	}
	return finding_result(findings);
}

const struct cause cause_rule_diverts = {
	.id = "rule-diverts",
	.summary = "a routing rule leads loopback packets to another table than local",
	.explanation = "The kernel knows its own addresses by the routing table local, "
		       "which the rule of priority 0 asks first. Here another rule is "
		       "asked before it, or that rule is gone, and the packets for "
		       "localhost follow the routes of another table: mostly one of a VPN "
		       "or a container network.\n\n"
		       "What clients see depends on that table: \"Network is unreachable\" "
		       "or \"No route to host\" at once, or a connection that hangs, because "
		       "a packet for 127.0.0.1 was sent out to a network. A rule for some "
		       "users only makes localhost work for one user and fail for another.\n\n"
		       "muxdiag asks the kernel for its route to the address, and reads "
		       "the rules; neither needs root. The kernel is asked as the user who "
		       "runs muxdiag, so run it as the one whose client fails. Rules that "
		       "select by a mark do not concern it: what sets marks only on some "
		       "programs' packets is not seen.\n\n"
		       "Let table local be asked first again, `ip rule add pref 0 lookup "
		       "local`, or delete the rule that stands before it. What installed "
		       "it needs a higher number for its priority.",
	.find = find,
};
