/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find_because(findings, &cause_firewall_ct_invalid, FIREWALL_CONNTRACK);
}

const struct cause cause_firewall_ct_invalid = {
	.id = "firewall-ct-invalid",
	.summary = "a rule drops packets that conntrack has not seen",
	.explanation =
		"A rule, or a policy, stops packets that conntrack calls invalid or untracked, "
		"and those over lo are. There are two ways to get there: `ct state invalid "
		"drop` in a chain on output with a priority before conntrack's own (-200), "
		"where it has not seen any packet yet, so that all of them are invalid; and a "
		"notrack rule in the raw table, after which a packet is neither new nor "
		"established for any later rule.\n\n"
		"Clients hang: \"Connection timed out\" (ETIMEDOUT). It often began with a "
		"change that was about something else, such as notrack for a busy web or DNS "
		"server, or hardening copied from a place where the chain had another priority.\n\n"
		"muxdiag, as root, walks the rules once more as if conntrack had seen every "
		"packet; if they pass then, this is the reason, and it says which of the two "
		"ways it is.\n\n"
		"Accept what passes lo in front of that rule; or give the chain a priority of "
		"at least -199 (mangle is -150, filter 0); or except lo from notrack.",
	.find = find,
};
