/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rules that let connections in, but forget that over lo the answers come in, too. */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	const struct cause *cause = &cause_firewall_reply_drop;
	int error = firewall_find(findings, cause, MUX_STAGE_OUTPUT, FIREWALL_DROPS_ANSWER);

	if (error == 0)
		error = firewall_find(findings, cause, MUX_STAGE_INPUT, FIREWALL_DROPS_ANSWER);
	return error;
}

const struct cause cause_firewall_reply_drop = {
	.id = "firewall-reply-drop",
	.summary = "the firewall lets connections through, but drops the answers to them",
	.explanation =
		"The connection gets through, the answer does not. Over lo the server's answer "
		"(SYN/ACK) is sent through OUTPUT and received through INPUT like the "
		"connection itself, but to the client's port, which is another one each time. "
		"Rules that let in only the server's port, without one for lo and none for "
		"established connections, drop it.\n\n"
		"Clients see what they see of a drop: they hang, then \"Connection timed out\" "
		"(ETIMEDOUT). The server sees half-open connections that come to nothing. It "
		"looks as if the port were open in the firewall, because it is.\n\n"
		"muxdiag walks the rules with the answer as well as with the connection, and "
		"names the one that drops it; that needs root or CAP_NET_ADMIN. Without it, the "
		"kernel's counters show that the connection was delivered and that an answer "
		"was made but lost.\n\n"
		"Accept what passes lo, in front of the other rules of that chain; or accept "
		"established connections (ct state established,related) there.",
	.find = find,
};
