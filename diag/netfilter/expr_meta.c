/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_meta.c: what the kernel keeps beside the packet's bytes. */
#include "netfilter/kernel.h"

#include <linux/if_arp.h>
#include <string.h>

#include "netfilter/expr.h"
#include "netfilter/index.h"

struct meta {
	uint32_t key, destination, source;
	bool sets;
};

static bool decode(const struct nf_attrs *attrs, struct meta *meta)
{
	meta->sets = nf_attr_has(attrs, NFTA_META_SREG);
	return nf_attr_has(attrs, NFTA_META_KEY) &&
	       nf_attr_u32(attrs, NFTA_META_KEY, 0, &meta->key) &&
	       nf_attr_u32(attrs, NFTA_META_DREG, 0, &meta->destination) &&
	       nf_attr_u32(attrs, NFTA_META_SREG, 0, &meta->source) &&
	       meta->sets != nf_attr_has(attrs, NFTA_META_DREG);
}

/* How nft names each key, and what it holds. */
static const struct {
	const char *name;
	enum nf_type type;
	uint8_t len; /* bytes */
	bool bare;   /* written without "meta" */
} keys[] = {
	[NFT_META_LEN] = {"length", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_PROTOCOL] = {"protocol", NF_TYPE_ETHERTYPE, 2, false},
	[NFT_META_PRIORITY] = {"priority", NF_TYPE_HOST_HEX, 4, false},
	[NFT_META_MARK] = {"mark", NF_TYPE_HOST_HEX, 4, false},
	[NFT_META_IIF] = {"iif", NF_TYPE_HOST_NUMBER, 4, true},
	[NFT_META_OIF] = {"oif", NF_TYPE_HOST_NUMBER, 4, true},
	[NFT_META_IIFNAME] = {"iifname", NF_TYPE_NAME, 16, true},
	[NFT_META_OIFNAME] = {"oifname", NF_TYPE_NAME, 16, true},
	[NFT_META_IFTYPE] = {"iiftype", NF_TYPE_HOST_NUMBER, 2, true},
	[NFT_META_OIFTYPE] = {"oiftype", NF_TYPE_HOST_NUMBER, 2, true},
	[NFT_META_SKUID] = {"skuid", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_SKGID] = {"skgid", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_NFTRACE] = {"nftrace", NF_TYPE_HOST_NUMBER, 1, false},
	[NFT_META_RTCLASSID] = {"rtclassid", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_SECMARK] = {"secmark", NF_TYPE_HOST_HEX, 4, false},
	[NFT_META_NFPROTO] = {"nfproto", NF_TYPE_NFPROTO, 1, false},
	[NFT_META_L4PROTO] = {"l4proto", NF_TYPE_PROTOCOL, 1, false},
	[NFT_META_PKTTYPE] = {"pkttype", NF_TYPE_PACKET_TYPE, 1, false},
	[NFT_META_CPU] = {"cpu", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_IIFGROUP] = {"iifgroup", NF_TYPE_HOST_NUMBER, 4, true},
	[NFT_META_OIFGROUP] = {"oifgroup", NF_TYPE_HOST_NUMBER, 4, true},
	[NFT_META_CGROUP] = {"cgroup", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_PRANDOM] = {"random", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_SECPATH] = {"secpath", NF_TYPE_HOST_NUMBER, 1, false},
	[NFT_META_IIFKIND] = {"iifkind", NF_TYPE_NAME, 16, false},
	[NFT_META_OIFKIND] = {"oifkind", NF_TYPE_NAME, 16, false},
	[NFT_META_TIME_NS] = {"time", NF_TYPE_HOST_NUMBER, 8, false},
	[NFT_META_TIME_DAY] = {"day", NF_TYPE_HOST_NUMBER, 1, false},
	[NFT_META_TIME_HOUR] = {"hour", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_SDIF] = {"sdif", NF_TYPE_HOST_NUMBER, 4, false},
	[NFT_META_SDIFNAME] = {"sdifname", NF_TYPE_NAME, 16, false},
};

static enum nf_step load_u32(struct nf_machine *machine, uint32_t reg, uint32_t value,
			     uint32_t known, const char *why)
{
	const struct nf_bits bits = {(const uint8_t *)&value, (const uint8_t *)&known,
				     sizeof(value), why};

	return nf_register_store(machine, reg, &bits);
}

static enum nf_step load_u8(struct nf_machine *machine, uint32_t reg, uint8_t value)
{
	return nf_register_store(machine, reg, &(struct nf_bits){.value = &value, .len = 1});
}

static enum nf_step load_unknown(struct nf_machine *machine, uint32_t reg, size_t len,
				 const char *why)
{
	static const uint8_t zeros[16];

	return nf_register_store(machine, reg, &(struct nf_bits){zeros, zeros, len, why});
}

