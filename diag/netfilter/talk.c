/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/talk.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "base/addr.h"
#include "netfilter/index.h"
#include "netfilter/talk_packets.h"

const char *nf_talk_packet_name(enum nf_talk_packet packet)
{
	static const char *const names[] = {
		[NF_TALK_REQUEST] = "request", [NF_TALK_ANSWER] = "answer",
		[NF_TALK_ACK] = "ack",	       [NF_TALK_DATA] = "data",
		[NF_TALK_REPLY] = "reply",     [NF_TALK_REFUSAL] = "refusal",
		[NF_TALK_REJECT] = "reject",
	};

	return packet < sizeof(names) / sizeof(names[0]) ? names[packet] : "unknown";
}

int nf_run_path(const struct nf_ruleset *ruleset, struct nf_live *live, struct arena *arena,
		struct nf_decision *ret_decision)
{
	enum nf_hook hook;
	int r = 0;

	memset(ret_decision, 0, sizeof(*ret_decision));
	for (hook = 0; r == 0 && hook < NF_N_HOOKS; hook++) {
		r = nf_run_hook_on(ruleset, live, hook, arena, ret_decision);
		if (ret_decision->kind != NF_KIND_ACCEPT)
			break;
	}
	return r;
}

/* --- how packets end --------------------------------------------------------------------- */

/*
 * What a client gets for an ICMP error: icmp_err_convert[], tab_unreach[]. TCP is told while it
 * connects, whatever it is; datagram sockets that do not ask for errors only if it is fatal.
 */
static const struct icmp_error {
	int error;
	bool fatal;
} errors4[] =
	{
		{ENETUNREACH, false},  {EHOSTUNREACH, false}, {ENOPROTOOPT, true},
		{ECONNREFUSED, true},  {EMSGSIZE, false},     {EOPNOTSUPP, false},
		{ENETUNREACH, true},   {EHOSTDOWN, true},     {ENONET, true},
		{ENETUNREACH, true},   {EHOSTUNREACH, true},  {ENETUNREACH, false},
		{EHOSTUNREACH, false}, {EHOSTUNREACH, true},  {EHOSTUNREACH, true},
		{EHOSTUNREACH, true},
},
  errors6[] = {
	  {ENETUNREACH, false}, {EACCES, true}, {EHOSTUNREACH, false}, {EHOSTUNREACH, false},
	  {ECONNREFUSED, true}, {EACCES, true}, {EACCES, true},
};

static struct icmp_error icmp_error(uint8_t family, uint8_t code)
{
	if (family == NFPROTO_IPV6)
		return code < sizeof(errors6) / sizeof(errors6[0])
			       ? errors6[code]
			       : (struct icmp_error){EPROTO, true};
	return code < sizeof(errors4) / sizeof(errors4[0]) ? errors4[code]
							   : (struct icmp_error){EPROTO, true};
}

/* The client's own send fails at once when OUTPUT or POSTROUTING drops, but not for TCP, which
 * tries again. What egress drops is told to those who asked for errors only (udp_send_skb(), with
 * IP_RECVERR: ENOBUFS), and by raw IPv6 sockets to all. */
static void died_on_the_way(const struct nf_flow *flow, const struct nf_decision *decision,
			    struct nf_talk_answer *answer)
{
	const uint8_t protocol = flow->question->request.protocol;

	answer->result = NF_TALK_TIMEOUT;
	if (protocol == IPPROTO_TCP || answer->packet != NF_TALK_REQUEST ||
	    decision->kind == NF_KIND_QUEUE)
		return;
	if (decision->hook == NF_HOOK_OUTPUT || decision->hook == NF_HOOK_POSTROUTING) {
		answer->result = NF_TALK_ERROR;
		answer->error = EPERM;
	} else if (decision->hook == NF_HOOK_EGRESS && protocol == IPPROTO_ICMPV6) {
		answer->result = NF_TALK_ERROR;
		answer->error = ENOBUFS;
	}
}

/* Raw sockets take errors about any echo between their addresses, which are the same both ways. */
static bool is_echo(const struct nf_flow *flow)
{
	const uint8_t protocol = flow->question->request.protocol;

	return protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6;
}

