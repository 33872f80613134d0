/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address translation of the packet that starts a flow, as nf_nat_setup_info() and nf_nat_packet()
 * do it on OUTPUT and POSTROUTING. */
#ifndef MUX_NETFILTER_NAT_H
#define MUX_NETFILTER_NAT_H

#include "netfilter/machine.h"

/* What a rule translates to; parts that are NULL stay as they are. */
struct nf_nat {
	bool source;		       /* the source, else the destination */
	const struct nf_bits *address; /* of the packet's family */
	const struct nf_bits *port;    /* network order; a range is a port not known */
};

/*
 * Translates the packet, unless another rule has already; a rule in doubt makes the addresses
 * unknown when the branches meet. Sets the verdict: accept, which ends the nat chain.
 */
enum nf_step nf_nat_apply(struct nf_machine *machine, const struct nf_nat *nat);

/* redirect: to the loopback address on OUTPUT (nf_nat_redirect_ipv4(), _ipv6()). */
enum nf_step nf_nat_redirect(struct nf_machine *machine, const struct nf_bits *port);

/* masquerade: to an address of the outgoing link; the packet dies when there is none
 * (nf_nat_masquerade_ipv4()). */
enum nf_step nf_nat_masquerade(struct nf_machine *machine, const struct nf_bits *port);

#endif
