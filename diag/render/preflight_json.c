/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For programs: contrib/schema/muxdiag-preflight.schema.json. */
#include <errno.h>

#include "render/json_value.h"
#include "render/preflight.h"
#include "render/render.h"

static json_t *load(struct json *json, const struct mux_load *load)
{
	json_t *object = json_object();

	value_set(json, object, "concurrency", json_integer(load->concurrency));
	value_set(json, object, "requests",
		  load->requests != 0 ? json_integer((json_int_t)load->requests) : json_null());
	value_set(json, object, "keepalive", json_boolean(load->keepalive));
	value_set_text_or_null(json, object, "tool", load->tool);
	return object;
}

static json_t *evidence(struct json *json, const struct mux_evidence *list, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		json_t *object = json_object();

		value_set_text(json, object, "source", list[i].source);
		value_set_text(json, object, "text", list[i].text);
		value_add(json, array, object);
	}
	return array;
}

static json_t *fixes(struct json *json, const struct mux_fix *list, size_t n)
{
	json_t *array = json_array();
	size_t i, j;

	for (i = 0; i < n; i++) {
		json_t *object = json_object(), *commands = json_array();

		value_set_text(json, object, "title", list[i].title);
		for (j = 0; j < list[i].n_commands; j++)
			value_add_text(json, commands, list[i].commands[j]);
		value_set(json, object, "commands", commands);
		value_add(json, array, object);
	}
	return array;
}

static json_t *findings(struct json *json, const struct mux_fitness_finding *list, size_t n)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct mux_fitness_finding *finding = &list[i];
		json_t *object = json_object();

		value_set_text(json, object, "id", finding->id);
		value_set_text(json, object, "subject", finding->subject);
		value_set(json, object, "fitness", json_string(render_fitness(finding->fitness)));
		value_set_text(json, object, "title", finding->title);
		value_set_text_or_null(json, object, "prediction", finding->prediction);
		value_set_text_or_null(json, object, "threshold", finding->threshold);
		value_set(json, object, "evidence",
			  evidence(json, finding->evidence, finding->n_evidence));
		value_set(json, object, "fixes", fixes(json, finding->fixes, finding->n_fixes));
		value_add(json, array, object);
	}
	return array;
}

static json_t *check_findings(struct json *json, const struct mux_report *check)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < check->n_findings; i++) {
		const struct mux_finding *finding = &check->findings[i];
		json_t *object = json_object();

		value_set_text(json, object, "id", finding->id);
		value_set(json, object, "severity",
			  json_string(render_severity(finding->severity)));
		value_set_text(json, object, "title", finding->title);
		value_set_text(json, object, "hit", finding->hit);
		value_set(json, object, "evidence",
			  evidence(json, finding->evidence, finding->n_evidence));
		value_set(json, object, "fixes", fixes(json, finding->fixes, finding->n_fixes));
		value_add(json, array, object);
	}
	return array;
}

static json_t *check(struct json *json, const struct mux_report *report)
{
	json_t *object = json_object();

	value_set(json, object, "status", json_string(render_status(report->status)));
	value_set_text(json, object, "headline", report->headline);
	value_set(json, object, "findings", check_findings(json, report));
	return object;
}

static json_t *run(struct json *json, const struct mux_preflight_run *run)
{
	json_t *object = json_object();

	value_set(json, object, "status", json_string(render_status(run->status)));
	value_set_text(json, object, "headline", run->headline);
	value_set(json, object, "findings", findings(json, run->findings, run->n_findings));
	return object;
}

static json_t *build(struct json *json, const struct mux_preflight *preflight)
{
	json_t *root = json_object();

	value_set(json, root, "muxdiag_version", json_string(MUX_VERSION));
	value_set_text(json, root, "target", preflight->check->target);
	value_set(json, root, "load", load(json, &preflight->load));
	value_set(json, root, "status", json_string(render_status(preflight->status)));
	value_set(json, root, "exit_status", json_integer(preflight->status));
	value_set_text(json, root, "headline", preflight->headline);
	value_set(json, root, "findings",
		  findings(json, preflight->findings, preflight->n_findings));
	value_set(json, root, "check", check(json, preflight->check));
	value_set(json, root, "run",
		  preflight->run != NULL ? run(json, preflight->run) : json_null());
	return root;
}

int render_preflight_json(const struct mux_preflight *preflight, char **ret_text, size_t *ret_len)
{
	struct json json = {.arena = arena_new()};
	int error;

	if (json.arena == NULL)
		return -ENOMEM;
	error = value_finish(&json, build(&json, preflight), ret_text, ret_len);
	arena_free(json.arena);
	return error;
}
