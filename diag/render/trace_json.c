/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For programs: contrib/schema/muxdiag-trace.schema.json. */
#include "render/trace.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "render/render.h"

struct json {
	struct arena *arena;
	bool failed;
};

/* Sets a key, taking over `value`. A NULL value means that there was no memory for it. */
static void set(struct json *json, json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, value) != 0)
		json->failed = true;
}

static json_t *text_or_null(struct json *json, const char *text)
{
	struct str clean;

	if (text == NULL || text[0] == '\0')
		return json_null();
	str_init(&clean, json->arena);
	render_add(&clean, text);
	return json_string(str_done(&clean));
}

static json_t *number_or_null(uint64_t number)
{
	return number != 0 ? json_integer((json_int_t)number) : json_null();
}

static void append(struct json *json, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		json->failed = true;
}

static json_t *step_object(struct json *json, const struct mux_trace_step *step)
{
	json_t *object = json_object();

	set(json, object, "place", text_or_null(json, step->place));
	set(json, object, "handle", number_or_null(step->handle));
	set(json, object, "position", number_or_null(step->position));
	set(json, object, "rule", text_or_null(json, step->rule));
	set(json, object, "verdict", text_or_null(json, step->verdict));
	set(json, object, "certain", json_boolean(step->certain));
	return object;
}

static json_t *side_object(struct json *json, const struct mux_trace_side *side)
{
	json_t *object = json_object(), *steps = json_array();
	size_t i;

	for (i = 0; i < side->n_steps; i++)
		append(json, steps, step_object(json, &side->steps[i]));
	set(json, object, "fate", json_string(render_fate(side->fate)));
	set(json, object, "text", text_or_null(json, side->text));
	set(json, object, "family", text_or_null(json, side->family));
	set(json, object, "table", text_or_null(json, side->table));
	set(json, object, "chain", text_or_null(json, side->chain));
	set(json, object, "policy", json_boolean(side->policy));
	set(json, object, "handle", number_or_null(side->handle));
	set(json, object, "position", number_or_null(side->position));
	set(json, object, "rule", text_or_null(json, side->rule));
	set(json, object, "steps", steps);
	return object;
}

static json_t *journey_object(struct json *json, const struct mux_trace_journey *journey)
{
	json_t *object = json_object(), *hooks = json_array();
	size_t i;

	for (i = 0; i < MUX_TRACE_HOOKS; i++) {
		const struct mux_trace_hook *hook = &journey->hooks[i];
		json_t *item = json_object();

		set(json, item, "hook", json_string(hook->name));
		set(json, item, "agree", json_string(render_answer(hook->agree)));
		set(json, item, "difference", text_or_null(json, hook->difference));
		set(json, item, "evaluated", side_object(json, &hook->evaluated));
		set(json, item, "kernel", side_object(json, &hook->real));
		append(json, hooks, item);
	}
	set(json, object, "name", json_string(journey->name));
	set(json, object, "description", json_string(journey->description));
	set(json, object, "arrived", json_string(render_answer(journey->arrived)));
	set(json, object, "hooks", hooks);
	return object;
}

static json_t *build(struct json *json, const struct mux_trace_report *report)
{
	json_t *root = json_object(), *packets = json_array(), *notes = json_array();
	size_t i;

	for (i = 0; i < report->n_journeys; i++)
		append(json, packets, journey_object(json, &report->journeys[i]));
	for (i = 0; i < report->n_notes; i++)
		append(json, notes, text_or_null(json, report->notes[i]));
	set(json, root, "muxdiag_version", json_string(MUX_VERSION));
	set(json, root, "target", text_or_null(json, report->target));
	set(json, root, "protocol", json_string(report->protocol));
	set(json, root, "port", number_or_null(report->port));
	set(json, root, "local_port", number_or_null(report->local_port));
	set(json, root, "status", json_string(render_trace_status(report->status)));
	set(json, root, "headline", text_or_null(json, report->headline));
	set(json, root, "evaluated_result", text_or_null(json, report->evaluated_result));
	set(json, root, "kernel_result", text_or_null(json, report->real_result));
	set(json, root, "packets", packets);
	set(json, root, "notes", notes);
	return root;
}

/* json_dumps() allocates with jansson's allocator, which an application may have replaced. */
static int dump(const json_t *root, char **ret_text, size_t *ret_len)
{
	const size_t flags = JSON_INDENT(2);
	size_t len = json_dumpb(root, NULL, 0, flags);
	char *text = len != 0 ? malloc(len + 2) : NULL;

	if (text == NULL)
		return -ENOMEM;
	if (json_dumpb(root, text, len, flags) != len) {
		free(text);
		return -ENOMEM;
	}
	memcpy(text + len, "\n", 2);
	*ret_text = text;
	*ret_len = len + 1;
	return 0;
}

int render_trace_json(const struct mux_trace_report *report,
		      const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	struct json json = {.arena = arena_new()};
	json_t *root;
	int error = -ENOMEM;

	(void)options;
	if (json.arena == NULL)
		return -ENOMEM;
	root = build(&json, report);
	if (root != NULL && !json.failed && !arena_failed(json.arena))
		error = dump(root, ret_text, ret_len);
	json_decref(root);
	arena_free(json.arena);
	return error;
}
