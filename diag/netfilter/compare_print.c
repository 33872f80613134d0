/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparisons as nft writes them: prefixes, flags, and the protocol that a port implies. */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/addr.h"
#include "base/slice.h"
#include "netfilter/machine.h"
#include "netfilter/printer.h"

static bool is_zero(const void *bytes, size_t len)
{
	const uint8_t *data = bytes;
	size_t i;

	for (i = 0; i < len && data[i] == 0; i++)
		;
	return i == len;
}

/* Returns the length of the prefix the mask is, or -1 when it is none. */
static int prefix_len(const uint8_t *mask, size_t len)
{
	unsigned bits = 0, i;

	while (bits < len * 8 && (mask[bits / 8] & 0x80 >> bits % 8) != 0)
		bits++;
	for (i = bits; i < len * 8; i++)
		if ((mask[i / 8] & 0x80 >> i % 8) != 0)
			return -1;
	return (int)bits;
}

static bool is_address(enum nf_type type)
{
	return type == NF_TYPE_IPV4 || type == NF_TYPE_IPV6;
}

static bool is_flags(enum nf_type type)
{
	return type == NF_TYPE_TCP_FLAGS || type == NF_TYPE_CT_STATE || type == NF_TYPE_CT_STATUS;
}

/* An address of which only the first bytes were loaded or masked. */
static const char *format_prefix(struct nf_printer *printer, enum nf_type type,
				 struct mux_slice data, int bits)
{
	size_t full = type == NF_TYPE_IPV4 ? 4 : 16;
	char bytes[16] = {0};
	const char *address;

	if (data.len > full)
		return NULL;
	memcpy(bytes, data.data, data.len);
	address = nf_format_value(printer, type, (struct mux_slice){bytes, full});
	return arena_printf(printer->arena, "%s/%d", address, bits);
}

/* "syn|ack" as nft lists flags where any of them will do: "syn,ack". */
static const char *comma_list(struct nf_printer *printer, const char *flags)
{
	char *list = arena_printf(printer->arena, "%s", flags), *at;

	for (at = list; at != NULL && *at != '\0'; at++)
		if (*at == '|')
			*at = ',';
	return list;
}

static bool print_masked(struct nf_printer *printer, const struct nf_printed *printed,
			 const char *op, struct mux_slice data)
{
	struct mux_slice mask = {(const char *)printed->mask, printed->len};
	int bits = prefix_len(printed->mask, printed->len);
	const char *mask_text = nf_format_value(printer, printed->type, mask);
	const char *value = nf_format_value(printer, printed->type, data);

	if (!is_zero(printed->xor, printed->len))
		return false;
	if (is_address(printed->type) && bits >= 0)
		nf_print(printer, "%s %s%s", printed->text, op,
			 format_prefix(printer, printed->type, data, bits));
	else if (is_flags(printed->type) && is_zero(data.data, data.len) &&
		 slice_is(slice_of(op), "!= "))
		nf_print(printer, "%s %s", printed->text, comma_list(printer, mask_text));
	else
		nf_print(printer,
			 strchr(mask_text, '|') != NULL ? "%s & (%s) %s%s" : "%s & %s %s%s",
			 printed->text, mask_text, op[0] == '\0' ? "== " : op, value);
	return true;
}

/* A comparison that the next one may imply is held back. */
static bool hold_back(struct nf_printer *printer, const struct nf_printed *printed, const char *op,
		      struct mux_slice data)
{
	const char *value = nf_format_value(printer, printed->type, data);

	if (op[0] != '\0' || data.len == 0)
		return false;
	if (printed->type == NF_TYPE_PROTOCOL) {
		printer->protocol = (uint8_t)data.data[0];
	} else if (printed->type == NF_TYPE_NFPROTO) {
		printer->family = (uint8_t)data.data[0];
	} else if (printed->type == NF_TYPE_ETHERTYPE && data.len == 2) {
		uint16_t type = (uint16_t)((uint8_t)data.data[0] << 8 | (uint8_t)data.data[1]);

		printer->family = type == ETH_P_IP     ? NFPROTO_IPV4
				  : type == ETH_P_IPV6 ? NFPROTO_IPV6
						       : printer->family;
	} else {
		return false;
	}
	if (printer->pending != NULL)
		nf_print_pending(printer);
	printer->pending = arena_printf(printer->arena, "%s %s", printed->text, value);
	printer->pending_type = printed->type;
	return true;
}

bool nf_print_compare(struct nf_printer *printer, uint32_t number, const char *op,
		      struct mux_slice data)
{
	const struct nf_printed *printed = nf_printed(printer, number);

	if (printed == NULL || printed->text == NULL)
		return false;
	if (printed->masked)
		return data.len == printed->len && print_masked(printer, printed, op, data);
	if (hold_back(printer, printed, op, data))
		return true;
	if (is_address(printed->type) && data.len < (printed->type == NF_TYPE_IPV4 ? 4u : 16u))
		nf_print(printer, "%s %s%s", printed->text, op,
			 format_prefix(printer, printed->type, data, (int)data.len * 8));
	else
		nf_print(printer, "%s %s%s", printed->text, op,
			 nf_format_value(printer, printed->type, data));
	return true;
}

bool nf_print_range(struct nf_printer *printer, uint32_t number, const char *op,
		    struct mux_slice from, struct mux_slice to)
{
	const struct nf_printed *printed = nf_printed(printer, number);

	if (printed == NULL || printed->text == NULL || printed->masked)
		return false;
	nf_print(printer, "%s %s%s-%s", printed->text, op,
		 nf_format_value(printer, printed->type, from),
		 nf_format_value(printer, printed->type, to));
	return true;
}

const char *nf_print_key(struct nf_printer *printer, uint32_t number, size_t len)
{
	size_t word = nf_register_offset(number) / 4, end = word + (len + 3) / 4;
	struct str text;

	str_init(&text, printer->arena);
	while (word != 0 && word < end && word < NF_PRINTED_REGISTERS) {
		const struct nf_printed *printed = &printer->registers[word];

		if (printed->text == NULL || printed->len == 0)
			return NULL;
		str_addf(&text, "%s%s", text.len == 0 ? "" : " . ", printed->text);
		word += (printed->len + 3) / 4;
	}
	return text.len == 0 ? NULL : str_done(&text);
}
