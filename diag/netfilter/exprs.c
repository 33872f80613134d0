/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/slice.h"
#include "netfilter/expr.h"

static const struct nf_expr *const expressions[] = {
#define NF_EXPR(name) &nf_expr_##name,
#include "netfilter/exprs.def"
#undef NF_EXPR
};

/* Compares a name that may hold anything with one of ours. */
static int compare(struct mux_slice name, const char *ours)
{
	size_t len = strlen(ours);
	int order = memcmp(name.data, ours, name.len < len ? name.len : len);

	return order != 0 ? order : (name.len > len) - (name.len < len);
}

/* exprs.def is in alphabetical order. */
static const struct nf_expr *search(struct mux_slice name)
{
	size_t from = 0, to = sizeof(expressions) / sizeof(expressions[0]);

	while (from < to) {
		size_t middle = from + (to - from) / 2;
		int order = compare(name, expressions[middle]->name);

		if (order == 0)
			return expressions[middle];
		if (order < 0)
			to = middle;
		else
			from = middle + 1;
	}
	return NULL;
}

/* What nearly every rule consists of is found by a comparison of constant length. */
const struct nf_expr *nf_expr_find(struct mux_slice name)
{
	switch (name.len) {
	case 3:
		if (memcmp(name.data, "cmp", 3) == 0)
			return &nf_expr_cmp;
		break;
	case 4:
		if (memcmp(name.data, "meta", 4) == 0)
			return &nf_expr_meta;
		break;
	case 7:
		if (memcmp(name.data, "payload", 7) == 0)
			return &nf_expr_payload;
		break;
	default:
		break;
	}
	return search(name);
}

/* nf_tables_fill_expr_info(): the name, then the data, if there is any. */
bool nf_expr_next(struct mux_slice *rest, struct mux_slice *ret_name, struct nf_attrs *ret_attrs,
		  bool *ret_damaged)
{
	struct mux_slice element, name, data;
	bool has_data, damaged;
	uint16_t type;

	if (!nf_attr_next(rest, &type, &element, ret_damaged))
		return false;
	*ret_damaged = true;
	if (type != NFTA_LIST_ELEM || !nf_attr_next(&element, &type, &name, &damaged) ||
	    type != NFTA_EXPR_NAME)
		return false;
	damaged = false;
	has_data = nf_attr_next(&element, &type, &data, &damaged);
	if (damaged || element.len != 0 || (has_data && type != NFTA_EXPR_DATA))
		return false;
	*ret_damaged = false;
	if (name.len != 0 && name.data[name.len - 1] == '\0')
		name.len--;
	*ret_name = name;
	ret_attrs->present = 0;
	if (has_data && !nf_attrs_parse(data, ret_attrs))
		ret_attrs->present = NF_ATTRS_DAMAGED;
	return true;
}

static bool code_of(uint32_t number, enum nf_code *ret_code)
{
	switch ((int32_t)number) {
	case NFT_CONTINUE:
		*ret_code = NF_CODE_CONTINUE;
		return true;
	case NFT_JUMP:
		*ret_code = NF_CODE_JUMP;
		return true;
	case NFT_GOTO:
		*ret_code = NF_CODE_GOTO;
		return true;
	case NFT_RETURN:
		*ret_code = NF_CODE_RETURN;
		return true;
	case NF_ACCEPT:
		*ret_code = NF_CODE_ACCEPT;
		return true;
	case NF_DROP:
		*ret_code = NF_CODE_DROP;
		return true;
	default:
		*ret_code = NF_CODE_QUEUE;
		return (number & NF_VERDICT_MASK) == NF_QUEUE;
	}
}

bool nf_verdict_parse(struct mux_slice data, struct nf_verdict *ret_verdict)
{
	struct nf_attrs attrs, verdict;
	uint32_t number;

	if (!nf_attrs_parse(data, &attrs) || attrs.present != 1u << NFTA_DATA_VERDICT ||
	    !nf_attrs_parse(attrs.payload[NFTA_DATA_VERDICT], &verdict) ||
	    (verdict.present & ~(1u << NFTA_VERDICT_CODE | 1u << NFTA_VERDICT_CHAIN)) != 0 ||
	    !nf_attr_has(&verdict, NFTA_VERDICT_CODE) ||
	    !nf_attr_u32(&verdict, NFTA_VERDICT_CODE, 0, &number))
		return false;
	ret_verdict->reject.kind = NF_REJECT_NONE;
	ret_verdict->queue.known = false;
	ret_verdict->chain = nf_attr_name(&verdict, NFTA_VERDICT_CHAIN);
	return code_of(number, &ret_verdict->code);
}

bool nf_attr_verdict(const struct nf_attrs *attrs, unsigned type, struct nf_verdict *ret_verdict)
{
	return nf_attr_has(attrs, type) && nf_verdict_parse(attrs->payload[type], ret_verdict);
}
