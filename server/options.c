/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char options_help[] =
	"Usage: muxd [OPTION]...\n"
	"Serves Hello at / and 100 fresh passwords at /password (?n=, ?length=, ?format=go,\n"
	"python, json or lines, ?alphabet=), and /healthz, /readyz, /metrics.\n"
	"\n"
	"  --port N              port to serve on all addresses, IPv4 and IPv6 (8000 and 8080)\n"
	"  --listen ADDR:PORT    serve on this address instead; [V6]:PORT, *:PORT, unix:/PATH;\n"
	"                        repeatable; port 0 lets the system choose\n"
	"  --mux MODE            paths: exact (as above) or seed (every other path answers with\n"
	"                        passwords) (exact)\n"
	"  --workers N           threads, each with a loop of its own (one per CPU)\n"
	"  --connections N       at most so many at once (what descriptors allow, up to 65536)\n"
	"  --header-timeout S    seconds for a request's head (10)\n"
	"  --body-timeout S      seconds for its content (30)\n"
	"  --idle-timeout S      seconds between two requests (60)\n"
	"  --write-timeout S     seconds for the client to take an answer (30)\n"
	"  --drain-timeout S     seconds for what is in flight after SIGTERM (10)\n"
	"  --access-log FILE     log requests there in combined format; - for standard output\n"
	"  --check               test the configuration, say which URLs will work, and exit\n"
	"  --quiet               do not look for, and print, the URLs that will work\n"
	"  --help, --version\n"
	"\n"
	"Every option may be given in the environment: MUXD_PORT, MUXD_IDLE_TIMEOUT and so on.\n"
	"Sockets are taken over from systemd. SIGHUP: start anew on the same sockets.\n"
	"\n"
	"Exit status: 0 after SIGTERM or SIGINT, 1 cannot serve, 64 usage.\n";

/* What an option's argument is, and which field it fills. */
enum kind {
	KIND_FLAG,
	KIND_ACTION,
	KIND_LISTEN,
	KIND_PORT,
	KIND_MODE,
	KIND_TEXT,
	KIND_COUNT,
	KIND_SECONDS
};

static const struct option_row {
	const char *name;
	enum kind kind;
	size_t field;	    /* offset within struct options */
	unsigned max;	    /* of a count; of an action, its value */
	unsigned preset_ms; /* of seconds */
} rows[] = {
	{"port", KIND_PORT, 0, 0, 0},
	{"listen", KIND_LISTEN, 0, 0, 0},
	{"mux", KIND_MODE, 0, 0, 0},
	{"access-log", KIND_TEXT, offsetof(struct options, access_log), 0, 0},
	{"workers", KIND_COUNT, offsetof(struct options, workers), OPTIONS_WORKERS_MAX, 0},
	{"connections", KIND_COUNT, offsetof(struct options, connections), 1000000, 0},
	{"header-timeout", KIND_SECONDS, offsetof(struct options, header_ms), 0, 10000},
	{"body-timeout", KIND_SECONDS, offsetof(struct options, body_ms), 0, 30000},
	{"idle-timeout", KIND_SECONDS, offsetof(struct options, idle_ms), 0, 60000},
	{"write-timeout", KIND_SECONDS, offsetof(struct options, write_ms), 0, 30000},
	{"drain-timeout", KIND_SECONDS, offsetof(struct options, drain_ms), 0, 10000},
	{"quiet", KIND_FLAG, offsetof(struct options, quiet), 0, 0},
	{"check", KIND_ACTION, 0, OPTIONS_CHECK, 0},
	{"help", KIND_ACTION, 0, OPTIONS_HELP, 0},
	{"version", KIND_ACTION, 0, OPTIONS_VERSION, 0},
};

enum { N_ROWS = sizeof(rows) / sizeof(rows[0]) };

static unsigned *number_at(struct options *options, const struct option_row *row)
{
	return (unsigned *)(void *)((char *)options + row->field);
}

/* One to seven digits; nothing else. */
static bool parse_number(const char *text, size_t len, unsigned *ret_number)
{
	unsigned number = 0;
	size_t i;

	if (len == 0 || len > 7)
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		number = number * 10 + (unsigned)(text[i] - '0');
	}
	*ret_number = number;
	return true;
}

