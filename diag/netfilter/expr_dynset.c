/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_dynset.c: puts a key into a set, or takes it out. */
#include "netfilter/kernel.h"

#include "base/slice.h"
#include "netfilter/expr.h"

struct dynset {
	struct mux_slice set;
	uint32_t op, key, flags;
	bool has_expressions;
};

static bool decode(const struct nf_attrs *attrs, struct dynset *dynset)
{
	dynset->set = nf_attr_name(attrs, NFTA_DYNSET_SET_NAME);
	dynset->has_expressions =
		nf_attr_has(attrs, NFTA_DYNSET_EXPR) || nf_attr_has(attrs, NFTA_DYNSET_EXPRESSIONS);
	return nf_attr_u32(attrs, NFTA_DYNSET_OP, UINT32_MAX, &dynset->op) &&
	       nf_attr_u32(attrs, NFTA_DYNSET_SREG_KEY, 0, &dynset->key) &&
	       nf_attr_u32(attrs, NFTA_DYNSET_FLAGS, 0, &dynset->flags) &&
	       dynset->op <= NFT_DYNSET_OP_DELETE;
}

/* Returns the packets a limit on the element lets through for certain; 0 = not known. */
static uint32_t capacity(const struct nf_attrs *attrs)
{
	struct nf_attrs expression, data;
	uint32_t burst, flags, type;

	if (!nf_attr_has(attrs, NFTA_DYNSET_EXPR) ||
	    !nf_attrs_parse(attrs->payload[NFTA_DYNSET_EXPR], &expression) ||
	    !nf_attr_has(&expression, NFTA_EXPR_DATA) ||
	    !nf_attrs_parse(expression.payload[NFTA_EXPR_DATA], &data))
		return 0;
	if (slice_is(nf_attr_name(&expression, NFTA_EXPR_NAME), "counter"))
		return UINT32_MAX;
	if (slice_is(nf_attr_name(&expression, NFTA_EXPR_NAME), "connlimit"))
		return nf_attr_u32(&data, NFTA_CONNLIMIT_COUNT, 0, &burst) ? burst : 0;
	if (!slice_is(nf_attr_name(&expression, NFTA_EXPR_NAME), "limit") ||
	    !nf_attr_u32(&data, NFTA_LIMIT_BURST, 0, &burst) ||
	    !nf_attr_u32(&data, NFTA_LIMIT_TYPE, 0, &type) ||
	    !nf_attr_u32(&data, NFTA_LIMIT_FLAGS, 0, &flags) || type != NFT_LIMIT_PKTS)
		return 0;
	return burst == 0 ? 5 : burst;
}

/* Does the expression on the element hold when it is inverted ("over")? */
static bool is_over(const struct nf_attrs *attrs)
{
	struct nf_attrs expression, data;
	uint32_t flags = 0;

	if (!nf_attr_has(attrs, NFTA_DYNSET_EXPR) ||
	    !nf_attrs_parse(attrs->payload[NFTA_DYNSET_EXPR], &expression) ||
	    !nf_attr_has(&expression, NFTA_EXPR_DATA) ||
	    !nf_attrs_parse(expression.payload[NFTA_EXPR_DATA], &data))
		return false;
	if (slice_is(nf_attr_name(&expression, NFTA_EXPR_NAME), "limit"))
		nf_attr_u32(&data, NFTA_LIMIT_FLAGS, 0, &flags);
	else if (slice_is(nf_attr_name(&expression, NFTA_EXPR_NAME), "connlimit"))
		nf_attr_u32(&data, NFTA_CONNLIMIT_FLAGS, 0, &flags);
	return (flags & 1u) != 0;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct dynset dynset;
	uint32_t n;

	if (!decode(attrs, &dynset))
		return NF_STEP_ALIEN;
	machine->live.sets_changed = true;
	nf_assume(machine, "that no set is full");
	/* nft_dynset_eval(): inverted, it breaks where the plain one goes on. */
	if (dynset.flags & NFT_DYNSET_F_INV)
		return NF_STEP_BREAK;
	if (!dynset.has_expressions)
		return NF_STEP_NEXT;
	n = capacity(attrs);
	if (n == 0 ||
	    (n != UINT32_MAX && !nf_spend(machine, attrs->payload[NFTA_DYNSET_EXPR].data, n)))
		return nf_doubt(machine, "a limit on the elements of a set");
	return is_over(attrs) ? NF_STEP_BREAK : NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const ops[] = {"add", "update", "delete"};
	struct dynset dynset;
	const char *key;

	if (!decode(attrs, &dynset))
		return false;
	key = nf_print_key(printer, dynset.key, 1);
	nf_print(printer, "%s @%s { %s }", ops[dynset.op], nf_escape(printer, dynset.set),
		 key == NULL ? "?" : key);
	return true;
}

const struct nf_expr nf_expr_dynset = {
	.name = "dynset",
	.attributes = 1u << NFTA_DYNSET_SET_NAME | 1u << NFTA_DYNSET_SET_ID | 1u << NFTA_DYNSET_OP |
		      1u << NFTA_DYNSET_SREG_KEY | 1u << NFTA_DYNSET_SREG_DATA |
		      1u << NFTA_DYNSET_TIMEOUT | 1u << NFTA_DYNSET_EXPR | 1u << NFTA_DYNSET_PAD |
		      1u << NFTA_DYNSET_FLAGS | 1u << NFTA_DYNSET_EXPRESSIONS,
	.run = run,
	.print = print,
};
