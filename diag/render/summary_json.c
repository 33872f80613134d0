/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For programs: contrib/schema/muxdiag-summary.schema.json. */
#include <errno.h>

#include "render/json_value.h"
#include "render/render.h"
#include "render/summary.h"

static json_t *number(size_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *statuses(struct json *json, const struct mux_summary *summary)
{
	json_t *object = json_object();
	size_t i;

	for (i = 0; i < 4; i++)
		value_set(json, object, render_status((enum mux_status)i),
			  number(summary->n_of_status[i]));
	return object;
}

static json_t *causes(struct json *json, const struct mux_summary *summary)
{
	json_t *array = json_array();
	size_t i, j;

	for (i = 0; i < summary->n_causes; i++) {
		const struct mux_summary_cause *cause = &summary->causes[i];
		json_t *object = json_object(), *hosts = json_array();

		value_set_text(json, object, "id", cause->id);
		value_set(json, object, "severity", json_string(render_severity(cause->severity)));
		value_set(json, object, "n_hosts", number(cause->n_hosts));
		for (j = 0; j < cause->n_hosts; j++)
			value_add_text(json, hosts, summary->hosts[cause->hosts[j]].name);
		value_set(json, object, "hosts", hosts);
		value_add(json, array, object);
	}
	return array;
}

static json_t *hosts(struct json *json, const struct mux_summary *summary)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < summary->n_hosts; i++) {
		const struct mux_summary_host *host = &summary->hosts[i];
		json_t *object = json_object();

		value_set_text(json, object, "name", host->name);
		value_set(json, object, "status", json_string(render_status(host->status)));
		value_set(json, object, "n_targets", number(host->n_targets));
		value_set(json, object, "n_older", number(host->n_older));
		value_set(json, object, "n_causes", number(host->n_causes));
		value_add(json, array, object);
	}
	return array;
}

static json_t *unread(struct json *json, const struct mux_summary *summary)
{
	json_t *array = json_array();
	size_t i;

	for (i = 0; i < summary->n_unread; i++) {
		json_t *object = json_object();

		value_set_text(json, object, "source", summary->unread[i].source);
		value_set_text(json, object, "text", summary->unread[i].text);
		value_add(json, array, object);
	}
	return array;
}

int render_summary_json(const struct mux_summary *summary, char **ret_text, size_t *ret_len)
{
	struct json json = {.arena = arena_new()};
	json_t *root = json_object();
	int error = -ENOMEM;

	if (json.arena != NULL) {
		value_set(&json, root, "muxdiag_version", json_string(MUX_VERSION));
		value_set(&json, root, "status", json_string(render_status(summary->status)));
		value_set(&json, root, "exit_status", json_integer(summary->status));
		value_set(&json, root, "n_hosts", number(summary->n_hosts));
		value_set(&json, root, "n_results", number(summary->n_results));
		value_set(&json, root, "n_older", number(summary->n_older));
		value_set(&json, root, "n_of_status", statuses(&json, summary));
		value_set(&json, root, "causes", causes(&json, summary));
		value_set(&json, root, "unread", unread(&json, summary));
		value_set(&json, root, "hosts", hosts(&json, summary));
		error = value_finish(&json, root, ret_text, ret_len);
	} else {
		json_decref(root);
	}
	arena_free(json.arena);
	return error;
}
