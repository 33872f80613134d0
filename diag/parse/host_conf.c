/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * host.conf as parse_line() of resolv/res_hconf.c in glibc 2.36 reads it. `multi` decides whether
 * nss_files gives all lines of a name or the first one only; without it glibc's default is off.
 */
#include "parse/parse.h"
#include "parse/text.h"

/* Cuts off a command word: it ends at white space, '#' or ','. */
static struct mux_slice take_command(struct mux_slice *rest)
{
	struct mux_slice word = {.data = rest->data, .len = 0};

	while (word.len < rest->len && !text_is_space(rest->data[word.len]) &&
	       rest->data[word.len] != '#' && rest->data[word.len] != ',')
		word.len++;
	rest->data += word.len;
	rest->len -= word.len;
	return word;
}

static bool begins_nocase(struct mux_slice text, const char *word)
{
	struct mux_slice begin = slice_of(word);

	if (text.len < begin.len)
		return false;
	text.len = begin.len;
	return slice_equal_nocase(text, begin);
}

int parse_host_conf(struct mux_slice bytes, struct mux_host_conf *ret)
{
	struct text_lines lines;
	struct mux_slice line;

	ret->multi = false;
	ret->multi_line = 0;
	text_begin(&lines, bytes);
	while (text_next_line(&lines, &line)) {
		text_skip_space(&line);
		if (!slice_equal_nocase(take_command(&line), slice_of("multi")))
			continue;
		text_skip_space(&line);
		/* What stands behind "on" or "off" only earns a warning from glibc. */
		if (!begins_nocase(line, "on") && !begins_nocase(line, "off"))
			continue;
		ret->multi = begins_nocase(line, "on");
		ret->multi_line = lines.line;
	}
	return 0;
}
