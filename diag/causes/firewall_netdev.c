/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find_because(findings, &cause_firewall_netdev, FIREWALL_DEVICE);
}

const struct cause cause_firewall_netdev = {
	.id = "firewall-netdev",
	.summary = "a chain on the link lo itself stops the packets",
	.explanation =
		"nftables can hook into a link (table netdev, or inet with hook ingress or "
		"egress), before and behind all that iptables knows of. A chain there on lo, or "
		"on every link, stops packets for reasons that no listing of iptables shows. "
		"Early filters against floods and bogus addresses, which 127.0.0.1 is to them, "
		"are made like this.\n\n"
		"Clients hang: \"Connection timed out\" (ETIMEDOUT). A datagram that egress "
		"drops fails with ENOBUFS, \"No buffer space available\"; one that ingress "
		"drops is lost without a word.\n\n"
		"muxdiag, as root, reads these chains like all others. Without root, ENOBUFS "
		"and packets that were counted as sent but never as received betray that it is "
		"the link, not which chain.\n\n"
		"Accept what passes lo at the beginning of that chain, or take lo out of its "
		"devices.",
	.find = find,
};
