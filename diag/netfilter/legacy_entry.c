/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/legacy_entry.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <string.h>

#include "base/slice.h"

/* Offsets into one entry, as the kernel's headers of both families have them. */
struct geometry {
	size_t header, target, next;
};

static void read_ipv4(const char *bytes, struct nf_entry *entry, struct geometry *geometry)
{
	struct ipt_entry raw;

	memcpy(&raw, bytes, sizeof(raw));
	memcpy(entry->source, &raw.ip.src, 4);
	memcpy(entry->destination, &raw.ip.dst, 4);
	memcpy(entry->source_mask, &raw.ip.smsk, 4);
	memcpy(entry->destination_mask, &raw.ip.dmsk, 4);
	entry->address_len = 4;
	memcpy(entry->input, raw.ip.iniface, IFNAMSIZ);
	memcpy(entry->output, raw.ip.outiface, IFNAMSIZ);
	memcpy(entry->input_mask, raw.ip.iniface_mask, IFNAMSIZ);
	memcpy(entry->output_mask, raw.ip.outiface_mask, IFNAMSIZ);
	entry->protocol = raw.ip.proto;
	entry->has_protocol = raw.ip.proto != 0;
	entry->is_goto = (raw.ip.flags & IPT_F_GOTO) != 0;
	entry->fragment = (raw.ip.flags & IPT_F_FRAG) != 0;
	entry->invert = raw.ip.invflags;
	entry->packets = raw.counters.pcnt;
	entry->bytes = raw.counters.bcnt;
	*geometry = (struct geometry){sizeof(raw), raw.target_offset, raw.next_offset};
}

static void read_ipv6(const char *bytes, struct nf_entry *entry, struct geometry *geometry)
{
	struct ip6t_entry raw;

	memcpy(&raw, bytes, sizeof(raw));
	memcpy(entry->source, &raw.ipv6.src, 16);
	memcpy(entry->destination, &raw.ipv6.dst, 16);
	memcpy(entry->source_mask, &raw.ipv6.smsk, 16);
	memcpy(entry->destination_mask, &raw.ipv6.dmsk, 16);
	entry->address_len = 16;
	memcpy(entry->input, raw.ipv6.iniface, IFNAMSIZ);
	memcpy(entry->output, raw.ipv6.outiface, IFNAMSIZ);
	memcpy(entry->input_mask, raw.ipv6.iniface_mask, IFNAMSIZ);
	memcpy(entry->output_mask, raw.ipv6.outiface_mask, IFNAMSIZ);
	entry->protocol = raw.ipv6.proto;
	entry->has_protocol = (raw.ipv6.flags & IP6T_F_PROTO) != 0;
	entry->is_goto = (raw.ipv6.flags & IP6T_F_GOTO) != 0;
	entry->fragment = false;
	entry->invert = raw.ipv6.invflags;
	entry->packets = raw.counters.pcnt;
	entry->bytes = raw.counters.bcnt;
	*geometry = (struct geometry){sizeof(raw), raw.target_offset, raw.next_offset};
}

/* The name of a match or target; both structs begin alike. The bytes may lie anywhere. */
static struct mux_slice name_at(const char *bytes)
{
	struct mux_slice name = {bytes + offsetof(struct xt_entry_match, u.user.name), 0};

	name.len = strnlen(name.data, XT_EXTENSION_MAXNAMELEN);
	return name;
}

bool nf_entry_read(const struct mux_xtables_table *table, size_t offset, struct nf_entry *ret_entry)
{
	size_t header = table->family == NFPROTO_IPV4 ? sizeof(struct ipt_entry)
						      : sizeof(struct ip6t_entry);
	struct xt_entry_target target;
	struct geometry geometry;

	if (offset > table->entries.len || table->entries.len - offset < header)
		return false;
	ret_entry->start = table->entries.data + offset;
	if (table->family == NFPROTO_IPV4)
		read_ipv4(ret_entry->start, ret_entry, &geometry);
	else
		read_ipv6(ret_entry->start, ret_entry, &geometry);
	if (geometry.next > table->entries.len - offset || geometry.target < geometry.header ||
	    geometry.target > geometry.next || geometry.next - geometry.target < sizeof(target))
		return false;
	ret_entry->len = geometry.next;
	ret_entry->matches.data = ret_entry->start + geometry.header;
	ret_entry->matches.len = geometry.target - geometry.header;
	memcpy(&target, ret_entry->start + geometry.target, sizeof(target));
	if (target.u.target_size < sizeof(target) ||
	    target.u.target_size > geometry.next - geometry.target)
		return false;
	ret_entry->target_name = name_at(ret_entry->start + geometry.target);
	ret_entry->target_revision = target.u.user.revision;
	ret_entry->target_info.data = ret_entry->start + geometry.target + sizeof(target);
	ret_entry->target_info.len = target.u.target_size - sizeof(target);
	return true;
}

