/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "options.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* Sets one option; `value` is NULL for an option without argument. Returns 0, or -EINVAL. */
typedef int set_function(struct options *options, const char *value, struct mux_error *reterr);

struct option {
	char letter; /* 0 = none */
	const char *name, *argument, *help;
	set_function *set;
	const char *command; /* the only one it is for; NULL = it is for all */
};

__attribute__((format(printf, 2, 3))) static int fail(struct mux_error *reterr, const char *format,
						      ...)
{
	va_list arguments;

	reterr->code = EINVAL;
	va_start(arguments, format);
	vsnprintf(reterr->message, sizeof(reterr->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

char *options_escape(const char *text, char *buffer, size_t size)
{
	size_t len = 0;

	for (; *text != '\0' && len + 5 < size; text++) {
		if (*text >= ' ' && *text <= '~' && *text != '\\')
			buffer[len++] = *text;
		else
			len += (size_t)snprintf(buffer + len, size - len, "\\x%02x",
						(unsigned char)*text);
	}
	buffer[len] = '\0';
	return buffer;
}

/* Fails with a text of the user's in the message. */
static int fail_about(struct mux_error *reterr, const char *before, const char *text,
		      const char *after)
{
	char escaped[256];

	return fail(reterr, "%s '%s'%s", before, options_escape(text, escaped, sizeof(escaped)),
		    after);
}

/* A decimal number, digits only: strtol() would also take signs, blanks and overflow. */
static int parse_number(const char *text, long least, long largest, long *ret_number)
{
	long number = 0;
	size_t i;

	for (i = 0; text[i] != '\0'; i++) {
		if (text[i] < '0' || text[i] > '9' || i >= 9)
			return -EINVAL;
		number = number * 10 + (text[i] - '0');
	}
	if (i == 0 || number < least || number > largest)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

static int set_json(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->format = MUX_FORMAT_JSON;
	return 0;
}

/* Every format of a report, each behind a bar. */
static const char format_words[] =
#define FORMAT(name) "|" #name
#include "render/formats.def"
#undef FORMAT
	;

static int set_format(struct options *options, const char *value, struct mux_error *reterr)
{
	static const char *const names[] = {
#define FORMAT(name) #name,
#include "render/formats.def"
#undef FORMAT
	};
	char escaped[256];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			options->format = (enum mux_format)i;
			return 0;
		}
	return fail(reterr, "--format takes %s, not '%s'", format_words + 1,
		    options_escape(value, escaped, sizeof(escaped)));
}

/* Of a command that has these two only. */
static int set_text_or_json(struct options *options, const char *value, struct mux_error *reterr)
{
	if (strcmp(value, "text") != 0 && strcmp(value, "json") != 0)
		return fail_about(reterr, "--format takes text or json, not", value, "");
	return set_format(options, value, reterr);
}

static int set_no_color(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->no_color = true;
	return 0;
}

static int set_timeout(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, OPTIONS_MIN_TIMEOUT_MS, OPTIONS_MAX_TIMEOUT_MS, &number) != 0)
		return fail_about(reterr, "--timeout takes 10 to 60000 milliseconds, not", value,
				  "");
	options->timeout_ms = (int)number;
	return 0;
}

static int set_port(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, 1, UINT16_MAX, &number) != 0)
		return fail_about(reterr, "--port takes 1 to 65535, not", value, "");
	options->port = (uint16_t)number;
	return 0;
}

static int set_protocol(struct options *options, const char *value, struct mux_error *reterr)
{
	static const struct {
		const char *name;
		enum mux_protocol protocol;
	} protocols[] = {{"tcp", MUX_TCP}, {"udp", MUX_UDP}, {"icmp", MUX_ICMP}};
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(value, protocols[i].name) == 0) {
			options->protocol = protocols[i].protocol;
			return 0;
		}
	return fail_about(reterr, "--proto takes tcp, udp or icmp, not", value, "");
}

static int set_family(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, 4, 6, &number) != 0 || number == 5)
		return fail_about(reterr, "--family takes 4 or 6, not", value, "");
	options->family = number == 4 ? AF_INET : AF_INET6;
	return 0;
}

static int set_directory(const char **directory, const char *value, const char *option,
			 struct mux_error *reterr)
{
	if (value[0] == '\0')
		return fail(reterr, "--%s needs the name of a directory", option);
	*directory = value;
	return 0;
}

