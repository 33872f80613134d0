/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find_because(findings, &cause_firewall_owner, FIREWALL_OWNER);
}

const struct cause cause_firewall_owner = {
	.id = "firewall-owner",
	.summary = "a rule lets only some users or groups send",
	.explanation =
		"A rule looks at who sends a packet (meta skuid, skgid, cgroup; -m owner) and "
		"stops what this user, or the user that the server runs as, sends. Set-ups that "
		"force all traffic but a proxy's through that proxy, per-user kill switches and "
		"sandboxes do that, and forget to except lo.\n\n"
		"The same command works for root, or under another account, and hangs for this "
		"user: \"Connection timed out\" (ETIMEDOUT), or with a reject \"Connection "
		"refused\" or \"Permission denied\". When it is the server's answers that are "
		"stopped, every client hangs, as long as the server runs as that user.\n\n"
		"muxdiag walks the rules as the user who runs it, and once more as a sender of "
		"whom nothing is known; if the packet dies only in the first case, its sender "
		"is why. As root it asks as root: run it as the user who is hit (`muxdiag path "
		"--uid` asks for another user) to see that user's fate.\n\n"
		"Accept what goes out through lo in front of that rule. Nobody's packets leave "
		"the machine that way.",
	.find = find,
};
