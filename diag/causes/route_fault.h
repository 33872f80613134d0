/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why does the kernel not deliver a loopback address on this machine, when nothing refuses it by
 * name: is table local not asked first, or has it lost the address? */
#ifndef MUX_CAUSES_ROUTE_FAULT_H
#define MUX_CAUSES_ROUTE_FAULT_H

#include "causes/cause.h"

/* The errno that fib4_rule_action() and fib6_rule_action() give for a rule's action, and its word
 * in ip-rule(8); 0 = it refuses nothing, and the word stays as it is. */
int route_error_of_rule(uint8_t action, const char **ret_word);

/* The same for a route's type (fib_props[], ip6_rt_type_to_error()). */
int route_error_of_route(uint8_t type, const char **ret_word);

enum route_fault_kind {
	ROUTE_FAULT_NONE,
	ROUTE_FAULT_NO_LOCAL_RULE, /* no rule looks up table local for every packet */
	ROUTE_FAULT_RULE,	   /* `rule` looks up another table before */
	ROUTE_FAULT_LOCAL_TABLE,   /* table local is asked first, and has no route to it */
};

struct route_fault {
	enum route_fault_kind kind;
	const struct mux_rule *rule; /* of ROUTE_FAULT_RULE */
};

/* Returns what is wrong. ROUTE_FAULT_NONE, too, for what works, is no loopback address, or is
 * refused by a rule or route of its own (see route-prohibit), and where rules were not read. */
struct route_fault route_fault(const struct evaluation *evaluation,
			       const struct ev_candidate *candidate);

/* Returns the first candidate of that family that the answer is about with a fault of that kind
 * (which is stored), or NULL. */
const struct ev_candidate *route_fault_find(const struct evaluation *evaluation,
					    enum route_fault_kind kind, int family,
					    struct route_fault *ret);

#endif
