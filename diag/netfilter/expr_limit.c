/* SPDX-License-Identifier: GPL-2.0-or-later */
/* nft_limit.c: holds while its bucket has tokens, which a dump does not tell. */
#include "netfilter/kernel.h"

#include "netfilter/expr.h"

enum { DEFAULT_BURST = 5 }; /* NFT_LIMIT_PKT_BURST_DEFAULT */

struct limit {
	uint64_t rate, unit; /* tokens a unit, seconds a unit */
	uint32_t burst, type, flags;
};

static bool decode(const struct nf_attrs *attrs, struct limit *limit)
{
	return nf_attr_u64(attrs, NFTA_LIMIT_RATE, 0, &limit->rate) &&
	       nf_attr_u64(attrs, NFTA_LIMIT_UNIT, 1, &limit->unit) &&
	       nf_attr_u32(attrs, NFTA_LIMIT_BURST, 0, &limit->burst) &&
	       nf_attr_u32(attrs, NFTA_LIMIT_TYPE, NFT_LIMIT_PKTS, &limit->type) &&
	       nf_attr_u32(attrs, NFTA_LIMIT_FLAGS, 0, &limit->flags) &&
	       limit->type <= NFT_LIMIT_PKT_BYTES && (limit->flags & ~1u) == 0;
}

static const char *unit_name(uint64_t unit)
{
	switch (unit) {
	case 1:
		return "second";
	case 60:
		return "minute";
	case 3600:
		return "hour";
	case 86400:
		return "day";
	default:
		return "week";
	}
}

static const char *format(const struct limit *limit, struct arena *arena)
{
	const char *text = arena_printf(
		arena, "limit rate %s%llu%s/%s%s", limit->flags & NFT_LIMIT_F_INV ? "over " : "",
		(unsigned long long)limit->rate, limit->type == NFT_LIMIT_PKT_BYTES ? " bytes" : "",
		unit_name(limit->unit), "");

	return text == NULL ? "limit" : text;
}

static enum nf_step run(struct nf_machine *machine, const struct nf_attrs *attrs)
{
	struct limit limit;
	bool over;

	if (!decode(attrs, &limit))
		return NF_STEP_ALIEN;
	over = (limit.flags & NFT_LIMIT_F_INV) != 0;
	if (limit.type == NFT_LIMIT_PKTS && limit.burst == 0)
		limit.burst = DEFAULT_BURST;
	if (!nf_spend(machine, attrs->payload[NFTA_LIMIT_RATE].data,
		      limit.type == NFT_LIMIT_PKTS ? limit.burst : limit.burst / 65536))
		return nf_doubt(machine, format(&limit, machine->arena));
	return over ? NF_STEP_BREAK : NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_attrs *attrs)
{
	struct limit limit;

	if (!decode(attrs, &limit))
		return false;
	nf_print(printer, "%s", format(&limit, printer->arena));
	if (limit.burst != 0 && limit.burst != DEFAULT_BURST)
		nf_print(printer, "burst %u %s", limit.burst,
			 limit.type == NFT_LIMIT_PKT_BYTES ? "bytes" : "packets");
	return true;
}

const struct nf_expr nf_expr_limit = {
	.name = "limit",
	.attributes = 1u << NFTA_LIMIT_RATE | 1u << NFTA_LIMIT_UNIT | 1u << NFTA_LIMIT_BURST |
		      1u << NFTA_LIMIT_TYPE | 1u << NFTA_LIMIT_FLAGS | 1u << NFTA_LIMIT_PAD,
	.run = run,
	.print = print,
};