/* Such a packet has no flow, and neither has the answer to its reject (nf_ct_attach()). */
static bool ended_before_conntrack(const struct nf_decision *decision)
{
	return decision->hook == NF_HOOK_OUTPUT && decision->priority < NF_IP_PRI_CONNTRACK;
}

/* icmp_reply() holds the socket that icmp_send() would need (icmp_xmit_lock()) while the echo reply
 * is on its way out; what arrives is free of it. The same for icmp6_send(). */
static bool is_mute(const struct nf_flow *flow, const struct nf_talk_answer *answer)
{
	return is_echo(flow) && answer->packet == NF_TALK_ANSWER &&
	       answer->decision.hook <= NF_HOOK_EGRESS;
}

/* A rule rejects the packet: does its answer reach the client? */
static int rejected(struct nf_flow *flow, const struct nf_live *live, struct nf_talk_answer *answer)
{
	const struct nf_reject *reject = &answer->decision.reject;
	bool tcp = flow->question->request.protocol == IPPROTO_TCP;
	bool silent = reject->kind == NF_REJECT_TCP_RESET && !tcp;
	struct icmp_error error;
	int r;

	died_on_the_way(flow, &answer->decision, answer);
	/* A reject of the server's packet answers the server; the client hears nothing. */
	if (silent || answer->result == NF_TALK_ERROR || is_mute(flow, answer) ||
	    (answer->packet != NF_TALK_REQUEST && !is_echo(flow)))
		return 0;
	error = reject->kind == NF_REJECT_TCP_RESET ? (struct icmp_error){ECONNREFUSED, true}
						    : icmp_error(live->family, reject->code);
	/* Nobody is told of it, so what becomes of it does not matter. */
	if (!tcp && !error.fatal)
		return 0;
	flow->confirmed = answer->decision.hook > NF_HOOK_POSTROUTING;
	if (ended_before_conntrack(&answer->decision))
		flow->tracked = false;
	r = nf_talk_send_back(flow, live, true, reject, &answer->afterwards);
	if (answer->afterwards.kind == NF_KIND_UNKNOWN) {
		answer->result = NF_TALK_UNKNOWN;
	} else if (answer->afterwards.kind == NF_KIND_ACCEPT) {
		answer->result = NF_TALK_ERROR;
		answer->error = error.error;
	}
	return r;
}

/* The answer for a packet that was not accepted. */
static int ended(struct nf_flow *flow, const struct nf_live *live, struct nf_talk_answer *answer)
{
	switch (answer->decision.kind) {
	case NF_KIND_UNKNOWN:
		answer->result = NF_TALK_UNKNOWN;
		answer->data = MUX_UNKNOWN;
		return 0;
	case NF_KIND_REJECT:
		return rejected(flow, live, answer);
	case NF_KIND_QUEUE:
		/* With a program behind the queue anything may happen. */
		answer->result = NF_TALK_UNKNOWN;
		return 0;
	default:
		died_on_the_way(flow, &answer->decision, answer);
		return 0;
	}
}

/* Nobody listens: the kernel says so, if its packet gets through. */
static int refused(struct nf_flow *flow, struct nf_talk_answer *answer)
{
	bool v4 = flow->first.family == NFPROTO_IPV4;
	const struct nf_live arrived = flow->first;
	struct nf_reject reject = {NF_REJECT_ICMP, v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH,
				   v4 ? ICMP_PORT_UNREACH : ICMP6_DST_UNREACH_NOPORT};
	bool tcp = flow->question->request.protocol == IPPROTO_TCP;
	int r;

	if (tcp)
		reject.kind = NF_REJECT_TCP_RESET;
	answer->packet = NF_TALK_REFUSAL;
	flow->confirmed = true;
	r = nf_talk_send_back(flow, &arrived, false, &reject, &answer->decision);
	answer->result = answer->decision.kind == NF_KIND_ACCEPT    ? NF_TALK_ERROR
			 : answer->decision.kind == NF_KIND_UNKNOWN ? NF_TALK_UNKNOWN
								    : NF_TALK_TIMEOUT;
	answer->error = answer->result == NF_TALK_ERROR ? ECONNREFUSED : 0;
	answer->afterwards = answer->decision;
	return r;
}

