/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find(findings, &cause_firewall_output_drop, MUX_STAGE_OUTPUT,
			     FIREWALL_DROPS);
}

const struct cause cause_firewall_output_drop = {
	.id = "firewall-output-drop",
	.summary = "the firewall drops packets on their way out of this machine",
	.explanation =
		"A rule, or the policy of a chain, drops packets that this machine sends to "
		"itself. Over lo every packet of a connection passes the hooks OUTPUT and "
		"POSTROUTING on its way out before it comes in again; what is dropped there "
		"never reaches the server. Most often somebody set the policy of ip6tables' "
		"OUTPUT to DROP and accepted only what goes out to the network.\n\n"
		"Clients that try this address first hang, because a dropped SYN is not "
		"answered: \"Connection timed out\" (ETIMEDOUT) after about two minutes, or "
		"whatever shorter limit the client has. Those that try the next address soon "
		"(curl, browsers, Go) never notice. A datagram fails at once with EPERM, "
		"\"Operation not permitted\", which is also what ping and ping6 print.\n\n"
		"muxdiag reads the rules of nftables and of legacy xtables, walks them with the "
		"packet in question and names the one that decides; that needs root or "
		"CAP_NET_ADMIN. Without it, a datagram refused with EPERM and the kernel's own "
		"counters betray the direction, but not the rule; a BPF program of the control "
		"group looks the same, and is looked for.\n\n"
		"Accept what goes out through lo, in front of all other rules of that chain: it "
		"opens nothing to other machines. Rules that were put there by a program are "
		"better changed in that program, which would undo the change.",
	.find = find,
};
