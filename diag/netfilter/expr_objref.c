/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_objref.c: a named counter, limit, quota or helper. */
#include "netfilter/kernel.h"

#include "base/slice.h"
#include "netfilter/expr.h"
#include "netfilter/index.h"

/* What an object of that type does to the packet. */
static enum nf_step run_type(struct nf_machine *machine, uint32_t type)
{
	switch (type) {
	case NFT_OBJECT_COUNTER:
	case NFT_OBJECT_CT_HELPER:
	case NFT_OBJECT_CT_TIMEOUT:
	case NFT_OBJECT_CT_EXPECT:
	case NFT_OBJECT_SECMARK:
	case NFT_OBJECT_TUNNEL:
		return NF_STEP_NEXT;
	case NFT_OBJECT_LIMIT:
		return nf_doubt(machine, "a named limit");
	case NFT_OBJECT_QUOTA:
		return nf_doubt(machine, "a named quota");
	case NFT_OBJECT_CONNLIMIT:
		return nf_doubt(machine, "a named connection limit");
	default:
		return NF_STEP_ALIEN;
	}
}

/* Objects of several types may share a name; the map's own type is not in the facts. */
static enum nf_step run_named(struct nf_machine *machine, struct mux_slice name)
{
	const struct mux_nftables *nftables = &machine->ruleset->snapshot->nftables;
	enum nf_step step = NF_STEP_ALIEN;
	size_t i;

	for (i = 0; i < nftables->n_objects; i++) {
		const struct mux_nft_object *object = &nftables->objects[i];

		if (object->family != machine->place.family ||
		    !slice_equal(object->table, machine->place.table) ||
		    !slice_equal(object->name, name))
			continue;
		step = run_type(machine, object->type);
		if (step != NF_STEP_NEXT)
			return step;
	}
	return step;
}

/* nft_objref_map_eval(): without an element the rule breaks. */
static enum nf_step run_map(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct mux_slice name = nf_attr_name(attrs, NFTA_OBJREF_SET_NAME);
	const struct mux_nft_set *set = nf_set_find(machine, name);
	const struct mux_nft_element *element;
	struct nf_bits key;
	uint32_t source;
	size_t i;

	if (set == NULL || !nf_attr_u32(attrs, NFTA_OBJREF_SET_SREG, 0, &source) ||
	    !nf_register_load(machine, source, set->key_len, &key))
		return NF_STEP_ALIEN;
	for (i = 0; i < key.len; i++)
		if (key.known[i] != 0xff)
			return nf_doubt(machine, key.why);
	element = nf_element_find(machine, name,
				  (struct mux_slice){(const char *)key.value, key.len});
	if (element == NULL && machine->ruleset->needs != NULL)
		return NF_STEP_BREAK;
	if (element == NULL || element->source.presence == MUX_DENIED)
		return nf_doubt(machine, "an element of a map, which was not read");
	if (element->source.presence == MUX_ABSENT)
		return NF_STEP_BREAK;
	return run_named(machine, element->object);
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	uint32_t type;

	if (nf_attr_has(attrs, NFTA_OBJREF_SET_NAME))
		return run_map(machine, attrs);
	if (!nf_attr_u32(attrs, NFTA_OBJREF_IMM_TYPE, NFT_OBJECT_UNSPEC, &type))
		return NF_STEP_ALIEN;
	return run_type(machine, type);
}

static bool print_map(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	const char *key;
	uint32_t source;

	if (!nf_attr_u32(attrs, NFTA_OBJREF_SET_SREG, 0, &source))
		return false;
	key = nf_print_key(printer, source, 1);
	nf_print(printer, "object %s map @%s", key == NULL ? "?" : key,
		 nf_escape(printer, nf_attr_name(attrs, NFTA_OBJREF_SET_NAME)));
	return true;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	static const char *const types[] = {
		[NFT_OBJECT_COUNTER] = "counter name",
		[NFT_OBJECT_QUOTA] = "quota name",
		[NFT_OBJECT_CT_HELPER] = "ct helper set",
		[NFT_OBJECT_LIMIT] = "limit name",
		[NFT_OBJECT_CONNLIMIT] = "ct count name",
		[NFT_OBJECT_TUNNEL] = "tunnel name",
		[NFT_OBJECT_CT_TIMEOUT] = "ct timeout set",
		[NFT_OBJECT_SECMARK] = "meta secmark set",
		[NFT_OBJECT_CT_EXPECT] = "ct expectation set",
	};
	uint32_t type;

	if (nf_attr_has(attrs, NFTA_OBJREF_SET_NAME))
		return print_map(printer, attrs);
	if (!nf_attr_u32(attrs, NFTA_OBJREF_IMM_TYPE, 0, &type) || type > NFT_OBJECT_CT_EXPECT ||
	    types[type] == NULL)
		return false;
	nf_print(printer, "%s \"%s\"", types[type],
		 nf_escape(printer, nf_attr_name(attrs, NFTA_OBJREF_IMM_NAME)));
	return true;
}

const struct nf_expr nf_expr_objref = {
	.name = "objref",
	.attributes = 1u << NFTA_OBJREF_IMM_TYPE | 1u << NFTA_OBJREF_IMM_NAME |
		      1u << NFTA_OBJREF_SET_SREG | 1u << NFTA_OBJREF_SET_NAME |
		      1u << NFTA_OBJREF_SET_ID,
	.run = run,
	.print = print,
};
