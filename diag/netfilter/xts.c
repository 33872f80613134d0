/* SPDX-License-Identifier: GPL-2.0-or-later */
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
