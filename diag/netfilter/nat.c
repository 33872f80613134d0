/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include "netfilter/nat.h"

#include <linux/rtnetlink.h>
#include <string.h>

#include "netfilter/index.h"

static size_t address_offset(const struct nf_machine *machine, bool source)
{
	if (machine->live.family == NFPROTO_IPV4)
		return source ? 12 : 16;
	return source ? 8 : 24;
}

static bool has_ports(const struct nf_machine *machine)
{
	return nf_is_protocol(machine, IPPROTO_TCP) || nf_is_protocol(machine, IPPROTO_UDP);
}

/* Writes the bits. Returns whether that changed anything. */
static enum mux_answer put_bits(uint8_t *value, uint8_t *known, const struct nf_bits *bits)
{
	enum mux_answer same =
		nf_bits_equal(&(struct nf_bits){value, known, bits->len, NULL}, bits->value);
	size_t i;

	memcpy(value, bits->value, bits->len);
	memset(known, 0xff, bits->len);
	for (i = 0; bits->known != NULL && i < bits->len; i++) {
		known[i] = bits->known[i];
		if (bits->known[i] != 0xff)
			same = MUX_UNKNOWN;
	}
	return nf_not(same);
}

/* nf_nat_setup_info(): the flow counts as translated only if something becomes another. */
static void set_status(struct nf_live *live, bool source, enum mux_answer address,
		       enum mux_answer port)
{
	uint32_t bit = source ? IPS_SRC_NAT : IPS_DST_NAT;

	live->value.ct_status |= source ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
	if (address == MUX_YES || port == MUX_YES)
		live->value.ct_status |= bit;
	else if (address == MUX_UNKNOWN || port == MUX_UNKNOWN)
		live->known.ct_status &= ~bit;
}

enum nf_step nf_nat_apply(struct nf_machine *machine, const struct nf_nat *nat)
{
	struct nf_live *live = &machine->live;
	size_t address_len = live->family == NFPROTO_IPV4 ? 4 : 16;
	size_t at = address_offset(machine, nat->source), port = nat->source ? 0 : 2;
	enum mux_answer new_address = MUX_NO, new_port = MUX_NO;

	machine->verdict.code = NF_CODE_ACCEPT;
	if (nat->address != NULL && nat->address->len != address_len)
		return NF_STEP_ALIEN;
	if (nat->address != NULL)
		new_address =
			put_bits(live->value.network + at, live->known.network + at, nat->address);
	if (has_ports(machine) && nat->port != NULL && nat->port->len == 2)
		new_port = put_bits(live->value.transport + port, live->known.transport + port,
				    nat->port);
	set_status(live, nat->source, new_address, new_port);
	return NF_STEP_NEXT;
}

enum nf_step nf_nat_redirect(struct nf_machine *machine, const struct nf_bits *port)
{
	static const uint8_t loopback4[4] = {127, 0, 0, 1};
	static const uint8_t loopback6[16] = {[15] = 1};
	bool v4 = machine->live.family == NFPROTO_IPV4;
	const struct nf_bits address = {.value = v4 ? loopback4 : loopback6, .len = v4 ? 4 : 16};

	return nf_nat_apply(machine, &(struct nf_nat){.address = &address, .port = port});
}

/* inet_select_addr() for lo: the first address of any link whose scope is global. */
static const struct mux_interface_address *global_address(const struct nf_machine *machine,
							  int family)
{
	const struct mux_routing *routing = &machine->ruleset->snapshot->routing;
	size_t i;

	for (i = 0; i < routing->n_addresses; i++)
		if (routing->addresses[i].address.family == family &&
		    routing->addresses[i].scope == RT_SCOPE_UNIVERSE &&
		    routing->addresses[i].link != machine->live.link_index)
			return &routing->addresses[i];
	return NULL;
}

enum nf_step nf_nat_masquerade(struct nf_machine *machine, const struct nf_bits *port)
{
	const struct mux_routing *routing = &machine->ruleset->snapshot->routing;
	const struct mux_interface_address *address;
	struct nf_bits bits;

	if (routing->addresses_source.presence != MUX_PRESENT) {
		nf_doubt(machine, "which address masquerade takes");
		machine->verdict.code = NF_CODE_UNKNOWN;
		return NF_STEP_DOUBT;
	}
	if (machine->live.family == NFPROTO_IPV6)
		/* ipv6_dev_get_saddr() finds ::1 itself for ::1. */
		return nf_nat_apply(machine, &(struct nf_nat){.source = true, .port = port});
	address = global_address(machine, AF_INET);
	if (address == NULL) {
		machine->verdict.code = NF_CODE_DROP;
		return NF_STEP_NEXT;
	}
	bits = (struct nf_bits){.value = address->address.bytes, .len = 4};
	return nf_nat_apply(machine,
			    &(struct nf_nat){.source = true, .address = &bits, .port = port});
}
