/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A legacy rule as iptables-save writes it. */

#include "netfilter/kernel.h"

#include <linux/netfilter_ipv4/ip_tables.h>
#include <string.h>

#include "base/addr.h"
#include "base/str.h"
#include "netfilter/legacy_entry.h"
#include "netfilter/xt.h"

static unsigned mask_len(const uint8_t *mask, size_t len)
{
	unsigned bits = 0;

	while (bits < len * 8 && (mask[bits / 8] & 0x80 >> bits % 8) != 0)
		bits++;
	return bits;
}

static void print_address(struct str *text, const char *option, bool invert,
			  const struct nf_entry *entry)
{
	bool is_source = option[1] == 's';
	const uint8_t *bytes = is_source ? entry->source : entry->destination;
	const uint8_t *mask = is_source ? entry->source_mask : entry->destination_mask;
	struct mux_address address = {.family = entry->address_len == 4 ? AF_INET : AF_INET6};
	struct mux_address mask_address = {.family = address.family};
	static const uint8_t zeros[16];
	char buffer[ADDR_TEXT_MAX];
	unsigned len = mask_len(mask, entry->address_len);
	uint8_t full[16] = {0};
	unsigned i;

	if (memcmp(mask, zeros, entry->address_len) == 0 && !invert)
		return;
	for (i = 0; i < len; i++)
		full[i / 8] |= (uint8_t)(0x80 >> i % 8);
	memcpy(address.bytes, bytes, entry->address_len);
	memcpy(mask_address.bytes, mask, entry->address_len);
	str_addf(text, "%s %s %s", invert ? " !" : "", option, addr_format(&address, buffer));
	if (memcmp(full, mask, entry->address_len) == 0)
		str_addf(text, "/%u", len);
	else
		str_addf(text, "/%s", addr_format(&mask_address, buffer));
}

static void print_link(struct str *text, const char *option, bool invert, const char *name,
		       const uint8_t *mask)
{
	struct mux_slice bytes = {name, strnlen(name, IFNAMSIZ)};

	if (mask[0] == 0)
		return;
	str_addf(text, "%s %s ", invert ? " !" : "", option);
	str_add_escaped(text, bytes);
	if (bytes.len < IFNAMSIZ && mask[bytes.len] == 0)
		str_add(text, "+");
}

static void print_protocol(struct nf_printer *printer, const struct nf_entry *entry)
{
	const uint8_t protocol = (uint8_t)entry->protocol;

	if (!entry->has_protocol)
		return;
	str_addf(&printer->text, "%s -p %s", entry->invert & XT_INV_PROTO ? " !" : "",
		 nf_format_value(printer, NF_TYPE_PROTOCOL,
				 (struct mux_slice){(const char *)&protocol, 1}));
}

static void print_matches(struct nf_printer *printer, const struct nf_entry *entry)
{
	struct mux_slice rest = entry->matches, name, info;
	struct nf_xt_use use;
	bool damaged = false;
	uint8_t revision;

	while (nf_entry_next_match(&rest, &name, &revision, &info, &damaged))
		if (!nf_xt_find(name, false, revision, info, &use) || !use.xt->print(printer, &use))
			str_addf(&printer->text, " -m %s [...]", nf_escape(printer, name));
}

static void print_jump(struct nf_printer *printer, const struct mux_xtables_table *table,
		       const struct nf_entry *entry, int32_t verdict)
{
	size_t next = (size_t)(entry->start - table->entries.data) + entry->len, position;
	struct mux_slice chain;

	if (verdict == XT_RETURN) {
		str_add(&printer->text, " -j RETURN");
	} else if (verdict < 0) {
		str_addf(&printer->text, " -j %s",
			 -verdict - 1 == NF_ACCEPT ? "ACCEPT"
			 : -verdict - 1 == NF_DROP ? "DROP"
						   : "QUEUE");
	} else if ((size_t)verdict != next &&
		   nf_entry_locate(table, (size_t)verdict, &chain, &position)) {
		str_add(&printer->text, entry->is_goto ? " -g " : " -j ");
		str_add_escaped(&printer->text, chain);
	}
}

static void print_target(struct nf_printer *printer, const struct mux_xtables_table *table,
			 const struct nf_entry *entry)
{
	struct nf_xt_use use;
	int32_t verdict;

	if (nf_entry_standard(entry, &verdict))
		print_jump(printer, table, entry, verdict);
	else if (!nf_xt_find(entry->target_name, true, entry->target_revision, entry->target_info,
			     &use) ||
		 !use.xt->print(printer, &use))
		str_addf(&printer->text, " -j %s [...]", nf_escape(printer, entry->target_name));
}

const char *nf_entry_print(const struct mux_xtables_table *table, size_t offset,
			   struct mux_slice chain, struct arena *arena)
{
	struct nf_printer *printer = arena_alloc(arena, sizeof(*printer));
	struct nf_entry entry;

	if (printer == NULL || !nf_entry_read(table, offset, &entry))
		return NULL;
	str_init(&printer->text, arena);
	printer->arena = arena;
	printer->family = table->family;
	str_add(&printer->text, "-A ");
	str_add_escaped(&printer->text, chain);
	print_address(&printer->text, "-s", entry.invert & IPT_INV_SRCIP, &entry);
	print_address(&printer->text, "-d", entry.invert & IPT_INV_DSTIP, &entry);
	print_link(&printer->text, "-i", entry.invert & IPT_INV_VIA_IN, entry.input,
		   entry.input_mask);
	print_link(&printer->text, "-o", entry.invert & IPT_INV_VIA_OUT, entry.output,
		   entry.output_mask);
	print_protocol(printer, &entry);
	print_matches(printer, &entry);
	print_target(printer, table, &entry);
	return str_done(&printer->text);
}
