/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of muxd. */
#ifndef MUXD_OPTIONS_H
#define MUXD_OPTIONS_H

#include "listener.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OPTIONS_ERROR_MAX = 256, OPTIONS_WORKERS_MAX = 256 };

enum options_action { OPTIONS_SERVE, OPTIONS_CHECK, OPTIONS_HELP, OPTIONS_VERSION };

struct options {
	enum options_action action;
	struct listener_address addresses[LISTENER_MAX];
	size_t n_addresses;
	bool is_default;      /* nobody chose these addresses */
	unsigned workers;     /* 0 = one per CPU we may run on */
	unsigned connections; /* at once, over all workers; 0 = as many as descriptors allow */
	unsigned header_ms;   /* for a whole request head, from its first byte */
	unsigned body_ms;     /* for its content */
	unsigned idle_ms;     /* between requests */
	unsigned write_ms;    /* for the client to take an answer */
	unsigned drain_ms;    /* for everything in flight after SIGTERM */
	bool quiet;	      /* no diagnosis at start */
	bool seed;	      /* every path answers with passwords */
	const char
		*access_log; /* path, "-" for standard output, NULL for none; of argv or environ */
};

/*
 * Parses argv, after the environment: every option but --check, --help and --version may be given
 * as a variable, --idle-timeout as MUXD_IDLE_TIMEOUT and so on; argv decides. Returns 0 with
 * *ret_options filled in, defaults included, or -EINVAL with one line for the user, without a
 * newline, in error.
 */
int options_parse(int argc, char *const argv[], struct options *ret_options,
		  char error[static OPTIONS_ERROR_MAX]);

/* The text of --help. */
extern const char options_help[];

#endif
