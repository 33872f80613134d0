/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of places, as nft and iptables spell them. */

#include "netfilter/kernel.h"

#include "base/str.h"
#include "netfilter/ruleset.h"

const char *nf_family_name(uint8_t family)
{
	static const char *const names[] = {
		[NFPROTO_INET] = "inet",     [NFPROTO_IPV4] = "ip",	  [NFPROTO_ARP] = "arp",
		[NFPROTO_NETDEV] = "netdev", [NFPROTO_BRIDGE] = "bridge", [NFPROTO_IPV6] = "ip6",
	};

	if (family >= sizeof(names) / sizeof(names[0]) || names[family] == NULL)
		return "unknown";
	return names[family];
}

const char *nf_hook_name(uint8_t hook)
{
	static const char *const names[NF_N_HOOKS] = {
		[NF_HOOK_OUTPUT] = "output",	     [NF_HOOK_POSTROUTING] = "postrouting",
		[NF_HOOK_EGRESS] = "egress",	     [NF_HOOK_INGRESS] = "ingress",
		[NF_HOOK_PREROUTING] = "prerouting", [NF_HOOK_INPUT] = "input",
	};

	return hook < NF_N_HOOKS ? names[hook] : "unknown";
}

const char *nf_decision_place(const struct nf_decision *decision, struct arena *arena)
{
	struct str text;

	str_init(&text, arena);
	str_addf(&text, "%s ", nf_family_name(decision->family));
	str_add_escaped(&text, decision->table);
	str_add(&text, " ");
	str_add_escaped(&text, decision->chain);
	return str_done(&text);
}
