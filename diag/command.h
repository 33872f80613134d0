/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What main.c hands over to, and what commands share. */
#ifndef MUX_COMMAND_H
#define MUX_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

/* Exit statuses beside enum mux_status (sysexits.h has the same numbers). */
enum { COMMAND_USAGE = 64, COMMAND_INTERNAL = 70, COMMAND_NO_PERMISSION = 77 };

/* Each is given what follows its name and returns the exit status. */
int command_check(int argc, char *const *argv);
int command_path(int argc, char *const *argv);
int command_explain(int argc, char *const *argv);
int command_preflight(int argc, char *const *argv);
int command_summarize(int argc, char *const *argv);
int command_trace(int argc, char *const *argv);

/* Writes all of it to standard output. Returns 0, or COMMAND_INTERNAL after a line on standard
 * error when it cannot be written. */
int command_print(const char *text, size_t len);

/* Writes what a renderer has made, as command_print(), and frees it; or says why it made none,
 * where the renderer's result is an error. */
int command_print_rendered(int error, char *text, size_t len);

/* Writes the version to standard output, as command_print(). */
int command_print_version(void);

/* Writes a message to standard error. Returns the status. */
int command_complain(int status, const char *message);

/* Does the user want colours on standard output, and the terminal take them? */
bool command_wants_colour(bool no_color);

#endif