/* Lists the clients there are. */
static int fail_about_client(const char *value, struct mux_error *reterr)
{
	char escaped[64];
	size_t i, len;
	const char *name;

	len = (size_t)snprintf(reterr->message, sizeof(reterr->message),
			       "--client does not know '%s'; it knows",
			       options_escape(value, escaped, sizeof(escaped)));
	for (i = 0; (name = mux_client_name(i)) != NULL && len < sizeof(reterr->message); i++)
		len += (size_t)snprintf(reterr->message + len, sizeof(reterr->message) - len,
					"%s %s", i == 0 ? "" : ",", name);
	reterr->code = EINVAL;
	return -EINVAL;
}

static int set_client(struct options *options, const char *value, struct mux_error *reterr)
{
	const char *name;
	size_t i;

	for (i = 0; (name = mux_client_name(i)) != NULL; i++)
		if (strcmp(name, value) == 0) {
			options->client = name;
			return 0;
		}
	return fail_about_client(value, reterr);
}

static int set_watch(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->watch = true;
	return 0;
}

static int set_until(struct options *options, const char *value, struct mux_error *reterr)
{
	if (strcmp(value, "ok") != 0)
		return fail_about(reterr, "--until takes ok, not", value, "");
	options->until = true;
	return 0;
}

static int set_deadline(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, 1, OPTIONS_MAX_DEADLINE_S, &number) != 0)
		return fail_about(reterr, "--deadline takes 1 to 86400 seconds, not", value, "");
	options->deadline_s = (int)number;
	return 0;
}

static int set_concurrency(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, 1, OPTIONS_MAX_CONCURRENCY, &number) != 0)
		return fail_about(reterr, "--concurrency takes 1 to 1000000, not", value, "");
	options->concurrency = (uint32_t)number;
	return 0;
}

static int set_requests(struct options *options, const char *value, struct mux_error *reterr)
{
	long number = 0;

	if (parse_number(value, 1, OPTIONS_MAX_REQUESTS, &number) != 0)
		return fail_about(reterr, "--requests takes 1 to 999999999, not", value, "");
	options->requests = (uint64_t)number;
	return 0;
}

static int set_keepalive(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->keepalive = true;
	return 0;
}

static int set_watch_run(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->watch_run = true;
	return 0;
}

static int set_tool(struct options *options, const char *value, struct mux_error *reterr)
{
	if (value[0] == '\0' || strlen(value) > OPTIONS_MAX_TOOL)
		return fail_about(reterr, "--tool takes a name of at most 31 bytes, not", value,
				  "");
	options->tool = value;
	return 0;
}

static int set_record(struct options *options, const char *value, struct mux_error *reterr)
{
	return set_directory(&options->record, value, "record", reterr);
}

static int set_replay(struct options *options, const char *value, struct mux_error *reterr)
{
	return set_directory(&options->replay, value, "replay", reterr);
}

static int set_root_dir(struct options *options, const char *value, struct mux_error *reterr)
{
	return set_directory(&options->root_dir, value, "root-dir", reterr);
}

static int set_quiet(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->verbosity = -1;
	return 0;
}

static int set_verbose(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->verbosity = 1;
	return 0;
}

static int set_help(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->help = true;
	return 0;
}

static int set_version(struct options *options, const char *value, struct mux_error *reterr)
{
	(void)value;
	(void)reterr;
	options->version = true;
	return 0;
}