/* --- the conversation -------------------------------------------------------------------- */

/* Sends one packet of the flow. Returns 0 or -ENOMEM; *ret_through says whether it arrives for
 * certain. */
static int step(struct nf_flow *flow, struct nf_packet *packet, enum nf_talk_packet which,
		struct nf_talk_answer *answer, bool *ret_through)
{
	int r;

	nf_talk_begin_packet(flow, which);
	r = nf_talk_send_one(flow, packet, &answer->decision);
	answer->packet = which;
	*ret_through = answer->decision.kind == NF_KIND_ACCEPT;
	return r;
}

static struct nf_packet from_client(const struct nf_flow *flow, uint8_t tcp_flags)
{
	struct nf_packet packet = flow->question->request;

	packet.tcp_flags = tcp_flags;
	return packet;
}

/* A RST for the last packet of the handshake comes before connect() has returned. */
static int reset(struct nf_flow *flow, struct nf_talk_answer *answer)
{
	const struct nf_live arrived = flow->first;
	int r = 0;

	if (answer->decision.reject.kind != NF_REJECT_TCP_RESET)
		return 0;
	r = nf_talk_send_back(flow, &arrived, true, &answer->decision.reject, &answer->afterwards);
	if (answer->afterwards.kind == NF_KIND_ACCEPT) {
		answer->result = NF_TALK_ERROR;
		answer->error = ECONNRESET;
	} else if (answer->afterwards.kind == NF_KIND_UNKNOWN) {
		answer->result = NF_TALK_UNKNOWN;
	}
	return r;
}

/* After the handshake the client believes it is connected, whatever happens to its packets. */
static int tcp_rest(struct nf_flow *flow, struct nf_talk_answer *answer)
{
	struct nf_packet ack = from_client(flow, ACK), data = from_client(flow, PSH | ACK);
	struct nf_packet reply = nf_talk_from_server(flow);
	bool through;
	int r;

	data.has_payload = reply.has_payload = flow->question->has_data;
	data.n_payload = reply.n_payload = flow->question->n_data;
	answer->result = NF_TALK_CONNECTED;
	r = step(flow, &ack, NF_TALK_ACK, answer, &through);
	if (r == 0 && answer->decision.kind == NF_KIND_REJECT)
		return reset(flow, answer);
	if (r == 0 && through)
		r = step(flow, &data, NF_TALK_DATA, answer, &through);
	if (r == 0 && through) {
		answer->data = MUX_YES;
		reply.tcp_flags = PSH | ACK;
		return step(flow, &reply, NF_TALK_REPLY, answer, &through);
	}
	if (answer->decision.kind == NF_KIND_UNKNOWN)
		answer->data = MUX_UNKNOWN;
	return r;
}

/* The server's answer, and what follows. */
static int answered(struct nf_flow *flow, struct nf_talk_answer *answer)
{
	struct nf_packet packet = nf_talk_from_server(flow);
	struct nf_live live;
	int r;

	packet.tcp_flags = SYN | ACK;
	if (packet.protocol == IPPROTO_ICMP || packet.protocol == IPPROTO_ICMPV6) {
		packet.icmp_type =
			packet.protocol == IPPROTO_ICMP ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY;
		packet.has_socket = false;
	}
	flow->answered = true;
	answer->packet = NF_TALK_ANSWER;
	nf_talk_begin_packet(flow, NF_TALK_ANSWER);
	nf_talk_prepare(flow, &packet, &live);
	/* icmp_echo(), icmpv6_echo_reply() */
	if (is_echo(flow))
		nf_talk_reflect_class(&flow->first, 0xff, 0, &live);
	r = nf_run_path(flow->ruleset, &live, flow->arena, &answer->decision);
	nf_talk_learn(flow, &live);
	if (r != 0)
		return r;
	if (answer->decision.kind != NF_KIND_ACCEPT)
		return ended(flow, &live, answer);
	if ((live.known.ct_state & NF_CT_STATE_UNTRACKED_BIT) == 0)
		flow->state_known = false;
	flow->unanswered = (live.value.ct_state & NF_CT_STATE_UNTRACKED_BIT) != 0;
	if (packet.protocol == IPPROTO_TCP)
		return tcp_rest(flow, answer);
	answer->result = NF_TALK_CONNECTED;
	answer->data = MUX_YES;
	return 0;
}

