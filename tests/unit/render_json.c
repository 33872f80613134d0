/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The JSON: values, escapes, and the schema that others read it by. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "render/render.h"
#include "render_report.h"

static char *render(const struct mux_report *report)
{
	const struct mux_render_options options = {.format = MUX_FORMAT_JSON};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_render(report, &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static json_t *load(const struct mux_report *report)
{
	char *text = render(report);
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	if (root == NULL)
		fail_msg("line %d: %s", error.line, error.text);
	free(text);
	return root;
}

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	assert_non_null(text);
	return text;
}

static void test_values(void **state)
{
	struct mux_report report = sample_report();
	json_t *root = load(&report), *finding, *endpoint, *client;

	(void)state;
	assert_string_equal(text_of(root, "status"), "warning");
	assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), 1);
	assert_int_equal(json_integer_value(json_object_get(root, "port")), 8000);
	finding = json_array_get(json_object_get(root, "findings"), 0);
	assert_string_equal(text_of(finding, "id"), "firewall-output-drop");
	assert_true(json_is_true(json_object_get(finding, "decisive")));
	endpoint = json_array_get(json_object_get(root, "endpoints"), 0);
	assert_string_equal(text_of(endpoint, "address"), "::1");
	assert_string_equal(text_of(endpoint, "works"), "no");
	assert_string_equal(
		text_of(json_object_get(json_object_get(endpoint, "stages"), "output"), "text"),
		"policy drop");
	client = json_array_get(json_object_get(root, "clients"), 0);
	assert_string_equal(text_of(client, "name"), "ab");
	assert_string_equal(text_of(client, "works"), "no");
	assert_int_equal(json_integer_value(json_object_get(client, "after_ms")), 30000);
	assert_string_equal(text_of(client, "says"), sample_clients[0].says);
	client = json_array_get(json_object_get(root, "clients"), 2);
	assert_true(json_is_true(json_object_get(client, "by_proxy")));
	assert_string_equal(text_of(json_object_get(root, "machine"), "capabilities_hex"),
			    "000001ffffffffff");
	json_decref(root);
}

static void test_answer_comes_first(void **state)
{
	struct mux_report report = sample_report();
	char *text = render(&report);

	(void)state;
	assert_true(strstr(text, "\"headline\"") < strstr(text, "\"findings\""));
	assert_true(strstr(text, "\"findings\"") < strstr(text, "\"endpoints\""));
	free(text);
}

static void test_hostile_text(void **state)
{
	struct mux_report report = sample_report();
	char *text;

	(void)state;
	report.headline = "\033[2J \xff \xe2\x80\xae \\x1b \"quoted\" \x01";
	text = render(&report);
	assert_non_null(strstr(text, "\"\\\\x1b[2J \\\\xff \\\\u{202e} \\\\x1b \\\"quoted\\\" "
				     "\\\\x01\""));
	free(text);
}

static void write_all(FILE *file, const char *text)
{
	size_t len = strlen(text);

	assert_int_equal(fwrite(text, 1, len, file), len);
}

/* Gives the text to python3-jsonschema. Returns its exit status, 77 when it is not installed. */
static int validate(const char *text)
{
	static const char script[] =
		"import json, sys\n"
		"try:\n"
		"    import jsonschema\n"
		"except ImportError:\n"
		"    sys.exit(77)\n"
		"schema = json.load(open(sys.argv[1]))\n"
		"jsonschema.Draft202012Validator.check_schema(schema)\n"
		"errors = list(jsonschema.Draft202012Validator(schema).iter_errors(json.load("
		"sys.stdin)))\n"
		"for error in errors: print(error.json_path, error.message, file=sys.stderr)\n"
		"sys.exit(1 if errors else 0)\n";
	const char *slash = strrchr(__FILE__, '/');
	char command[4096];
	FILE *file;
	int status;

	assert_non_null(slash);
	snprintf(command, sizeof(command),
		 "exec /usr/bin/python3 -c '%s' "
		 "'%.*s/../../contrib/schema/muxdiag-report.schema.json'",
		 script, (int)(slash - __FILE__), __FILE__);
	file = popen(command, "w");
	assert_non_null(file);
	write_all(file, text);
	status = pclose(file);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_schema(const struct mux_report *report, int expected)
{
	char *text = render(report);
	int status = validate(text);

	free(text);
	if (status == 77) {
		print_message("python3-jsonschema is not installed\n");
		skip();
	}
	assert_int_equal(status, expected);
}

static void test_schema(void **state)
{
	struct mux_report report = sample_report();
	struct mux_endpoint endpoint = sample_endpoints[0];

	(void)state;
	check_schema(&report, 0);
	endpoint.port = report.port = 0;
	report.endpoints = &endpoint;
	report.n_endpoints = 1;
	report.n_findings = report.n_names = report.n_gaps = report.n_recommendations = 0;
	report.status = MUX_STATUS_OK;
	check_schema(&report, 0);
}

/* The schema itself must be able to say no. */
static void test_schema_refuses(void **state)
{
	struct mux_finding finding = sample_findings[0];
	struct mux_report report = sample_report();

	(void)state;
	finding.id = "Not_Kebab";
	report.findings = &finding;
	report.n_findings = 1;
	check_schema(&report, 1);
}

static size_t n_left;

static void *failing_malloc(size_t size)
{
	return n_left != 0 && --n_left == 0 ? NULL : malloc(size);
}

static void test_every_allocation_may_fail(void **state)
{
	const struct mux_render_options options = {.format = MUX_FORMAT_JSON};
	struct mux_report report = sample_report();
	size_t n, failures = 0;
	int error = -ENOMEM;

	(void)state;
	json_set_alloc_funcs(failing_malloc, free);
	for (n = 1; error != 0; n++) {
		char *text = NULL;
		size_t len = 0;

		n_left = n;
		error = mux_render(&report, &options, &text, &len);
		assert_true(error == 0 || error == -ENOMEM);
		failures += error != 0;
		free(text);
	}
	json_set_alloc_funcs(malloc, free);
	assert_true(failures > 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_answer_comes_first),
		cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_schema_refuses),
		cmocka_unit_test(test_every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
