/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands in the words of the backend that decided. A table of family ip or ip6 that has
 * iptables' names was made by iptables-nft, whatever reads it, and is spoken of as such: a rule
 * that nft(8) puts in there is gone with the next iptables-restore.
 */
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/firewall.h"
#include "netfilter/ruleset.h"

struct hook_words {
	const char *xt_chain;  /* iptables' name of the base chain; NULL = it has none there */
	const char *xt_option; /* which end of the packet lo is */
	const char *nft_match;
	uint32_t number; /* in struct mux_nft_chain */
};

static const struct hook_words words[NF_N_HOOKS] = {
	[NF_HOOK_OUTPUT] = {"OUTPUT", "-o", "oifname", NF_INET_LOCAL_OUT},
	[NF_HOOK_POSTROUTING] = {"POSTROUTING", "-o", "oifname", NF_INET_POST_ROUTING},
	[NF_HOOK_EGRESS] = {NULL, NULL, "oifname", NF_NETDEV_EGRESS},
	[NF_HOOK_INGRESS] = {NULL, NULL, "iifname", NF_NETDEV_INGRESS},
	[NF_HOOK_PREROUTING] = {"PREROUTING", "-i", "iifname", NF_INET_PRE_ROUTING},
	[NF_HOOK_INPUT] = {"INPUT", "-i", "iifname", NF_INET_LOCAL_IN},
};

static bool is_xt_table(struct mux_slice name)
{
	static const char *const tables[] = {"filter", "mangle", "nat", "raw", "security"};
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (slice_is(name, tables[i]))
			return true;
	return false;
}

/* Is the chain a base chain of that hook and priority in the table that decided? */
static bool is_base_of(const struct mux_nft_chain *chain, const struct nf_decision *decision)
{
	uint32_t number = words[decision->hook].number;

	if (decision->family == NFPROTO_INET && decision->hook == NF_HOOK_INGRESS)
		number = NF_INET_INGRESS;
	return chain->base && chain->family == decision->family && chain->hook == number &&
	       chain->priority == decision->priority && slice_equal(chain->table, decision->table);
}

/* The chain that decided may be one that a base chain jumped to. Returns that base chain; where
 * several sit on the same hook and priority, the one that decided or none. */
static const struct mux_nft_chain *find_base(const struct findings *findings,
					     const struct nf_decision *decision)
{
	const struct mux_nftables *nftables = &findings->evaluation->snapshot->nftables;
	const struct mux_nft_chain *base = NULL;
	size_t i, n = 0;

	for (i = 0; i < nftables->n_chains; i++) {
		if (!is_base_of(&nftables->chains[i], decision))
			continue;
		if (slice_equal(nftables->chains[i].name, decision->chain))
			return &nftables->chains[i];
		base = &nftables->chains[i];
		n++;
	}
	return n == 1 ? base : NULL;
}

static bool speaks_xt(const struct findings *findings, const struct nf_decision *decision)
{
	const struct mux_nft_chain *base;

	if (words[decision->hook].xt_chain == NULL)
		return false;
	if (decision->backend == NF_LEGACY)
		return true;
	if (decision->family != NFPROTO_IPV4 && decision->family != NFPROTO_IPV6)
		return false;
	base = find_base(findings, decision);
	return base != NULL && is_xt_table(decision->table) &&
	       slice_is(base->name, words[decision->hook].xt_chain);
}

/* "ip6tables -t mangle" */
static void add_xt_program(struct str *command, const struct nf_decision *decision)
{
	str_add(command, decision->family == NFPROTO_IPV6 ? "ip6tables" : "iptables");
	if (decision->backend == NF_LEGACY)
		str_add(command, "-legacy");
	if (!slice_is(decision->table, "filter")) {
		str_add(command, " -t ");
		str_add_shell(command, decision->table);
	}
}

/* " inet filter output" */
static void add_nft_chain(struct str *command, const struct nf_decision *decision,
			  struct mux_slice chain)
{
	str_addf(command, " %s ", nf_family_name(decision->family));
	str_add_shell(command, decision->table);
	str_add(command, " ");
	str_add_shell(command, chain);
}

const char *firewall_view(struct findings *findings, const struct nf_decision *decision)
{
	struct str command;

	str_init(&command, findings->arena);
	if (speaks_xt(findings, decision)) {
		add_xt_program(&command, decision);
		str_add(&command, " -S ");
		str_add_shell(&command, decision->chain);
		if (decision->backend == NF_LEGACY)
			return str_done(&command);
		str_add(&command, ", or ");
	}
	str_add(&command, "nft list chain");
	add_nft_chain(&command, decision, decision->chain);
	return str_done(&command);
}