/*
 * Has a rule written into the headers without conntrack keeping the books? Then whatever answers
 * comes from an address the client has not asked.
 */
static enum mux_answer is_rewritten(const struct nf_flow *flow)
{
	const struct nf_packet *request = &flow->question->request;
	struct mux_address source, destination;
	uint16_t port = nf_talk_arrived_port(flow, false);

	if ((flow->ct_status_known & IPS_NAT_MASK) != IPS_NAT_MASK ||
	    !nf_talk_arrived_address(flow, true, &source) ||
	    !nf_talk_arrived_address(flow, false, &destination))
		return MUX_UNKNOWN;
	if ((flow->ct_status & IPS_NAT_MASK) != 0)
		return MUX_NO;
	if (!addr_equal(&source, &request->source) ||
	    !addr_equal(&destination, &request->destination))
		return MUX_YES;
	if (request->destination_port == 0 || port == request->destination_port)
		return MUX_NO;
	return port == 0 ? MUX_UNKNOWN : MUX_YES;
}

/* Who is behind the port the request has arrived at? */
static enum mux_answer somebody_listens(const struct nf_flow *flow)
{
	const struct nf_talk_question *question = flow->question;
	uint16_t port = nf_talk_arrived_port(flow, false);

	if (question->request.protocol != IPPROTO_TCP && question->request.protocol != IPPROTO_UDP)
		return MUX_YES;
	if (port == question->request.destination_port)
		return question->listens;
	if (port == 0 || question->listens_on == NULL)
		return MUX_UNKNOWN;
	return question->listens_on(question->context, port);
}

static void begin(struct nf_flow *flow, const struct nf_live *live)
{
	const uint32_t none = NF_CT_STATE_UNTRACKED_BIT | NF_CT_STATE_INVALID_BIT;

	flow->first = *live;
	flow->tracked = (live->value.ct_state & none) == 0;
	flow->state_known = live->known.ct_state == UINT32_MAX;
	flow->ct_status = live->value.ct_status;
	flow->ct_status_known = live->known.ct_status;
	nf_talk_learn(flow, live);
}

int nf_talk(const struct nf_ruleset *ruleset, const struct nf_talk_question *question,
	    struct arena *arena, struct nf_talk_answer *ret_answer)
{
	struct nf_flow flow = {.ruleset = ruleset, .question = question, .arena = arena};
	struct nf_live live;
	int r;

	*ret_answer = (struct nf_talk_answer){.packet = NF_TALK_REQUEST, .data = MUX_NO};
	nf_live_init(&live, &question->request);
	live.receiver = nf_talk_receiver_of(question, &question->request);
	nf_talk_begin_packet(&flow, NF_TALK_REQUEST);
	r = nf_run_path(ruleset, &live, arena, &ret_answer->decision);
	if (r != 0)
		return r;
	begin(&flow, &live);
	if (ret_answer->decision.kind != NF_KIND_ACCEPT)
		return ended(&flow, &live, ret_answer);
	if (is_rewritten(&flow) == MUX_YES) {
		ret_answer->result = NF_TALK_TIMEOUT;
		return 0;
	}
	if (is_rewritten(&flow) == MUX_NO && somebody_listens(&flow) == MUX_YES)
		return answered(&flow, ret_answer);
	if (is_rewritten(&flow) == MUX_NO && somebody_listens(&flow) == MUX_NO)
		return refused(&flow, ret_answer);
	ret_answer->result = NF_TALK_UNKNOWN;
	ret_answer->data = MUX_UNKNOWN;
	return 0;
}
