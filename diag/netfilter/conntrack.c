/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Is conntrack active for a family? It is as soon as any rule of a table of that family holds an
 * expression that needs it (nf_ct_netns_get()), reached or not; without it nat chains never run.
 */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/slice.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"
#include "netfilter/legacy_entry.h"

static bool is_in(struct mux_slice name, const char *const *names)
{
	for (; *names != NULL; names++)
		if (slice_is(name, *names))
			return true;
	return false;
}

/* Whose init or checkentry calls nf_ct_netns_get(). */
static bool match_needs(struct mux_slice name)
{
	static const char *const names[] = {"conntrack", "state",     "connmark",
					    "connbytes", "connlimit", "connlabel",
					    "helper",	 "cluster",   NULL};

	return is_in(name, names);
}

static bool target_needs(struct mux_slice name)
{
	static const char *const names[] = {"MASQUERADE", "SNAT",     "DNAT", "REDIRECT",
					    "NETMAP",	  "CONNMARK", "CT",   "CONNSECMARK",
					    "SYNPROXY",	  NULL};

	return is_in(name, names);
}

static bool rule_needs(const struct mux_nft_rule *rule)
{
	static const char *const names[] = {"ct",	 "nat",	     "masq", "redir",
					    "connlimit", "synproxy", NULL};
	struct mux_slice rest = rule->expressions, name;
	struct nf_attrs attrs;
	bool damaged = false;

	while (nf_expr_next(&rest, &name, &attrs, &damaged)) {
		if (is_in(name, names))
			return true;
		if (slice_is(name, "match") && match_needs(nf_attr_name(&attrs, 1)))
			return true;
		if (slice_is(name, "target") && target_needs(nf_attr_name(&attrs, 1)))
			return true;
	}
	return false;
}

static bool legacy_table_needs(const struct mux_xtables_table *table)
{
	struct nf_entry entry;
	size_t at;

	if (table->source.presence != MUX_PRESENT)
		return false;
	for (at = 0; nf_entry_read(table, at, &entry); at += entry.len) {
		struct mux_slice rest = entry.matches, name, info;
		bool damaged = false;
		uint8_t revision;

		if (target_needs(entry.target_name))
			return true;
		while (nf_entry_next_match(&rest, &name, &revision, &info, &damaged))
			if (match_needs(name))
				return true;
	}
	return false;
}

static bool concerns(uint8_t table_family, uint8_t family)
{
	return table_family == family || table_family == NFPROTO_INET;
}

enum mux_answer nf_conntrack_active(const struct nf_ruleset *ruleset, uint8_t family)
{
	const struct mux_nftables *nftables = &ruleset->snapshot->nftables;
	const struct mux_xtables *xtables = &ruleset->snapshot->xtables;
	size_t i, k, n_chains = 0, n_read = 0;

	for (i = 0; i < nftables->n_chains; i++)
		n_chains += concerns(nftables->chains[i].family, family);
	for (i = 0; i < ruleset->n_rules; i++) {
		const struct mux_nft_chain_rules *chain = ruleset->rules[i];

		if (!concerns(chain->family, family) || chain->source.presence != MUX_PRESENT)
			continue;
		n_read++;
		for (k = 0; k < chain->n_rules; k++)
			if (rule_needs(&chain->rules[k]))
				return MUX_YES;
	}
	for (i = 0; i < xtables->n_tables; i++)
		if (xtables->tables[i].family == family && legacy_table_needs(&xtables->tables[i]))
			return MUX_YES;
	return n_read < n_chains ? MUX_UNKNOWN : MUX_NO;
}