bool nf_entry_next_match(struct mux_slice *rest, struct mux_slice *ret_name, uint8_t *ret_revision,
			 struct mux_slice *ret_info, bool *ret_damaged)
{
	struct xt_entry_match match;

	if (rest->len == 0)
		return false;
	*ret_damaged = true;
	if (rest->len < sizeof(match))
		return false;
	memcpy(&match, rest->data, sizeof(match));
	if (match.u.match_size < sizeof(match) || match.u.match_size > rest->len)
		return false;
	*ret_damaged = false;
	*ret_name = name_at(rest->data);
	*ret_revision = match.u.user.revision;
	ret_info->data = rest->data + sizeof(match);
	ret_info->len = match.u.match_size - sizeof(match);
	rest->data += match.u.match_size;
	rest->len -= match.u.match_size;
	return true;
}

bool nf_entry_standard(const struct nf_entry *entry, int32_t *ret_verdict)
{
	if (entry->target_name.len != 0 || entry->target_info.len < sizeof(*ret_verdict))
		return false;
	memcpy(ret_verdict, entry->target_info.data, sizeof(*ret_verdict));
	return true;
}

const char *nf_legacy_chain_name(unsigned hook)
{
	static const char *const names[NF_INET_NUMHOOKS] = {
		[NF_INET_PRE_ROUTING] = "PREROUTING",	[NF_INET_LOCAL_IN] = "INPUT",
		[NF_INET_FORWARD] = "FORWARD",		[NF_INET_LOCAL_OUT] = "OUTPUT",
		[NF_INET_POST_ROUTING] = "POSTROUTING",
	};

	return hook < NF_INET_NUMHOOKS ? names[hook] : "unknown";
}

unsigned nf_legacy_hook(enum nf_hook hook)
{
	switch (hook) {
	case NF_HOOK_OUTPUT:
		return NF_INET_LOCAL_OUT;
	case NF_HOOK_POSTROUTING:
		return NF_INET_POST_ROUTING;
	case NF_HOOK_PREROUTING:
		return NF_INET_PRE_ROUTING;
	default:
		return NF_INET_LOCAL_IN;
	}
}

/* Does a chain begin at the offset? A user chain begins behind the ERROR entry with its name. */
static bool begins_chain(const struct mux_xtables_table *table, size_t offset,
			 const struct nf_entry *entry, struct mux_slice *ret_chain)
{
	unsigned hook;

	if (slice_is(entry->target_name, XT_ERROR_TARGET)) {
		ret_chain->data = entry->target_info.data;
		ret_chain->len = strnlen(entry->target_info.data, entry->target_info.len);
		return true;
	}
	for (hook = 0; hook < NF_INET_NUMHOOKS; hook++)
		if ((table->valid_hooks >> hook & 1) != 0 && table->hook_entry[hook] == offset) {
			*ret_chain = slice_of(nf_legacy_chain_name(hook));
			return true;
		}
	return false;
}

bool nf_entry_locate(const struct mux_xtables_table *table, size_t offset,
		     struct mux_slice *ret_chain, size_t *ret_position)
{
	size_t at, position = 0;
	struct mux_slice chain = {NULL, 0};
	struct nf_entry entry;

	for (at = 0; at <= offset; at += entry.len) {
		if (!nf_entry_read(table, at, &entry))
			return false;
		if (begins_chain(table, at, &entry, &chain))
			position = 0;
		/* The entry with a user chain's name is no rule. */
		if (!slice_is(entry.target_name, XT_ERROR_TARGET))
			position++;
		if (at == offset) {
			*ret_chain = chain;
			*ret_position = position;
			return chain.data != NULL;
		}
	}
	return false;
}
