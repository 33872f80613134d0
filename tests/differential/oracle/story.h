/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What became of one probe's flow, told by trace events: which of its packets passed which way, and
 * which rule or policy ended it.
 */
#ifndef ORACLE_STORY_H
#define ORACLE_STORY_H

#include "trace.h"

/* The packets of a flow, in the order in which they decide. Errors that ICMP brings back belong to
 * no flow here: what they do shows in the connect result. */
enum packet {
	PACKET_SYN,
	PACKET_SYNACK,
	PACKET_ACK,
	PACKET_DATA,
	PACKET_RST,   /* of the closed port */
	PACKET_QUERY, /* UDP or echo request */
	PACKET_ANSWER,
	N_PACKETS,
	PACKET_NOISE = N_PACKETS, /* of another flow, or after the part that counts */
};

/* One way of one packet: through OUTPUT, POSTROUTING and egress, or through the others. */
struct pass {
	uint32_t id;
	enum packet packet;
	bool incoming;
	bool ended;   /* it left INPUT */
	bool dropped; /* by `drop` */
	struct event drop;
	char last_sentinel[64]; /* chain of our own table that it met last */
};

enum { STORY_MAX_PASSES = 64 };

struct story {
	const struct probe *probe;
	const char *own_table;
	struct pass passes[STORY_MAX_PASSES];
	unsigned n_passes;
	bool overflow;
};

enum ending {
	ENDING_PASSED,	 /* every packet seen got through */
	ENDING_DROPPED,	 /* `pass->drop` ended it */
	ENDING_VANISHED, /* `pass` stopped after its last event: no nftables rule did that */
};

/* Takes one event; the callback of trace_drain(), data is the struct story. */
void story_take(const struct event *event, void *data);

/* Returns how it ended so far; *ret_pass is the pass that decided, NULL for ENDING_PASSED. It lives
 * as long as the story. */
enum ending story_end(const struct story *story, const struct pass **ret_pass);

/* Returns "syn", "synack<", … ("<": towards the client). */
const char *packet_name(enum packet packet);

#endif
