/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs: contrib/schema/muxdiag-path.schema.json. Keys are stable; what is not known is null
 * or "unknown", never left out. Texts are escaped, as in the report.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <jansson.h>

#include "base/addr.h"
#include "render/path.h"
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

static void set_text(struct json *json, json_t *object, const char *key, const char *text)
{
	struct str clean;

	if (text == NULL) {
		set(json, object, key, json_null());
		return;
	}
	str_init(&clean, json->arena);
	render_add(&clean, text);
	set(json, object, key, json_string(str_done(&clean)));
}

static json_t *counter(bool has_counters, uint64_t count)
{
	return has_counters ? json_integer((json_int_t)count) : json_null();
}

/* The place of a rule or policy; null where none is to be named. */
static json_t *place_of(struct json *json, const struct mux_path_place *place)
{
	json_t *object;

	if (place->table == NULL)
		return json_null();
	object = json_object();
	set(json, object, "hook", json_string(place->hook));
	set(json, object, "legacy", json_boolean(place->legacy));
	set_text(json, object, "family", place->family);
	set_text(json, object, "table", place->table);
	set_text(json, object, "chain", place->chain);
	set(json, object, "priority", json_integer(place->priority));
	set(json, object, "handle",
	    place->handle != 0 ? json_integer((json_int_t)place->handle) : json_null());
	set(json, object, "position", json_integer((json_int_t)place->position));
	set_text(json, object, "rule", place->rule);
	set(json, object, "packets", counter(place->has_counters, place->packets));
	set(json, object, "bytes", counter(place->has_counters, place->bytes));
	return object;
}

static json_t *step_of(struct json *json, const struct mux_path_step *step)
{
	json_t *object = json_object();

	set_text(json, object, "packet", step->packet);
	set(json, object, "place", place_of(json, &step->place));
	set(json, object, "depth", json_integer(step->depth));
	set(json, object, "matches", json_string(render_answer(step->matches)));
	set_text(json, object, "why", step->why);
	set_text(json, object, "verdict", step->verdict);
	set(json, object, "decides", json_boolean(step->decides));
	return object;
}

static json_t *steps_of(struct json *json, const struct mux_path *path)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < path->n_steps; i++)
		if (json_array_append_new(array, step_of(json, &path->steps[i])) != 0)
			json->failed = true;
	return array;
}

static void set_question(struct json *json, json_t *object,
			 const struct mux_path_question *question)
{
	char address[ADDR_TEXT_MAX];

	addr_format(&question->destination, address);
	set(json, object, "address", json_string(address));
	set(json, object, "family",
	    json_string(question->destination.family == AF_INET6 ? "ipv6" : "ipv4"));
	set(json, object, "protocol", json_string(path_protocol_word(question->protocol)));
	set(json, object, "port",
	    question->destination_port != 0 ? json_integer(question->destination_port)
					    : json_null());
	set(json, object, "source_port",
	    question->source_port != 0 ? json_integer(question->source_port) : json_null());
}

static json_t *path_of(struct json *json, const struct mux_path *path)
{
	json_t *object = json_object();
	struct str summary;

	str_init(&summary, json->arena);
	path_add_summary(&summary, path);
	set_question(json, object, &path->question);
	set(json, object, "verdict", json_string(path_verdict_word(path->verdict)));
	set(json, object, "result", json_string(path_result_word(path)));
	set_text(json, object, "summary", str_done(&summary));
	set_text(json, object, "packet", path->packet);
	set(json, object, "place", place_of(json, &path->place));
	set_text(json, object, "reject", path->reject);
	set_text(json, object, "reason", path->reason);
	set_text(json, object, "unless", path->unless);
	set_text(json, object, "assumption", path->assumption);
	set(json, object, "listening", json_string(render_answer(path->listening)));
	set(json, object, "steps", steps_of(json, path));
	return object;
}

/* Returns the text with a newline, from malloc(3), or NULL without memory. */
static char *dump(const json_t *root)
{
	const size_t flags = JSON_INDENT(2);
	size_t len = json_dumpb(root, NULL, 0, flags);
	char *text = len == 0 ? NULL : malloc(len + sizeof("\n"));

	if (text == NULL)
		return NULL;
	if (json_dumpb(root, text, len, flags) != len) {
		free(text);
		return NULL;
	}
	memcpy(text + len, "\n", sizeof("\n"));
	return text;
}

int path_json(const struct path_page *page, char **ret_text, size_t *ret_len)
{
	struct json json = {.arena = page->arena};
	json_t *root = json_object(), *array = json_array();
	enum mux_status status = mux_paths_status(page->paths);
	char *text = NULL;
	size_t i;

	for (i = 0; i < page->paths->n_paths; i++)
		if (json_array_append_new(array, path_of(&json, &page->paths->paths[i])) != 0)
			json.failed = true;
	set(&json, root, "muxdiag_version", json_string(MUX_VERSION));
	set_text(&json, root, "target", page->target);
	set(&json, root, "status", json_string(render_status(status)));
	set(&json, root, "exit_status", json_integer(status));
	set(&json, root, "paths", array);
	if (!json.failed && !arena_failed(page->arena))
		text = dump(root);
	json_decref(root);
	if (text == NULL)
		return -ENOMEM;
	*ret_text = text;
	*ret_len = strlen(text);
	return 0;
}
