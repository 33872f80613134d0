/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/slice.h"
#include "netfilter/xt.h"

static const struct nf_xt *const modules[] = {
#define NF_XT(name) nf_xt_##name,
#include "netfilter/xt.def"
#undef NF_XT
};

static bool fits(const struct nf_xt *xt, uint8_t revision, struct mux_slice info)
{
	if (revision >= NF_XT_REVISIONS)
		return false;
	return xt->no_info || (xt->size[revision] != 0 && info.len >= xt->size[revision]);
}

bool nf_xt_find(struct mux_slice name, bool target, uint8_t revision, struct mux_slice info,
		struct nf_xt_use *ret_use)
{
	const struct nf_xt *xt;
	size_t i;

	for (i = 0; i < sizeof(modules) / sizeof(modules[0]); i++)
		for (xt = modules[i]; xt->name != NULL; xt++)
			if (xt->target == target && slice_is(name, xt->name) &&
			    fits(xt, revision, info)) {
				*ret_use = (struct nf_xt_use){xt, revision, info};
				return true;
			}
	return false;
}

void nf_xt_info(const struct nf_xt_use *use, void *ret_info)
{
	memcpy(ret_info, use->info.data, use->xt->size[use->revision]);
}

enum mux_answer nf_port_between(const struct nf_machine *machine, bool source, uint16_t least,
				uint16_t greatest)
{
	const uint8_t *value = machine->live.value.transport + (source ? 0 : 2);
	const uint8_t *known = machine->live.known.transport + (source ? 0 : 2);
	const uint16_t least_be = htons(least), greatest_be = htons(greatest);
	const struct nf_bits bits = {.value = value, .known = known, .len = 2};
	enum mux_answer below = nf_bits_less(&bits, &least_be);
	enum mux_answer above = nf_bits_greater(&bits, &greatest_be);

	if (below == MUX_YES || above == MUX_YES)
		return MUX_NO;
	return below == MUX_NO && above == MUX_NO ? MUX_YES : MUX_UNKNOWN;
}

enum mux_answer nf_any_bit(uint32_t value, uint32_t known, uint32_t mask)
{
	if ((value & known & mask) != 0)
		return MUX_YES;
	return (mask & ~known) != 0 ? MUX_UNKNOWN : MUX_NO;
}

enum mux_answer nf_masked_equal(uint32_t value, uint32_t known, uint32_t mask, uint32_t wanted)
{
	if ((wanted & ~mask) != 0 || (((value ^ wanted) & mask) & known) != 0)
		return MUX_NO;
	return (mask & ~known) != 0 ? MUX_UNKNOWN : MUX_YES;
}

void nf_print_ports(struct nf_printer *printer, const char *option, bool invert, uint16_t least,
		    uint16_t greatest)
{
	str_addf(&printer->text, "%s --%s %u", invert ? " !" : "", option, least);
	if (least != greatest)
		str_addf(&printer->text, ":%u", greatest);
}
