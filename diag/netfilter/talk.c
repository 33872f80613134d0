/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/talk.h"

#include <errno.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "base/addr.h"
#include "netfilter/index.h"

/* Of 576 and 1280 bytes less the headers. */
enum { QUOTE4_MOST = 576 - 28, QUOTE6_MOST = 1280 - 48 };

enum { FIN = 0x01, SYN = 0x02, RST = 0x04, PSH = 0x08, ACK = 0x10 };

/* The flow as the packets before have left it. */
struct flow {
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

/* --- packets ----------------------------------------------------------------------------- */

/* Reads an address of the request as it arrived. Returns false when it is not known. */
static bool arrived_address(const struct flow *flow, bool source, struct mux_address *ret)
{
	bool v4 = flow->first.family == NFPROTO_IPV4;
	size_t len = v4 ? 4 : 16, at = v4 ? (source ? 12 : 16) : (source ? 8 : 24), i;

	memset(ret, 0, sizeof(*ret));
	ret->family = v4 ? AF_INET : AF_INET6;
	memcpy(ret->bytes, flow->first.value.network + at, len);
	for (i = 0; i < len; i++)
		if (flow->first.known.network[at + i] != 0xff)
			return false;
	return true;
}

/* As arrived_address(); 0 when it is not known. */
static uint16_t arrived_port(const struct flow *flow, bool source)
{
	size_t at = source ? 0 : 2;
	uint16_t port_be;

	if (flow->first.known.transport[at] != 0xff || flow->first.known.transport[at + 1] != 0xff)
		return 0;
	memcpy(&port_be, flow->first.value.transport + at, sizeof(port_be));
	return ntohs(port_be);
}

/* The packet the server sends, before any translation of it is undone. */
static struct nf_packet from_server(const struct flow *flow)
{
	const struct nf_talk_question *question = flow->question;
	struct nf_packet packet = question->request;

