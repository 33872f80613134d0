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
	.find = find,
};
