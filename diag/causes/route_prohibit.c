/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A routing rule or route, mostly a VPN's kill switch, refuses what goes to this machine itself. */
#include <errno.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/route_fault.h"
#include "causes/subject.h"
#include "causes/words.h"
#include "evaluate/context.h"

/* What of one address is refused, and by what. */
struct refusal {
	const struct ev_candidate *candidate;
	struct mux_address wire;
	const char *address, *ip; /* "::1", "ip -6" */
	size_t n_culprits;
	const char *culprit, *remedy; /* of the last one */
	struct change change;
};

/* Of a selective rule it is not known what it selects, only that its error is the one that came. */
static void add_rules(struct findings *findings, struct cause_finding *finding,
		      struct refusal *refusal)
{
	const struct mux_routing *routing = &findings->evaluation->snapshot->routing;
	struct arena *arena = findings->arena;
	const char *word = "";
	size_t i;

	for (i = 0; i < routing->n_rules; i++) {
		const struct mux_rule *rule = &routing->rules[i];
		unsigned priority = (unsigned)rule->priority;

		if (rule->family != refusal->wire.family ||
		    route_error_of_rule(rule->action, &word) != refusal->candidate->route.error)
			continue;
		refusal->n_culprits++;
		refusal->culprit = arena_printf(arena, "routing rule %u (%s)", priority, word);
		refusal->remedy =
			arena_printf(arena, "%s rule del pref %u %s", refusal->ip, priority, word);
		refusal->change = (struct change){
			.kind = CHANGE_RULE, .rule = {rule->family, rule->priority, rule->action}};
		finding_evidence(findings, finding,
				 arena_printf(arena, "routing rule %u", priority), "%s, for %s",
				 word, rule->selective ? "some packets" : "every packet");
	}
}

static void add_routes(struct findings *findings, struct cause_finding *finding,
		       struct refusal *refusal)
{
	const struct mux_routing *routing = &findings->evaluation->snapshot->routing;
	struct arena *arena = findings->arena;
	const char *word = "", *prefix;
	size_t i;

	for (i = 0; i < routing->n_routes; i++) {
		const struct mux_route *route = &routing->routes[i];

		if (route->family != refusal->wire.family ||
		    route_error_of_route(route->type, &word) != refusal->candidate->route.error ||
		    !addr_in_prefix(&refusal->wire, &route->destination, route->prefix_len))
			continue;
		prefix = arena_printf(arena, "%s/%u", words_address(arena, &route->destination),
				      (unsigned)route->prefix_len);
		refusal->n_culprits++;
		refusal->culprit = arena_printf(arena, "the %s route to %s", word, prefix);
		refusal->remedy = arena_printf(arena, "%s route del %s %s table local", refusal->ip,
					       word, prefix);
		refusal->change = (struct change){.kind = CHANGE_ROUTE, .route = *route};
		finding_evidence(findings, finding, arena_printf(arena, "route %s", prefix),
				 "%s, in table local", word);
	}
}

static void add_title(struct findings *findings, struct cause_finding *finding,
		      const struct refusal *refusal)
{
	if (refusal->n_culprits == 1)
		finding_title(findings, finding, "%s refuses packets to %s", refusal->culprit,
			      refusal->address);
	else if (refusal->n_culprits == 0 && refusal->candidate->route.error == ENETUNREACH)
		finding_title(findings, finding, "no route leads to %s", refusal->address);
	else
		finding_title(findings, finding, "a routing rule or route refuses packets to %s",
			      refusal->address);
}

static void report(struct findings *findings, const struct ev_candidate *candidate)
{
	int family = candidate->address.family;
	struct refusal refusal = {.candidate = candidate};
	struct cause_finding *finding =
		finding_add(findings, &cause_route_prohibit,
			    subject_severity(findings->evaluation, candidate->name->of_target));

	refusal.wire = ev_wire_address(&candidate->address);
	refusal.address = words_address(findings->arena, &refusal.wire);
	refusal.ip = refusal.wire.family == AF_INET6 ? "ip -6" : "ip";
	finding_evidence(findings, finding,
			 arena_printf(findings->arena, "kernel's route to %s", refusal.address),
			 "%s", words_error(findings->arena, candidate->route.error));
	add_rules(findings, finding, &refusal);
	add_routes(findings, finding, &refusal);
	add_title(findings, finding, &refusal);
	subject_add_probes(findings, finding, candidate);
	finding_hit(finding, subject_hit(findings, family));
	finding_blocks(finding, 1u << MUX_STAGE_ROUTE, family);
	if (refusal.n_culprits == 1) {
		finding_fix(findings, finding, "Remove it", refusal.remedy, NULL);
		finding_change(findings, finding, &refusal.change);
	} else {
		finding_fix(findings, finding, "Look for the rule or route, and remove it",
			    arena_printf(findings->arena, "%s rule", refusal.ip),
			    arena_printf(findings->arena, "%s route show table all", refusal.ip));
	}
}

/* That no route leads to another machine is a missing network, and nobody's refusal. */
static bool is_refused(const struct ev_candidate *candidate)
{
	struct mux_address wire;

	if (candidate == NULL)
		return false;
	wire = ev_wire_address(&candidate->address);
	return candidate->route.error != ENETUNREACH || addr_is_loopback(&wire);
}

static int find(struct findings *findings)
{
	static const int families[] = {AF_INET, AF_INET6};
	size_t i;

	for (i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
		const struct ev_candidate *candidate =
			subject_stopped(findings->evaluation, EV_ROUTE_REFUSED, families[i]);

		/* What a table lacks or a rule leads to is no refusal of its own. */
		if (is_refused(candidate) &&
		    route_fault(findings->evaluation, candidate).kind == ROUTE_FAULT_NONE)
			report(findings, candidate);
	}
	return finding_result(findings);
}

const struct cause cause_route_prohibit = {
	.id = "route-prohibit",
	.summary = "a routing rule or route refuses the packets",
	.explanation = "A routing rule or route refuses what this machine sends to itself. "
		       "VPN clients install such rules to keep packets out of the open (a "
		       "kill switch), and forget loopback.\n\n"
		       "connect() fails at once, and its error names the kind: \"Permission "
		       "denied\" for prohibit, \"Invalid argument\" for blackhole, \"Network "
		       "is unreachable\" or \"No route to host\" for unreachable.\n\n"
		       "muxdiag asks the kernel for its route to the address, which gives "
		       "the same error, and looks for the rule or route of that kind; "
		       "neither needs root. A rule may select by user or mark: the kernel "
		       "is asked as the user who runs muxdiag, so run it as the one whose "
		       "client fails. A security module or sandbox also answers "
		       "\"Permission denied\", but there the kernel's route is good "
		       "(security-module-denies, sandbox-denies).\n\n"
		       "Delete the rule or route that is named, or let the rule that looks "
		       "up table local stand in front of it, at priority 0. What installed "
		       "it may install it again: look there for an exception for local "
		       "addresses.",
	.find = find,
};
