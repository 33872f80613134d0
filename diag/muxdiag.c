/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The two-round gathering behind mux_gather(): read everything, ask the evaluator what it still
 * lacks, read just that, until it lacks nothing. It lives above the rooms, because it is the one
 * place where facts decide what is looked at next.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

#include "base/arena.h"
#include "base/bundle.h"
#include "evaluate/needs.h"
#include "gather/gather.h"
#include "parse/parse.h"

/* Jump depth is 16 in the kernel (NFT_JUMP_STACK_SIZE); each round reads one level of it. */
enum { MAX_ROUNDS = 20 };

/* Asks the evaluator what it lacks and gathers it. *ret_more says whether that was anything. */
static int gather_round(struct mux_bundle *bundle, bool *ret_more)
{
	struct mux_nftables nftables = {0};
	struct needs needs = {0};
	struct arena *arena = arena_new();
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	error = parse_nftables(bundle, arena, &nftables);
	if (error == 0)
		error = needs_of_nftables(&nftables, arena, &needs);
	if (error == 0)
		error = gather_needs(&needs, bundle);
	*ret_more = needs.chains.n != 0;
	arena_free(arena);
	return error;
}

struct mux_bundle *mux_gather(const struct mux_question *question, struct mux_error *reterr)
{
	struct mux_bundle *bundle = bundle_new();
	bool more = true;
	int round, error = -ENOMEM;

	if (bundle == NULL)
		goto fail;
	error = gather_all(question, bundle);
	for (round = 0; error == 0 && more && round < MAX_ROUNDS; round++)
		error = gather_round(bundle, &more);
	if (error == 0)
		error = gather_generation_after(bundle);
	if (error == 0)
		return bundle;
fail:
	mux_bundle_free(bundle);
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot gather: %s", strerror(-error));
	errno = -error;
	return NULL;
}

const char *mux_version(void)
{
	return MUX_VERSION;
}
