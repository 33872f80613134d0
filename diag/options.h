/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line behind a command as a value. One table (options.c) holds every option with its
 * argument and its help. */
#ifndef MUX_OPTIONS_H
#define MUX_OPTIONS_H

#include <muxdiag/muxdiag.h>

enum { OPTIONS_MIN_TIMEOUT_MS = 10, OPTIONS_MAX_TIMEOUT_MS = 60000 };
enum { OPTIONS_MAX_TOOL = 31, OPTIONS_MAX_CONCURRENCY = 1000000, OPTIONS_MAX_REQUESTS = 999999999 };
enum { OPTIONS_DEADLINE_S = 60, OPTIONS_MAX_DEADLINE_S = 86400 };

struct options {
	bool has_target;
	struct mux_target target;   /* the port is that of --port where the target has none */
	uint16_t port;		    /* of --port; 0 = not given */
	int timeout_ms;		    /* 0 = not given */
	enum mux_protocol protocol; /* of --proto; 0 = not given */
	int family;		    /* of --family: AF_INET, AF_INET6; 0 = not given */
	enum mux_format format;
	int verbosity; /* -1, 0, 1 */
	bool no_color;
	bool watch, until;
	bool watch_run;
	char *const *command; /* what follows "--", NULL-terminated; NULL = nothing */
	/* Of a load: connections at once, requests in all; 0 = not given. */
	uint32_t concurrency;
	uint64_t requests;
	bool keepalive;
	const char *tool; /* at most OPTIONS_MAX_TOOL bytes; NULL = not given */
	int deadline_s;	  /* of until */
	bool help, version;
	const char *client;			/* a name of mux_client_name(); NULL = all */
	const char *record, *replay, *root_dir; /* NULL = not given; borrowed from argv */
};

/*
 * Parses what follows the command's name: argv[0] is the first option or target. Options and the
 * target may come in any order; "--" ends the options, and what follows it is a command to run for
 * those that run one. Returns 0, or -EINVAL with *reterr as one line that is safe for a terminal;
 * *ret_options is untouched on failure. With --help or --version the rest is not looked at.
 */
int options_parse(int argc, char *const *argv, struct options *ret_options,
		  struct mux_error *reterr);

/* As options_parse(), which is for "check", with the options of another command. */
int options_parse_for(const char *command, int argc, char *const *argv, struct options *ret_options,
		      struct mux_error *reterr);

/* Writes the table's help, one line an option, into buffer (NUL-terminated, cut off if it must be)
 * and returns buffer. */
char *options_help(char *buffer, size_t size);

/* As options_help(), which is for "check". */
char *options_help_for(const char *command, char *buffer, size_t size);

/* Copies text for a message on a terminal: what is not printable ASCII becomes \xHH. Cut off if it
 * must be. Returns buffer. */
char *options_escape(const char *text, char *buffer, size_t size);

#endif
