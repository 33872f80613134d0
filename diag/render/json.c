/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs: contrib/schema/muxdiag-report.schema.json. Keys are stable and in the order of
 * meaning, the answer first; what is not known is null or "unknown", never left out.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <jansson.h>

#include "base/addr.h"
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

	str_init(&clean, json->arena);
	render_add(&clean, text);
	set(json, object, key, json_string(str_done(&clean)));
}

static void append(struct json *json, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) != 0)
		json->failed = true;
}

static json_t *port_or_null(uint16_t port)
{
	return port != 0 ? json_integer(port) : json_null();
}

static json_t *names(struct json *json, const struct mux_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_names; i++) {
		json_t *object = json_object();

		set_text(json, object, "name", report->names[i].name);
		set(json, object, "of_target", json_boolean(report->names[i].of_target));
		set(json, object, "resolves",
		    json_string(render_answer(report->names[i].resolves)));
		set_text(json, object, "text", report->names[i].text);
		append(json, array, object);
	}
	return array;
}

static json_t *stages(struct json *json, const struct mux_endpoint *endpoint)
{
	json_t *all = json_object();
	size_t stage;

	for (stage = 0; stage < MUX_N_STAGES; stage++) {
		json_t *object = json_object();

		set(json, object, "passes",
		    json_string(render_answer(endpoint->stages[stage].passes)));
		set_text(json, object, "text", endpoint->stages[stage].text);
		set(json, all, render_stage((enum mux_stage)stage), object);
	}
	return all;
}

static json_t *endpoint_object(struct json *json, const struct mux_endpoint *endpoint)
{
	json_t *object = json_object();
	char address[ADDR_TEXT_MAX];

	set_text(json, object, "name", endpoint->name);
	set(json, object, "of_target", json_boolean(endpoint->of_target));
	set(json, object, "position", json_integer(endpoint->position));
	set_text(json, object, "address", addr_format(&endpoint->address, address));
	set(json, object, "family",
	    json_string(endpoint->address.family == AF_INET6 ? "ipv6" : "ipv4"));
	set(json, object, "port", port_or_null(endpoint->port));
	set(json, object, "works", json_string(render_answer(endpoint->works)));
	set_text(json, object, "text", endpoint->text);
	set(json, object, "stages", stages(json, endpoint));
	return object;
}

static json_t *endpoints(struct json *json, const struct mux_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_endpoints; i++)
		append(json, array, endpoint_object(json, &report->endpoints[i]));
	return array;
}

/* [{first: …, second: …}] for the pairs of texts that reports are full of. */
static json_t *pair(struct json *json, const char *const keys[2], const char *first,
		    const char *second)
{
	json_t *object = json_object();

	set_text(json, object, keys[0], first);
	set_text(json, object, keys[1], second);
	return object;
}

static json_t *evidence(struct json *json, const struct mux_finding *finding)
{
	static const char *const keys[] = {"source", "text"};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < finding->n_evidence; i++)
		append(json, array,
		       pair(json, keys, finding->evidence[i].source, finding->evidence[i].text));
	return array;
}

static json_t *fixes(struct json *json, const struct mux_finding *finding)
{
	json_t *array = json_array();
	size_t i, j;

	for (i = 0; i < finding->n_fixes; i++) {
		const struct mux_fix *fix = &finding->fixes[i];
		json_t *object = json_object(), *commands = json_array();

		set_text(json, object, "title", fix->title);
		for (j = 0; j < fix->n_commands; j++) {
			struct str clean;

			str_init(&clean, json->arena);
			render_add(&clean, fix->commands[j]);
			append(json, commands, json_string(str_done(&clean)));
		}
		set(json, object, "commands", commands);
		append(json, array, object);
	}
	return array;
}

static json_t *findings(struct json *json, const struct mux_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_findings; i++) {
		const struct mux_finding *finding = &report->findings[i];
		json_t *object = json_object();

		set_text(json, object, "id", finding->id);
		set(json, object, "severity", json_string(render_severity(finding->severity)));
		set_text(json, object, "title", finding->title);
		set_text(json, object, "hit", finding->hit);
		set(json, object, "decisive", json_boolean(finding->decisive));
		set(json, object, "inferred", json_boolean(finding->inferred));
		set(json, object, "evidence", evidence(json, finding));
		set(json, object, "fixes", fixes(json, finding));
		append(json, array, object);
	}
	return array;
}

static json_t *recommendations(struct json *json, const struct mux_report *report)
{
	static const char *const keys[] = {"use", "why"};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_recommendations; i++)
		append(json, array,
		       pair(json, keys, report->recommendations[i].use,
			    report->recommendations[i].why));
	return array;
}

static json_t *gaps(struct json *json, const struct mux_report *report)
{
	static const char *const keys[] = {"source", "text"};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_gaps; i++)
		append(json, array, pair(json, keys, report->gaps[i].source, report->gaps[i].text));
	return array;
}

static json_t *machine(struct json *json, const struct mux_machine *facts)
{
	json_t *object = json_object();
	char hex[17];

	set_text(json, object, "host_name", facts->host_name);
	set_text(json, object, "kernel", facts->kernel);
	set(json, object, "uid", json_integer(facts->uid));
	/* A JSON number loses the upper bits of 64 in most readers. */
	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)facts->capabilities);
	set(json, object, "capabilities_hex", json_string(hex));
	set(json, object, "netns_inode", json_integer((json_int_t)facts->netns));
	set(json, object, "time_unix_s", json_integer(facts->time));
	return object;
}

static json_t *build(struct json *json, const struct mux_report *report)
{
	json_t *root = json_object();

	set(json, root, "muxdiag_version", json_string(MUX_VERSION));
	set_text(json, root, "target", report->target);
	set(json, root, "port", port_or_null(report->port));
	set(json, root, "status", json_string(render_status(report->status)));
	set(json, root, "exit_status", json_integer(report->status));
	set_text(json, root, "headline", report->headline);
	set(json, root, "recommendations", recommendations(json, report));
	set(json, root, "findings", findings(json, report));
	set(json, root, "gaps", gaps(json, report));
	set(json, root, "names", names(json, report));
	set(json, root, "endpoints", endpoints(json, report));
	set(json, root, "machine",
	    report->machine != NULL ? machine(json, report->machine) : json_null());
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

int render_json(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len)
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
