/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Is the server the one that its users run, or the one that its authors debug? */
#include "base/slice.h"
#include "preflight/preflight.h"

static const struct {
	const char *kind, *word, *program, *meaning;
} known[] = {
#define BUILD_WORD(kind, word, program, meaning) {kind, word, program, meaning},
#include "base/build.def"
};

/* Returns what a word means; a recording may have any word in it. */
static const char *meaning_of(const struct mux_build_word *word)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (slice_is(word->kind, known[i].kind) && slice_is(word->word, known[i].word) &&
		    slice_is(word->program, known[i].program))
			return known[i].meaning;
	return NULL;
}

static const char *where_of(const struct mux_build_word *word)
{
	return slice_is(word->kind, "argument")	  ? "command line"
	       : slice_is(word->kind, "variable") ? "environment"
	       : slice_is(word->kind, "folder")	  ? "program"
						  : "memory";
}

static size_t count_known(const struct mux_build *build)
{
	size_t i, n = 0;

	for (i = 0; i < build->n_words; i++)
		n += meaning_of(&build->words[i]) != NULL;
	return n;
}

static void run_server_build(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_build *build = &preflight->capacity->server_build;
	size_t i, n = count_known(build);
	struct fit *fit;

	if (build->source.presence == MUX_NOT_ASKED)
		return;
	if (n == 0 && (build->source.presence != MUX_PRESENT || build->unread != 0)) {
		struct mux_source source = build->source;

		source.presence = MUX_DENIED;
		source.error = build->unread != 0 ? build->unread : source.error;
		fit_add_unknown(preflight, check, &source, "how the server was built and started");
		return;
	}
	fit = fit_add(preflight, check, n != 0 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      n != 0 ? "the server runs as for debugging"
			     : "nothing tells of a server that is being debugged");
	for (i = 0; i < build->n_words; i++)
		if (meaning_of(&build->words[i]) != NULL)
			fit_see(preflight, fit, where_of(&build->words[i]), "%s: %s",
				preflight_escape(preflight, build->words[i].word),
				meaning_of(&build->words[i]));
	if (n == 0) {
		fit_see(preflight, fit, "command line, environment, memory",
			"no debug switch, no sanitizer, no valgrind");
		return;
	}
	fit_want(preflight, fit, "an optimized build, started as in production");
	fit_expect(preflight, fit, "less than what the same program does for its users");
	fit_mend(preflight, fit, "Build and start it without that", NULL, NULL);
}

const struct preflight_check preflight_server_build = {
	.id = "server-build", .subject = "reach", .run = run_server_build};

static void run_server_terminal(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_build *build = &preflight->capacity->server_build;
	struct fit *fit;

	if (build->source.presence != MUX_PRESENT || !build->terminal)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "the server writes to a terminal");
	fit_see(preflight, fit, "file descriptors 1 and 2", "a terminal");
	fit_expect(preflight, fit,
		   "if it logs each request, the run measures how fast the terminal draws");
	fit_mend(preflight, fit, "Start it with its output in a file", "SERVER >server.log 2>&1",
		 NULL);
}

const struct preflight_check preflight_server_terminal = {
	.id = "server-terminal", .subject = "reach", .run = run_server_terminal};

/* getrandom(2) leaves no trace in a process; a device that is open does. */
static void run_random_source(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_build *build = &preflight->capacity->server_build;
	struct fit *fit;

	if (build->source.presence != MUX_PRESENT || build->random.len == 0)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "the server reads random numbers from %s",
		      preflight_escape(preflight, build->random));
	fit_see(preflight, fit, "file descriptors", "%s is open",
		preflight_escape(preflight, build->random));
	fit_expect(preflight, fit,
		   "a system call for each read: where pages are made of random numbers, these are "
		   "a part of what is measured");
}

const struct preflight_check preflight_random_source = {
	.id = "random-source", .subject = "reach", .run = run_random_source};
