/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_nat.c, xt_REDIRECT.c, xt_MASQUERADE.c, xt_NETMAP.c: address translation. */
#include "netfilter/kernel.h"

#include <linux/netfilter/nf_nat.h>
#include <string.h>

#include "netfilter/nat.h"
#include "netfilter/xt.h"

/* All revisions and both families in one shape. */
static bool read_range(const struct nf_machine *machine, const struct nf_xt_use *use,
		       struct nf_nat_range2 *range)
{
	struct nf_nat_ipv4_multi_range_compat compat;

	memset(range, 0, sizeof(*range));
	if (use->revision == 0 && machine->live.family == NFPROTO_IPV4) {
		if (use->info.len < sizeof(compat))
			return false;
		memcpy(&compat, use->info.data, sizeof(compat));
		range->flags = compat.range[0].flags;
		range->min_addr.ip = compat.range[0].min_ip;
		range->max_addr.ip = compat.range[0].max_ip;
		range->min_proto = compat.range[0].min;
		range->max_proto = compat.range[0].max;
		return true;
	}
	if (use->info.len < sizeof(struct nf_nat_range))
		return false;
	memcpy(range, use->info.data,
	       use->info.len < sizeof(*range) ? sizeof(struct nf_nat_range) : sizeof(*range));
	return true;
}

/* A range is a value that is not known. */
static void port_of(const struct nf_nat_range2 *range, struct nf_bits *port)
{
	static const uint8_t zeros[2];

	*port = (struct nf_bits){.value = (const uint8_t *)&range->min_proto.all, .len = 2};
	if (range->min_proto.all != range->max_proto.all ||
	    (range->flags & NF_NAT_RANGE_PROTO_RANDOM_ALL) != 0)
		port->known = zeros;
}

static enum nf_step run_translate(struct nf_machine *machine, const struct nf_xt_use *use)
{
	static const uint8_t zeros[16];
	struct nf_nat nat = {.source = use->xt->name[0] == 'S'};
	struct nf_bits address, port;
	struct nf_nat_range2 range;

	if (!read_range(machine, use, &range))
		return NF_STEP_ALIEN;
	if (range.flags & NF_NAT_RANGE_MAP_IPS) {
		address = (struct nf_bits){.value = (const uint8_t *)&range.min_addr,
					   .len = machine->live.family == NFPROTO_IPV4 ? 4 : 16};
		if (memcmp(&range.min_addr, &range.max_addr, address.len) != 0)
			address.known = zeros;
		nat.address = &address;
	}
	if (range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) {
		port_of(&range, &port);
		nat.port = &port;
	}
	return nf_nat_apply(machine, &nat);
}

static enum nf_step run_local(struct nf_machine *machine, const struct nf_xt_use *use)
{
	bool redirects = use->xt->name[0] == 'R';
	struct nf_nat_range2 range;
	struct nf_bits port;
	bool has_port;

	if (!read_range(machine, use, &range))
		return NF_STEP_ALIEN;
	has_port = (range.flags & NF_NAT_RANGE_PROTO_SPECIFIED) != 0;
	port_of(&range, &port);
	if (redirects)
		return nf_nat_redirect(machine, has_port ? &port : NULL);
	return nf_nat_masquerade(machine, has_port ? &port : NULL);
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	str_addf(&printer->text, " -j %s", use->xt->name);
	return true;
}

#define NAT_TARGET(text, function)                                                                 \
	{                                                                                          \
		.name = (text), .target = true, .no_info = true, .run = (function), .print = print \
	}

const struct nf_xt nf_xt_nat[] = {
	NAT_TARGET("DNAT", run_translate),
	NAT_TARGET("SNAT", run_translate),
	NAT_TARGET("REDIRECT", run_local),
	NAT_TARGET("MASQUERADE", run_local),
	{.name = NULL},
};
