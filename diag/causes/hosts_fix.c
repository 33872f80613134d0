/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixes that change one line of /etc/hosts, as commands and as changes to simulate. */
#include "base/slice.h"
#include "causes/hosts.h"

void hosts_adds(struct findings *findings, struct cause_finding *finding, const char *line)
{
	finding_change(findings, finding,
		       &(struct change){.kind = CHANGE_HOSTS, .hosts = {.text = line}});
}

void hosts_rewrites(struct findings *findings, struct cause_finding *finding, size_t line,
		    const char *text)
{
	if (text != NULL)
		finding_change(findings, finding,
			       &(struct change){.kind = CHANGE_HOSTS,
						.hosts = {.line = line, .text = text}});
}

const char *hosts_append(struct findings *findings, const char *lines)
{
	const struct mux_hosts *hosts = &findings->evaluation->snapshot->hosts;
	bool unfinished = hosts->source.presence == MUX_PRESENT && hosts->n_lines != 0 &&
			  !hosts->final_newline;

	return arena_printf(findings->arena, "printf '%s%s\\n' >> /etc/hosts",
			    unfinished ? "\\n" : "", lines);
}

bool hosts_is_plain(struct mux_slice name)
{
	size_t i;

	for (i = 0; i < name.len; i++)
		if (!((name.data[i] >= 'a' && name.data[i] <= 'z') ||
		      (name.data[i] >= 'A' && name.data[i] <= 'Z') ||
		      (name.data[i] >= '0' && name.data[i] <= '9') || name.data[i] == '-' ||
		      name.data[i] == '.'))
			return false;
	return name.len != 0;
}

static bool is_blank(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The line with another first word, as sed(1) leaves it. */
static const char *with_address(struct findings *findings, struct mux_slice text,
				const char *address)
{
	size_t i = 0;

	while (i < text.len && is_blank(text.data[i]))
		i++;
	while (i < text.len && !is_blank(text.data[i]))
		i++;
	return arena_printf(findings->arena, "%s%.*s", address, (int)(text.len - i), text.data + i);
}

/* The line without the first word that is the name, and the blank before it. */
static const char *without_name(struct findings *findings, struct mux_slice text,
				struct mux_slice name)
{
	size_t i, end;

	for (i = 0; i + name.len < text.len; i++) {
		end = i + 1 + name.len;
		if (is_blank(text.data[i]) &&
		    (end == text.len || is_blank(text.data[end]) || text.data[end] == '#') &&
		    slice_equal_nocase((struct mux_slice){text.data + i + 1, name.len}, name))
			return arena_printf(findings->arena, "%.*s%.*s", (int)i, text.data,
					    (int)(text.len - end), text.data + end);
	}
	return NULL;
}

/* The same for sed(1). */
static const char *removal_of(struct findings *findings, size_t line, struct mux_slice name)
{
	struct str command;
	size_t i;

	str_init(&command, findings->arena);
	str_addf(&command, "sed -i '%zus/[[:space:]]", line);
	for (i = 0; i < name.len; i++)
		str_addf(&command, name.data[i] == '.' ? "\\%c" : "%c", name.data[i]);
	str_add(&command, "\\([[:space:]#]\\|$\\)/\\1/I' /etc/hosts");
	return str_done(&command);
}

static bool has_another_name(const struct mux_hosts_entry *entry, struct mux_slice name)
{
	size_t i;

	for (i = 0; i < entry->n_names; i++)
		if (!slice_equal_nocase(entry->names[i], name))
			return true;
	return false;
}

void hosts_give(struct findings *findings, struct cause_finding *finding,
		const struct mux_hosts_entry *entry, const char *address)
{
	finding_fix(findings, finding,
		    arena_printf(findings->arena, "Give line %zu of /etc/hosts the address %s",
				 entry->line, address),
		    arena_printf(findings->arena,
				 "sed -i '%zus/^[[:space:]]*[^[:space:]]*/%s/' /etc/hosts",
				 entry->line, address),
		    NULL);
	hosts_rewrites(findings, finding, entry->line,
		       with_address(findings, entry->text, address));
}

void hosts_take_off(struct findings *findings, struct cause_finding *finding,
		    const struct mux_hosts_entry *entry, struct mux_slice name,
		    const char *new_address)
{
	struct arena *arena = findings->arena;
	const char *escaped = cause_escape(findings, name), *title, *command, *append = NULL;
	bool shared = has_another_name(entry, name);

	if (!hosts_is_plain(name))
		return;
	command = shared ? removal_of(findings, entry->line, name)
			 : arena_printf(arena, "sed -i %zud /etc/hosts", entry->line);
	if (new_address != NULL)
		append = hosts_append(findings,
				      arena_printf(arena, "%s\\t%s", new_address, escaped));
	title = shared ? arena_printf(arena, "Take %s off line %zu of /etc/hosts%s", escaped,
				      entry->line,
				      append == NULL ? "" : " and give it a line of its own")
		       : arena_printf(arena, "Delete line %zu of /etc/hosts", entry->line);
	finding_fix(findings, finding, title, command, append);
	hosts_rewrites(findings, finding, entry->line,
		       shared ? without_name(findings, entry->text, name) : "");
	if (append != NULL)
		hosts_adds(findings, finding, arena_printf(arena, "%s\t%s", new_address, escaped));
}
