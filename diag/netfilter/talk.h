/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole conversation over lo: the request, the answer, what follows, and what a reject or a
 * closed port sends; each packet over every hook, with the conntrack state, marks and translations
 * that the packets before it left behind.
 */
#ifndef MUX_NETFILTER_TALK_H
#define MUX_NETFILTER_TALK_H

#include "netfilter/live.h"
#include "netfilter/ruleset.h"

enum nf_talk_packet {
	NF_TALK_REQUEST, /* SYN, datagram, echo request */
	NF_TALK_ANSWER,	 /* SYN/ACK, datagram, echo reply */
	NF_TALK_ACK,	 /* the last packet of the handshake */
	NF_TALK_DATA,	 /* the client's first data */
	NF_TALK_REPLY,	 /* the server's first data */
	NF_TALK_REFUSAL, /* what a closed port sends: RST, or port unreachable */
	NF_TALK_REJECT,	 /* what a rule's reject sends */
};

/* How the client sees it end. */
enum nf_talk_result {
	NF_TALK_CONNECTED, /* TCP: connect() succeeds; else: the answer arrives */
	NF_TALK_TIMEOUT,
	NF_TALK_ERROR, /* with the errno in `error` */
	NF_TALK_UNKNOWN,
};

struct nf_talk_question {
	struct nf_packet request;
	enum mux_answer listens; /* is there a server on the port? */
	/* Whose socket is that of the server? sock_diag tells no gid. */
	bool has_server_address; /* the next is known */
	bool server_is_wildcard; /* its socket is bound to no address */
	bool has_server_uid, has_server_gid;
	uint32_t server_uid, server_gid;
	/* Asked when a rule sends the request to another port. NULL = then it is not known. */
	enum mux_answer (*listens_on)(const void *context, uint16_t port);
	const void *context;
	/* Is set to the packet that is on its way, for an observer; NULL = nobody asks. */
	enum nf_talk_packet *on_its_way;
	/* Bytes of payload of TCP's first data, and of what answers it. */
	bool has_data;
	uint32_t n_data;
};

struct nf_talk_answer {
	enum nf_talk_result result;
	int error;		     /* errno of NF_TALK_ERROR */
	enum mux_answer data;	     /* does the client's first data reach the server? */
	enum nf_talk_packet packet;  /* the one that `decision` is about */
	struct nf_decision decision; /* of the first packet that is not accepted, or of the last */
	struct nf_decision afterwards; /* of a reject's or a refusal's own packet, when it dies */
};

/* Has the conversation. Returns 0 or -ENOMEM. */
int nf_talk(const struct nf_ruleset *ruleset, const struct nf_talk_question *question,
	    struct arena *arena, struct nf_talk_answer *ret_answer);

/* Runs a packet over every hook in order until one does not accept it. Returns 0 or -ENOMEM. */
int nf_run_path(const struct nf_ruleset *ruleset, struct nf_live *live, struct arena *arena,
		struct nf_decision *ret_decision);

/* Returns "request", "answer", … */
const char *nf_talk_packet_name(enum nf_talk_packet packet);

#endif
