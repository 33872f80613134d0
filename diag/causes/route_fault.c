/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/route_fault.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "causes/subject.h"
#include "evaluate/context.h"

int route_error_of_rule(uint8_t action, const char **ret_word)
{
	switch (action) {
	case FR_ACT_PROHIBIT:
		*ret_word = "prohibit";
		return EACCES;
	case FR_ACT_BLACKHOLE:
		*ret_word = "blackhole";
		return EINVAL;
	case FR_ACT_UNREACHABLE:
		*ret_word = "unreachable";
		return ENETUNREACH;
	default:
		return 0;
	}
}

int route_error_of_route(uint8_t type, const char **ret_word)
{
	switch (type) {
	case RTN_PROHIBIT:
		*ret_word = "prohibit";
		return EACCES;
	case RTN_BLACKHOLE:
		*ret_word = "blackhole";
		return EINVAL;
	case RTN_UNREACHABLE:
		*ret_word = "unreachable";
		return EHOSTUNREACH;
	default:
		return 0;
	}
}

static bool looks_up(const struct mux_rule *rule, int family)
{
	/* A rule for the tables of l3mdev links has no table of its own. */
	return rule->family == family && rule->action == FR_ACT_TO_TBL &&
	       rule->table != RT_TABLE_UNSPEC;
}

/* May the rule be for our packets? Of other selectors than the user nothing is known; no probe has
 * a mark. */
static bool may_match(const struct mux_rule *rule, uint32_t uid)
{
	if (rule->has_mark)
		return false;
	return !rule->has_uids || (rule->first_uid <= uid && uid <= rule->last_uid);
}

/* Does any rule or route of table local refuse by its own kind, with that error? */
static bool is_refused_by_name(const struct mux_routing *routing, const struct mux_address *wire,
			       int error)
{
	const char *word;
	size_t i;

	for (i = 0; i < routing->n_rules; i++)
		if (routing->rules[i].family == wire->family &&
		    route_error_of_rule(routing->rules[i].action, &word) == error)
			return true;
	for (i = 0; i < routing->n_routes; i++)
		if (routing->routes[i].family == wire->family &&
		    route_error_of_route(routing->routes[i].type, &word) == error &&
		    addr_in_prefix(wire, &routing->routes[i].destination,
				   routing->routes[i].prefix_len))
			return true;
	return false;
}

static bool has_local_route(const struct mux_routing *routing, const struct mux_address *wire)
{
	size_t i;

	for (i = 0; i < routing->n_routes; i++) {
		const struct mux_route *route = &routing->routes[i];

		if (route->family == wire->family && route->type == RTN_LOCAL &&
		    addr_in_prefix(wire, &route->destination, route->prefix_len))
			return true;
	}
	return false;
}

/* Rules come in the order in which they are asked. */
static struct route_fault find_fault(const struct mux_snapshot *snapshot,
				     const struct mux_address *wire)
{
	const struct mux_routing *routing = &snapshot->routing;
	struct route_fault fault = {.kind = ROUTE_FAULT_NO_LOCAL_RULE};
	size_t i;

	for (i = 0; i < routing->n_rules; i++) {
		const struct mux_rule *rule = &routing->rules[i];

		if (!looks_up(rule, wire->family) || !may_match(rule, snapshot->machine.uid))
			continue;
		if (rule->table != RT_TABLE_LOCAL) {
			if (fault.rule == NULL)
				fault.rule = rule;
		} else if (!rule->selective) {
			fault.kind = fault.rule != NULL ? ROUTE_FAULT_RULE : ROUTE_FAULT_NONE;
			break;
		}
	}
	if (fault.kind == ROUTE_FAULT_NONE && routing->routes_source.presence == MUX_PRESENT &&
	    !has_local_route(routing, wire))
		fault.kind = ROUTE_FAULT_LOCAL_TABLE;
	return fault;
}

struct route_fault route_fault(const struct evaluation *evaluation,
			       const struct ev_candidate *candidate)
{
	const struct mux_routing *routing = &evaluation->snapshot->routing;
	struct mux_address wire = ev_wire_address(&candidate->address);
	struct route_fault none = {.kind = ROUTE_FAULT_NONE};
	bool refused = candidate->route.state == EV_ROUTE_REFUSED;

	if (candidate->works == MUX_YES || !addr_is_loopback(&wire) ||
	    routing->rules_source.presence != MUX_PRESENT ||
	    (!refused && candidate->route.state != EV_ROUTE_DIVERTED) ||
	    (refused && is_refused_by_name(routing, &wire, candidate->route.error)))
		return none;
	return find_fault(evaluation->snapshot, &wire);
}

const struct ev_candidate *route_fault_find(const struct evaluation *evaluation,
					    enum route_fault_kind kind, int family,
					    struct route_fault *ret)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++) {
		const struct ev_candidate *candidate = &evaluation->candidates[i];

		if (candidate->address.family != family || !subject_has(evaluation, candidate))
			continue;
		*ret = route_fault(evaluation, candidate);
		if (ret->kind == kind)
			return candidate;
	}
	return NULL;
}
