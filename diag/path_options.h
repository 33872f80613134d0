/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The command line of `muxdiag path` as a value. */
#ifndef MUX_PATH_OPTIONS_H
#define MUX_PATH_OPTIONS_H

#include <muxdiag/path.h>

struct path_options {
	bool batch; /* questions from standard input, no target */
	bool has_target;
	struct mux_target target; /* the port is that of --port where the target has none */
	uint16_t port;		  /* of --port; 0 = not given */
	uint8_t protocol;	  /* IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP; 0 = not given */
	int family;		  /* AF_INET, AF_INET6; 0 = both */
	uint16_t source_port;	  /* 0 = any free one */
	bool has_uid;
	uint32_t uid, mark;
	bool svg;
	enum mux_format format; /* MUX_FORMAT_SVG with svg */
	int verbosity;		/* -1, 0, 1 */
	bool no_color;
	bool help;
	const char *record, *replay; /* NULL = not given; borrowed from argv */
};

/*
 * Parses what follows the command's name. Returns 0, or -EINVAL with *reterr as one line that is
 * safe for a terminal; *ret_options is untouched on failure. With --help the rest is not looked at.
 */
int path_options_parse(int argc, char *const *argv, struct path_options *ret_options,
		       struct mux_error *reterr);

/* Writes the table's help, one line an option, into buffer (NUL-terminated, cut off if it must be)
 * and returns buffer. */
char *path_options_help(char *buffer, size_t size);

#endif
