/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the kernel knows of the packet beside its bytes, as a rule at the machine's hook and
 * priority sees it. */
#include "netfilter/kernel.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "netfilter/index.h"
#include "netfilter/machine.h"

enum { TCP_SYN = 0x02, TCP_RST = 0x04 };

void nf_assume(struct nf_machine *machine, const char *what)
{
	if (machine->assumption == NULL)
		machine->assumption = what;
}

/* nf_sk_lookup_slow_v4() undoes translations, which is not modelled. */
struct nf_receiver nf_receiver(const struct nf_machine *machine)
{
	const struct nf_live *live = &machine->live;

	if ((live->known.ct_status & ~live->value.ct_status & IPS_NAT_MASK) != IPS_NAT_MASK)
		return (struct nf_receiver){MUX_UNKNOWN, MUX_UNKNOWN};
	return live->receiver;
}

bool nf_is_protocol(const struct nf_machine *machine, uint8_t protocol)
{
	return machine->live.protocol == protocol;
}

bool nf_has_input(const struct nf_machine *machine)
{
	return machine->place.hook == NF_HOOK_INGRESS ||
	       machine->place.hook == NF_HOOK_PREROUTING || machine->place.hook == NF_HOOK_INPUT;
}

bool nf_has_output(const struct nf_machine *machine)
{
	return !nf_has_input(machine);
}

bool nf_link_group(const struct nf_machine *machine, uint32_t *ret_group)
{
	const struct mux_routing *routing = &machine->ruleset->snapshot->routing;
	size_t i;

	for (i = 0; i < routing->n_links; i++)
		if (routing->links[i].index == machine->live.link_index) {
			*ret_group = routing->links[i].group;
			return true;
		}
	return false;
}

bool nf_has_no_realms(const struct nf_machine *machine)
{
	const struct mux_routing *routing = &machine->ruleset->snapshot->routing;
	size_t i;

	if (routing->routes_source.presence != MUX_PRESENT ||
	    routing->rules_source.presence != MUX_PRESENT)
		return false;
	for (i = 0; i < routing->n_routes; i++)
		if (routing->routes[i].has_realm)
			return false;
	for (i = 0; i < routing->n_rules; i++)
		if (routing->rules[i].has_realm)
			return false;
	return true;
}

/* ipv4_conntrack_local() runs on OUTPUT at NF_IP_PRI_CONNTRACK; at that very priority the order is
 * not known. */
static enum mux_answer is_attached(const struct nf_machine *machine)
{
	if (machine->live.ct_attached || machine->ruleset->what_if.tracked ||
	    machine->place.priority > NF_IP_PRI_CONNTRACK)
		return MUX_YES;
	return machine->place.priority < NF_IP_PRI_CONNTRACK ? MUX_NO : MUX_UNKNOWN;
}

void nf_ct_state(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known)
{
	*ret_value = machine->live.value.ct_state;
	*ret_known = machine->live.known.ct_state;
	switch (is_attached(machine)) {
	case MUX_YES:
		break;
	case MUX_NO:
		/* Also what nft_ct_get_eval() says of a packet conntrack has not seen. */
		if (*ret_value != NF_CT_STATE_UNTRACKED_BIT) {
			*ret_value = NF_CT_STATE_INVALID_BIT;
			*ret_known = UINT32_MAX;
		}
		break;
	case MUX_UNKNOWN:
		*ret_known = 0;
		break;
	}
}

enum mux_answer nf_ct_is_tracked(const struct nf_machine *machine)
{
	const uint32_t none = NF_CT_STATE_INVALID_BIT | NF_CT_STATE_UNTRACKED_BIT;
	uint32_t value, known;

	nf_ct_state(machine, &value, &known);
	if ((value & known & none) != 0)
		return MUX_NO;
	return (known & none) == none ? MUX_YES : MUX_UNKNOWN;
}

/* TCP is sure of a flow from the last packet of the handshake on; UDP after two seconds of talking;
 * echo requests never. */
static void set_assured(const struct nf_live *live, uint32_t *value, uint32_t *known)
{
	uint8_t flags = live->value.transport[13];

	*known |= IPS_ASSURED;
	if (live->protocol == IPPROTO_TCP && (flags & (TCP_SYN | TCP_RST)) == 0)
		*value |= IPS_ASSURED;
}

