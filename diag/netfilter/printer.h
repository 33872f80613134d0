/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules as nft and iptables write them. A register holds what was loaded into it as text until a
 * comparison consumes it, the way nft's own delinearizer works (netlink_delinearize.c). Everything
 * from the machine is escaped.
 */
#ifndef MUX_NETFILTER_PRINTER_H
#define MUX_NETFILTER_PRINTER_H

#include "base/str.h"
#include "netfilter/packet.h"

struct nf_verdict;

/* How the bytes of a register are written. */
enum nf_type {
	NF_TYPE_BYTES,	     /* 0x… */
	NF_TYPE_NUMBER,	     /* in network order */
	NF_TYPE_HOST_NUMBER, /* in host order */
	NF_TYPE_HOST_HEX,
	NF_TYPE_IPV4,
	NF_TYPE_IPV6,
	NF_TYPE_NAME, /* of a link: NUL-padded */
	NF_TYPE_PROTOCOL,
	NF_TYPE_NFPROTO,
	NF_TYPE_ETHERTYPE,
	NF_TYPE_LINK_ADDRESS,
	NF_TYPE_ICMP,
	NF_TYPE_ICMP6,
	NF_TYPE_TCP_FLAGS,
	NF_TYPE_CT_STATE,
	NF_TYPE_CT_STATUS,
	NF_TYPE_CT_DIRECTION,
	NF_TYPE_FIB_TYPE,
	NF_TYPE_PACKET_TYPE,
};

/* What a register holds, for a person. */
struct nf_printed {
	const char *text; /* what was loaded: "tcp dport"; NULL = nothing was */
	enum nf_type type;
	size_t len;
	bool masked;
	uint8_t mask[16], xor[16];
	bool immediate; /* a constant, in `value` */
	struct mux_slice value;
};

enum { NF_PRINTED_REGISTERS = 20 };

struct nf_printer {
	struct str text;
	struct arena *arena;
	struct nf_printed registers[NF_PRINTED_REGISTERS]; /* by word */
	/* A comparison of the protocol that is only written if what follows does not imply it. */
	const char *pending;
	enum nf_type pending_type;
	uint8_t protocol; /* IPPROTO_* compared with so far; 0 = none */
	uint8_t family;	  /* NFPROTO_* compared with, or of the table */
};

/* Appends one statement, separated from what stands before. */
void nf_print(struct nf_printer *printer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Writes the comparison that was held back, if there is one. */
void nf_print_pending(struct nf_printer *printer);

/* Notes that a register holds `len` bytes of what `text` names. */
void nf_print_load(struct nf_printer *printer, uint32_t number, const char *text, enum nf_type type,
		   size_t len);

/* Notes that a register holds a constant. */
void nf_print_load_value(struct nf_printer *printer, uint32_t number, struct mux_slice value);

/* Returns what a register holds, or NULL. */
struct nf_printed *nf_printed(struct nf_printer *printer, uint32_t number);

/* Returns the bytes as their type is written, escaped, in the printer's arena. */
const char *nf_format_value(struct nf_printer *printer, enum nf_type type, struct mux_slice bytes);

/* Writes a constant register in the syntax of the type. Returns it, or NULL when it is none. */
const char *nf_format_register(struct nf_printer *printer, uint32_t number, enum nf_type type);

/* Writes a comparison of a register: `op` is "", "!= ", "< ", … Returns false when it cannot. */
bool nf_print_compare(struct nf_printer *printer, uint32_t number, const char *op,
		      struct mux_slice data);

/* Writes that a register is between two values. Returns false when it cannot. */
bool nf_print_range(struct nf_printer *printer, uint32_t number, const char *op,
		    struct mux_slice from, struct mux_slice to);

/* Returns what a register, or the fields concatenated from it on in `len` bytes, stand for. NULL
 * when it holds nothing that can be written. */
const char *nf_print_key(struct nf_printer *printer, uint32_t number, size_t len);

/* Returns the name of a code of "destination unreachable" as nft and iptables write it. */
const char *nf_unreachable_name(uint8_t family, uint8_t code);

/* Writes a verdict. Returns false when it cannot. */
bool nf_print_verdict(struct nf_printer *printer, const struct nf_verdict *verdict);

/* Returns a name from the machine escaped, in the printer's arena. */
const char *nf_escape(struct nf_printer *printer, struct mux_slice name);

/*
 * Returns the rule of a table of that family in nft syntax, in the arena; an expression that cannot
 * be written stands as "[name]". NULL when out of memory.
 */
const char *nf_rule_print(uint8_t family, const struct mux_nft_rule *rule, struct arena *arena);

/* Reads the rule's own counter. Returns false when it has none. */
bool nf_rule_counters(const struct mux_nft_rule *rule, uint64_t *ret_packets, uint64_t *ret_bytes);

#endif
