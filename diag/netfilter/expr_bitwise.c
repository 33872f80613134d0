/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_bitwise.c: mask and xor, and shifts over words in host order. Operations of newer kernels
 * that take a second register are not modelled. */
#include "netfilter/kernel.h"

#include <string.h>

#include "netfilter/expr.h"

/* Operation 0 was called NFT_BITWISE_BOOL before it was NFT_BITWISE_MASK_XOR; Debian 12 has both
 * headers. */
enum { LARGEST = 64, MASK_XOR = 0 };

struct bitwise {
	uint32_t source, destination, len, op;
	struct mux_slice mask, xor, data;
};

static bool decode(const struct nf_attrs *attrs, struct bitwise *bitwise)
{
	if (!nf_attr_has(attrs, NFTA_BITWISE_SREG) || !nf_attr_has(attrs, NFTA_BITWISE_DREG) ||
	    !nf_attr_has(attrs, NFTA_BITWISE_LEN) ||
	    !nf_attr_u32(attrs, NFTA_BITWISE_SREG, 0, &bitwise->source) ||
	    !nf_attr_u32(attrs, NFTA_BITWISE_DREG, 0, &bitwise->destination) ||
	    !nf_attr_u32(attrs, NFTA_BITWISE_LEN, 0, &bitwise->len) ||
	    !nf_attr_u32(attrs, NFTA_BITWISE_OP, MASK_XOR, &bitwise->op) || bitwise->len == 0 ||
	    bitwise->len > LARGEST)
		return false;
	if (bitwise->op == MASK_XOR)
		return nf_attr_value(attrs, NFTA_BITWISE_MASK, &bitwise->mask) &&
		       nf_attr_value(attrs, NFTA_BITWISE_XOR, &bitwise->xor) &&
		       bitwise->mask.len == bitwise->len && bitwise->xor.len == bitwise->len;
	return (bitwise->op == NFT_BITWISE_LSHIFT || bitwise->op == NFT_BITWISE_RSHIFT) &&
	       nf_attr_value(attrs, NFTA_BITWISE_DATA, &bitwise->data) &&
	       bitwise->data.len == sizeof(uint32_t);
}

static void mask_xor(const struct bitwise *bitwise, const struct nf_bits *bits, uint8_t *value,
		     uint8_t *known)
{
	size_t i;

	for (i = 0; i < bitwise->len; i++) {
		uint8_t mask = (uint8_t)bitwise->mask.data[i];

		value[i] = (uint8_t)((bits->value[i] & mask) ^ (uint8_t)bitwise->xor.data[i]);
		known[i] = (uint8_t)(bits->known[i] | ~mask);
	}
}

/* nft_bitwise_eval_lshift(), _rshift(); `fill` is what comes in from outside. */
static void shift(const struct bitwise *bitwise, const uint8_t *from, uint8_t *to, bool fill)
{
	size_t n = (bitwise->len + 3) / 4, i;
	uint32_t words[LARGEST / 4] = {0}, by, carry;

	memcpy(&by, bitwise->data.data, sizeof(by));
	by %= 32;
	if (by == 0) {
		memcpy(to, from, bitwise->len);
		return;
	}
	memcpy(words, from, bitwise->len);
	if (bitwise->op == NFT_BITWISE_LSHIFT) {
		carry = fill ? (1u << by) - 1 : 0;
		for (i = n; i > 0; i--) {
			uint32_t word = words[i - 1];

			words[i - 1] = word << by | carry;
			carry = word >> (32 - by);
		}
	} else {
		carry = fill ? UINT32_MAX << (32 - by) : 0;
		for (i = 0; i < n; i++) {
			uint32_t word = words[i];

			words[i] = carry | word >> by;
			carry = word << (32 - by);
		}
	}
	memcpy(to, words, bitwise->len);
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	uint8_t value[LARGEST], known[LARGEST];
	struct bitwise bitwise;
	struct nf_bits bits;

	if (!decode(attrs, &bitwise) ||
	    !nf_register_load(machine, bitwise.source, bitwise.len, &bits))
		return NF_STEP_ALIEN;
	if (bitwise.op == MASK_XOR) {
		mask_xor(&bitwise, &bits, value, known);
	} else {
		shift(&bitwise, bits.value, value, false);
		shift(&bitwise, bits.known, known, true);
	}
	return nf_register_store(machine, bitwise.destination,
				 &(struct nf_bits){value, known, bitwise.len, bits.why});
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct bitwise bitwise;
	struct nf_printed printed, *from;
	uint32_t by;

	if (!decode(attrs, &bitwise))
		return false;
	from = nf_printed(printer, bitwise.source);
	if (from == NULL || from->text == NULL)
		return false;
	printed = *from;
	if (bitwise.op == MASK_XOR) {
		if (bitwise.len > sizeof(printed.mask) || printed.masked)
			return false;
		printed.masked = true;
		printed.len = bitwise.len;
		memcpy(printed.mask, bitwise.mask.data, bitwise.len);
		memcpy(printed.xor, bitwise.xor.data, bitwise.len);
	} else {
		memcpy(&by, bitwise.data.data, sizeof(by));
		printed.text = arena_printf(printer->arena, "%s %s %u", printed.text,
					    bitwise.op == NFT_BITWISE_LSHIFT ? "<<" : ">>", by);
	}
	nf_print_load(printer, bitwise.destination, printed.text, printed.type, printed.len);
	from = nf_printed(printer, bitwise.destination);
	if (from != NULL)
		*from = printed;
	return true;
}

const struct nf_expr nf_expr_bitwise = {
	.name = "bitwise",
	.attributes = 1u << NFTA_BITWISE_SREG | 1u << NFTA_BITWISE_DREG | 1u << NFTA_BITWISE_LEN |
		      1u << NFTA_BITWISE_MASK | 1u << NFTA_BITWISE_XOR | 1u << NFTA_BITWISE_OP |
		      1u << NFTA_BITWISE_DATA,
	.run = run,
	.print = print,
};
