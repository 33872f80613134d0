/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The entries of a legacy table: struct ipt_entry and struct ip6t_entry in one shape, every offset
 * checked, because the bytes may come from a recorded file. */
#ifndef MUX_NETFILTER_LEGACY_ENTRY_H
#define MUX_NETFILTER_LEGACY_ENTRY_H

#include "netfilter/kernel.h"

#include "netfilter/machine.h"

/* A rule's own match, as ip_packet_match() and ip6_packet_match() read it. */
struct nf_entry {
	uint8_t source[16], destination[16], source_mask[16], destination_mask[16];
	size_t address_len; /* bytes: 4 or 16 */
	char input[IFNAMSIZ], output[IFNAMSIZ];
	uint8_t input_mask[IFNAMSIZ], output_mask[IFNAMSIZ];
	bool has_protocol;
	uint16_t protocol;
	bool is_goto, fragment;
	uint8_t invert; /* IPT_INV_*, IP6T_INV_* are the same */
	uint64_t packets, bytes;
	const char *start;	  /* of the entry, in the table's bytes */
	size_t len;		  /* of the entry: the next one begins there */
	struct mux_slice matches; /* struct xt_entry_match, one after the other */
	struct mux_slice target_name;
	uint8_t target_revision;
	struct mux_slice target_info;
};

/* Reads the entry at the offset. Returns false when the table is damaged there. */
bool nf_entry_read(const struct mux_xtables_table *table, size_t offset,
		   struct nf_entry *ret_entry);

/* Cuts the next match off *rest. Returns false at the end; *ret_damaged is set when what is left is
 * no match. */
bool nf_entry_next_match(struct mux_slice *rest, struct mux_slice *ret_name, uint8_t *ret_revision,
			 struct mux_slice *ret_info, bool *ret_damaged);

/* Is the target the standard one? Then *ret_verdict is its verdict. */
bool nf_entry_standard(const struct nf_entry *entry, int32_t *ret_verdict);

/*
 * Finds which chain the entry at the offset is in, and its position there, from 1. Returns false
 * when there is none.
 */
bool nf_entry_locate(const struct mux_xtables_table *table, size_t offset,
		     struct mux_slice *ret_chain, size_t *ret_position);

/* Returns "INPUT", "OUTPUT", … for NF_INET_*. */
const char *nf_legacy_chain_name(unsigned hook);

/* Returns the NF_INET_* of a hook that legacy tables have. */
unsigned nf_legacy_hook(enum nf_hook hook);

/* Returns the rule as iptables-save writes it, in the arena; NULL when out of memory. */
const char *nf_entry_print(const struct mux_xtables_table *table, size_t offset,
			   struct mux_slice chain, struct arena *arena);

#endif
