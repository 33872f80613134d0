/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines and words of configuration files as C programs of glibc see them: a line ends at its
 * newline or, because they read it as a string, at its first NUL byte.
 */
#ifndef MUX_PARSE_TEXT_H
#define MUX_PARSE_TEXT_H

#include <muxdiag/snapshot.h>

struct text_lines {
	struct mux_slice rest;
	size_t line;	 /* number of the line given last; 0 before the first */
	bool terminated; /* did that line end in a newline? */
};

/* Starts at the first line. */
void text_begin(struct text_lines *lines, struct mux_slice bytes);

/*
 * Gives the next line without its newline, cut at its first NUL byte; empty lines too. Returns
 * false at the end.
 */
bool text_next_line(struct text_lines *lines, struct mux_slice *ret_line);

/* Is it one of the six characters that isspace(3) takes in the C locale? */
bool text_is_space(char c);

/* Drops leading characters for which text_is_space() holds. */
void text_skip_space(struct mux_slice *rest);

/* Cuts the next word off *rest: a run of anything but text_is_space(). Returns false when there is
 * none. */
bool text_next_word(struct mux_slice *rest, struct mux_slice *ret_word);

/* As text_next_word(), but only blank and tab separate. */
bool text_next_blank_word(struct mux_slice *rest, struct mux_slice *ret_word);

/*
 * Cuts the next item of a list off *rest, with the separator behind it; items may be empty. Returns
 * what stands before the separator, or all of it.
 */
struct mux_slice text_next_item(struct mux_slice *rest, char separator);

/* Returns what stands before the first `c`, or all of it. */
struct mux_slice text_before(struct mux_slice text, char c);

#endif
