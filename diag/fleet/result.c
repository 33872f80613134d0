/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What `muxdiag check --json` printed, here or elsewhere, by this version or another: keys that are
 * not known are passed over, and those that are needed must be what the schema says.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "fleet/fleet.h"

/* Longer than what fits into a host name or a target, even if every byte is escaped. */
enum { MAX_HOST = 1024, MAX_TARGET = 8192 };

struct reading {
	struct mux_fleet *fleet;
	char *why;
	size_t size;
};

/* Copies why a result is none. Returns -EINVAL. */
static int refuse(struct reading *reading, const char *why)
{
	snprintf(reading->why, reading->size, "%s", why);
	return -EINVAL;
}

/* Returns the place of the word, or n. */
static size_t find_word(const json_t *value, const char *const *words, size_t n)
{
	const char *text = json_string_value(value);
	size_t i;

	for (i = 0; i < n && (text == NULL || strcmp(text, words[i]) != 0); i++)
		;
	return i;
}

static int read_status(struct reading *reading, const json_t *value, enum mux_status *ret_status)
{
	static const char *const words[] = {"ok", "warning", "fails", "unknown"};
	size_t status = find_word(value, words, 4);

	if (status == 4)
		return refuse(reading, "status is not ok, warning, fails or unknown");
	*ret_status = (enum mux_status)status;
	return 0;
}

static int read_finding(struct reading *reading, const json_t *finding)
{
	static const char *const words[] = {"info", "unknown", "warning", "critical"};
	const char *id = json_string_value(json_object_get(finding, "id"));
	size_t severity = find_word(json_object_get(finding, "severity"), words, 4);
	int error;

	if (id == NULL)
		return refuse(reading, "a finding has no id");
	if (severity == 4)
		return refuse(reading, "a finding has no severity");
	error = fleet_add_finding(reading->fleet, id, (enum mux_severity)severity);
	if (error == -EINVAL)
		return refuse(reading, "a finding has an id that is none");
	if (error == -E2BIG)
		return refuse(reading, "there are more findings than any machine has");
	return error;
}

static int read_findings(struct reading *reading, const json_t *root)
{
	const json_t *findings = json_object_get(root, "findings");
	size_t i;
	int error = 0;

	if (!json_is_array(findings) || !json_is_array(json_object_get(root, "endpoints")))
		return refuse(reading, "it is not what `muxdiag check --json` prints");
	for (i = 0; error == 0 && i < json_array_size(findings); i++)
		error = read_finding(reading, json_array_get(findings, i));
	return error;
}

/* The machine may be null: then the source says which it was. */
static int read_machine(struct reading *reading, const json_t *machine, struct fleet_answer *answer)
{
	const json_t *host = json_object_get(machine, "host_name");
	const json_t *when = json_object_get(machine, "time_unix_s");

	if ((host != NULL && !json_is_string(host)) || json_string_length(host) > MAX_HOST)
		return refuse(reading, "machine.host_name is no name of a host");
	if (when != NULL && !json_is_integer(when))
		return refuse(reading, "machine.time_unix_s is no time");
	answer->host = json_string_value(host);
	answer->time = json_integer_value(when);
	return 0;
}

static int read_answer(struct reading *reading, const json_t *root, struct fleet_answer *answer)
{
	const json_t *target = json_object_get(root, "target");
	int error = read_findings(reading, root);

	if (error == 0)
		error = read_status(reading, json_object_get(root, "status"), &answer->status);
	if (error == 0)
		error = read_machine(reading, json_object_get(root, "machine"), answer);
	if (error == 0 && (!json_is_string(target) || json_string_length(target) > MAX_TARGET))
		error = refuse(reading, "it names no target");
	answer->target = json_string_value(target);
	return error;
}

int fleet_read_result(struct mux_fleet *fleet, const struct mux_fleet_source *source,
		      struct mux_slice text, char *why, size_t size)
{
	struct reading reading = {.fleet = fleet, .why = why, .size = size};
	struct fleet_answer answer = {.host = NULL};
	json_error_t error_of_json;
	json_t *root = json_loadb(text.data, text.len, 0, &error_of_json);
	int error;

	/* jansson 2.14 says nothing then, or takes the text for broken. */
	if (root == NULL && error_of_json.text[0] == '\0')
		return -ENOMEM;
	if (root == NULL)
		return refuse(&reading, error_of_json.text);
	fleet_begin(fleet);
	error = read_answer(&reading, root, &answer);
	if (error == 0)
		error = fleet_commit(fleet, source, &answer);
	json_decref(root);
	return error;
}
