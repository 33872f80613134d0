/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One nftables expression: how it runs and how nft writes it. Each is a file expr_<name>.c with a
 * line in exprs.def. An expression that is not listed, or that carries an attribute its file does
 * not know, makes its rule unmodelled.
 */
#ifndef MUX_NETFILTER_EXPR_H
#define MUX_NETFILTER_EXPR_H

#include "netfilter/attr.h"
#include "netfilter/machine.h"
#include "netfilter/printer.h"

/* Why a register that holds a sequence number is not known; compared by address. */
extern const char nf_why_sequence[];

struct nf_expr {
	const char *name;
	uint32_t attributes; /* 1u << type, of every attribute it understands */
	enum nf_step (*run)(struct nf_machine *machine, const struct nf_attrs *attrs);
	/* Writes it in nft syntax. Returns false when it cannot. */
	bool (*print)(struct nf_printer *printer, const struct nf_attrs *attrs);
};

/* Returns the expression of that name, or NULL. */
const struct nf_expr *nf_expr_find(struct mux_slice name);

/*
 * Cuts the next expression off the bytes of NFTA_RULE_EXPRESSIONS. Returns false at the end;
 * *ret_damaged is set when what is left is no expression. An expression without data has no
 * attributes.
 */
bool nf_expr_next(struct mux_slice *rest, struct mux_slice *ret_name, struct nf_attrs *ret_attrs,
		  bool *ret_damaged);

/* Reads the verdict of NFTA_DATA_VERDICT inside the attribute. Returns false for anything else, and
 * for a verdict that is not modelled. */
bool nf_attr_verdict(const struct nf_attrs *attrs, unsigned type, struct nf_verdict *ret_verdict);

/* As nf_attr_verdict() for the payload of the attribute itself. */
bool nf_verdict_parse(struct mux_slice data, struct nf_verdict *ret_verdict);

#define NF_EXPR(name) extern const struct nf_expr nf_expr_##name;
#include "netfilter/exprs.def"
#undef NF_EXPR

#endif
