/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fixes that change one line of /etc/hosts, as commands and as changes to simulate. */
#include "base/addr.h"
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

/* The line with that address, without the name (empty = with all); "" when no name is left. */
static const char *line_with(struct findings *findings, const struct mux_hosts_entry *entry,
			     const char *address, struct mux_slice without)
{
	struct str line;
	size_t i, n = 0;

	str_init(&line, findings->arena);
	str_add(&line, address);
	for (i = 0; i < entry->n_names; i++)
		if (!slice_equal_nocase(entry->names[i], without)) {
			str_addf(&line, " %.*s", (int)entry->names[i].len, entry->names[i].data);
			n++;
		}
	return n == 0 ? "" : str_done(&line);
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
		       line_with(findings, entry, address, (struct mux_slice){0}));
}

void hosts_take_off(struct findings *findings, struct cause_finding *finding,
		    const struct mux_hosts_entry *entry, struct mux_slice name,
		    const char *new_address)
{
	struct arena *arena = findings->arena;
	const char *escaped = cause_escape(findings, name), *rest, *command, *append = NULL;
	char address[ADDR_TEXT_MAX];

	if (!hosts_is_plain(name))
		return;
	rest = line_with(findings, entry, addr_format(&entry->address, address), name);
	command = rest[0] == '\0'
			  ? arena_printf(arena, "sed -i %zud /etc/hosts", entry->line)
			  : arena_printf(arena,
					 "sed -i '%zus/[[:space:]]%s\\([[:space:]#]\\|$\\)/\\1/I' "
					 "/etc/hosts",
					 entry->line, escaped);
	if (new_address != NULL)
		append = hosts_append(findings,
				      arena_printf(arena, "%s\\t%s", new_address, escaped));
	finding_fix(findings, finding,
		    rest[0] == '\0'
			    ? arena_printf(arena, "Delete line %zu of /etc/hosts", entry->line)
			    : arena_printf(arena, "Take %s off line %zu of /etc/hosts%s", escaped,
					   entry->line,
					   append == NULL ? "" : " and give it a line of its own"),
		    command, append);
	hosts_rewrites(findings, finding, entry->line, rest);
	if (append != NULL)
		hosts_adds(findings, finding, arena_printf(arena, "%s\t%s", new_address, escaped));
}