static const char *take_count(const struct option_row *row, const char *text,
			      struct options *options)
{
	unsigned number;

	if (!parse_number(text, strlen(text), &number) || number == 0 || number > row->max)
		return "is no number in its range";
	*number_at(options, row) = number;
	return NULL;
}

/* Seconds with up to three decimals, more than 0 and at most a day. */
static const char *take_seconds(const struct option_row *row, const char *text,
				struct options *options)
{
	static const unsigned scale[] = {1, 100, 10, 1};
	size_t whole_len = strcspn(text, "."), decimals_len = 0;
	unsigned seconds, decimals = 0;

	if (text[whole_len] == '.') {
		decimals_len = strlen(text + whole_len + 1);
		if (decimals_len > 3 ||
		    !parse_number(text + whole_len + 1, decimals_len, &decimals))
			return "is no number of seconds";
	}
	if (!parse_number(text, whole_len, &seconds) || seconds > 86400)
		return "is no number of seconds up to 86400";
	seconds = seconds * 1000 + decimals * scale[decimals_len];
	if (seconds == 0)
		return "must be more than 0 seconds";
	*number_at(options, row) = seconds;
	return NULL;
}

static const char *add_addresses(const char *text, struct options *options)
{
	struct listener_address found[2];
	size_t n = listener_parse(text, found);

	if (n == 0)
		return "is not ADDR:PORT, [V6ADDR]:PORT, *:PORT or unix:/PATH (names are not "
		       "looked up)";
	if (options->n_addresses + n > LISTENER_MAX)
		return "is one address too many";
	memcpy(options->addresses + options->n_addresses, found, n * sizeof(found[0]));
	options->n_addresses += n;
	return NULL;
}

static const char *take_port(const char *text, struct options *options)
{
	char everywhere[16];

	if (strlen(text) > 5)
		return "is no port: 0 to 65535";
	snprintf(everywhere, sizeof(everywhere), "*:%s", text);
	return add_addresses(everywhere, options) == NULL ? NULL : "is no port: 0 to 65535";
}

static const char *take_mode(const char *text, struct options *options)
{
	options->seed = strcmp(text, "seed") == 0;
	return options->seed || strcmp(text, "exact") == 0 ? NULL : "is not exact or seed";
}

static const char *take_text(const struct option_row *row, const char *text,
			     struct options *options)
{
	if (text[0] == '\0')
		return "is empty";
	*(const char **)(void *)((char *)options + row->field) = text;
	return NULL;
}

/* Returns NULL, or what is wrong with the argument. */
static const char *take(const struct option_row *row, const char *text, struct options *options)
{
	switch (row->kind) {
	case KIND_FLAG:
		*(bool *)((char *)options + row->field) = true;
		return NULL;
	case KIND_ACTION:
		options->action = (enum options_action)row->max;
		return NULL;
	case KIND_LISTEN:
		return add_addresses(text, options);
	case KIND_PORT:
		return take_port(text, options);
	case KIND_MODE:
		return take_mode(text, options);
	case KIND_TEXT:
		return take_text(row, text, options);
	case KIND_COUNT:
		return take_count(row, text, options);
	case KIND_SECONDS:
		return take_seconds(row, text, options);
	}
	return "is not known";
}

/* Copies text so that one line stays one line on any terminal. */
static void escape(const char *text, char out[static 64])
{
	size_t i;

	for (i = 0; i < 60 && text[i] != '\0'; i++)
		out[i] = (char)(text[i] >= ' ' && text[i] <= '~' ? text[i] : '?');
	out[i] = '\0';
	if (text[i] != '\0')
		memcpy(out + i, "...", 4);
}

static int fail(char *error, const char *subject, const char *complaint)
{
	char safe[64];

	escape(subject, safe);
	snprintf(error, OPTIONS_ERROR_MAX, "muxd: %s %s; try muxd --help", safe, complaint);
	return -EINVAL;
}

/* A bad argument: names the option as well. */
static int fail_argument(char *error, const char *name, const char *argument, const char *complaint)
{
	char safe[64];

	escape(argument, safe);
	snprintf(error, OPTIONS_ERROR_MAX, "muxd: %s: '%s' %s; try muxd --help", name, safe,
		 complaint);
	return -EINVAL;
}

