/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For programs: contrib/schema/muxdiag-trace.schema.json. */
#include "render/trace.h"

#include <errno.h>

#include "render/json_value.h"
#include "render/render.h"

static json_t *number_or_null(uint64_t number)
{
	return number != 0 ? json_integer((json_int_t)number) : json_null();
}

static json_t *step_object(struct json *json, const struct mux_trace_step *step)
{
	json_t *object = json_object();

	value_set_text_or_null(json, object, "place", step->place);
	value_set(json, object, "handle", number_or_null(step->handle));
	value_set(json, object, "position", number_or_null(step->position));
	value_set_text_or_null(json, object, "rule", step->rule);
	value_set_text_or_null(json, object, "verdict", step->verdict);
	value_set(json, object, "certain", json_boolean(step->certain));
	return object;
}

static json_t *side_object(struct json *json, const struct mux_trace_side *side)
{
	json_t *object = json_object(), *steps = json_array();
	size_t i;

	for (i = 0; i < side->n_steps; i++)
		value_add(json, steps, step_object(json, &side->steps[i]));
	value_set(json, object, "fate", json_string(render_fate(side->fate)));
	value_set_text_or_null(json, object, "text", side->text);
	value_set_text_or_null(json, object, "family", side->family);
	value_set_text_or_null(json, object, "table", side->table);
	value_set_text_or_null(json, object, "chain", side->chain);
	value_set(json, object, "policy", json_boolean(side->policy));
	value_set(json, object, "handle", number_or_null(side->handle));
	value_set(json, object, "position", number_or_null(side->position));
	value_set_text_or_null(json, object, "rule", side->rule);
	value_set(json, object, "steps", steps);
	return object;
}

static json_t *journey_object(struct json *json, const struct mux_trace_journey *journey)
{
	json_t *object = json_object(), *hooks = json_array();
	size_t i;

	for (i = 0; i < MUX_TRACE_HOOKS; i++) {
		const struct mux_trace_hook *hook = &journey->hooks[i];
		json_t *item = json_object();

		value_set(json, item, "hook", json_string(hook->name));
		value_set(json, item, "agree", json_string(render_answer(hook->agree)));
		value_set_text_or_null(json, item, "difference", hook->difference);
		value_set(json, item, "evaluated", side_object(json, &hook->evaluated));
		value_set(json, item, "kernel", side_object(json, &hook->real));
		value_add(json, hooks, item);
	}
	value_set(json, object, "name", json_string(journey->name));
	value_set(json, object, "description", json_string(journey->description));
	value_set(json, object, "arrived", json_string(render_answer(journey->arrived)));
	value_set(json, object, "hooks", hooks);
	return object;
}

static json_t *build(struct json *json, const struct mux_trace_report *report)
{
	json_t *root = json_object(), *packets = json_array(), *notes = json_array();
	size_t i;

	for (i = 0; i < report->n_journeys; i++)
		value_add(json, packets, journey_object(json, &report->journeys[i]));
	for (i = 0; i < report->n_notes; i++)
		value_add_text(json, notes, report->notes[i]);
	value_set(json, root, "muxdiag_version", json_string(MUX_VERSION));
	value_set_text_or_null(json, root, "target", report->target);
	value_set(json, root, "protocol", json_string(report->protocol));
	value_set(json, root, "port", number_or_null(report->port));
	value_set(json, root, "local_port", number_or_null(report->local_port));
	value_set(json, root, "status", json_string(render_trace_status(report->status)));
	value_set_text_or_null(json, root, "headline", report->headline);
	value_set_text_or_null(json, root, "evaluated_result", report->evaluated_result);
	value_set_text_or_null(json, root, "kernel_result", report->real_result);
	value_set(json, root, "packets", packets);
	value_set(json, root, "notes", notes);
	return root;
}

int render_trace_json(const struct mux_trace_report *report,
		      const struct mux_render_options *options, char **ret_text, size_t *ret_len)
{
	struct json json = {.arena = arena_new()};
	int error;

	(void)options;
	if (json.arena == NULL)
		return -ENOMEM;
	error = value_finish(&json, build(&json, report), ret_text, ret_len);
	arena_free(json.arena);
	return error;
}
