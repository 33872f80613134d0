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
	.find = find,
};
