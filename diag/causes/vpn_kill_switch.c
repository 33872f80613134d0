/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find_because(findings, &cause_vpn_kill_switch, FIREWALL_KILL_SWITCH);
}

const struct cause cause_vpn_kill_switch = {
	.id = "vpn-kill-switch",
	.summary = "the kill switch of a VPN stops packets that never leave this machine",
	.explanation =
		"A kill switch keeps everything in the tunnel: it drops all that goes out "
		"through another link. lo is another link, and a kill switch that forgets it, "
		"mostly for IPv6 alone because the tunnel has none, cuts this machine off from "
		"itself.\n\n"
		"It fails only while the VPN is on, or, with a permanent kill switch, while it "
		"is off. Clients hang (\"Connection timed out\") or, with a kill switch that "
		"rejects, get \"Permission denied\" or \"Connection refused\". Some switches "
		"block IPv6 as a whole, so that ::1 fails and 127.0.0.1 works.\n\n"
		"muxdiag, as root, reads the rules. It knows the tables and chains of many VPNs "
		"by their names; and it takes a policy that drops all that goes out, beside a "
		"rule for tun, wg or ppp links, for a kill switch of unknown make. Kill "
		"switches made of routes are another cause (route-prohibit).\n\n"
		"Change it in the VPN: what is changed in its rules comes back with the next "
		"connection. Until then, loopback can be accepted in front of its rules; that "
		"leaks nothing, as lo does not leave the machine.",
	.find = find,
};
