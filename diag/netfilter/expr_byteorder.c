/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_byteorder.c: swaps units of 2, 4 or 8 bytes on little-endian machines. */
#include "netfilter/kernel.h"

#include <string.h>

#include "netfilter/expr.h"

enum { LARGEST = 64 };

struct byteorder {
	uint32_t source, destination, op, len, size;
};

static bool decode(const struct nf_attrs *attrs, struct byteorder *byteorder)
{
	return nf_attr_has(attrs, NFTA_BYTEORDER_SREG) && nf_attr_has(attrs, NFTA_BYTEORDER_DREG) &&
	       nf_attr_u32(attrs, NFTA_BYTEORDER_SREG, 0, &byteorder->source) &&
	       nf_attr_u32(attrs, NFTA_BYTEORDER_DREG, 0, &byteorder->destination) &&
	       nf_attr_u32(attrs, NFTA_BYTEORDER_OP, UINT32_MAX, &byteorder->op) &&
	       nf_attr_u32(attrs, NFTA_BYTEORDER_LEN, 0, &byteorder->len) &&
	       nf_attr_u32(attrs, NFTA_BYTEORDER_SIZE, 0, &byteorder->size) &&
	       byteorder->op <= NFT_BYTEORDER_HTON && byteorder->len != 0 &&
	       byteorder->len <= LARGEST &&
	       (byteorder->size == 2 || byteorder->size == 4 || byteorder->size == 8);
}

static void swap(const struct byteorder *byteorder, const uint8_t *from, uint8_t *to)
{
	size_t unit = byteorder->size, i, k;

	memcpy(to, from, byteorder->len);
	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__)
		return;
	for (i = 0; i + unit <= byteorder->len; i += unit)
		for (k = 0; k < unit; k++)
			to[i + k] = from[i + unit - 1 - k];
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	uint8_t value[LARGEST], known[LARGEST];
	struct byteorder byteorder;
	struct nf_bits bits;

	if (!decode(attrs, &byteorder) ||
	    !nf_register_load(machine, byteorder.source, byteorder.len, &bits))
		return NF_STEP_ALIEN;
	swap(&byteorder, bits.value, value);
	swap(&byteorder, bits.known, known);
	return nf_register_store(machine, byteorder.destination,
				 &(struct nf_bits){value, known, byteorder.len, bits.why});
}

/* nft puts it before ranges of host-order fields, whose bounds are in network order then. */
static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct byteorder byteorder;
	struct nf_printed *from;

	if (!decode(attrs, &byteorder))
		return false;
	from = nf_printed(printer, byteorder.source);
	if (from == NULL || from->text == NULL)
		return false;
	nf_print_load(printer, byteorder.destination, from->text,
		      from->type == NF_TYPE_HOST_NUMBER || from->type == NF_TYPE_HOST_HEX
			      ? NF_TYPE_NUMBER
			      : from->type,
		      from->len);
	return true;
}

const struct nf_expr nf_expr_byteorder = {
	.name = "byteorder",
	.attributes = 1u << NFTA_BYTEORDER_SREG | 1u << NFTA_BYTEORDER_DREG |
		      1u << NFTA_BYTEORDER_OP | 1u << NFTA_BYTEORDER_LEN |
		      1u << NFTA_BYTEORDER_SIZE,
	.run = run,
	.print = print,
};