const char *firewall_accept(struct findings *findings, const struct nf_decision *decision)
{
	const struct hook_words *hook = &words[decision->hook];
	const struct mux_nft_chain *base = NULL;
	struct str command;

	str_init(&command, findings->arena);
	if (speaks_xt(findings, decision)) {
		add_xt_program(&command, decision);
		str_addf(&command, " -I %s 1 %s lo -j ACCEPT", hook->xt_chain, hook->xt_option);
		return str_done(&command);
	}
	base = find_base(findings, decision);
	if (base == NULL)
		return NULL;
	str_add(&command, "nft insert rule");
	add_nft_chain(&command, decision, base->name);
	str_addf(&command, " %s \"lo\" accept", hook->nft_match);
	return str_done(&command);
}

bool firewall_accept_change(const struct findings *findings, const struct nf_decision *decision,
			    struct change *ret_change)
{
	const struct hook_words *hook = &words[decision->hook];
	const struct mux_nft_chain *base = NULL;

	*ret_change = (struct change){
		.kind = CHANGE_ACCEPT,
		.accept = {.legacy = decision->backend == NF_LEGACY,
			   .family = decision->family,
			   .table = decision->table,
			   .hook = hook->number,
			   .out = decision->hook == NF_HOOK_OUTPUT ||
				  decision->hook == NF_HOOK_POSTROUTING ||
				  decision->hook == NF_HOOK_EGRESS},
	};
	if (decision->backend == NF_LEGACY)
		return true;
	base = find_base(findings, decision);
	if (base != NULL)
		ret_change->accept.chain = base->name;
	return base != NULL;
}

static bool has_change(const struct cause_fix *fix, const struct change *wanted)
{
	const struct change *changes = fix->changes.items;
	size_t i;

	for (i = 0; i < fix->changes.n; i++)
		if (changes[i].kind == CHANGE_ACCEPT &&
		    changes[i].accept.legacy == wanted->accept.legacy &&
		    changes[i].accept.family == wanted->accept.family &&
		    changes[i].accept.hook == wanted->accept.hook &&
		    changes[i].accept.out == wanted->accept.out &&
		    slice_equal(changes[i].accept.table, wanted->accept.table) &&
		    slice_equal(changes[i].accept.chain, wanted->accept.chain))
			return true;
	return false;
}

/* What would accept the packets where they are stopped on that side of the candidate. */
static bool find_change(const struct findings *findings, const struct ev_candidate *candidate,
			bool out, struct change *ret_change)
{
	const struct ev_path *path = out ? &candidate->output : &candidate->input;

	return path->passes == MUX_NO && path->decided &&
	       firewall_accept_change(findings, &path->decision, ret_change);
}

/* Was the candidate stopped by what the fix opens, and is it now by something else? */
static bool is_stopped_next(const struct findings *findings, const struct cause_fix *fix,
			    const struct ev_candidate *candidate, struct change *ret_change)
{
	const struct evaluation *before = findings->evaluation;
	bool out = ((const struct change *)fix->changes.items)->accept.out;
	struct change change;
	size_t i;

	if (!find_change(findings, candidate, out, ret_change) || has_change(fix, ret_change))
		return false;
	for (i = 0; i < before->n_candidates; i++)
		if (addr_equal(&before->candidates[i].address, &candidate->address) &&
		    find_change(findings, &before->candidates[i], out, &change) &&
		    has_change(fix, &change))
			return true;
	return false;
}

static void add_command(struct findings *findings, struct cause_fix *fix, const char *command,
			const struct change *change)
{
	const char **commands =
		arena_array(findings->arena, fix->public.n_commands + 1, sizeof(*commands));
	struct change *added = arena_list_add(findings->arena, &fix->changes);
	size_t i;

	if (commands == NULL || added == NULL)
		return;
	for (i = 0; i < fix->public.n_commands; i++)
		commands[i] = fix->public.commands[i];
	commands[fix->public.n_commands++] = command;
	fix->public.commands = commands;
	*added = *change;
}

bool firewall_extend(struct findings *findings, const struct evaluation *after,
		     struct cause_fix *fix)
{
	const struct change *first = fix->changes.items;
	const struct ev_candidate *candidate;
	struct change change;
	const char *command;
	size_t i;

	if (fix->changes.n == 0 || first->kind != CHANGE_ACCEPT)
		return false;
	for (i = 0; i < after->n_candidates; i++) {
		candidate = &after->candidates[i];
		if (!is_stopped_next(findings, fix, candidate, &change))
			continue;
		command = firewall_accept(findings, change.accept.out ? &candidate->output.decision
								      : &candidate->input.decision);
		if (command == NULL)
			continue;
		add_command(findings, fix, command, &change);
		return true;
	}
	return false;
}
