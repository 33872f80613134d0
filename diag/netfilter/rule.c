/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One rule of nftables, expression by expression, as nft_do_chain() runs them. Expressions behind
 * the first that breaks are never looked at, as in the kernel, so what is not modelled matters
 * only where a packet gets that far.
 */
#include <string.h>

#include "base/str.h"
#include "netfilter/expr.h"

static enum mux_answer not_modelled(struct nf_machine *machine, struct mux_slice name)
{
	const char *escaped = str_escape(machine->arena, name);
	const char *why = "a damaged rule";

	if (name.len != 0)
		why = arena_printf(machine->arena, "the expression \"%s\" is not modelled",
				   escaped == NULL ? "?" : escaped);
	nf_doubt(machine, why == NULL ? "out of memory" : why);
	machine->verdict.code = NF_CODE_UNKNOWN;
	return MUX_UNKNOWN;
}

static enum nf_step run_expression(struct nf_machine *machine, struct mux_slice name,
				   const struct nf_attrs *attrs)
{
	const struct nf_expr *expression = nf_expr_find(name);

	if (expression == NULL || (attrs->present & ~expression->attributes) != 0)
		return NF_STEP_ALIEN;
	return expression->run(machine, attrs);
}

enum mux_answer nf_rule_run(struct nf_machine *machine, const struct mux_nft_rule *rule)
{
	struct mux_slice rest = rule->expressions, name;
	size_t before = rest.len;
	struct nf_attrs attrs;
	bool damaged = false;

	/* What another rule left in a register is not relied on by any compiler. */
	memset(machine->registers.known, 0, sizeof(machine->registers.known));
	machine->doubt = NULL;
	machine->verdict.code = NF_CODE_CONTINUE;
	machine->verdict.reject.kind = NF_REJECT_NONE;
	machine->verdict.queue.known = false;
	while (machine->verdict.code == NF_CODE_CONTINUE &&
	       nf_expr_next(&rest, &name, &attrs, &damaged)) {
		switch (run_expression(machine, name, &attrs)) {
		case NF_STEP_NEXT:
		case NF_STEP_DOUBT:
			before = rest.len;
			break;
		case NF_STEP_BREAK:
			machine->broken = machine->before_broken = rule->expressions;
			machine->broken.len -= rest.len;
			machine->before_broken.len -= before;
			if (machine->doubt != NULL)
				nf_live_join(&machine->live, &machine->before);
			return MUX_NO;
		case NF_STEP_ALIEN:
			return not_modelled(machine, name);
		}
	}
	if (damaged)
		return not_modelled(machine, (struct mux_slice){NULL, 0});
	return machine->doubt == NULL ? MUX_YES : MUX_UNKNOWN;
}
