/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "evaluate/trace.h"

#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "base/sentinel.h"
#include "base/slice.h"

enum { TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_ACK = 0x10 };

void ev_conversation_init(struct ev_conversation *conversation)
{
	size_t packet, hook;

	memset(conversation, 0, sizeof(*conversation));
	for (packet = 0; packet < EV_N_PACKETS; packet++)
		for (hook = 0; hook < NF_N_HOOKS; hook++)
			conversation->journeys[packet].hooks[hook].steps.size =
				sizeof(struct ev_step);
}

const char *ev_packet_name(enum ev_packet packet)
{
	static const char *const names[EV_N_PACKETS] = {
		[EV_REQUEST] = "request",
		[EV_ANSWER] = "answer",
		[EV_ACK] = "ack",
		[EV_REFUSAL] = "refusal",
	};

	return packet < EV_N_PACKETS ? names[packet] : "unknown";
}

static enum ev_packet tcp_packet(const struct mux_trace_packet *packet, bool from_client)
{
	if (packet->tcp_flags & TCP_RST)
		return from_client ? EV_NO_PACKET : EV_REFUSAL;
	if (packet->tcp_flags & TCP_SYN)
		return packet->tcp_flags & TCP_ACK ? EV_ANSWER : EV_REQUEST;
	if (!from_client || (packet->tcp_flags & TCP_FIN) != 0 || packet->has_data)
		return EV_NO_PACKET;
	return EV_ACK;
}

static enum ev_packet icmp_packet(const struct mux_trace_packet *packet)
{
	const bool v4 = packet->protocol == IPPROTO_ICMP;

	if (packet->icmp_type == (v4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST))
		return EV_REQUEST;
	if (packet->icmp_type == (v4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY))
		return EV_ANSWER;
	return packet->icmp_type == (v4 ? ICMP_DEST_UNREACH : ICMP6_DST_UNREACH) ? EV_REFUSAL
										 : EV_NO_PACKET;
}

enum ev_packet ev_packet_of(const struct mux_trace_packet *packet, const struct mux_probe *probe)
{
	bool from_client = packet->source_port == probe->local_port;

	if (!from_client && packet->destination_port != probe->local_port)
		from_client = packet->destination_port == probe->port;
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return tcp_packet(packet, from_client);
	case IPPROTO_UDP:
		return from_client ? EV_REQUEST : EV_ANSWER;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return icmp_packet(packet);
	default:
		return EV_NO_PACKET;
	}
}

bool ev_is_trace_table(uint8_t family, struct mux_slice table)
{
	return family == NFPROTO_INET && slice_starts_with(table, sentinel_table);
}