static const struct option table[] = {
	{0, "json", NULL, "print the report for programs; the same as --format json", set_json,
	 NULL},
	{0, "format", format_words + 1, "how to print the report (text)", set_format, "check"},
	{0, "format", "text|json", "how to print the report (text)", set_text_or_json, "trace"},
	{0, "format", "text|json", "how to print the report (text)", set_text_or_json, "preflight"},
	{0, "no-color", NULL, "no colours, as with NO_COLOR in the environment", set_no_color,
	 NULL},
	{0, "port", "N", "the port, for a target without one", set_port, NULL},
	{0, "timeout", "MS", "answer within that time, 10 to 60000 (1000)", set_timeout, NULL},
	{0, "client", "NAME", "answer for that client alone: ab, curl, node-http, …", set_client,
	 "check"},
	{0, "watch", NULL, "look again whenever the machine changes, until ended", set_watch,
	 "check"},
	{0, "until", "ok", "wait until it works; then the exit status is 0", set_until, "check"},
	{0, "deadline", "S", "give up --until after that time, 1 to 86400 (60)", set_deadline,
	 "check"},
	{0, "record", "DIR", "also keep the raw bytes of all that was read in DIR", set_record,
	 NULL},
	{0, "replay", "DIR", "diagnose what --record kept, instead of this machine", set_replay,
	 NULL},
	{0, "root-dir", "DIR", "look for etc/ below DIR", set_root_dir, "check"},
	{0, "proto", "tcp|udp|icmp", "send a SYN (tcp), a datagram or an echo request",
	 set_protocol, "trace"},
	{0, "family", "4|6", "which of the target's addresses", set_family, "trace"},
	{'c', "concurrency", "N", "how many connections the load keeps open at once",
	 set_concurrency, "preflight"},
	{'n', "requests", "N", "how many requests it makes in all", set_requests, "preflight"},
	{'k', "keepalive", NULL, "it makes many requests on one connection", set_keepalive,
	 "preflight"},
	{0, "tool", "NAME", "what makes it: ab, wrk, h2load, hey, k6, …", set_tool, "preflight"},
	{0, "watch-run", NULL, "count during the run, until ended, and explain it", set_watch_run,
	 "preflight"},
	{'q', "quiet", NULL, "print the first sentence only", set_quiet, NULL},
	{'v', "verbose", NULL, "print every stage of every address", set_verbose, NULL},
	{'h', "help", NULL, "print this help", set_help, NULL},
	{'V', "version", NULL, "print the version", set_version, NULL},
};

enum { N_OPTIONS = sizeof(table) / sizeof(table[0]) };

static bool is_for(const struct option *option, const char *command)
{
	return option->command == NULL || strcmp(option->command, command) == 0;
}

static const struct option *find_name(const char *command, const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++)
		if (is_for(&table[i], command) && strlen(table[i].name) == len &&
		    memcmp(table[i].name, name, len) == 0)
			return &table[i];
	return NULL;
}

static const struct option *find_letter(const char *command, char letter)
{
	size_t i;

	for (i = 0; i < N_OPTIONS; i++)
		if (is_for(&table[i], command) && table[i].letter == letter)
			return &table[i];
	return NULL;
}

/* What is left of the command line. */
struct cursor {
	const char *command;
	int argc, next;
	char *const *argv;
};

static int fail_unknown(const struct cursor *cursor, const char *text, struct mux_error *reterr)
{
	char escaped[256];

	return fail(reterr, "unknown option '%s'; `muxdiag %s --help` lists them",
		    options_escape(text, escaped, sizeof(escaped)), cursor->command);
}

/* Takes the next word as the option's argument. Returns NULL when there is none. */
static const char *take_argument(struct cursor *cursor, const struct option *option,
				 struct mux_error *reterr)
{
	if (cursor->next < cursor->argc)
		return cursor->argv[cursor->next++];
	fail(reterr, "--%s needs its argument, %s", option->name, option->argument);
	return NULL;
}

/* "--name", "--name=value", "--name value" */
static int parse_long(struct cursor *cursor, const char *text, struct options *options,
		      struct mux_error *reterr)
{
	size_t len = strcspn(text + 2, "=");
	const struct option *option = find_name(cursor->command, text + 2, len);
	const char *value = text[2 + len] == '=' ? text + 2 + len + 1 : NULL;

	if (option == NULL)
		return fail_unknown(cursor, text, reterr);
	if (option->argument == NULL && value != NULL)
		return fail(reterr, "--%s takes no argument", option->name);
	if (option->argument != NULL && value == NULL) {
		value = take_argument(cursor, option, reterr);
		if (value == NULL)
			return -EINVAL;
	}
	return option->set(options, value, reterr);
}

/* "-v", "-qv", "-c 10", "-c10", "-kc10" */
static int parse_letters(struct cursor *cursor, const char *text, struct options *options,
			 struct mux_error *reterr)
{
	const char *at;

