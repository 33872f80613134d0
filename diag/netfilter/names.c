/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of places and the rules there, as nft and iptables spell them. */

#include "netfilter/kernel.h"

#include <string.h>

#include "base/slice.h"
#include "base/str.h"
#include "netfilter/index.h"
#include "netfilter/legacy_entry.h"
#include "netfilter/machine.h"
#include "netfilter/printer.h"

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

const char *nf_failed_print(const struct nf_machine *machine)
{
	struct arena *arena = machine->arena;
	const struct mux_nft_rule with = {.expressions = machine->broken};
	const struct mux_nft_rule without = {.expressions = machine->before_broken};
	const char *text, *begin;
	size_t len;

	if (machine->place.backend == NF_LEGACY)
		return machine->broken.len == 0 ? "another address, interface or protocol"
						: arena_printf(arena, "not -m %s",
							       str_escape(arena, machine->broken));
	text = nf_rule_print(machine->place.family, &with, arena);
	begin = nf_rule_print(machine->place.family, &without, arena);
	if (text == NULL || begin == NULL)
		return NULL;
	/* A condition may swallow one before it that it implies, so that the texts differ early. */
	len = strlen(begin);
	if (strncmp(text, begin, len) != 0 || text[len] == '\0')
		len = 0;
	len += strspn(text + len, " ");
	return arena_printf(arena, "not %s", text + len);
}

void nf_place_describe(const struct nf_machine *machine, const struct nf_place *place,
		       struct nf_decision *ret)
{
	const struct mux_xtables *xtables = &machine->ruleset->snapshot->xtables;
	const struct mux_nft_rule *rule = place->rule;
	size_t i, offset;

	if (place->rule == NULL)
		return;
	if (place->backend == NF_NFTABLES) {
		ret->handle = rule->handle;
		ret->rule = nf_rule_print(place->family, rule, machine->arena);
		ret->has_counters = nf_rule_counters(rule, &ret->packets, &ret->bytes);
		return;
	}
	for (i = 0; i < xtables->n_tables; i++) {
		const struct mux_xtables_table *table = &xtables->tables[i];
		struct nf_entry entry;

		if (table->family != place->family || !slice_equal(table->name, place->table))
			continue;
		offset = (size_t)((const char *)place->rule - table->entries.data);
		if (!nf_entry_locate(table, offset, &ret->chain, &ret->position) ||
		    !nf_entry_read(table, offset, &entry))
			continue;
		ret->rule = nf_entry_print(table, offset, ret->chain, machine->arena);
		ret->has_counters = true;
		ret->packets = entry.packets;
		ret->bytes = entry.bytes;
	}
}
