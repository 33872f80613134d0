/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/live.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

enum {
	TCP_SYN = 0x02,
	TCP_RST = 0x04,
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	IPV4_LEN = 20,
	IPV6_LEN = 40,
	TCP_LEN = 20,
	TCP_LARGEST = 60,
	UDP_LEN = 8,
	ICMP_LEN = 8,
};

static void put(uint8_t *value, uint8_t *known, const void *bytes, size_t len)
{
	memcpy(value, bytes, len);
	memset(known, 0xff, len);
}

static void put_u8(uint8_t *value, uint8_t *known, uint8_t number)
{
	put(value, known, &number, sizeof(number));
}

static void put_be16(uint8_t *value, uint8_t *known, uint16_t number)
{
	const uint16_t number_be = htons(number);

	put(value, known, &number_be, sizeof(number_be));
}

static void put_u32(uint32_t *value, uint32_t *known, uint32_t number)
{
	*value = number;
	*known = UINT32_MAX;
}

/* loopback_xmit() and eth_type_trans(): both MAC addresses are zero. */
static void build_link(struct nf_live *live)
{
	put(live->value.link, live->known.link, (uint8_t[12]){0}, 12);
	put_be16(live->value.link + 12, live->known.link + 12,
		 live->family == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6);
}

/* RFC 791 section 3.1. The identification and the checksum stay unknown. */
static void build_ipv4(struct nf_live *live, const struct nf_packet *packet)
{
	uint8_t *value = live->value.network, *known = live->known.network;

	live->network_len = IPV4_LEN;
	put_u8(value, known, 0x45);
	put_u8(value + 1, known + 1, packet->traffic_class);
	if (live->known.length == UINT32_MAX)
		put_be16(value + 2, known + 2, (uint16_t)live->value.length);
	/* Nothing on lo is a fragment; whether DF is set depends on the sender. */
	put_be16(value + 6, known + 6, 0);
	known[6] = 0xbf;
	if (packet->hop_limit != 0)
		put_u8(value + 8, known + 8, packet->hop_limit);
	put_u8(value + 9, known + 9, live->protocol);
	put(value + 12, known + 12, packet->source.bytes, 4);
	put(value + 16, known + 16, packet->destination.bytes, 4);
}

/* RFC 8200 section 3. The flow label stays unknown. */
static void build_ipv6(struct nf_live *live, const struct nf_packet *packet)
{
	uint8_t *value = live->value.network, *known = live->known.network;

	live->network_len = IPV6_LEN;
	put_u8(value, known, (uint8_t)(0x60 | packet->traffic_class >> 4));
	put_u8(value + 1, known + 1, (uint8_t)(packet->traffic_class << 4));
	known[1] = 0xf0;
	if (live->known.length == UINT32_MAX)
		put_be16(value + 4, known + 4, (uint16_t)(live->value.length - IPV6_LEN));
	put_u8(value + 6, known + 6, live->protocol);
	if (packet->hop_limit != 0)
		put_u8(value + 7, known + 7, packet->hop_limit);
	put(value + 8, known + 8, packet->source.bytes, 16);
	put(value + 24, known + 24, packet->destination.bytes, 16);
}

/* Of a port that is any of a range, the leading bits that all of them share are known. */
static void put_free_port(uint8_t *value, uint8_t *known, const struct nf_packet *packet)
{
	uint16_t differ = packet->free_port_least ^ packet->free_port_most, mask = UINT16_MAX;
	uint16_t value_be, known_be;

	if (packet->free_port_least == 0)
		return;
	while ((differ & mask) != 0)
		mask = (uint16_t)(mask << 1);
	value_be = htons(packet->free_port_least & mask);
	known_be = htons(mask);
	memcpy(value, &value_be, sizeof(value_be));
	memcpy(known, &known_be, sizeof(known_be));
}

static void build_ports(struct nf_live *live, const struct nf_packet *packet)
{
	uint8_t *value = live->value.transport, *known = live->known.transport;

	if (packet->source_port != 0)
		put_be16(value, known, packet->source_port);
	else if (!packet->reply)
		put_free_port(value, known, packet);
	if (packet->destination_port != 0)
		put_be16(value + 2, known + 2, packet->destination_port);
	else if (packet->reply)
		put_free_port(value + 2, known + 2, packet);
}

static void add_option(struct nf_live *live, const uint8_t *bytes, const uint8_t *known, size_t len)
{
	memcpy(live->value.transport + live->transport_len, bytes, len);
	memcpy(live->known.transport + live->transport_len, known, len);
	live->transport_len = (uint8_t)(live->transport_len + len);
}

/*
 * The options in the order of tcp_options_write(). The window's scale and the time are not known.
 */
