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
	.find = find,
};
