/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "causes/firewall_reason.h"

#include <string.h>

#include "base/slice.h"
#include "causes/owner.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"
#include "netfilter/legacy_entry.h"

/* --- words of the evaluator -------------------------------------------------------------- */

/* How the evaluator's reasons for a doubt begin, and what a title calls them. */
struct doubt {
	const char *reason;
	const char *words; /* NULL = as it is */
	bool chance;
};

static const struct doubt counting[] = {
	{"chance", NULL, true},
	{"a number that changes with every packet", "chance", true},
	{"limit rate ", NULL, false},
	{"whether a limit is used up", "a limit", false},
	{"how much of a quota is left", "a quota", false},
	{"the number of connections", NULL, false},
	{"a list of recent addresses", NULL, false},
	{"a limit on the elements of a set", NULL, false},
	{"a named limit", NULL, false},
	{"a named quota", NULL, false},
	{"a named connection limit", NULL, false},
	{"an estimated rate", NULL, false},
};

static const struct doubt *find_doubt(const struct nf_decision *decision)
{
	size_t i;

	for (i = 0; decision->reason != NULL && i < sizeof(counting) / sizeof(counting[0]); i++)
		if (strncmp(decision->reason, counting[i].reason, strlen(counting[i].reason)) == 0)
			return &counting[i];
	return NULL;
}

bool firewall_counts(const struct nf_decision *decision)
{
	return find_doubt(decision) != NULL;
}

bool firewall_is_chance(const struct nf_decision *decision)
{
	const struct doubt *doubt = find_doubt(decision);

	return doubt != NULL && doubt->chance;
}

const char *firewall_doubt(const struct nf_decision *decision)
{
	const struct doubt *doubt = find_doubt(decision);

	if (doubt != NULL && doubt->words != NULL)
		return doubt->words;
	return decision->reason != NULL ? decision->reason : "a limit";
}

static bool asks_sender(const struct nf_decision *decision)
{
	static const char *const reasons[] = {"the sender's user", "the sender's group",
					      "the sender's cgroup"};
	size_t i;

	for (i = 0; decision->reason != NULL && i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (strncmp(decision->reason, reasons[i], strlen(reasons[i])) == 0)
			return true;
	return false;
}

/* --- kill switches ----------------------------------------------------------------------- */

static bool is_tunnel(struct mux_slice name)
{
	static const char *const prefixes[] = {"tun",	   "wg",      "ppp",	   "proton",
					       "nordlynx", "nordtun", "tailscale", "ipsec"};
	size_t i;

	for (i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (slice_starts_with(name, prefixes[i]))
			return true;
	return false;
}

/* Does it compare anything with the name of a tunnel? */
static bool names_tunnel(const struct mux_nft_rule *rule)
{
	struct mux_slice rest = rule->expressions, name, value;
	struct nf_attrs attrs;
	bool damaged = false;

	while (nf_expr_next(&rest, &name, &attrs, &damaged))
		if (slice_is(name, "cmp") && nf_attr_value(&attrs, NFTA_CMP_DATA, &value) &&
		    is_tunnel(value))
			return true;
	return false;
}

static bool chain_names_tunnel(const struct mux_nftables *nftables,
			       const struct nf_decision *decision)
{
	size_t i, k;

	for (i = 0; i < nftables->n_rules; i++) {
		const struct mux_nft_chain_rules *chain = &nftables->rules[i];

		if (chain->source.presence != MUX_PRESENT || chain->family != decision->family ||
		    !slice_equal(chain->table, decision->table) ||
		    !slice_equal(chain->chain, decision->chain))
			continue;
		for (k = 0; k < chain->n_rules; k++)
			if (names_tunnel(&chain->rules[k]))
				return true;
	}
	return false;
}

static bool table_names_tunnel(const struct mux_xtables *xtables,
			       const struct nf_decision *decision)
{
	struct nf_entry entry;
	size_t i, at;

	for (i = 0; i < xtables->n_tables; i++) {
		const struct mux_xtables_table *table = &xtables->tables[i];

		if (table->source.presence != MUX_PRESENT || table->family != decision->family ||
		    !slice_equal(table->name, decision->table))
			continue;
		for (at = 0; nf_entry_read(table, at, &entry); at += entry.len)
			if (is_tunnel((struct mux_slice){entry.output,
							 strnlen(entry.output, IFNAMSIZ)}))
				return true;
	}
	return false;
}

/* A VPN's own rules; or a policy that drops all that goes out, beside a rule for a tunnel. */
static bool is_kill_switch(struct findings *findings, const struct nf_decision *decision)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	const char *why;
	const struct owner *owner = owner_find(findings, decision, &why);

	if (owner != NULL)
		return owner->kind == OWNER_VPN;
	if (!decision->by_policy ||
	    (decision->hook != NF_HOOK_OUTPUT && decision->hook != NF_HOOK_POSTROUTING))
		return false;
	return decision->backend == NF_LEGACY ? table_names_tunnel(&snapshot->xtables, decision)
					      : chain_names_tunnel(&snapshot->nftables, decision);
}

/* --- all of them ------------------------------------------------------------------------- */

static enum firewall_reason reason_of_rule(struct findings *findings, const struct ev_path *path)
{
	const struct nf_decision *decision = &path->decision;

	if (path->because == EV_BECAUSE_CONNTRACK)
		return FIREWALL_CONNTRACK;
	if (path->because == EV_BECAUSE_OWNER)
		return FIREWALL_OWNER;
	if (decision->hook == NF_HOOK_EGRESS || decision->hook == NF_HOOK_INGRESS)
		return FIREWALL_DEVICE;
	return is_kill_switch(findings, decision) ? FIREWALL_KILL_SWITCH : FIREWALL_PLAIN;
}

enum firewall_reason firewall_reason_of(struct findings *findings, const struct ev_path *path)
{
	if (path->table_full)
		return FIREWALL_TABLE;
	if (path->decision.kind == NF_KIND_QUEUE)
		return FIREWALL_QUEUE;
	if (path->decided)
		return reason_of_rule(findings, path);
	if (path->decision.kind != NF_KIND_UNKNOWN || path->decision.table.len == 0)
		return FIREWALL_PLAIN;
	if (path->used_up || firewall_counts(&path->decision))
		return FIREWALL_LIMIT;
	return asks_sender(&path->decision) ? FIREWALL_OWNER : FIREWALL_PLAIN;
}