static void build_options(struct nf_live *live, const struct nf_packet *packet)
{
	const uint8_t mss_known = packet->tcp_mss == 0 ? 0 : 0xff;
	const uint8_t size_known[] = {0xff, 0xff, mss_known, mss_known};
	const uint8_t size[] = {2, 4, (uint8_t)(packet->tcp_mss >> 8), (uint8_t)packet->tcp_mss};
	static const uint8_t sack_time[] = {4, 2, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
	static const uint8_t pad_time[] = {1, 1, 8, 10, 0, 0, 0, 0, 0, 0, 0, 0};
	static const uint8_t time_known[] = {0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0};
	static const uint8_t pad_sack[] = {1, 1, 4, 2}, known[] = {0xff, 0xff, 0xff, 0xff};
	static const uint8_t scale[] = {1, 3, 3, 0}, scale_known[] = {0xff, 0xff, 0xff, 0};
	bool syn = (packet->tcp_flags & TCP_SYN) != 0;

	if (syn)
		add_option(live, size, size_known, sizeof(size));
	if (packet->tcp_timestamps)
		add_option(live, syn && packet->tcp_sack ? sack_time : pad_time, time_known,
			   sizeof(pad_time));
	else if (syn && packet->tcp_sack)
		add_option(live, pad_sack, known, sizeof(pad_sack));
	if (syn && packet->tcp_window_scaling)
		add_option(live, scale, scale_known, sizeof(scale));
}

/* RFC 9293 section 3.1. Sequence numbers, window and checksum stay unknown. */
static void build_tcp(struct nf_live *live, const struct nf_packet *packet)
{
	uint8_t *value = live->value.transport, *known = live->known.transport;

	live->transport_len = TCP_LEN;
	build_ports(live, packet);
	if ((packet->tcp_flags & TCP_ACK) == 0)
		put(value + 8, known + 8, (uint8_t[4]){0}, 4);
	put_u8(value + 13, known + 13, packet->tcp_flags);
	put_be16(value + 18, known + 18, 0);
	if ((packet->tcp_flags & TCP_SYN) != 0 && packet->tcp_large_windows)
		value[14] = known[14] = 0x80;
	/* A RST has no options, whatever the sysctls say. */
	if ((packet->tcp_flags & TCP_RST) == 0) {
		if (!packet->has_tcp_options)
			return;
		build_options(live, packet);
	}
	put_u8(value + 12, known + 12, (uint8_t)(live->transport_len << 2));
}

static void build_transport(struct nf_live *live, const struct nf_packet *packet)
{
	uint8_t *value = live->value.transport, *known = live->known.transport;

	switch (live->protocol) {
	case IPPROTO_TCP:
		build_tcp(live, packet);
		break;
	case IPPROTO_UDP:
		live->transport_len = UDP_LEN;
		build_ports(live, packet);
		if (packet->has_payload)
			put_be16(value + 4, known + 4, (uint16_t)(UDP_LEN + packet->n_payload));
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		live->transport_len = ICMP_LEN;
		put_u8(value, known, packet->icmp_type);
		put_u8(value + 1, known + 1, packet->icmp_code);
		break;
	default:
		break;
	}
}

static bool starts_flow(const struct nf_packet *packet)
{
	switch (packet->protocol) {
	case IPPROTO_TCP:
		return (packet->tcp_flags & (TCP_SYN | TCP_ACK | TCP_RST)) == TCP_SYN;
	case IPPROTO_ICMP:
		return packet->icmp_type == ICMP_ECHO;
	case IPPROTO_ICMPV6:
		return packet->icmp_type == ICMP6_ECHO_REQUEST;
	default:
		return !packet->reply;
	}
}

/* nft_ct_get_eval() and xt_conntrack share these bits: NF_CT_STATE_BIT(), _INVALID_, _UNTRACKED_.
 */
static uint32_t state_bits(const struct nf_packet *packet)
{
	enum nf_ct_state state = packet->ct;

	if (!packet->has_ct)
		state = starts_flow(packet) ? NF_CT_NEW : NF_CT_ESTABLISHED;
	switch (state) {
	case NF_CT_NEW:
		return NF_CT_STATE_BIT(IP_CT_NEW);
	case NF_CT_ESTABLISHED:
		return NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
	case NF_CT_RELATED:
		return NF_CT_STATE_BIT(IP_CT_RELATED);
	case NF_CT_UNTRACKED:
		return NF_CT_STATE_UNTRACKED_BIT;
	case NF_CT_INVALID:
		break;
	}
	return NF_CT_STATE_INVALID_BIT;
}

static void build_conntrack(struct nf_live *live, const struct nf_packet *packet)
{
	bool reply = packet->reply ||
		     (packet->protocol == IPPROTO_TCP && packet->tcp_flags == (TCP_SYN | TCP_ACK));

	put_u32(&live->value.ct_state, &live->known.ct_state, state_bits(packet));
	put_u32(&live->value.ct_direction, &live->known.ct_direction,
		reply ? IP_CT_DIR_REPLY : IP_CT_DIR_ORIGINAL);
	put_u32(&live->value.ct_mark, &live->known.ct_mark, 0);
	put_u32(&live->value.ct_zone, &live->known.ct_zone, 0);
	/* Expected, dying, translated: not unless a rule says so. */
	live->known.ct_status = IPS_EXPECTED | IPS_DYING | IPS_SRC_NAT | IPS_DST_NAT;
	/* Not translated yet; what is confirmed or seen, the hook tells (nf_ct_status()). */
	live->known.ct_status |= IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
	live->tuple_protocol = packet->protocol;
	live->tuple_source = reply ? packet->destination : packet->source;
	live->tuple_destination = reply ? packet->source : packet->destination;
	live->tuple_source_port = reply ? packet->destination_port : packet->source_port;
	live->tuple_destination_port = reply ? packet->source_port : packet->destination_port;
}

/* A TCP header has 20 to 60 bytes, so with little data or none a packet has less than 128. */
static void build_length(struct nf_live *live, const struct nf_packet *packet)
{
	const uint32_t header = live->family == NFPROTO_IPV4 ? IPV4_LEN : IPV6_LEN;
	bool empty = packet->protocol == IPPROTO_TCP && (packet->tcp_flags & TCP_PSH) == 0;
	uint32_t n_payload = packet->has_payload ? packet->n_payload : 0;

	if (!packet->has_payload && !empty)
		return;
	if (packet->protocol != IPPROTO_TCP || live->known.transport[12] == 0xff)
		put_u32(&live->value.length, &live->known.length,
			header + live->transport_len + n_payload);
	else if (header + TCP_LARGEST + n_payload <= 0x7f)
		live->known.length = ~(uint32_t)0x7f;
}

void nf_live_init(struct nf_live *live, const struct nf_packet *packet)
{
	memset(live, 0, sizeof(*live));
	live->receiver = (struct nf_receiver){MUX_UNKNOWN, MUX_UNKNOWN};
	live->family = packet->destination.family == AF_INET6 ? NFPROTO_IPV6 : NFPROTO_IPV4;
	live->protocol = packet->protocol;
	live->link_index = packet->link;
	live->link_name = packet->link_name;
	live->has_socket = packet->has_socket;
	build_transport(live, packet);
	build_length(live, packet);
	build_link(live);
	if (live->family == NFPROTO_IPV4)
		build_ipv4(live, packet);
	else
		build_ipv6(live, packet);
	build_conntrack(live, packet);
	put_u32(&live->value.mark, &live->known.mark, packet->mark);
	put_u32(&live->value.priority, &live->known.priority, 0);
	put_u32(&live->value.secmark, &live->known.secmark, 0);
	if (packet->has_socket)
		put_u32(&live->value.uid, &live->known.uid, packet->uid);
	if (packet->has_socket && packet->has_gid)
		put_u32(&live->value.gid, &live->known.gid, packet->gid);
}

void nf_live_join(struct nf_live *live, const struct nf_live *other)
{
	uint8_t *known = (uint8_t *)&live->known;
	const uint8_t *value = (const uint8_t *)&live->value;
	const uint8_t *other_known = (const uint8_t *)&other->known;
	const uint8_t *other_value = (const uint8_t *)&other->value;
	size_t i;

	for (i = 0; i < sizeof(live->known); i++)
		known[i] = (uint8_t)(known[i] & other_known[i] & ~(value[i] ^ other_value[i]));
}

void nf_live_forget(struct nf_live *live)
{
	uint32_t uid = live->known.uid, gid = live->known.gid;

	memset(&live->known, 0, sizeof(live->known));
	live->known.uid = uid;
	live->known.gid = gid;
}

void nf_live_follow(struct nf_live *live, bool source)
{
	const struct nf_follow *follow = &live->follow;
	const struct mux_address *address = source ? &follow->source : &follow->destination;
	uint16_t port = source ? follow->source_port : follow->destination_port;
	size_t at = live->family == NFPROTO_IPV4 ? (source ? 12 : 16) : (source ? 8 : 24);
	size_t port_at = source ? 0 : 2;

	if (!follow->active)
		return;
	put(live->value.network + at, live->known.network + at, address->bytes,
	    live->family == NFPROTO_IPV4 ? 4 : 16);
	if (live->protocol != IPPROTO_TCP && live->protocol != IPPROTO_UDP)
		return;
	if (port != 0)
		put_be16(live->value.transport + port_at, live->known.transport + port_at, port);
	else
		memset(live->known.transport + port_at, 0, sizeof(port));
}
