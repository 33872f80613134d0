/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xt_comment.c: always matches. */
#include <linux/netfilter/xt_comment.h>
#include <string.h>

#include "netfilter/xt.h"

static enum nf_step run(struct nf_machine *machine, const struct nf_xt_use *use)
{
	(void)machine;
	(void)use;
	return NF_STEP_NEXT;
}

static bool print(struct nf_printer *printer, const struct nf_xt_use *use)
{
	struct mux_slice text = use->info;

	text.len = strnlen(text.data, sizeof(struct xt_comment_info));
	str_add(&printer->text, " -m comment --comment \"");
	str_add_escaped(&printer->text, text);
	str_add(&printer->text, "\"");
	return true;
}

const struct nf_xt nf_xt_comment[] = {
	{.name = "comment", .size = {sizeof(struct xt_comment_info)}, .run = run, .print = print},
	{.name = NULL},
};
