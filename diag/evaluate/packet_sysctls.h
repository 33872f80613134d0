/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What sysctls tell of a packet before it is sent. */
#ifndef MUX_EVALUATE_PACKET_SYSCTLS_H
#define MUX_EVALUATE_PACKET_SYSCTLS_H

#include "netfilter/packet.h"

/*
 * Sets the hop limit, the range of a free source port and TCP's options, as far as sysctls were
 * read, and the largest segment; the packet's destination, protocol and link must be set.
 */
void packet_set_sysctls(const struct mux_snapshot *snapshot, struct nf_packet *packet);

#endif
