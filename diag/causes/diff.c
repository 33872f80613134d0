/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A unified diff without context: of /etc/hosts only the lines that matter are in the facts. */
#include "causes/diff.h"

#include "base/slice.h"

struct diff {
	struct findings *findings;
	struct arena_list lines; /* of const char * */
};

static void add(struct diff *diff, const char *line)
{
	const char **added = arena_list_add(diff->findings->arena, &diff->lines);

	if (added != NULL)
		*added = line;
}

/* A tab, which is a space to every reader of these files, is shown as one. */
static void add_line(struct diff *diff, char sign, struct mux_slice text)
{
	struct str line;
	size_t i;

	str_init(&line, diff->findings->arena);
	str_addf(&line, "%c", sign);
	for (i = 0; i < text.len;) {
		struct mux_slice part = {text.data + i, 0};

		while (i + part.len < text.len && part.data[part.len] != '\t')
			part.len++;
		str_add_escaped(&line, part);
		i += part.len;
		if (i < text.len)
			str_add(&line, " ");
		i++;
	}
	add(diff, str_done(&line));
}

static const struct mux_hosts_entry *find_line(const struct mux_hosts *hosts, size_t line)
{
	size_t i;

	for (i = 0; i < hosts->n_entries; i++)
		if (hosts->entries[i].line == line)
			return &hosts->entries[i];
	return NULL;
}

/* A line that is changed, or taken away. Returns whether it is known how it reads. */
static bool add_changed(struct diff *diff, const struct change *change)
{
	const struct mux_hosts_entry *entry =
		find_line(&diff->findings->evaluation->snapshot->hosts, change->hosts.line);
	size_t line = change->hosts.line;
	bool removed = change->hosts.text[0] == '\0';

	if (entry == NULL)
		return false;
	add(diff,
	    arena_printf(diff->findings->arena, removed ? "@@ -%zu +%zu,0 @@" : "@@ -%zu +%zu @@",
			 line, removed ? line - 1 : line));
	add_line(diff, '-', entry->text);
	if (!removed)
		add_line(diff, '+', slice_of(change->hosts.text));
	return true;
}

static size_t count_appended(const struct cause_fix *fix)
{
	const struct change *changes = fix->changes.items;
	size_t i, n = 0;

	for (i = 0; i < fix->changes.n; i++)
		n += changes[i].kind == CHANGE_HOSTS && changes[i].hosts.line == 0;
	return n;
}

static void add_appended(struct diff *diff, const struct cause_fix *fix)
{
	const struct mux_hosts *hosts = &diff->findings->evaluation->snapshot->hosts;
	const struct change *changes = fix->changes.items;
	size_t i, n = count_appended(fix), last = hosts->n_lines;

	if (n == 0)
		return;
	add(diff, arena_printf(diff->findings->arena, "@@ -%zu,0 +%zu,%zu @@", last, last + 1, n));
	for (i = 0; i < fix->changes.n; i++)
		if (changes[i].kind == CHANGE_HOSTS && changes[i].hosts.line == 0)
			add_line(diff, '+', slice_of(changes[i].hosts.text));
}

void diff_fill(struct findings *findings, struct cause_fix *fix)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	const struct change *changes = fix->changes.items;
	struct diff diff = {.findings = findings, .lines = {.size = sizeof(const char *)}};
	size_t i;

	add(&diff, "--- /etc/hosts");
	add(&diff, "+++ /etc/hosts");
	for (i = 0; i < fix->changes.n; i++) {
		/* A last line without its end is completed, too: more than a diff shows well. */
		if (changes[i].kind != CHANGE_HOSTS || hosts->source.presence != MUX_PRESENT ||
		    (changes[i].hosts.line == 0 && !hosts->final_newline) ||
		    (changes[i].hosts.line != 0 && !add_changed(&diff, &changes[i])))
			return;
	}
	add_appended(&diff, fix);
	if (fix->changes.n == 0)
		return;
	fix->public.diff = diff.lines.items;
	fix->public.n_diff = diff.lines.n;
}
