/* SPDX-License-Identifier: GPL-2.0-or-later */
/* `muxdiag explain`: the catalogue of causes, or what is to be said of some of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <muxdiag/muxdiag.h>

#include "command.h"
#include "options.h"

enum { NARROWEST = 40, WIDEST = 80 };

static const char help[] =
	"usage: muxdiag explain [ID...]\n"
	"\n"
	"Says of each cause what happens, who notices it and how, how it is told apart from what\n"
	"looks alike, and what helps. Without an ID it lists all causes. `muxdiag check` prints\n"
	"the ids of what it has found.\n"
	"\n"
	"  -h, --help     print this help\n"
	"  -V, --version  print the version\n"
	"\n"
	"Exit status: 0 said, 64 no such cause, 70 internal error.\n";

/* As wide as the terminal, within what is easy to read. */
static size_t n_columns(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 ||
	    size.ws_col > WIDEST)
		return WIDEST;
	return size.ws_col < NARROWEST ? NARROWEST : size.ws_col;
}

/* Writes one paragraph in lines of at most `columns`; a longer word gets a line of its own. */
static void write_paragraph(FILE *out, const char *text, const char *end, size_t columns)
{
	size_t column = 0;

	while (text < end) {
		size_t len = strcspn(text, " \n");

		if (column != 0 && column + 1 + len > columns) {
			fputc('\n', out);
			column = 0;
		} else if (column != 0 && len != 0) {
			fputc(' ', out);
			column++;
		}
		fwrite(text, 1, len, out);
		column += len;
		text += len + 1;
	}
	fputc('\n', out);
}

static void write_cause(FILE *out, size_t number)
{
	const char *text = mux_cause_explanation(number), *end;

	fprintf(out, "%s: %s\n", mux_cause_id(number), mux_cause_summary(number));
	for (; text != NULL && *text != '\0'; text = *end == '\0' ? end : end + 2) {
		end = strstr(text, "\n\n");
		if (end == NULL)
			end = text + strlen(text);
		fputc('\n', out);
		write_paragraph(out, text, end, n_columns());
	}
}

static void write_list(FILE *out)
{
	size_t number, width = 0;

	for (number = 0; mux_cause_id(number) != NULL; number++)
		if (strlen(mux_cause_id(number)) > width)
			width = strlen(mux_cause_id(number));
	for (number = 0; mux_cause_id(number) != NULL; number++)
		fprintf(out, "%-*s  %s\n", (int)width, mux_cause_id(number),
			mux_cause_summary(number));
}

static int complain_unknown(const char *id)
{
	char escaped[128];
	size_t number;
	const char *known;

	fprintf(stderr, "muxdiag: no cause is called '%s'",
		options_escape(id, escaped, sizeof(escaped)));
	for (number = 0; (known = mux_cause_id(number)) != NULL; number++)
		if (id[0] != '\0' && strstr(known, id) != NULL) {
			fprintf(stderr, "; there is %s\n", known);
			return COMMAND_USAGE;
		}
	fprintf(stderr, "; `muxdiag explain` lists them\n");
	return COMMAND_USAGE;
}

/* Returns 0 with the number of the cause, or the exit status. */
static int find_cause(const char *id, size_t *ret_number)
{
	size_t number;

	for (number = 0; mux_cause_id(number) != NULL; number++)
		if (strcmp(mux_cause_id(number), id) == 0) {
			*ret_number = number;
			return 0;
		}
	return complain_unknown(id);
}

/* All ids are known; says what there is to say of each, or lists them when there is none. */
static int explain(int n_ids, char *const *ids)
{
	char *text = NULL;
	size_t len = 0, number = 0;
	FILE *out = open_memstream(&text, &len);
	int i, status;

	if (out == NULL)
		return command_complain(COMMAND_INTERNAL, "cannot explain: out of memory");
	if (n_ids == 0)
		write_list(out);
	for (i = 0; i < n_ids; i++) {
		if (i != 0)
			fputc('\n', out);
		find_cause(ids[i], &number);
		write_cause(out, number);
	}
	status = fclose(out) == 0
			 ? command_print(text, len)
			 : command_complain(COMMAND_INTERNAL, "cannot explain: out of memory");
	free(text);
	return status;
}

int command_explain(int argc, char *const *argv)
{
	size_t number;
	int i;

	for (i = 0; i < argc; i++) {
		int status;

		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return command_print(help, strlen(help));
		if (strcmp(argv[i], "--version") == 0 || strcmp(argv[i], "-V") == 0)
			return command_print_version();
		if (argv[i][0] == '-')
			return command_complain(COMMAND_USAGE,
						"explain takes ids of causes; "
						"`muxdiag explain --help` says more");
		status = find_cause(argv[i], &number);
		if (status != 0)
			return status;
	}
	return explain(argc, argv);
}
