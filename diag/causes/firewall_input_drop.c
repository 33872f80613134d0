/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find(findings, &cause_firewall_input_drop, MUX_STAGE_INPUT, FIREWALL_DROPS);
}

const struct cause cause_firewall_input_drop = {
	.id = "firewall-input-drop",
	.summary = "the firewall drops packets on their way into this machine",
	.explanation =
		"A rule, or the policy of a chain, drops packets as they come in through lo. "
		"What this machine sends to itself is received again like anything from the "
		"network, and passes netdev ingress, PREROUTING and INPUT. A policy DROP on "
		"INPUT without a rule for lo, often written for IPv4 and forgotten for IPv6 or "
		"the other way round, is the usual case.\n\n"
		"Clients that try this address first hang until they give up: \"Connection "
		"timed out\" (ETIMEDOUT) after about two minutes. Those with a fall-back to the "
		"next address lose a quarter of a second. Nothing fails at once: datagrams "
		"leave without an error, and are lost too.\n\n"
		"muxdiag reads the rules and names the one that decides, which needs root or "
		"CAP_NET_ADMIN. Without it, silence after a datagram that was sent without an "
		"error, and a count of packets that were received but not delivered, tell the "
		"direction. A server whose accept queue is full is silent, too; its queue is "
		"looked at.\n\n"
		"Accept what comes in through lo, in front of all other rules of that chain. "
		"Nothing from other machines comes in through lo.",
	.find = find,
};
