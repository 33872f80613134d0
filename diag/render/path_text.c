/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The walk as a tree: packets in order, hooks in order, chains by priority, rules. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "render/path.h"
#include "render/render.h"

struct tree {
	const struct path_page *page;
	struct str text;
	const struct mux_path_step *last; /* the step before, of the same path; or NULL */
};

static const char bold[] = "\033[1m", red[] = "\033[1;31m", dim[] = "\033[2m";

static void begin_colour(struct tree *tree, const char *colour)
{
	if (tree->page->options->colour)
		str_add(&tree->text, colour);
}

static void end_colour(struct tree *tree)
{
	if (tree->page->options->colour)
		str_add(&tree->text, "\033[0m");
}

static bool is_same_packet(const struct mux_path_step *a, const struct mux_path_step *b)
{
	return a != NULL && strcmp(a->packet, b->packet) == 0;
}

static bool is_same_hook(const struct mux_path_step *a, const struct mux_path_step *b)
{
	return is_same_packet(a, b) && strcmp(a->place.hook, b->place.hook) == 0;
}

static bool is_same_chain(const struct mux_path_step *a, const struct mux_path_step *b)
{
	return is_same_hook(a, b) && a->place.legacy == b->place.legacy &&
	       a->place.priority == b->place.priority &&
	       strcmp(a->place.family, b->place.family) == 0 &&
	       strcmp(a->place.table, b->place.table) == 0 &&
	       (b->depth != 0 || strcmp(a->place.chain, b->place.chain) == 0 || a->depth != 0);
}

/* Says where the step is, as far as that is another place than before. */
static void add_place(struct tree *tree, const struct mux_path_step *step)
{
	const struct mux_path_place *place = &step->place;

	if (!is_same_packet(tree->last, step))
		str_addf(&tree->text, "  %s\n", step->packet);
	if (!is_same_hook(tree->last, step))
		str_addf(&tree->text, "    %s\n", place->hook);
	if (is_same_chain(tree->last, step))
		return;
	str_add(&tree->text, place->legacy ? "      legacy table " : "      table ");
	render_add(&tree->text, place->family);
	str_add(&tree->text, " ");
	render_add(&tree->text, place->table);
	str_add(&tree->text, ", chain ");
	render_add(&tree->text, place->chain);
	str_addf(&tree->text, ", priority %d\n", (int)place->priority);
}

static void add_rule(struct tree *tree, const struct mux_path_step *step)
{
	const struct mux_path_place *place = &step->place;
	struct str *text = &tree->text;

	if (place->position == 0) {
		str_add(text, "policy");
		return;
	}
	if (step->depth != 0) {
		render_add(text, place->chain);
		str_add(text, " ");
	}
	str_addf(text, "rule %zu", place->position);
	if (place->handle != 0)
		str_addf(text, ", handle %llu", (unsigned long long)place->handle);
	str_add(text, ": ");
	render_add(text, place->rule != NULL ? place->rule : "(it cannot be shown)");
}

/* What came of it: the verdict, or why there is none. */
static void add_outcome(struct tree *tree, const struct mux_path_step *step)
{
	struct str *text = &tree->text;

	if (step->matches == MUX_NO) {
		str_add(text, "  - ");
		render_add(text, step->why != NULL ? step->why : "does not match");
		return;
	}
	if (step->matches == MUX_UNKNOWN) {
		str_add(text, "  ? ");
		render_add(text, step->why != NULL ? step->why : "not known");
	}
	str_add(text, step->verdict[0] == '\0' ? "  -> goes on" : "  -> ");
	render_add(text, step->verdict);
	if (!step->decides)
		return;
	str_addf(text, "   <== the %s %s here", step->packet,
		 step->matches == MUX_YES ? "dies" : "may die");
	if (step->place.has_counters)
		str_addf(text, "; so far %llu packets, %llu bytes",
			 (unsigned long long)step->place.packets,
			 (unsigned long long)step->place.bytes);
}

static void add_step(struct tree *tree, const struct mux_path_step *step)
{
	const char *colour = step->decides ? red : step->matches == MUX_NO ? dim : "";
	unsigned i;

	add_place(tree, step);
	tree->last = step;
	str_add(&tree->text, "        ");
	for (i = 0; i < step->depth; i++)
		str_add(&tree->text, "  ");
	begin_colour(tree, colour);
	add_rule(tree, step);
	add_outcome(tree, step);
	end_colour(tree);
	str_add(&tree->text, "\n");
}

static void add_summary(struct tree *tree, const struct mux_path *path)
{
	begin_colour(tree, bold);
	path_add_endpoint(&tree->text, &path->question);
	end_colour(tree);
	str_addf(&tree->text, " over %s: ", path_protocol_word(path->question.protocol));
	path_add_summary(&tree->text, path);
	str_add(&tree->text, "\n");
	if (path->assumption != NULL) {
		str_add(&tree->text, "  assuming ");
		render_add(&tree->text, path->assumption);
		str_add(&tree->text, "\n");
	}
}

static void add_path(struct tree *tree, const struct mux_path *path)
{
	size_t i, n = 0;

	add_summary(tree, path);
	tree->last = NULL;
	if (tree->page->options->verbosity < 0)
		return;
	for (i = 0; i < path->n_steps; i++)
		if (tree->page->options->verbosity > 0 || path_step_matters(&path->steps[i])) {
			add_step(tree, &path->steps[i]);
			n++;
		}
	if (n == 0)
		str_add(&tree->text, "  no chain sees its packets\n");
}

int path_text(const struct path_page *page, char **ret_text, size_t *ret_len)
{
	struct tree tree = {.page = page};
	const char *done;
	size_t i;

	str_init(&tree.text, page->arena);
	for (i = 0; i < page->paths->n_paths; i++) {
		if (i != 0 && page->options->verbosity >= 0)
			str_add(&tree.text, "\n");
		add_path(&tree, &page->paths->paths[i]);
	}
	done = str_done(&tree.text);
	*ret_text = done == NULL ? NULL : strdup(done);
	if (*ret_text == NULL)
		return -ENOMEM;
	*ret_len = strlen(*ret_text);
	return 0;
}