	arrived_address(flow, false, &packet.source);
	arrived_address(flow, true, &packet.destination);
	packet.source_port = arrived_port(flow, false);
	packet.destination_port = arrived_port(flow, true);
	packet.has_socket = true;
	packet.uid = question->server_uid;
	packet.has_gid = question->has_server_gid;
	packet.gid = question->server_gid;
	packet.mark = 0;
	packet.reply = true;
	return packet;
}

/* A packet of a flow that conntrack does not know: tcp_conntracks[][sNO] of
 * nf_conntrack_proto_tcp.c with tcp_loose; echo replies begin nothing. */
static enum nf_ct_state state_without_flow(const struct nf_packet *packet)
{
	if (packet->protocol == IPPROTO_TCP)
		return packet->tcp_flags == SYN || (packet->tcp_flags & (SYN | RST | FIN)) == 0
			       ? NF_CT_NEW
			       : NF_CT_INVALID;
	return packet->protocol == IPPROTO_UDP ? NF_CT_NEW : NF_CT_INVALID;
}

/* Which translations the rest of the flow's packets meet: the destination on OUTPUT, the source on
 * POSTROUTING (nf_nat_packet()). */
static void follow_translation(const struct flow *flow, bool reply, struct nf_live *live)
{
	const struct nf_packet *request = &flow->question->request;
	struct nf_follow *follow = &live->follow;

	if ((flow->ct_status & IPS_NAT_MASK) == 0)
		return;
	follow->active = true;
	if (reply) {
		follow->destination = request->source;
		follow->destination_port = request->source_port;
		follow->source = request->destination;
		follow->source_port = request->destination_port;
	} else {
		arrived_address(flow, false, &follow->destination);
		follow->destination_port = arrived_port(flow, false);
		arrived_address(flow, true, &follow->source);
		follow->source_port = arrived_port(flow, true);
	}
}

/* Is it the server of the question? Rules may have sent the request to another. */
static bool is_server_known(const struct flow *flow)
{
	return flow->question->has_server_uid &&
	       (flow->question->request.destination_port == 0 ||
		arrived_port(flow, false) == flow->question->request.destination_port);
}

/* Whose packet is it? A client's socket is bound by connect(2), and so is the one that a connection
 * is accepted as; echo requests and replies are nobody's (nf_sk_lookup_slow_v4()). */
static struct nf_receiver receiver_of(const struct nf_talk_question *question,
				      const struct nf_packet *packet)
{
	const uint8_t protocol = question->request.protocol;
	bool is_first = packet->protocol == IPPROTO_UDP || packet->tcp_flags == SYN;

	if (protocol == IPPROTO_ICMP || protocol == IPPROTO_ICMPV6)
		return (struct nf_receiver){MUX_NO, MUX_UNKNOWN};
	if (packet->reply || !is_first)
		return (struct nf_receiver){MUX_YES, MUX_NO};
	return (struct nf_receiver){question->listens, !question->has_server_address  ? MUX_UNKNOWN
						       : question->server_is_wildcard ? MUX_YES
										      : MUX_NO};
}

/* Makes a packet of the flow ready to run. */
static void prepare(const struct flow *flow, struct nf_packet *packet, struct nf_live *live)
{
	const struct nf_packet *request = &flow->question->request;

	packet->has_ct = true;
	packet->ct = flow->tracked ? NF_CT_ESTABLISHED : state_without_flow(packet);
	/* tcp_conntracks[][sSS]: after a SYN only a SYN/ACK makes sense. */
	if (flow->tracked && flow->unanswered && packet->protocol == IPPROTO_TCP)
		packet->ct = NF_CT_INVALID;
	nf_live_init(live, packet);
	live->receiver = receiver_of(flow->question, packet);
	if (packet->reply && !is_server_known(flow))
		live->known.uid = live->known.gid = 0;
	if (!flow->state_known)
		live->known.ct_state = 0;
	live->value.ct_mark = flow->ct_mark;
	live->known.ct_mark = flow->ct_mark_known;
	live->value.ct_status |= flow->ct_status & IPS_NAT_MASK;
	live->known.ct_status &= flow->ct_status_known;
	live->tuple_protocol = request->protocol;
	live->tuple_source = request->source;
	live->tuple_destination = request->destination;
	live->tuple_source_port = request->source_port;
	live->tuple_destination_port = request->destination_port;
	follow_translation(flow, packet->reply, live);
}

/* Remembers what a packet has left behind. */
static void learn(struct flow *flow, const struct nf_live *live)
{
	flow->ct_mark = live->value.ct_mark;
	flow->ct_mark_known = live->known.ct_mark;
}

/* Tells an observer. */
static void begin_packet(const struct flow *flow, enum nf_talk_packet packet)
{
	if (flow->question->on_its_way != NULL)
		*flow->question->on_its_way = packet;
}

static int send_one(struct flow *flow, struct nf_packet *packet, struct nf_decision *ret_decision)
{
	struct nf_live live;
	int r;

	prepare(flow, packet, &live);
	r = nf_run_path(flow->ruleset, &live, flow->arena, ret_decision);
	learn(flow, &live);
	return r;
}

/* --- what the kernel sends back ---------------------------------------------------------- */

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

/* The traffic class of what answers a packet without a socket: of the packet's only what `keep`
 * has, beside that `set`. */
static void reflect_class(const struct nf_live *from, uint8_t keep, uint8_t set, struct nf_live *to)
{
	const uint8_t *value = from->value.network, *known = from->known.network;

	if (to->family == NFPROTO_IPV4) {
		to->value.network[1] = (uint8_t)((value[1] & keep) | set);
		to->known.network[1] = (uint8_t)(known[1] | ~keep);
		return;
	}
	to->value.network[0] = (uint8_t)(0x60 | (value[0] & 0x0f));
	to->known.network[0] = (uint8_t)(0xf0 | (known[0] & 0x0f));
	to->value.network[1] = (uint8_t)((to->value.network[1] & 0x0f) | (value[1] & 0xf0));
	to->known.network[1] = (uint8_t)((to->known.network[1] & 0x0f) | (known[1] & 0xf0));
}

/* An ICMP error quotes the packet it is about (RFC 1812 section 4.3.2.3, RFC 4443 section 2.4). */
static void quote(const struct nf_live *rejected, struct nf_packet *packet)
{
	const uint32_t most = rejected->family == NFPROTO_IPV4 ? QUOTE4_MOST : QUOTE6_MOST;

	packet->has_payload = rejected->known.length == UINT32_MAX;
	packet->n_payload = rejected->value.length < most ? rejected->value.length : most;
}

/* As nf_run_path(), but what may die here and dies later for certain is dead. */
static int run_to_death(struct flow *flow, struct nf_live *live, struct nf_decision *ret_decision)
{
	struct nf_decision decision;
	enum nf_hook hook;
	int r = 0;

	*ret_decision = (struct nf_decision){.kind = NF_KIND_ACCEPT};
	for (hook = 0; r == 0 && hook < NF_N_HOOKS; hook++) {
		r = nf_run_hook_on(flow->ruleset, live, hook, flow->arena, &decision);
		if (decision.kind == NF_KIND_ACCEPT)
			continue;
		if (decision.kind != NF_KIND_UNKNOWN || ret_decision->kind == NF_KIND_ACCEPT)
			*ret_decision = decision;
		if (decision.kind != NF_KIND_UNKNOWN)
			break;
	}
	return r;
}

/* What conntrack has done with the flow so far, for what answers one of its packets. */
static void set_status(const struct flow *flow, const struct nf_live *rejected, bool attached,
		       struct nf_live *live)
{
	const uint32_t done = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;

