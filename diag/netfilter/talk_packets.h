/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The packets of a conversation, one at a time: what each is like on its way, and leaves behind. */
#ifndef MUX_NETFILTER_TALK_PACKETS_H
#define MUX_NETFILTER_TALK_PACKETS_H

#include "netfilter/talk.h"

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };

/* The flow as the packets before have left it. */
struct nf_flow {
	const struct nf_ruleset *ruleset;
	const struct nf_talk_question *question;
	struct arena *arena;
	struct nf_live first; /* the request as it arrived */
	bool tracked;	      /* conntrack has an entry */
	bool state_known;     /* and that is certain */
	bool confirmed;	      /* the rejected packet had passed POSTROUTING before */
	bool answered;	      /* the server has sent its answer */
	bool unanswered;      /* conntrack has not seen the server's SYN/ACK */
	uint32_t ct_mark, ct_mark_known, ct_status, ct_status_known;
};

/* Reads an address of the request as it arrived. Returns false when it is not known. */
bool nf_talk_arrived_address(const struct nf_flow *flow, bool source, struct mux_address *ret);

/* As nf_talk_arrived_address(); the port in host order, 0 when it is not known. */
uint16_t nf_talk_arrived_port(const struct nf_flow *flow, bool source);

/* Returns the packet that the server sends, before any translation of it is undone. */
struct nf_packet nf_talk_from_server(const struct nf_flow *flow);

/* Returns who gets the packet, and whether his socket is a wildcard's. */
struct nf_receiver nf_talk_receiver_of(const struct nf_talk_question *question,
				       const struct nf_packet *packet);

/* Makes a packet of the flow ready to run. */
void nf_talk_prepare(const struct nf_flow *flow, struct nf_packet *packet, struct nf_live *live);

/* Sets the traffic class of what answers a packet without a socket: of the packet's only what
 * `keep` has, beside that `set`. */
void nf_talk_reflect_class(const struct nf_live *from, uint8_t keep, uint8_t set,
			   struct nf_live *to);

/* Remembers what a packet has left behind. */
void nf_talk_learn(struct nf_flow *flow, const struct nf_live *live);

/* Tells an observer. */
void nf_talk_begin_packet(const struct nf_flow *flow, enum nf_talk_packet packet);

/* Runs one packet of the flow over every hook. Returns 0 or -ENOMEM. */
int nf_talk_send_one(struct nf_flow *flow, struct nf_packet *packet,
		     struct nf_decision *ret_decision);

/*
 * Sends the RST or ICMP error that answers the packet: from no socket. A rule's reject belongs to
 * the packet's flow before OUTPUT sees it, as related (nf_ct_attach()). What a closed port sends is
 * looked up there like any other packet, because the receiver has let go of the flow
 * (nf_reset_ct()). Returns 0 or -ENOMEM.
 */
int nf_talk_send_back(struct nf_flow *flow, const struct nf_live *rejected, bool attached,
		      const struct nf_reject *reject, struct nf_decision *ret_decision);

#endif
