/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/firewall.h"

static int find(struct findings *findings)
{
	return firewall_find(findings, &cause_firewall_input_drop, MUX_STAGE_INPUT, FIREWALL_DROPS);
}

const struct cause cause_firewall_input_drop = {
	.id = "firewall-input-drop",
	.summary = "the firewall drops packets on their way into this machine",
	.find = find,
};