static enum nf_step load_name(struct nf_machine *machine, uint32_t reg, bool has_link)
{
	uint8_t name[IFNAMSIZ] = {0};
	size_t len = machine->live.link_name.len;

	if (has_link && len < sizeof(name))
		memcpy(name, machine->live.link_name.data, len);
	return nf_register_store(machine, reg,
				 &(struct nf_bits){.value = name, .len = sizeof(name)});
}

/* nft_meta_get_eval_skugid(): no socket, no match. On lo the sender's socket is gone once the
 * packet has crossed it. */
static enum nf_step load_owner(struct nf_machine *machine, const struct meta *meta)
{
	const struct nf_live *live = &machine->live;

	if (!live->has_socket || nf_has_input(machine))
		return NF_STEP_BREAK;
	if (meta->key == NFT_META_SKUID)
		return load_u32(machine, meta->destination, live->value.uid, live->known.uid,
				"the sender's user is not known");
	return load_u32(machine, meta->destination, live->value.gid, live->known.gid,
			"the sender's group is not known");
}

static enum nf_step load_group(struct nf_machine *machine, uint32_t reg)
{
	uint32_t group = 0;
	bool is_known = nf_link_group(machine, &group);

	return load_u32(machine, reg, group, is_known ? UINT32_MAX : 0,
			"the group of the link is not known");
}

/* sock_cgroup_classid(): 0 without the controller net_cls. What the kernel itself sends has a
 * socket of the kernel's, or none. */
static enum nf_step load_cgroup(struct nf_machine *machine, uint32_t reg)
{
	bool is_known = machine->ruleset->snapshot->machine.net_cls == MUX_NO;

	if (nf_has_input(machine))
		return NF_STEP_BREAK;
	if (!machine->live.has_socket)
		nf_doubt(machine, "whether the packet has a socket");
	return load_u32(machine, reg, 0, is_known ? UINT32_MAX : 0,
			"the sender's cgroup is not known");
}

static enum nf_step load_link(struct nf_machine *machine, const struct meta *meta)
{
	bool has_input = nf_has_input(machine), has_output = nf_has_output(machine);
	uint32_t index = (uint32_t)machine->live.link_index;
	uint16_t type = ARPHRD_LOOPBACK;
	bool has_link = meta->key == NFT_META_IIFGROUP ? has_input : has_output;

	/* That of skb->dev, which every hook after OUTPUT has. */
	if (meta->key == NFT_META_IFTYPE)
		has_link = machine->place.hook != NF_HOOK_OUTPUT;

	switch (meta->key) {
	case NFT_META_IIF:
		return nf_register_store_u32(machine, meta->destination, has_input ? index : 0);
	case NFT_META_OIF:
		return nf_register_store_u32(machine, meta->destination, has_output ? index : 0);
	case NFT_META_IIFNAME:
		return load_name(machine, meta->destination, has_input);
	case NFT_META_OIFNAME:
		return load_name(machine, meta->destination, has_output);
	case NFT_META_IFTYPE:
	case NFT_META_OIFTYPE:
		if (!has_link)
			return NF_STEP_BREAK;
		return nf_register_store(
			machine, meta->destination,
			&(struct nf_bits){.value = (const uint8_t *)&type, .len = sizeof(type)});
	case NFT_META_IIFGROUP:
	case NFT_META_OIFGROUP:
		if (!has_link)
			return NF_STEP_BREAK;
		return load_group(machine, meta->destination);
	default:
		/* lo has no rtnl_link_ops, so no kind. */
		return NF_STEP_BREAK;
	}
}

static enum nf_step load_length(struct nf_machine *machine, uint32_t reg)
{
	const struct nf_live *live = &machine->live;
	/* Egress sees the Ethernet header too. */
	uint32_t more = machine->place.hook == NF_HOOK_EGRESS ? ETH_HLEN : 0;

	return load_u32(machine, reg, live->value.length + more, live->known.length,
			"the packet's length is not known");
}

static enum nf_step load_protocol(struct nf_machine *machine, const struct meta *meta)
{
	uint16_t ethertype = htons(machine->live.family == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6);

	switch (meta->key) {
	case NFT_META_PROTOCOL:
		return nf_register_store(machine, meta->destination,
					 &(struct nf_bits){.value = (const uint8_t *)&ethertype,
							   .len = sizeof(ethertype)});
	case NFT_META_NFPROTO:
		/* nft_pf(): a netdev chain has its own. */
		return load_u8(machine, meta->destination,
			       machine->place.family == NFPROTO_NETDEV ? NFPROTO_NETDEV
								       : machine->live.family);
	default:
		return load_u8(machine, meta->destination, machine->live.protocol);
	}
}

/* One of those there are: the bits that none of them has are known to be 0. */
static enum nf_step load_cpu(struct nf_machine *machine, uint32_t reg)
{
	const uint32_t n = machine->ruleset->snapshot->machine.n_cpus;
	uint32_t unknown = UINT32_MAX;

