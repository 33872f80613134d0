/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One xtables match or target: how it runs and how iptables-save writes it. Legacy tables and nft's
 * compat expressions use the same. Each file xt_<name>.c has a line in xt.def and holds what
 * belongs to one kernel module. One that is not listed, or of another revision, makes its rule
 * unmodelled.
 */
#ifndef MUX_NETFILTER_XT_H
#define MUX_NETFILTER_XT_H

#include "netfilter/machine.h"
#include "netfilter/printer.h"

enum { NF_XT_REVISIONS = 4 };

/* One use of a match or target in a rule. */
struct nf_xt_use {
	const struct nf_xt *xt;
	uint8_t revision;
	struct mux_slice info; /* at least xt->size[revision] bytes, perhaps not aligned */
};

struct nf_xt {
	const char *name;	      /* as the kernel registers it; NULL ends a list */
	size_t size[NF_XT_REVISIONS]; /* of its struct, by revision; 0 = not modelled */
	/* A match answers by its step; a target sets machine->verdict, or leaves it for the rules
	 * that follow. */
	enum nf_step (*run)(struct nf_machine *machine, const struct nf_xt_use *use);
	/* Writes it as iptables-save does, with a leading space. Returns false when it cannot. */
	bool (*print)(struct nf_printer *printer, const struct nf_xt_use *use);
	bool target;
	bool no_info; /* its struct is not looked at: any size will do */
};

/* Finds the match or target and checks the size of its info. Returns false when it is not
 * modelled. */
bool nf_xt_find(struct mux_slice name, bool target, uint8_t revision, struct mux_slice info,
		struct nf_xt_use *ret_use);

/* Copies the use's struct out. */
void nf_xt_info(const struct nf_xt_use *use, void *ret_info);

/* Does a port of the packet, in host order, lie between two? */
enum mux_answer nf_port_between(const struct nf_machine *machine, bool source, uint16_t least,
				uint16_t greatest);

/* Is any bit of the mask set? */
enum mux_answer nf_any_bit(uint32_t value, uint32_t known, uint32_t mask);

/* (value & mask) == wanted, as mark matches compare. */
enum mux_answer nf_masked_equal(uint32_t value, uint32_t known, uint32_t mask, uint32_t wanted);

/* Returns the opposite of the answer if `invert`. */
static inline enum mux_answer nf_invert(enum mux_answer answer, bool invert)
{
	return invert ? nf_not(answer) : answer;
}

/* Appends " ! --option least[:greatest]". */
void nf_print_ports(struct nf_printer *printer, const char *option, bool invert, uint16_t least,
		    uint16_t greatest);

#define NF_XT(name) extern const struct nf_xt nf_xt_##name[];
#include "netfilter/xt.def"
#undef NF_XT

#endif
