/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A packet in flight: its header bytes and what the kernel keeps beside them (mark, conntrack),
 * each bit of it known or not. Rules read and write it; where two branches meet it keeps only what
 * both agree on.
 */
#ifndef MUX_NETFILTER_LIVE_H
#define MUX_NETFILTER_LIVE_H

#include "netfilter/packet.h"

/* Everything a rule can change. All bytes in host memory order of the kernel's own structures. */
struct nf_fields {
	uint8_t link[16];      /* 14 bytes of Ethernet header, as lo builds it */
	uint8_t network[40];   /* IPv4 without options, or IPv6 */
	uint8_t transport[60]; /* with the options of TCP */
	uint32_t length;       /* of the packet from its network header */
	uint32_t mark;
	uint32_t priority;  /* skb->priority */
	uint32_t uid, gid;  /* of the sending socket */
	uint32_t ct_state;  /* NF_CT_STATE_* bits of nf_conntrack_common.h */
	uint32_t ct_status; /* IPS_* */
	uint32_t ct_mark;
	uint32_t ct_zone;
	uint32_t ct_direction; /* IP_CT_DIR_* */
	uint32_t secmark;
};

/* What a flow that is translated already rewrites in its later packets. */
struct nf_follow {
	bool active;
	struct mux_address destination; /* from OUTPUT at -100 on */
	uint16_t destination_port;	/* host order; 0 = not known */
	struct mux_address source;	/* from POSTROUTING at 100 on */
	uint16_t source_port;
};

/* The socket that the packet is for, as nf_sk_lookup_slow_v4() would find it. */
struct nf_receiver {
	enum mux_answer exists;
	enum mux_answer is_wildcard; /* it is bound to no address */
};

struct nf_live {
	struct nf_fields value;
	struct nf_fields known; /* a 1 for every bit of `value` that is known */
	uint8_t family;		/* NFPROTO_IPV4, NFPROTO_IPV6 */
	uint8_t protocol;	/* IPPROTO_* of the transport header */
	uint8_t network_len, transport_len;
	int link_index;
	struct mux_slice link_name;
	bool has_socket;
	bool ct_attached;	/* conntrack has seen it: after OUTPUT at -200, and from then on */
	bool sets_changed;	/* a rule may have put something of it into a set */
	uint8_t tuple_protocol; /* an ICMP error belongs to the flow it is about */
	struct mux_address tuple_source, tuple_destination; /* of conntrack's original direction */
	uint16_t tuple_source_port, tuple_destination_port; /* host order; 0 = not known */
	struct nf_follow follow;
	struct nf_receiver receiver;
};

/* The most bytes of a packet that are modelled, from its network header on. */
enum { NF_IMAGE_BYTES = 40 + 60 };

/* Some of a packet's bytes, from its network header on. */
struct nf_image {
	uint8_t value[NF_IMAGE_BYTES], known[NF_IMAGE_BYTES];
	size_t len;	   /* of what is modelled */
	bool length_known; /* then there are `length` bytes, those after `len` all unknown */
	size_t length;
};

/* Puts the headers one after the other. */
void nf_live_image(const struct nf_live *live, struct nf_image *ret_image);

/*
 * Finds a TCP option by its kind (RFC 9293 section 3.2). *ret_offset is from the beginning of the
 * transport header, *ret_len is the option's own. MUX_UNKNOWN when the options are not known.
 */
enum mux_answer nf_live_tcp_option(const struct nf_live *live, uint8_t kind, size_t *ret_offset,
				   size_t *ret_len);

/* A rule has rewritten or stripped an option. */
void nf_live_forget_tcp_options(struct nf_live *live);

/* Builds the packet as the stack hands it to the first hook. */
void nf_live_init(struct nf_live *live, const struct nf_packet *packet);

/* Rewrites the destination (of a translated flow's later packet), or the source, as the follow
 * says. */
void nf_live_follow(struct nf_live *live, bool source);

/* Keeps in *live only what it and *other agree on. */
void nf_live_join(struct nf_live *live, const struct nf_live *other);

/* Forgets whatever a rule that is not understood could have changed. */
void nf_live_forget(struct nf_live *live);

#endif