	if (n != 0)
		for (unknown = 0; unknown < n - 1; unknown = unknown << 1 | 1)
			;
	return load_u32(machine, reg, 0, ~unknown, "which CPU runs the packet is not known");
}

static enum nf_step load(struct nf_machine *machine, const struct meta *meta)
{
	const struct nf_live *live = &machine->live;
	uint32_t reg = meta->destination;

	switch (meta->key) {
	case NFT_META_LEN:
		return load_length(machine, reg);
	case NFT_META_PROTOCOL:
	case NFT_META_NFPROTO:
	case NFT_META_L4PROTO:
		return load_protocol(machine, meta);
	case NFT_META_PRIORITY:
		return load_u32(machine, reg, live->value.priority, live->known.priority,
				"the packet's priority is not known");
	case NFT_META_MARK:
		return load_u32(machine, reg, live->value.mark, live->known.mark,
				"the packet's mark is not known");
	case NFT_META_SECMARK:
		return load_u32(machine, reg, live->value.secmark, live->known.secmark,
				"the packet's security mark is not known");
	case NFT_META_SKUID:
	case NFT_META_SKGID:
		return load_owner(machine, meta);
	case NFT_META_PKTTYPE: /* PACKET_HOST, on both sides of lo */
	case NFT_META_SECPATH:
		return load_u8(machine, reg, 0);
	case NFT_META_SDIF:
		return nf_register_store_u32(machine, reg, 0);
	case NFT_META_SDIFNAME:
		return load_name(machine, reg, false);
	case NFT_META_CGROUP:
		return load_cgroup(machine, reg);
	case NFT_META_RTCLASSID:
		return load_u32(machine, reg, 0, nf_has_no_realms(machine) ? UINT32_MAX : 0,
				"the route's realm is not known");
	case NFT_META_CPU:
		return load_cpu(machine, reg);
	case NFT_META_PRANDOM:
		return load_unknown(machine, reg, 4, "a random number");
	case NFT_META_TIME_NS:
	case NFT_META_TIME_DAY:
	case NFT_META_TIME_HOUR:
		return load_unknown(machine, reg, keys[meta->key].len, "the time of day");
	case NFT_META_IIF:
	case NFT_META_OIF:
	case NFT_META_IIFNAME:
	case NFT_META_OIFNAME:
	case NFT_META_IFTYPE:
	case NFT_META_OIFTYPE:
	case NFT_META_IIFGROUP:
	case NFT_META_OIFGROUP:
	case NFT_META_IIFKIND:
	case NFT_META_OIFKIND:
		return load_link(machine, meta);
	default:
		return NF_STEP_ALIEN;
	}
}

static void set_u32(const struct nf_bits *bits, uint32_t *value, uint32_t *known)
{
	memcpy(value, bits->value, sizeof(*value));
	memcpy(known, bits->known, sizeof(*known));
}

static enum nf_step set(struct nf_machine *machine, const struct meta *meta)
{
	struct nf_live *live = &machine->live;
	struct nf_bits bits;

	if (!nf_register_load(machine, meta->source, sizeof(uint32_t), &bits))
		return NF_STEP_ALIEN;
	switch (meta->key) {
	case NFT_META_MARK:
		set_u32(&bits, &live->value.mark, &live->known.mark);
		return NF_STEP_NEXT;
	case NFT_META_PRIORITY:
		set_u32(&bits, &live->value.priority, &live->known.priority);
		return NF_STEP_NEXT;
	case NFT_META_SECMARK:
		set_u32(&bits, &live->value.secmark, &live->known.secmark);
		return NF_STEP_NEXT;
	case NFT_META_NFTRACE:
		return NF_STEP_NEXT;
	default:
		return NF_STEP_ALIEN;
	}
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct meta meta;

	if (!decode(attrs, &meta))
		return NF_STEP_ALIEN;
	return meta.sets ? set(machine, &meta) : load(machine, &meta);
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct meta meta;
	const char *text, *value;

	if (!decode(attrs, &meta) || meta.key >= sizeof(keys) / sizeof(keys[0]) ||
	    keys[meta.key].name == NULL)
		return false;
	text = arena_printf(printer->arena, "%s%s", keys[meta.key].bare ? "" : "meta ",
			    keys[meta.key].name);
	if (!meta.sets) {
		nf_print_load(printer, meta.destination, text, keys[meta.key].type,
			      keys[meta.key].len);
		return true;
	}
	value = nf_format_register(printer, meta.source, keys[meta.key].type);
	nf_print(printer, "%s set %s", text, value);
	return true;
}

const struct nf_expr nf_expr_meta = {
	.name = "meta",
	.attributes = 1u << NFTA_META_DREG | 1u << NFTA_META_KEY | 1u << NFTA_META_SREG,
	.run = run,
	.print = print,
};