	if (!flow->answered)
		live->known.ct_status |= IPS_SEEN_REPLY | IPS_ASSURED;
	if (!attached)
		return;
	/* nf_ct_attach(): it travels against what has caused it. */
	live->value.ct_direction = rejected->value.ct_direction == IP_CT_DIR_REPLY
					   ? IP_CT_DIR_ORIGINAL
					   : IP_CT_DIR_REPLY;
	live->known.ct_status &= ~done | rejected->known.ct_status;
	live->value.ct_status |= rejected->value.ct_status & done;
}

/*
 * Sends the RST or ICMP error that answers the packet: from no socket. A rule's reject belongs to
 * the packet's flow before OUTPUT sees it, as related (nf_ct_attach()). What a closed port sends is
 * looked up there like any other packet, because the receiver has let go of the flow
 * (nf_reset_ct()).
 */
static int send_back(struct flow *flow, const struct nf_live *rejected, bool attached,
		     const struct nf_reject *reject, struct nf_decision *ret_decision)
{
	struct nf_packet packet = flow->question->request;
	bool v4 = flow->first.family == NFPROTO_IPV4;
	struct nf_live live;

	begin_packet(flow, attached ? NF_TALK_REJECT : NF_TALK_REFUSAL);
	flow->first = *rejected;
	packet = from_server(flow);
	packet.has_socket = false;
	packet.has_gid = false;
	packet.has_payload = false;
	if (reject->kind == NF_REJECT_TCP_RESET) {
		/* nf_reject_ip_tcphdr_put(), tcp_v4_send_reset(): what has no ACK gets one. */
		packet.tcp_flags =
			(rejected->value.transport[13] & ACK) != 0 ? RST : (uint8_t)(RST | ACK);
	} else {
		packet.protocol = v4 ? IPPROTO_ICMP : IPPROTO_ICMPV6;
		packet.icmp_type = reject->type;
		packet.icmp_code = reject->code;
		quote(rejected, &packet);
	}
	packet.has_ct = true;
	prepare(flow, &packet, &live);
	/* tcp_v4_send_reset(), tcp_v6_send_reset(); icmp_send() with IPTOS_PREC_INTERNETCONTROL. */
	if (reject->kind == NF_REJECT_TCP_RESET && !attached)
		reflect_class(rejected, 0xff, 0, &live);
	else if (reject->kind == NF_REJECT_ICMP && v4)
		reflect_class(rejected, 0x1e, 0xc0, &live);
	set_status(flow, rejected, attached, &live);
	if (!flow->answered && (attached || reject->kind == NF_REJECT_ICMP)) {
		live.known.ct_status |= IPS_CONFIRMED;
		live.value.ct_status |= flow->confirmed ? IPS_CONFIRMED : 0;
	}
	if (flow->tracked && (attached || reject->kind == NF_REJECT_ICMP))
		live.value.ct_state = NF_CT_STATE_BIT(IP_CT_RELATED);
	else if (reject->kind == NF_REJECT_ICMP)
		live.value.ct_state = NF_CT_STATE_INVALID_BIT;
	live.ct_attached = attached && flow->tracked;
	/* The RST of a closed port is judged itself: which rule it is then matters. */
	if (!attached && reject->kind == NF_REJECT_TCP_RESET)
		return nf_run_path(flow->ruleset, &live, flow->arena, ret_decision);
	return run_to_death(flow, &live, ret_decision);
}

/* --- how packets end --------------------------------------------------------------------- */

/* The client's own send fails at once when OUTPUT or POSTROUTING drops, but not for TCP, which
 * tries again. What egress drops is told to those who asked for errors only (udp_send_skb(), with
 * IP_RECVERR: ENOBUFS), and by raw IPv6 sockets to all. */
static void died_on_the_way(const struct flow *flow, const struct nf_decision *decision,
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
static bool is_echo(const struct flow *flow)
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
static bool is_mute(const struct flow *flow, const struct nf_talk_answer *answer)
{
	return is_echo(flow) && answer->packet == NF_TALK_ANSWER &&
	       answer->decision.hook <= NF_HOOK_EGRESS;
}

/* A rule rejects the packet: does its answer reach the client? */
static int rejected(struct flow *flow, const struct nf_live *live, struct nf_talk_answer *answer)
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
	r = send_back(flow, live, true, reject, &answer->afterwards);
	if (answer->afterwards.kind == NF_KIND_UNKNOWN) {
		answer->result = NF_TALK_UNKNOWN;
	} else if (answer->afterwards.kind == NF_KIND_ACCEPT) {
		answer->result = NF_TALK_ERROR;
		answer->error = error.error;
	}
	return r;
}

/* The answer for a packet that was not accepted. */
static int ended(struct flow *flow, const struct nf_live *live, struct nf_talk_answer *answer)
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
static int refused(struct flow *flow, struct nf_talk_answer *answer)
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
	r = send_back(flow, &arrived, false, &reject, &answer->decision);
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
static int step(struct flow *flow, struct nf_packet *packet, enum nf_talk_packet which,
		struct nf_talk_answer *answer, bool *ret_through)
{
	int r;

