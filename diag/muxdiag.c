/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rounds of gathering behind mux_gather(): read what is small, ask the evaluator what it still
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
#include "rounds.h"

enum {
	/* Each round follows one jump or one look-up further; jumps nest no deeper than 16
	 * (NFT_JUMP_STACK_SIZE), but look-ups may use what others gave. */
	MAX_ROUNDS = 64,
	MAX_READINGS = 5, /* of a ruleset that changes while it is read */
};

/* Whose needs: of these questions, or of the target. */
struct rounds {
	struct mux_bundle *bundle;
	const struct mux_target *target;
	const struct mux_path_question *questions;
	size_t n_questions;
	/* Facts of one reading; the rounds add to them. */
	struct arena *arena;
	struct mux_snapshot snapshot;
	struct nft_answers answers;
};

static int find_needs(struct rounds *rounds, int round, struct arena *arena, struct needs *needs)
{
	const struct mux_nftables *nftables = &rounds->snapshot.nftables;

	if (round == 0 || !needs_can_arise(nftables))
		return needs_of_nftables(nftables, arena, needs);
	if (rounds->questions != NULL)
		return needs_of_paths(&rounds->snapshot, rounds->questions, rounds->n_questions,
				      arena, needs);
	return needs_of_target(&rounds->snapshot, rounds->target, arena, needs);
}

/* Asks the evaluator what it lacks and gathers it. *ret_more says whether that was anything. */
static int gather_round(struct rounds *rounds, int round, bool *ret_more)
{
	struct arena *arena = arena_new();
	struct needs needs;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	error = find_needs(rounds, round, arena, &needs);
	if (error == 0)
		error = gather_needs(&needs, rounds->bundle);
	if (error == 0)
		error = parse_nft_answers(rounds->bundle, rounds->arena, &rounds->answers,
					  &rounds->snapshot.nftables);
	*ret_more = error == 0 && (needs.chains.n != 0 || needs.elements.n != 0);
	arena_free(arena);
	return error;
}

/* Reads until nothing is lacking. *ret_changed says that the ruleset was another in the end. */
static int read_once(struct rounds *rounds, bool *ret_changed)
{
	struct mux_nftables *nftables = &rounds->snapshot.nftables;
	struct mux_source source;
	bool more = true;
	int round, error = parse_snapshot(rounds->bundle, rounds->arena, &rounds->snapshot);

	*ret_changed = false;
	if (error != 0 || nftables->source.presence != MUX_PRESENT)
		return error;
	for (round = 0; error == 0 && (more || round == 1) && round < MAX_ROUNDS; round++)
		error = gather_round(rounds, round, &more);
	if (error == 0)
		error = gather_generation_after(rounds->bundle);
	parse_nft_generations(rounds->bundle, &source, nftables);
	*ret_changed = nftables->changing;
	return error;
}

/* Bracketed by two looks at the generation: what lies between them was one ruleset. */
static int read_consistently(struct rounds *rounds)
{
	bool changed = true;
	int reading, error = 0;

	for (reading = 0; error == 0 && changed && reading < MAX_READINGS; reading++) {
		if (reading != 0) {
			bundle_remove(rounds->bundle, "nft/");
			error = gather_nftables(rounds->bundle);
		}
		rounds->arena = arena_new();
		rounds->answers = (struct nft_answers){0};
		if (rounds->arena == NULL)
			return -ENOMEM;
		if (error == 0)
			error = read_once(rounds, &changed);
		arena_free(rounds->arena);
	}
	return error;
}

int rounds_for_paths(struct mux_bundle *bundle, const struct mux_path_question *questions,
		     size_t n_questions)
{
	struct rounds rounds = {
		.bundle = bundle, .questions = questions, .n_questions = n_questions};

	return read_consistently(&rounds);
}

struct mux_bundle *mux_gather(const struct mux_question *question, struct mux_error *reterr)
{
	struct rounds rounds = {.bundle = bundle_new(), .target = &question->target};
	int error = -ENOMEM;

	if (rounds.bundle == NULL)
		goto fail;
	error = gather_all(question, rounds.bundle);
	if (error == 0)
		error = read_consistently(&rounds);
	if (error == 0)
		return rounds.bundle;
fail:
	mux_bundle_free(rounds.bundle);
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot gather: %s", strerror(-error));
	errno = -error;
	return NULL;
}

const char *mux_version(void)
{
	return MUX_VERSION;
}
