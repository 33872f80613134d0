/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The packet a client would send, as far as it is known before it is sent. What is not known (a
 * free source port, the client's uid) is said so and makes every match on it unknown.
 */
#ifndef MUX_NETFILTER_PACKET_H
#define MUX_NETFILTER_PACKET_H

#include <muxdiag/snapshot.h>

/* Conntrack's view of the packet (nf_conntrack_common.h). */
enum nf_ct_state { NF_CT_INVALID, NF_CT_NEW, NF_CT_ESTABLISHED, NF_CT_RELATED, NF_CT_UNTRACKED };

struct nf_packet {
	struct mux_address source, destination;
	uint8_t protocol;     /* IPPROTO_* */
	uint16_t source_port; /* host order; 0 = any free one */
	/* Between which, both included (net.ipv4.ip_local_port_range); 0 = that is not known. Of a
	 * reply it is the destination port that is the free one. */
	uint16_t free_port_least, free_port_most;
	uint16_t destination_port; /* host order; 0 = not known */
	uint8_t tcp_flags;	   /* as in byte 13 of the header: SYN 0x02, ACK 0x10, RST 0x04 */
	int link;		   /* index of lo: it leaves and enters there */
	struct mux_slice link_name;
	bool has_socket; /* a local socket sends it: skuid and skgid are known */
	uint32_t uid;
	bool has_gid; /* gid is known */
	uint32_t gid;
	uint32_t mark;
	/* What conntrack says of it once it has seen it. Without has_ct: new for a TCP SYN, for UDP
	 * and for an echo request, established for all other packets. */
	bool has_ct;
	enum nf_ct_state ct;
	bool reply;	   /* it travels in the reply direction of its flow */
	uint8_t icmp_type; /* of ICMP and ICMPv6 */
	uint8_t icmp_code;
	uint8_t traffic_class; /* TOS byte; 0 unless the sender has asked for another */
	uint8_t hop_limit;     /* TTL or hop limit; 0 = not known */
	/* Which options TCP uses (net.ipv4.tcp_timestamps, tcp_sack, tcp_window_scaling); without
	 * ECN (tcp_ecn). */
	bool has_tcp_options;
	bool tcp_large_windows; /* that of a SYN is no smaller than 32768 */
	uint16_t tcp_mss;	/* the largest segment it takes; 0 = not known */
	bool tcp_timestamps, tcp_sack, tcp_window_scaling;
	bool has_payload;   /* n_payload is known */
	uint32_t n_payload; /* bytes behind the transport header */
};

#endif
