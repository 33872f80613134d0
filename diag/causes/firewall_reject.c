/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	int error =
		firewall_find(findings, &cause_firewall_reject, MUX_STAGE_OUTPUT, FIREWALL_REJECTS);

	if (error == 0)
		error = firewall_find(findings, &cause_firewall_reject, MUX_STAGE_INPUT,
				      FIREWALL_REJECTS);
	return error;
}

const struct cause cause_firewall_reject = {
	.id = "firewall-reject",
	.summary = "the firewall answers with an error instead of letting the packets through",
	.explanation =
		"A rule refuses the packets with an answer instead of dropping them: an ICMP "
		"error, or a TCP reset. Firewalls that mean to be polite do that at the end of "
		"INPUT, and meet lo when no rule accepts it first.\n\n"
		"The error depends on the answer. A reset, and ICMP port unreachable, look like "
		"a closed port: \"Connection refused\" (ECONNREFUSED). Others give \"No route "
		"to host\" (EHOSTUNREACH), \"Network is unreachable\" (ENETUNREACH), or "
		"\"Permission denied\" (EACCES, over IPv6 only). After an ICMP error over IPv6, "
		"and over IPv4 in a client that waits in connect(), the error comes only when "
		"the SYN is sent again: each connection takes one second and then falls back. "
		"That is the usual reason why localhost works but is slow by a second.\n\n"
		"muxdiag reads the rules and names the one that rejects, which needs root or "
		"CAP_NET_ADMIN. Without it, the ICMP error in the socket's error queue, or a "
		"reset although a socket listens, betrays a rule.\n\n"
		"Accept what passes lo, in front of that rule. Where only the second hurts, a "
		"reject with a TCP reset instead of ICMP lets clients fall back at once.",
	.find = find,
};
