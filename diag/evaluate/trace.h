/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packets of one traced conversation, hook by hook: as the rules say (trace_expect.c) and as
 * the kernel reported (trace_read.c), in one shape, so that they can be compared (trace_compare.c).
 */
#ifndef MUX_EVALUATE_TRACE_H
#define MUX_EVALUATE_TRACE_H

#include <muxdiag/path.h>
#include <muxdiag/trace.h>

#include "evaluate/context.h"
#include "netfilter/talk.h"

/* The packets of a conversation that a trace can see. */
enum ev_packet {
	EV_REQUEST, /* SYN, datagram, echo request */
	EV_ANSWER,  /* SYN/ACK, datagram, echo reply */
	EV_ACK,
	EV_REFUSAL, /* RST or ICMP error, from a rule or a closed port */
	EV_N_PACKETS,
	EV_NO_PACKET = EV_N_PACKETS,
};

/* A rule that matched, or a policy. */
struct ev_step {
	struct nf_decision where; /* its kind means nothing */
	const char *verdict;
	bool certain;
};

/* What one of the two says of one packet on one hook. */
struct ev_side {
	enum mux_fate fate;
	struct nf_decision decision; /* of a fate that somebody decides */
	const char *reason; /* of MUX_FATE_UNKNOWN and MUX_FATE_VANISHED, for people; else NULL */
	/* Of MUX_FATE_VANISHED: between which priorities, both excluded. */
	int32_t after, before;
	struct arena_list steps; /* of struct ev_step */
};

struct ev_journey {
	bool seen;	  /* the packet was sent, or would be */
	uint8_t protocol; /* IPPROTO_* of a packet that was really seen; 0 = not known */
	struct ev_side hooks[NF_N_HOOKS];
};

struct ev_conversation {
	struct ev_journey journeys[EV_N_PACKETS];
	struct nf_talk_answer answer; /* of the evaluation */
};

/* Starts an empty conversation. */
void ev_conversation_init(struct ev_conversation *conversation);

/* Returns the packet's name: "request", … */
const char *ev_packet_name(enum ev_packet packet);

/* Which packet of the probe's conversation is it, by its kind and ports? Translation may have
 * changed the ports. */
enum ev_packet ev_packet_of(const struct mux_trace_packet *packet, const struct mux_probe *probe);

/* Is it one of the tables that a trace adds, ours or that of another? They change nothing. */
bool ev_is_trace_table(uint8_t family, struct mux_slice table);

/* Returns the traced packet as a question about its path. */
struct mux_path_question ev_trace_path(const struct mux_probe *probe);

/*
 * Fills the question that the evaluator is asked about the traced packet. What the facts do not
 * tell of the listener is taken from what answered (`real`).
 */
void ev_trace_question(const struct ev_context *context, const struct mux_trace *trace,
		       const struct ev_conversation *real, struct nf_talk_question *ret);

/* Fills *ret with what the rules say. Returns 0 or -ENOMEM. */
int ev_trace_expect(const struct ev_context *context, const struct nf_talk_question *question,
		    struct ev_conversation *ret);

/* Fills *ret with what the kernel reported. Returns 0 or -ENOMEM. */
int ev_trace_read(const struct ev_context *context, const struct mux_trace *trace,
		  struct ev_conversation *ret);

/*
 * Do both say the same of the packet on that hook? *ret_difference is what they do not agree on, in
 * the arena, and "" unless the answer is MUX_NO.
 */
enum mux_answer ev_trace_agree(const struct ev_context *context, const struct ev_side *evaluated,
			       const struct ev_side *real, enum nf_hook hook,
			       const char **ret_difference);

/*
 * Finds the legacy table that has taken a packet that vanished on the hook: *ret_table is the one
 * there is between the two priorities. Returns how many there are.
 */
size_t ev_trace_suspects(const struct ev_context *context, const struct mux_trace *trace,
			 const struct ev_side *side, enum nf_hook hook, struct nf_base *ret_table);

/* "rule 3 of ip filter INPUT: tcp dport 8000 drop", "the policy of …"; in the arena. */
const char *ev_decision_text(struct arena *arena, const struct nf_decision *decision);

/* Facts → report, in the arena. Returns 0 or -ENOMEM. */
int ev_trace_run(const struct mux_snapshot *snapshot, struct arena *arena,
		 struct mux_trace_report *ret);

#endif