static void set_defaults(struct options *options)
{
	size_t i;

	memset(options, 0, sizeof(*options));
	for (i = 0; i < N_ROWS; i++)
		if (rows[i].kind == KIND_SECONDS)
			*number_at(options, &rows[i]) = rows[i].preset_ms;
}

static void fill_table(struct option table[static N_ROWS + 1])
{
	size_t i;

	memset(table, 0, (N_ROWS + 1) * sizeof(table[0]));
	for (i = 0; i < N_ROWS; i++) {
		bool plain = rows[i].kind == KIND_FLAG || rows[i].kind == KIND_ACTION;

		table[i].name = rows[i].name;
		table[i].has_arg = plain ? no_argument : required_argument;
	}
}

/* "idle-timeout" → "MUXD_IDLE_TIMEOUT". */
static void name_variable(const char *name, char out[static 32])
{
	size_t i;

	memcpy(out, "MUXD_", 5);
	for (i = 0; name[i] != '\0' && i < 26; i++)
		out[5 + i] = (char)(name[i] == '-' ? '_' : name[i] - 'a' + 'A');
	out[5 + i] = '\0';
}

/* One or, of addresses and ports, several with commas between them. */
static const char *take_list(const struct option_row *row, const char *text,
			     struct options *options)
{
	const char *complaint = NULL;

	while (complaint == NULL && *text != '\0') {
		size_t len = strcspn(text, ",");
		char *one = strndup(text, len);

		complaint = one == NULL ? "does not fit into memory" : take(row, one, options);
		free(one);
		text += text[len] == ',' ? len + 1 : len;
	}
	return complaint;
}

/* Returns 0, or -EINVAL with the line for the user. An empty variable is none. */
static int take_environment(struct options *options, char *error)
{
	size_t i;

	for (i = 0; i < N_ROWS; i++) {
		bool is_list = rows[i].kind == KIND_LISTEN || rows[i].kind == KIND_PORT;
		char variable[32];
		const char *text, *complaint;

		if (rows[i].kind == KIND_ACTION)
			continue;
		name_variable(rows[i].name, variable);
		text = getenv(variable);
		if (text == NULL || text[0] == '\0')
			continue;
		complaint = is_list ? take_list(&rows[i], text, options)
				    : take(&rows[i], text, options);
		if (complaint != NULL)
			return fail_argument(error, variable, text, complaint);
	}
	return 0;
}

static int take_arguments(int argc, char *const argv[], struct options *options, char *error)
{
	struct option table[N_ROWS + 1];
	bool has_addresses = false;
	int index = 0, found;

	fill_table(table);
	optind = 1;
	opterr = 0;
	while ((found = getopt_long(argc, argv, ":", table, &index)) != -1) {
		bool is_address = found == 0 && (rows[index].kind == KIND_LISTEN ||
						 rows[index].kind == KIND_PORT);
		const char *complaint;
		char name[32];

		if (found == ':')
			return fail(error, argv[optind - 1], "needs an argument");
		if (found == '?')
			return fail(error, argv[optind - 1], "is not an option here");
		/* The first one here replaces those of the environment. */
		if (is_address && !has_addresses)
			options->n_addresses = 0;
		has_addresses = has_addresses || is_address;
		complaint = take(&rows[index], optarg, options);
		snprintf(name, sizeof(name), "--%s", rows[index].name);
		if (complaint != NULL)
			return fail_argument(error, name, optarg, complaint);
	}
	return optind < argc ? fail(error, argv[optind], "is not an option") : 0;
}

int options_parse(int argc, char *const argv[], struct options *ret_options,
		  char error[static OPTIONS_ERROR_MAX])
{
	struct options options;

	set_defaults(&options);
	if (take_environment(&options, error) != 0 ||
	    take_arguments(argc, argv, &options, error) != 0)
		return -EINVAL;
	if (options.n_addresses == 0) {
		listener_all(8000, options.addresses);
		listener_all(8080, options.addresses + 2);
		options.n_addresses = 4;
		options.is_default = true;
	}
	*ret_options = options;
	return 0;
}