	begin_packet(flow, which);
	r = send_one(flow, packet, &answer->decision);
	answer->packet = which;
	*ret_through = answer->decision.kind == NF_KIND_ACCEPT;
	return r;
}

static struct nf_packet from_client(const struct flow *flow, uint8_t tcp_flags)
{
	struct nf_packet packet = flow->question->request;

	packet.tcp_flags = tcp_flags;
	return packet;
}

/* A RST for the last packet of the handshake comes before connect() has returned. */
static int reset(struct flow *flow, struct nf_talk_answer *answer)
{
	const struct nf_live arrived = flow->first;
	int r = 0;

	if (answer->decision.reject.kind != NF_REJECT_TCP_RESET)
		return 0;
	r = send_back(flow, &arrived, true, &answer->decision.reject, &answer->afterwards);
	if (answer->afterwards.kind == NF_KIND_ACCEPT) {
		answer->result = NF_TALK_ERROR;
		answer->error = ECONNRESET;
	} else if (answer->afterwards.kind == NF_KIND_UNKNOWN) {
		answer->result = NF_TALK_UNKNOWN;
	}
	return r;
}

/* After the handshake the client believes it is connected, whatever happens to its packets. */
static int tcp_rest(struct flow *flow, struct nf_talk_answer *answer)
{
	struct nf_packet ack = from_client(flow, ACK), data = from_client(flow, PSH | ACK);
	struct nf_packet reply = from_server(flow);
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
static int answered(struct flow *flow, struct nf_talk_answer *answer)
{
	struct nf_packet packet = from_server(flow);
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
	begin_packet(flow, NF_TALK_ANSWER);
	prepare(flow, &packet, &live);
	/* icmp_echo(), icmpv6_echo_reply() */
	if (is_echo(flow))
		reflect_class(&flow->first, 0xff, 0, &live);
	r = nf_run_path(flow->ruleset, &live, flow->arena, &answer->decision);
	learn(flow, &live);
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
static enum mux_answer is_rewritten(const struct flow *flow)
{
	const struct nf_packet *request = &flow->question->request;
	struct mux_address source, destination;
	uint16_t port = arrived_port(flow, false);

	if ((flow->ct_status_known & IPS_NAT_MASK) != IPS_NAT_MASK ||
	    !arrived_address(flow, true, &source) || !arrived_address(flow, false, &destination))
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
static enum mux_answer somebody_listens(const struct flow *flow)
{
	const struct nf_talk_question *question = flow->question;
	uint16_t port = arrived_port(flow, false);

	if (question->request.protocol != IPPROTO_TCP && question->request.protocol != IPPROTO_UDP)
		return MUX_YES;
	if (port == question->request.destination_port)
		return question->listens;
	if (port == 0 || question->listens_on == NULL)
		return MUX_UNKNOWN;
	return question->listens_on(question->context, port);
}

static void begin(struct flow *flow, const struct nf_live *live)
{
	const uint32_t none = NF_CT_STATE_UNTRACKED_BIT | NF_CT_STATE_INVALID_BIT;

	flow->first = *live;
	flow->tracked = (live->value.ct_state & none) == 0;
	flow->state_known = live->known.ct_state == UINT32_MAX;
	flow->ct_status = live->value.ct_status;
	flow->ct_status_known = live->known.ct_status;
	learn(flow, live);
}

int nf_talk(const struct nf_ruleset *ruleset, const struct nf_talk_question *question,
	    struct arena *arena, struct nf_talk_answer *ret_answer)
{
	struct flow flow = {.ruleset = ruleset, .question = question, .arena = arena};
	struct nf_live live;
	int r;

	*ret_answer = (struct nf_talk_answer){.packet = NF_TALK_REQUEST, .data = MUX_NO};
	nf_live_init(&live, &question->request);
	live.receiver = receiver_of(question, &question->request);
	begin_packet(&flow, NF_TALK_REQUEST);
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
