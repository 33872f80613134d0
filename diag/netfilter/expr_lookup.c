/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_lookup.c: is a key in a set, and what does a map give for it? Sets are asked by key, through
 * the needs of an evaluation. */
#include "netfilter/kernel.h"

#include <string.h>

#include "base/slice.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"

enum { LARGEST = 64 };

struct lookup {
	struct mux_slice set;
	uint32_t source, destination, flags;
	bool maps;
};

static bool decode(const struct nf_attrs *attrs, struct lookup *lookup)
{
	lookup->set = nf_attr_name(attrs, NFTA_LOOKUP_SET);
	lookup->maps = nf_attr_has(attrs, NFTA_LOOKUP_DREG);
	return lookup->set.len != 0 && nf_attr_has(attrs, NFTA_LOOKUP_SREG) &&
	       nf_attr_u32(attrs, NFTA_LOOKUP_SREG, 0, &lookup->source) &&
	       nf_attr_u32(attrs, NFTA_LOOKUP_DREG, 0, &lookup->destination) &&
	       nf_attr_u32(attrs, NFTA_LOOKUP_FLAGS, 0, &lookup->flags) &&
	       (lookup->flags & ~(uint32_t)NFT_LOOKUP_F_INV) == 0;
}

/* Whatever the map may hold for the key. */
static enum nf_step map_unknown(struct nf_machine *machine, const struct lookup *lookup,
				const struct mux_nft_set *set, const char *why)
{
	static const uint8_t zeros[LARGEST];

	nf_doubt(machine, why);
	if (!lookup->maps)
		return NF_STEP_DOUBT;
	if (lookup->destination == NFT_REG_VERDICT) {
		machine->verdict.code = NF_CODE_UNKNOWN;
		return NF_STEP_DOUBT;
	}
	if (set == NULL || set->data_len > LARGEST)
		return NF_STEP_ALIEN;
	nf_register_store(machine, lookup->destination,
			  &(struct nf_bits){zeros, zeros, set->data_len, why});
	return NF_STEP_DOUBT;
}

static enum nf_step map(struct nf_machine *machine, const struct lookup *lookup,
			const struct mux_nft_element *element)
{
	struct nf_attrs data;

	if (lookup->destination == NFT_REG_VERDICT)
		return nf_verdict_parse(element->data, &machine->verdict) ? NF_STEP_NEXT
									  : NF_STEP_ALIEN;
	if (!nf_attrs_parse(element->data, &data) || data.present != 1u << NFTA_DATA_VALUE)
		return NF_STEP_ALIEN;
	return nf_register_store(
		machine, lookup->destination,
		&(struct nf_bits){.value = (const uint8_t *)data.payload[NFTA_DATA_VALUE].data,
				  .len = data.payload[NFTA_DATA_VALUE].len});
}

static const char *about(struct nf_machine *machine, const struct lookup *lookup, const char *what)
{
	const char *name = str_escape(machine->arena, lookup->set);

	return arena_printf(machine->arena, "set %s: %s", name == NULL ? "?" : name, what);
}

static bool is_harmless(struct mux_slice name)
{
	return slice_is(name, "counter") || slice_is(name, "last");
}

/* nft_set_elem_update_expr(): what hangs on the element runs too; a limit may break the rule. */
static bool may_break(const struct mux_nft_element *element)
{
	struct mux_slice rest = element->expressions, name;
	struct nf_attrs attrs;
	bool damaged = false;

	if (element->expression.len != 0 && (!nf_attrs_parse(element->expression, &attrs) ||
					     !is_harmless(nf_attr_name(&attrs, NFTA_EXPR_NAME))))
		return true;
	while (nf_expr_next(&rest, &name, &attrs, &damaged))
		if (!is_harmless(name))
			return true;
	return damaged;
}

static bool is_known(const struct nf_bits *bits)
{
	size_t i;

	for (i = 0; i < bits->len && bits->known[i] == 0xff; i++)
		;
	return i == bits->len;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	const struct mux_nft_element *element;
	const struct mux_nft_set *set;
	struct lookup lookup;
	struct nf_bits key;
	bool found;

	if (!decode(attrs, &lookup))
		return NF_STEP_ALIEN;
	set = nf_set_find(machine, lookup.set);
	if (set == NULL)
		return map_unknown(machine, &lookup, set, about(machine, &lookup, "not read"));
	if (!nf_register_load(machine, lookup.source, set->key_len, &key))
		return NF_STEP_ALIEN;
	if (!is_known(&key))
		return map_unknown(machine, &lookup, set, key.why);
	if (machine->live.sets_changed && (set->flags & NFT_SET_EVAL) != 0)
		return map_unknown(machine, &lookup, set,
				   about(machine, &lookup, "filled by the packet path"));
	element = nf_element_find(machine, lookup.set,
				  (struct mux_slice){(const char *)key.value, key.len});
	/* What is about to be asked for is not there so far; see chain.c, note_need(). */
	if (element == NULL && machine->ruleset->needs != NULL)
		return NF_STEP_BREAK;
	if (element == NULL || element->source.presence == MUX_DENIED)
		return map_unknown(machine, &lookup, set,
				   about(machine, &lookup, "its element was not read"));
	found = element->source.presence == MUX_PRESENT;
	if (found && may_break(element))
		return map_unknown(machine, &lookup, set,
				   about(machine, &lookup, "its element has a limit"));
	if (found == ((lookup.flags & NFT_LOOKUP_F_INV) != 0))
		return NF_STEP_BREAK;
	return lookup.maps && found ? map(machine, &lookup, element) : NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct lookup lookup;
	const char *key, *set;

	if (!decode(attrs, &lookup))
		return false;
	key = nf_print_key(printer, lookup.source, 1);
	set = nf_escape(printer, lookup.set);
	if (key == NULL)
		return false;
	if (!lookup.maps)
		nf_print(printer, "%s %s@%s", key, lookup.flags & NFT_LOOKUP_F_INV ? "!= " : "",
			 set);
	else if (lookup.destination == NFT_REG_VERDICT)
		nf_print(printer, "%s vmap @%s", key, set);
	else
		nf_print_load(printer, lookup.destination,
			      arena_printf(printer->arena, "%s map @%s", key, set), NF_TYPE_BYTES,
			      4);
	return true;
}

const struct nf_expr nf_expr_lookup = {
	.name = "lookup",
	.attributes = 1u << NFTA_LOOKUP_SET | 1u << NFTA_LOOKUP_SREG | 1u << NFTA_LOOKUP_DREG |
		      1u << NFTA_LOOKUP_SET_ID | 1u << NFTA_LOOKUP_FLAGS,
	.run = run,
	.print = print,
};
