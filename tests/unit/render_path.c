/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paths as text and as JSON: what is shown, what is escaped, and the schema. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>
#include <jansson.h>

#include <muxdiag/path.h>

/* Escaped by the evaluator; the last text is what a mistake there would let through. */
static const struct mux_path_step steps[] = {
	{
		.packet = "SYN",
		.place = {.hook = "output",
			  .family = "inet",
			  .table = "fw",
			  .chain = "out",
			  .handle = 4,
			  .position = 1,
			  .rule = "tcp dport 22 drop"},
		.matches = MUX_NO,
		.why = "not tcp dport 22",
		.verdict = "",
	},
	{
		.packet = "SYN",
		.place = {.hook = "output",
			  .family = "inet",
			  .table = "fw",
			  .chain = "out",
			  .handle = 5,
			  .position = 2,
			  .rule = "jump more"},
		.matches = MUX_YES,
		.verdict = "jump more",
	},
	{
		.packet = "SYN",
		.place = {.hook = "output",
			  .family = "inet",
			  .table = "fw",
			  .chain = "more",
			  .handle = 9,
			  .position = 1,
			  .rule = "numgen random mod 2 0 drop"},
		.depth = 1,
		.matches = MUX_UNKNOWN,
		.why = "chance",
		.verdict = "drop",
	},
	{
		.packet = "SYN",
		.place = {.hook = "input",
			  .legacy = true,
			  .family = "ip6",
			  .table = "filter",
			  .chain = "INPUT",
			  .position = 3,
			  .has_counters = true,
			  .packets = 7,
			  .bytes = 420,
			  .rule = "-A INPUT -j DROP -m comment --comment \x1b[31m\xff"},
		.matches = MUX_YES,
		.verdict = "drop",
		.decides = true,
	},
};

static struct mux_path sample(void)
{
	struct mux_path path = {
		.question = {.destination = {.family = AF_INET6},
			     .protocol = IPPROTO_TCP,
			     .destination_port = 8080},
		.verdict = MUX_PATH_DROP,
		.packet = "SYN",
		.place = steps[3].place,
		.result = MUX_PATH_TIMEOUT,
		.listening = MUX_YES,
		.steps = steps,
		.n_steps = sizeof(steps) / sizeof(steps[0]),
	};

	path.question.destination.bytes[15] = 1;
	return path;
}

static char *render(const struct mux_path *path, enum mux_format format, int verbosity)
{
	const struct mux_paths paths = {path, 1};
	const struct mux_render_options options = {.format = format, .verbosity = verbosity};
	char *text = NULL;
	size_t len = 0;

	assert_int_equal(mux_paths_render(&paths, "localhost:8080", &options, &text, &len), 0);
	assert_int_equal(strlen(text), len);
	return text;
}

static void check_text(const struct mux_path *path, int verbosity, const char *expected)
{
	char *text = render(path, MUX_FORMAT_TEXT, verbosity);

	assert_string_equal(text, expected);
	free(text);
}

static const char summary[] =
	"[::1]:8080 over tcp: the SYN is dropped by rule 3 of legacy ip6 filter INPUT (hook "
	"input); connect() times out\n";

static void test_tree(void **state)
{
	const struct mux_path path = sample();
	char expected[2048];

	(void)state;
	check_text(&path, -1, summary);
	snprintf(expected, sizeof(expected), "%s%s", summary,
		 "  SYN\n"
		 "    output\n"
		 "      table inet fw, chain out, priority 0\n"
		 "        rule 2, handle 5: jump more  -> jump more\n"
		 "          more rule 1, handle 9: numgen random mod 2 0 drop  ? chance  -> drop\n"
		 "    input\n"
		 "      legacy table ip6 filter, chain INPUT, priority 0\n"
		 "        rule 3: -A INPUT -j DROP -m comment --comment \\x1b[31m\\xff  -> drop   "
		 "<== the SYN dies here; so far 7 packets, 420 bytes\n");
	check_text(&path, 0, expected);
}

static void test_verbose(void **state)
{
	const struct mux_path path = sample();
	char *text = render(&path, MUX_FORMAT_TEXT, 1);

	(void)state;
	assert_non_null(strstr(text, "rule 1, handle 4: tcp dport 22 drop  - not tcp dport 22\n"));
	free(text);
}

static void test_accepted(void **state)
{
	struct mux_path path = sample();
	const struct mux_paths paths = {&path, 1};

	(void)state;
	assert_int_equal(mux_paths_status(&paths), MUX_STATUS_FAILS);
	path.verdict = MUX_PATH_UNKNOWN;
	assert_int_equal(mux_paths_status(&paths), MUX_STATUS_UNKNOWN);
	path.verdict = MUX_PATH_ACCEPT;
	path.place = (struct mux_path_place){0};
	path.result = MUX_PATH_ERROR;
	path.error = ECONNREFUSED;
	path.listening = MUX_NO;
	path.n_steps = 0;
	assert_int_equal(mux_paths_status(&paths), MUX_STATUS_OK);
	check_text(&path, 0,
		   "[::1]:8080 over tcp: nothing is in the way; connect() fails with ECONNREFUSED, "
		   "because nobody listens\n"
		   "  no chain sees its packets\n");
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
		 "'%.*s/../../contrib/schema/muxdiag-path.schema.json'",
		 script, (int)(slash - __FILE__), __FILE__);
	file = popen(command, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	status = pclose(file);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void check_schema(const struct mux_path *path, int expected)
{
	char *text = render(path, MUX_FORMAT_JSON, 0);
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
	struct mux_path path = sample();

	(void)state;
	check_schema(&path, 0);
	path.verdict = MUX_PATH_ACCEPT;
	path.place.table = NULL;
	path.result = MUX_PATH_CONNECTED;
	path.n_steps = 0;
	check_schema(&path, 0);
	path.place = steps[0].place;
	path.place.hook = "forward";
	check_schema(&path, 1);
}

static void test_json(void **state)
{
	const struct mux_path path = sample();
	char *text = render(&path, MUX_FORMAT_JSON, 0);
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	const json_t *answer, *place;

	(void)state;
	assert_non_null(root);
	assert_int_equal(json_integer_value(json_object_get(root, "exit_status")), 2);
	answer = json_array_get(json_object_get(root, "paths"), 0);
	assert_string_equal(json_string_value(json_object_get(answer, "verdict")), "drop");
	assert_string_equal(json_string_value(json_object_get(answer, "result")), "timeout");
	place = json_object_get(answer, "place");
	assert_true(json_is_null(json_object_get(place, "handle")));
	assert_int_equal(json_integer_value(json_object_get(place, "position")), 3);
	assert_int_equal(json_array_size(json_object_get(answer, "steps")), 4);
	assert_null(strstr(text, "\\u001b"));
	json_decref(root);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),	 cmocka_unit_test(test_verbose),
		cmocka_unit_test(test_accepted), cmocka_unit_test(test_schema),
		cmocka_unit_test(test_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
