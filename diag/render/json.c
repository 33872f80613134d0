/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For programs: contrib/schema/muxdiag-report.schema.json. Keys are stable and in the order of
 * meaning, the answer first; what is not known is null or "unknown", never left out.
 */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "render/json_value.h"
#include "render/render.h"

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

		value_set_text(json, object, "name", report->names[i].name);
		value_set(json, object, "of_target", json_boolean(report->names[i].of_target));
		value_set(json, object, "resolves",
			  json_string(render_answer(report->names[i].resolves)));
		value_set_text(json, object, "text", report->names[i].text);
		value_add(json, array, object);
	}
	return array;
}

static json_t *stages(struct json *json, const struct mux_endpoint *endpoint)
{
	json_t *all = json_object();
	size_t stage;

	for (stage = 0; stage < MUX_N_STAGES; stage++) {
		json_t *object = json_object();

		value_set(json, object, "passes",
			  json_string(render_answer(endpoint->stages[stage].passes)));
		value_set_text(json, object, "text", endpoint->stages[stage].text);
		value_set(json, all, render_stage((enum mux_stage)stage), object);
	}
	return all;
}

static json_t *endpoint_object(struct json *json, const struct mux_endpoint *endpoint)
{
	json_t *object = json_object();
	char address[ADDR_TEXT_MAX];

	value_set_text(json, object, "name", endpoint->name);
	value_set(json, object, "of_target", json_boolean(endpoint->of_target));
	value_set(json, object, "position", json_integer(endpoint->position));
	value_set_text(json, object, "address", addr_format(&endpoint->address, address));
	value_set(json, object, "family",
		  json_string(endpoint->address.family == AF_INET6 ? "ipv6" : "ipv4"));
	value_set(json, object, "port", port_or_null(endpoint->port));
	value_set(json, object, "works", json_string(render_answer(endpoint->works)));
	value_set_text(json, object, "text", endpoint->text);
	value_set(json, object, "stages", stages(json, endpoint));
	return object;
}

static json_t *endpoints(struct json *json, const struct mux_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_endpoints; i++)
		value_add(json, array, endpoint_object(json, &report->endpoints[i]));
	return array;
}

static json_t *clients(struct json *json, const struct mux_report *report)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_clients; i++) {
		const struct mux_client *client = &report->clients[i];
		json_t *object = json_object();

		value_set_text(json, object, "name", client->name);
		value_set_text(json, object, "title", client->title);
		value_set(json, object, "works", json_string(render_answer(client->works)));
		value_set(json, object, "by_proxy", json_boolean(client->by_proxy));
		value_set(json, object, "after_ms", json_integer(client->after_ms));
		value_set_text(json, object, "over", client->over);
		value_set_text(json, object, "says", client->says);
		value_set_text(json, object, "text", client->text);
		value_add(json, array, object);
	}
	return array;
}

/* [{first: …, second: …}] for the pairs of texts that reports are full of. */
static json_t *pair(struct json *json, const char *const keys[2], const char *first,
		    const char *second)
{
	json_t *object = json_object();

	value_set_text(json, object, keys[0], first);
	value_set_text(json, object, keys[1], second);
	return object;
}

static json_t *evidence(struct json *json, const struct mux_finding *finding)
{
	static const char *const keys[] = {"source", "text"};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < finding->n_evidence; i++)
		value_add(json, array,
			  pair(json, keys, finding->evidence[i].source, finding->evidence[i].text));
	return array;
}

static json_t *texts(struct json *json, const char *const *list, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		value_add_text(json, array, list[i]);
	return array;
}

static json_t *fixes(struct json *json, const struct mux_finding *finding)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < finding->n_fixes; i++) {
		const struct mux_fix *fix = &finding->fixes[i];
		json_t *object = json_object();

		value_set_text(json, object, "title", fix->title);
		value_set(json, object, "commands", texts(json, fix->commands, fix->n_commands));
		value_set(json, object, "lasting", texts(json, fix->lasting, fix->n_lasting));
		value_set(json, object, "diff", texts(json, fix->diff, fix->n_diff));
		value_set(json, object, "proved", json_string(render_answer(fix->proved)));
		value_set_text_or_null(json, object, "then", fix->then);
		value_set(json, object, "clients_working",
			  json_integer((json_int_t)fix->n_working));
		value_set(json, object, "clients", json_integer((json_int_t)fix->n_clients));
		value_add(json, array, object);
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

		value_set_text(json, object, "id", finding->id);
		value_set(json, object, "severity",
			  json_string(render_severity(finding->severity)));
		value_set_text(json, object, "title", finding->title);
		value_set_text(json, object, "hit", finding->hit);
		value_set(json, object, "decisive", json_boolean(finding->decisive));
		value_set(json, object, "inferred", json_boolean(finding->inferred));
		value_set(json, object, "evidence", evidence(json, finding));
		value_set(json, object, "fixes", fixes(json, finding));
		value_add(json, array, object);
	}
	return array;
}

static json_t *recommendations(struct json *json, const struct mux_report *report)
{
	static const char *const keys[] = {"use", "why"};
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < report->n_recommendations; i++)
		value_add(json, array,
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
		value_add(json, array,
			  pair(json, keys, report->gaps[i].source, report->gaps[i].text));
	return array;
}

static json_t *machine(struct json *json, const struct mux_machine *facts)
{
	json_t *object = json_object();
	char hex[17];

	value_set_text(json, object, "host_name", facts->host_name);
	value_set_text(json, object, "kernel", facts->kernel);
	value_set(json, object, "uid", json_integer(facts->uid));
	/* A JSON number loses the upper bits of 64 in most readers. */
	snprintf(hex, sizeof(hex), "%016llx", (unsigned long long)facts->capabilities);
	value_set(json, object, "capabilities_hex", json_string(hex));
	value_set(json, object, "netns_inode", json_integer((json_int_t)facts->netns));
	value_set(json, object, "time_unix_s", json_integer(facts->time));
	return object;
}

static json_t *build(struct json *json, const struct mux_report *report)
{
	json_t *root = json_object();

	value_set(json, root, "muxdiag_version", json_string(MUX_VERSION));
	value_set_text(json, root, "target", report->target);
	value_set(json, root, "port", port_or_null(report->port));
	value_set(json, root, "status", json_string(render_status(report->status)));
	value_set(json, root, "exit_status", json_integer(report->status));
	value_set_text(json, root, "headline", report->headline);
	value_set(json, root, "recommendations", recommendations(json, report));
	value_set(json, root, "findings", findings(json, report));
	value_set(json, root, "gaps", gaps(json, report));
	value_set(json, root, "names", names(json, report));
	value_set(json, root, "endpoints", endpoints(json, report));
	value_set(json, root, "clients", clients(json, report));
	value_set(json, root, "machine",
		  report->machine != NULL ? machine(json, report->machine) : json_null());
	return root;
}

int render_json(const struct mux_report *report, const struct mux_render_options *options,
		char **ret_text, size_t *ret_len)
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
