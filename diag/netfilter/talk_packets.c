/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/talk_packets.h"

#include <netinet/in.h>
#include <string.h>

#include "base/addr.h"
#include "netfilter/index.h"

/* Of 576 and 1280 bytes less the headers. */
enum { QUOTE4_MOST = 576 - 28, QUOTE6_MOST = 1280 - 48 };

/* --- packets ----------------------------------------------------------------------------- */

bool nf_talk_arrived_address(const struct nf_flow *flow, bool source, struct mux_address *ret)
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

uint16_t nf_talk_arrived_port(const struct nf_flow *flow, bool source)
{
	size_t at = source ? 0 : 2;
	uint16_t port_be;

	if (flow->first.known.transport[at] != 0xff || flow->first.known.transport[at + 1] != 0xff)
		return 0;
	memcpy(&port_be, flow->first.value.transport + at, sizeof(port_be));
	return ntohs(port_be);
}

struct nf_packet nf_talk_from_server(const struct nf_flow *flow)
{
	const struct nf_talk_question *question = flow->question;
	struct nf_packet packet = question->request;

	nf_talk_arrived_address(flow, false, &packet.source);
	nf_talk_arrived_address(flow, true, &packet.destination);
	packet.source_port = nf_talk_arrived_port(flow, false);
	packet.destination_port = nf_talk_arrived_port(flow, true);
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
static void follow_translation(const struct nf_flow *flow, bool reply, struct nf_live *live)
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
		nf_talk_arrived_address(flow, false, &follow->destination);
		follow->destination_port = nf_talk_arrived_port(flow, false);
		nf_talk_arrived_address(flow, true, &follow->source);
		follow->source_port = nf_talk_arrived_port(flow, true);
	}
}

/* Is it the server of the question? Rules may have sent the request to another. */
static bool is_server_known(const struct nf_flow *flow)
{
	return flow->question->has_server_uid &&
	       (flow->question->request.destination_port == 0 ||
		nf_talk_arrived_port(flow, false) == flow->question->request.destination_port);
}

/* Whose packet is it? A client's socket is bound by connect(2), and so is the one that a connection
 * is accepted as; echo requests and replies are nobody's (nf_sk_lookup_slow_v4()). */
struct nf_receiver nf_talk_receiver_of(const struct nf_talk_question *question,
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

void nf_talk_prepare(const struct nf_flow *flow, struct nf_packet *packet, struct nf_live *live)
{
	const struct nf_packet *request = &flow->question->request;

	packet->has_ct = true;
	packet->ct = flow->tracked ? NF_CT_ESTABLISHED : state_without_flow(packet);
	/* tcp_conntracks[][sSS]: after a SYN only a SYN/ACK makes sense. */
	if (flow->tracked && flow->unanswered && packet->protocol == IPPROTO_TCP)
		packet->ct = NF_CT_INVALID;
	nf_live_init(live, packet);
	live->receiver = nf_talk_receiver_of(flow->question, packet);
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

void nf_talk_learn(struct nf_flow *flow, const struct nf_live *live)
{
	flow->ct_mark = live->value.ct_mark;
	flow->ct_mark_known = live->known.ct_mark;
}

void nf_talk_begin_packet(const struct nf_flow *flow, enum nf_talk_packet packet)
{
	if (flow->question->on_its_way != NULL)
		*flow->question->on_its_way = packet;
}

int nf_talk_send_one(struct nf_flow *flow, struct nf_packet *packet,
		     struct nf_decision *ret_decision)
{
	struct nf_live live;
	int r;

	nf_talk_prepare(flow, packet, &live);
	r = nf_run_path(flow->ruleset, &live, flow->arena, ret_decision);
	nf_talk_learn(flow, &live);
	return r;
}

/* --- what the kernel sends back ---------------------------------------------------------- */

void nf_talk_reflect_class(const struct nf_live *from, uint8_t keep, uint8_t set,
			   struct nf_live *to)
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
static int run_to_death(struct nf_flow *flow, struct nf_live *live,
			struct nf_decision *ret_decision)
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
static void set_status(const struct nf_flow *flow, const struct nf_live *rejected, bool attached,
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

int nf_talk_send_back(struct nf_flow *flow, const struct nf_live *rejected, bool attached,
		      const struct nf_reject *reject, struct nf_decision *ret_decision)
{
	struct nf_packet packet = flow->question->request;
	bool v4 = flow->first.family == NFPROTO_IPV4;
	struct nf_live live;

	nf_talk_begin_packet(flow, attached ? NF_TALK_REJECT : NF_TALK_REFUSAL);
	flow->first = *rejected;
	packet = nf_talk_from_server(flow);
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
	nf_talk_prepare(flow, &packet, &live);
	/* tcp_v4_send_reset(), tcp_v6_send_reset(); icmp_send() with IPTOS_PREC_INTERNETCONTROL. */
	if (reject->kind == NF_REJECT_TCP_RESET && !attached)
		nf_talk_reflect_class(rejected, 0xff, 0, &live);
	else if (reject->kind == NF_REJECT_ICMP && v4)
		nf_talk_reflect_class(rejected, 0x1e, 0xc0, &live);
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
