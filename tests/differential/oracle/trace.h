/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's own report of what it does with packets (nf_tables_trace.c), got through a table
 * with the owner flag, which nobody else can change and which goes with this process.
 */
#ifndef ORACLE_TRACE_H
#define ORACLE_TRACE_H

#include <libmnl/libmnl.h>

#include "oracle.h"

struct nft_ctx;

enum event_type { EVENT_POLICY = 1, EVENT_RETURN = 2, EVENT_RULE = 3 }; /* NFT_TRACETYPE_* */

/* What the header of a packet says; only the first event of each base chain has it. */
struct header {
	bool present;
	bool incoming; /* it has an input interface and no output interface */
	uint8_t protocol;
	uint16_t source, destination; /* host order; ICMP: the identifier in both */
	uint8_t flags;		      /* of TCP */
	uint8_t icmp_type;
	bool has_payload; /* bytes behind the TCP header */
};

struct event {
	uint32_t id;
	enum event_type type;
	uint8_t family; /* NFPROTO_* of the table */
	char table[256], chain[256];
	uint64_t handle; /* 0: the end of the chain */
	bool has_verdict;
	uint32_t verdict; /* NF_DROP, NF_ACCEPT, …, or NFT_JUMP and the like */
	struct header header;
};

struct trace {
	struct nft_ctx *nft; /* owner of the table */
	struct mnl_socket *events;
	bool installed;
	bool has_brackets;
	char table[32];
};

/* Opens the sockets in the present namespace. Returns 0 or -errno; trace_close() in either case. */
int trace_open(struct trace *trace, struct failure *failure);

/* Ends it and everything it installed. */
void trace_close(struct trace *trace);

/* Installs the table that marks the packets of probes; with brackets also two chains around each
 * place of a legacy table, called before_TABLE_HOOK and after_TABLE_HOOK. Returns 0 or -errno. */
int trace_install(struct trace *trace, bool brackets, struct failure *failure);

/* Takes the table away again, if there is one. Returns 0 or -errno. */
int trace_remove(struct trace *trace, struct failure *failure);

/*
 * Gives each event there is now to take(). Returns 0, -ENOBUFS if the kernel had to drop events, or
 * -errno.
 */
int trace_drain(struct trace *trace, void (*take)(const struct event *event, void *data),
		void *data);

#endif
