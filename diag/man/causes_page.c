/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes muxdiag-causes(7) to standard output, from what the causes say of themselves. Part of the
 * build only; `muxdiag explain` prints the same words.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <muxdiag/muxdiag.h>

enum { COLUMNS = 76 };

static const char head[] =
	".\\\" SPDX-License-Identifier: GPL-2.0-or-later\n"
	".\\\" Made by causes_page.c from the causes themselves.\n"
	".Dd November 23, 2026\n"
	".Dt MUXDIAG-CAUSES 7\n"
	".Os\n"
	".Sh NAME\n"
	".Nm muxdiag-causes\n"
	".Nd why a connection to this machine fails\n"
	".Sh DESCRIPTION\n"
	"These are the causes that\n"
	".Nm muxdiag Cm check\n"
	"tells apart, most often met first, by the ids under which it reports them.\n"
	".Nm muxdiag Cm explain Ar id\n"
	"prints the same words.\n";

static const char tail[] = ".Sh SEE ALSO\n"
			   ".Xr muxdiag 1 ,\n"
			   ".Xr libmuxdiag 3 ,\n"
			   ".Xr muxdiag-snapshot 5\n";

/* What roff would take for its own, or print as another character than the one that is meant to be
 * typed: mandoc_char(7). */
static const char *escape(char c)
{
	switch (c) {
	case '\\':
		return "\\e";
	case '-':
		return "\\-";
	case '\'':
		return "\\(aq";
	case '`':
		return "\\(ga";
	case '^':
		return "\\(ha";
	case '~':
		return "\\(ti";
	case '"':
		return "\\(dq";
	default:
		return NULL;
	}
}

/* Writes a word, or only counts, and returns how many bytes it takes. */
static size_t put_word(FILE *out, const char *text, size_t len)
{
	size_t i, n = 0;

	for (i = 0; i < len; i++) {
		const char *escaped = escape(text[i]);
		/* "connect()" as it stands would ask for the markup of a function. */
		const char *before =
			text[i] == '(' && i + 1 < len && text[i + 1] == ')' ? "\\&" : "";
		char plain[2] = {text[i], '\0'};

		if (escaped == NULL)
			escaped = plain;
		n += strlen(before) + strlen(escaped);
		if (out != NULL)
			fprintf(out, "%s%s", before, escaped);
	}
	return n;
}

/* A sentence begins on a line of its own, so that its space is roff's to choose. */
static bool ends_sentence(const char *word, size_t len)
{
	return len > 0 && strchr(".!?", word[len - 1]) != NULL;
}

static void write_paragraph(const char *text, const char *end)
{
	size_t column = 0;
	bool ended = false;

	for (; text < end; text++) {
		size_t len = strcspn(text, " \n");

		if (len > 0) {
			if (column > 0 &&
			    (ended || column + 1 + put_word(NULL, text, len) > COLUMNS)) {
				putchar('\n');
				column = 0;
			} else if (column > 0) {
				putchar(' ');
				column++;
			}
			if (column == 0 && text[0] == '.')
				fputs("\\&", stdout);
			column += put_word(stdout, text, len);
			ended = ends_sentence(text, len);
		}
		text += len;
	}
	putchar('\n');
}

static void write_cause(size_t number)
{
	const char *text = mux_cause_explanation(number), *summary = mux_cause_summary(number);
	const char *end;

	printf(".Ss %s\n", mux_cause_id(number));
	write_paragraph(summary, summary + strlen(summary));
	for (; text != NULL && *text != '\0'; text = *end == '\0' ? end : end + 2) {
		end = strstr(text, "\n\n");
		if (end == NULL)
			end = text + strlen(text);
		puts(".Pp");
		write_paragraph(text, end);
	}
}

int main(void)
{
	size_t number;

	fputs(head, stdout);
	for (number = 0; mux_cause_id(number) != NULL; number++)
		write_cause(number);
	fputs(tail, stdout);
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
