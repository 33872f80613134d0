/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Gathering for questions about paths, as muxdiag.c does for a target. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <muxdiag/path.h>

#include "base/bundle.h"
#include "gather/gather.h"
#include "rounds.h"

static int gather_answers(const struct mux_path_question *questions, size_t n_questions,
			  struct mux_bundle *bundle)
{
	int error = 0;
	size_t i;

	for (i = 0; error == 0 && i < n_questions; i++)
		if (i == 0 || memcmp(&questions[i].destination, &questions[i - 1].destination,
				     sizeof(questions[i].destination)) != 0)
			error = gather_route_answer(&questions[i].destination, bundle);
	return error;
}

struct mux_bundle *mux_gather_paths(const struct mux_path_question *questions, size_t n_questions,
				    struct mux_error *reterr)
{
	struct mux_bundle *bundle = bundle_new();
	int error = -ENOMEM;

	if (bundle != NULL)
		error = gather_path_facts(bundle);
	if (error == 0)
		error = gather_answers(questions, n_questions, bundle);
	if (error == 0)
		error = rounds_for_paths(bundle, questions, n_questions);
	if (error == 0)
		return bundle;
	mux_bundle_free(bundle);
	reterr->code = -error;
	snprintf(reterr->message, sizeof(reterr->message), "cannot gather: %s", strerror(-error));
	return NULL;
}
