/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "path_options.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "options.h"

/* Sets one option; `value` is NULL for an option without argument. Returns false for a bad value.
 */
typedef bool set_function(struct path_options *options, const char *value);

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

/* A number, in digits or as 0x…: strtoul() would also take signs, blanks and overflow. */
static bool parse_number(const char *text, uint32_t least, uint32_t largest, uint32_t *ret_number)
{
	static const char digits[] = "0123456789abcdef";
	uint64_t number = 0;
	unsigned base = 10;

	if (text[0] == '0' && text[1] == 'x') {
		base = 16;
		text += 2;
	}
	if (text[0] == '\0')
		return false;
	for (; *text != '\0'; text++) {
		const char *digit = memchr(digits, *text, base);

		if (digit == NULL)
			return false;
		number = number * base + (uint64_t)(digit - digits);
		if (number > largest)
			return false;
	}
	*ret_number = (uint32_t)number;
	return number >= least;
}

static bool set_port_of(uint16_t *port, const char *value)
{
	uint32_t number;

	if (!parse_number(value, 1, UINT16_MAX, &number))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool set_batch(struct path_options *options, const char *value)
{
	(void)value;
	options->batch = true;
	return true;
}

static bool set_protocol(struct path_options *options, const char *value)
{
	static const struct {
		const char *name;
		uint8_t protocol;
	} protocols[] = {{"tcp", IPPROTO_TCP}, {"udp", IPPROTO_UDP}, {"icmp", IPPROTO_ICMP}};
	size_t i;

	for (i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (strcmp(value, protocols[i].name) == 0)
			options->protocol = protocols[i].protocol;
	return options->protocol != 0;
}

static bool set_family(struct path_options *options, const char *value)
{
	options->family = strcmp(value, "4") == 0   ? AF_INET
			  : strcmp(value, "6") == 0 ? AF_INET6
						    : 0;
	return options->family != 0;
}

static bool set_port(struct path_options *options, const char *value)
{
	return set_port_of(&options->port, value);
}

static bool set_source_port(struct path_options *options, const char *value)
{
	return set_port_of(&options->source_port, value);
}

static bool set_uid(struct path_options *options, const char *value)
{
	options->has_uid = true;
	return parse_number(value, 0, UINT32_MAX - 1, &options->uid);
}

static bool set_mark(struct path_options *options, const char *value)
{
	return parse_number(value, 0, UINT32_MAX, &options->mark);
}

static bool set_json(struct path_options *options, const char *value)
{
	(void)value;
	options->format = MUX_FORMAT_JSON;
	return true;
}

static bool set_svg(struct path_options *options, const char *value)
{
	(void)value;
	options->svg = true;
	return true;
}

static bool set_no_color(struct path_options *options, const char *value)
{
	(void)value;
	options->no_color = true;
	return true;
}

static bool set_record(struct path_options *options, const char *value)
{
	options->record = value;
	return value[0] != '\0';
}

static bool set_replay(struct path_options *options, const char *value)
{
	options->replay = value;
	return value[0] != '\0';
}

static bool set_quiet(struct path_options *options, const char *value)
{
	(void)value;
	options->verbosity = -1;
	return true;
}

static bool set_verbose(struct path_options *options, const char *value)
{
	(void)value;
	options->verbosity = 1;
	return true;
}

static bool set_help(struct path_options *options, const char *value)
{
	(void)value;
	options->help = true;
	return true;
}

static const struct row {
	char letter; /* 0 = none */
	const char *name, *argument, *help;
	set_function *set;
} table[] = {
	{0, "proto", "tcp|udp|icmp", "the packets of what (tcp)", set_protocol},
	{0, "family", "4|6", "only addresses of IPv4 or IPv6", set_family},
	{0, "port", "N", "the port, for a target without one", set_port},
	{0, "source-port", "N", "the client's port (any free one)", set_source_port},
	{0, "uid", "N", "the user who connects (the caller)", set_uid},
	{0, "mark", "N", "the mark that the client's socket sets, SO_MARK (0)", set_mark},
	{0, "batch", NULL, "read lines ID PROTO FAMILY SPORT DPORT, print a line each", set_batch},
	{0, "json", NULL, "print for programs", set_json},
	{0, "svg", NULL, "print a drawing, for a browser or a ticket", set_svg},
	{0, "no-color", NULL, "no colours, as with NO_COLOR in the environment", set_no_color},
	{0, "record", "DIR", "also keep the raw bytes of all that was read in DIR", set_record},
	{0, "replay", "DIR", "evaluate what --record kept, instead of this machine", set_replay},
	{'q', "quiet", NULL, "print one line for each address", set_quiet},
	{'v', "verbose", NULL, "print each rule with why it matches or not", set_verbose},
	{'h', "help", NULL, "print this help", set_help},
};

enum { N_ROWS = sizeof(table) / sizeof(table[0]) };

/* getopt_long(3) prints what is wrong in words of its own, unescaped, and keeps its place in
 * globals; this is shorter than taming it. Finds the row of "--name", "--name=value" or "-v". */
static const struct row *find(const char *text)
{
	size_t len = text[1] == '-' ? strcspn(text + 2, "=") : 0, i;

	for (i = 0; i < N_ROWS; i++) {
		bool is_letter = len == 0 && table[i].letter != 0 && text[1] == table[i].letter &&
				 text[2] == '\0';

		if (is_letter || (len != 0 && strlen(table[i].name) == len &&
				  memcmp(table[i].name, text + 2, len) == 0))
			return &table[i];
	}
	return NULL;
}

/* Sets one option of the command line; *next is the argument behind it. */
static int parse_one(int argc, char *const *argv, int *next, struct path_options *options,
		     struct mux_error *reterr)
{
	const char *text = argv[*next - 1], *equals = strchr(text, '=');
	const struct row *row = find(text);
	const char *value = equals != NULL ? equals + 1 : NULL;
	char escaped[256];

	if (row == NULL)
		return fail(reterr, "unknown option '%s'; `muxdiag path --help` lists them",
			    options_escape(text, escaped, sizeof(escaped)));
	if (row->argument == NULL && value != NULL)
		return fail(reterr, "--%s takes no argument", row->name);
	if (row->argument != NULL && value == NULL) {
		if (*next == argc)
			return fail(reterr, "--%s needs its argument, %s", row->name,
				    row->argument);
		value = argv[(*next)++];
	}
	if (row->set(options, value))
		return 0;
	return fail(reterr, "--%s takes %s, not '%s'", row->name, row->argument,
		    options_escape(value, escaped, sizeof(escaped)));
}

/* Do the options go together? */
static int check(struct path_options *options, struct mux_error *reterr)
{
	struct mux_target *target = &options->target;

	if (options->replay != NULL && options->record != NULL)
		return fail(reterr, "--record and --replay exclude each other");
	if (options->batch && options->has_target)
		return fail(reterr, "with --batch the questions come from standard input");
	if (options->svg && (options->batch || options->format != MUX_FORMAT_TEXT))
		return fail(reterr, "--svg excludes --json and --batch");
	if (options->svg)
		options->format = MUX_FORMAT_SVG;
	if (options->port != 0 && target->port != 0 && options->port != target->port)
		return fail(reterr, "--port %u contradicts the target's port %u",
			    (unsigned)options->port, (unsigned)target->port);
	if (options->protocol == 0)
		options->protocol = IPPROTO_TCP;
	if (!options->has_target)
		memcpy(target->host, "localhost", sizeof("localhost"));
	if (target->port == 0)
		target->port = options->port;
	if (!options->batch && options->protocol != IPPROTO_ICMP && target->port == 0)
		return fail(reterr, "a port is needed: `muxdiag path %s --port N`", target->host);
	return 0;
}

int path_options_parse(int argc, char *const *argv, struct path_options *ret_options,
		       struct mux_error *reterr)
{
	struct path_options options = {.format = MUX_FORMAT_TEXT};
	int next = 0, error = 0;

	while (error == 0 && next < argc && !options.help) {
		const char *text = argv[next++];

		if (text[0] == '-' && text[1] != '\0') {
			error = parse_one(argc, argv, &next, &options, reterr);
		} else if (options.has_target) {
			error = fail(reterr, "one target at a time");
		} else {
			options.has_target = true;
			error = mux_target_parse(text, &options.target, reterr);
		}
	}
	if (error == 0 && !options.help)
		error = check(&options, reterr);
	if (error == 0)
		*ret_options = options;
	return error;
}

char *path_options_help(char *buffer, size_t size)
{
	size_t i, len = 0;

	buffer[0] = '\0';
	for (i = 0; i < N_ROWS && len < size; i++) {
		char option[64];

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