	for (at = text + 1; *at != '\0'; at++) {
		const struct option *option = find_letter(cursor->command, *at);
		const char *value = NULL;
		int error;

		if (option == NULL)
			return fail_unknown(cursor, text, reterr);
		if (option->argument != NULL) {
			value = at[1] != '\0' ? at + 1 : take_argument(cursor, option, reterr);
			if (value == NULL)
				return -EINVAL;
		}
		error = option->set(options, value, reterr);
		if (error != 0 || value != NULL)
			return error;
	}
	return 0;
}

static int parse_target(const char *text, struct options *options, struct mux_error *reterr)
{
	if (options->has_target)
		return fail_about(reterr, "one target at a time: what is", text, " for?");
	options->has_target = true;
	return mux_target_parse(text, &options->target, reterr);
}

/* Do the options go together? */
static int check(struct options *options, struct mux_error *reterr)
{
	if (options->replay != NULL && options->record != NULL)
		return fail(reterr, "--record and --replay exclude each other");
	if ((options->watch_run || options->command != NULL) && options->replay != NULL)
		return fail(reterr, "--replay goes with neither --watch-run nor a command");
	if (options->watch && options->until)
		return fail(reterr, "--watch and --until exclude each other");
	if ((options->watch || options->until) &&
	    (options->replay != NULL || options->record != NULL))
		return fail(reterr, "--watch and --until go with neither --record nor --replay");
	if (options->watch && options->format > MUX_FORMAT_JSON)
		return fail(reterr, "--watch prints text or JSON");
	if (options->deadline_s != 0 && !options->until)
		return fail(reterr, "--deadline is for --until");
	if (options->deadline_s == 0)
		options->deadline_s = OPTIONS_DEADLINE_S;
	if (options->replay != NULL && options->root_dir != NULL)
		return fail(reterr, "--root-dir and --replay exclude each other");
	if (options->port != 0 && options->target.port != 0 &&
	    options->port != options->target.port)
		return fail(reterr, "--port %u contradicts the target's port %u",
			    (unsigned)options->port, (unsigned)options->target.port);
	if (options->has_target && options->target.port == 0)
		options->target.port = options->port;
	return 0;
}

int options_parse(int argc, char *const *argv, struct options *ret_options,
		  struct mux_error *reterr)
{
	return options_parse_for("check", argc, argv, ret_options, reterr);
}

int options_parse_for(const char *command, int argc, char *const *argv, struct options *ret_options,
		      struct mux_error *reterr)
{
	struct cursor cursor = {.command = command, .argc = argc, .argv = argv};
	struct options options = {.format = MUX_FORMAT_TEXT};
	bool takes_command = strcmp(command, "preflight") == 0, only_targets = false;
	int error = 0;

	while (error == 0 && cursor.next < argc && !options.help && !options.version) {
		const char *text = argv[cursor.next++];

		if (only_targets || text[0] != '-' || text[1] == '\0')
			error = parse_target(text, &options, reterr);
		else if (strcmp(text, "--") == 0 && takes_command && cursor.next == argc)
			error = fail(reterr, "a command is to follow --");
		else if (strcmp(text, "--") == 0 && takes_command)
			break;
		else if (strcmp(text, "--") == 0)
			only_targets = true;
		else if (text[1] == '-')
			error = parse_long(&cursor, text, &options, reterr);
		else
			error = parse_letters(&cursor, text, &options, reterr);
	}
	if (takes_command && cursor.next < argc && !options.help && !options.version)
		options.command = argv + cursor.next;
	if (error == 0 && !options.help && !options.version)
		error = check(&options, reterr);
	if (error == 0)
		*ret_options = options;
	return error;
}

char *options_help(char *buffer, size_t size)
{
	return options_help_for("check", buffer, size);
}

char *options_help_for(const char *command, char *buffer, size_t size)
{
	size_t i, len = 0;

	buffer[0] = '\0';
	for (i = 0; i < N_OPTIONS && len < size; i++) {
		char option[64];

		if (!is_for(&table[i], command))
			continue;
		snprintf(option, sizeof(option), "--%s%s%s", table[i].name,
			 table[i].argument != NULL ? " " : "",
			 table[i].argument != NULL ? table[i].argument : "");
		len += (size_t)snprintf(buffer + len, size - len, "  %c%c%c %-20s %s\n",
					table[i].letter != 0 ? '-' : ' ',
					table[i].letter != 0 ? table[i].letter : ' ',
					table[i].letter != 0 ? ',' : ' ', option, table[i].help);
	}
	return buffer;
}