void nf_ct_status(const struct nf_machine *machine, uint32_t *ret_value, uint32_t *ret_known)
{
	const struct nf_live *live = &machine->live;
	const uint32_t new = NF_CT_STATE_BIT(IP_CT_NEW);
	const uint32_t established = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
	const uint32_t done = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
	bool reply = live->value.ct_direction == IP_CT_DIR_REPLY;
	bool outbound =
		machine->place.hook == NF_HOOK_OUTPUT || machine->place.hook == NF_HOOK_POSTROUTING;

	*ret_value = live->value.ct_status & ~done;
	*ret_known = live->known.ct_status & ~done;
	if (live->known.ct_state != UINT32_MAX || live->known.ct_direction == 0)
		return;
	/* nf_conntrack_confirm() ends POSTROUTING. */
	if (((live->value.ct_state & new) != 0 && outbound) || (live->value.ct_state & established))
		*ret_known |= IPS_CONFIRMED;
	if ((live->value.ct_state & established) != 0)
		*ret_value |= IPS_CONFIRMED;
	if ((live->value.ct_state & new) != 0) {
		*ret_known |= IPS_CONFIRMED | IPS_SEEN_REPLY | IPS_ASSURED;
		*ret_value |= outbound ? 0 : IPS_CONFIRMED;
	}
	if ((live->value.ct_state & established) != 0)
		set_assured(live, ret_value, ret_known);
	/* A reply has been seen when one runs; an ICMP error about the flow is none. */
	if (reply && (live->value.ct_state & established) != 0) {
		*ret_value |= IPS_SEEN_REPLY;
		*ret_known |= IPS_SEEN_REPLY;
	}
}

/* Finds what is remembered of the bucket, or starts to. Returns NULL without memory. */
static struct nf_spent *remember(struct nf_machine *machine, const void *bucket, const char *name)
{
	struct nf_memory *memory = machine->ruleset->memory;
	struct nf_spent *spent;
	size_t i;

	if (memory == NULL)
		return NULL;
	for (i = 0; i < memory->spent.n; i++) {
		spent = (struct nf_spent *)memory->spent.items + i;
		if (name == NULL ? spent->bucket == bucket
				 : spent->name != NULL && strncmp(spent->name, name, 200) == 0)
			return spent;
	}
	memory->spent.size = sizeof(*spent);
	spent = arena_list_add(memory->arena, &memory->spent);
	if (spent == NULL)
		return NULL;
	spent->bucket = bucket;
	spent->name = name == NULL ? NULL : arena_copy(memory->arena, name, strnlen(name, 200));
	return spent;
}

bool nf_spend(struct nf_machine *machine, const void *bucket, uint32_t capacity)
{
	struct nf_spent *spent = remember(machine, bucket, NULL);

	nf_assume(machine, "that no limit is used up by other traffic");
	if (machine->ruleset->what_if.busy)
		return false;
	return (spent == NULL ? 0 : spent->n++) < capacity;
}

void nf_recent_add(struct nf_machine *machine, const char *name)
{
	struct nf_spent *spent = remember(machine, NULL, name);

	if (spent != NULL)
		spent->n++;
}

uint32_t nf_recent_count(struct nf_machine *machine, const char *name)
{
	const struct nf_spent *spent = remember(machine, NULL, name);

	if (machine->ruleset->what_if.busy)
		return UINT32_MAX;
	/* Without a memory, a rule that ran before this one may have put it there. */
	return spent == NULL ? (machine->live.sets_changed ? UINT32_MAX : 0) : spent->n;
}

bool nf_address_type(const struct nf_machine *machine, bool source, uint32_t *ret_type)
{
	const struct nf_live *live = &machine->live;
	const struct mux_routing *routing = &machine->ruleset->snapshot->routing;
	struct mux_address address = {.family = AF_INET};
	size_t len = 4, at = source ? 12 : 16, i;

	if (live->family == NFPROTO_IPV6) {
		address.family = AF_INET6;
		len = 16;
		at = source ? 8 : 24;
	}
	for (i = 0; i < len; i++)
		if (live->known.network[at + i] != 0xff)
			return false;
	memcpy(address.bytes, live->value.network + at, len);
	*ret_type = RTN_LOCAL;
	if (addr_is_loopback(&address))
		return true;
	for (i = 0; i < routing->n_addresses; i++)
		if (addr_equal(&routing->addresses[i].address, &address))
			return true;
	return false;
}
