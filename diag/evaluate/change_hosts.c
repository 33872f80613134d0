/* SPDX-License-Identifier: GPL-2.0-or-later */
/* /etc/hosts with one line more, less or other: the new line is read as all of them were. */
#include "evaluate/change.h"

#include <errno.h>
#include <string.h>

#include "base/slice.h"
#include "parse/parse.h"

static int forget_names(struct change_world *world, const struct mux_hosts_entry *entry)
{
	size_t i;
	int error = 0;

	for (i = 0; error == 0 && i < entry->n_names; i++)
		error = change_forget_name(world, entry->names[i]);
	return error;
}

/* Position of the line's entry, or of where one would be. */
static size_t find_entry(const struct mux_hosts *hosts, size_t line)
{
	size_t i;

	for (i = 0; i < hosts->n_entries && hosts->entries[i].line < line;)
		i++;
	return i;
}

static void count(struct mux_hosts *hosts, const struct mux_hosts_entry *entry, bool added)
{
	size_t *counter = entry->commented ? &hosts->n_commented : &hosts->n_live;

	if (entry->address.family == 0 || entry->n_names == 0)
		return;
	if (added)
		++*counter;
	else if (*counter != 0)
		--*counter;
}

static int take_out(struct change_world *world, size_t line)
{
	struct mux_hosts *hosts = &world->snapshot.hosts;
	size_t at = find_entry(hosts, line);
	void *entries;
	int error;

	if (at == hosts->n_entries || hosts->entries[at].line != line)
		return -ENOENT;
	error = forget_names(world, &hosts->entries[at]);
	if (error != 0)
		return error;
	count(hosts, &hosts->entries[at], false);
	entries = change_remove(world->arena, hosts->entries, hosts->n_entries,
				sizeof(*hosts->entries), at);
	if (entries == NULL)
		return -ENOMEM;
	hosts->entries = entries;
	hosts->n_entries--;
	return 0;
}

static int put_in(struct change_world *world, size_t line, const char *text)
{
	const struct mux_slice names[] = {slice_of("localhost"), slice_of("ip6-localhost"),
					  slice_of("ip6-loopback"), slice_of(world->target.host),
					  slice_of(world->snapshot.machine.host_name)};
	const struct parse_interest interest = {names, sizeof(names) / sizeof(names[0])};
	struct mux_hosts *hosts = &world->snapshot.hosts, read = {.source = hosts->source};
	struct mux_hosts_entry *entries;
	size_t at = find_entry(hosts, line);
	int error = parse_hosts(slice_of(text), &interest, world->arena, &read);

	/* A line that names nobody of interest changes nothing that is asked for. */
	if (error != 0 || read.n_entries == 0)
		return error;
	entries =
		change_insert(world->arena, hosts->entries, hosts->n_entries, sizeof(*entries), at);
	if (entries == NULL)
		return -ENOMEM;
	entries[at] = read.entries[0];
	entries[at].line = line;
	hosts->entries = entries;
	hosts->n_entries++;
	count(hosts, &entries[at], true);
	return forget_names(world, &entries[at]);
}

int change_hosts(struct change_world *world, const struct change *change)
{
	struct mux_hosts *hosts = &world->snapshot.hosts;
	size_t line = change->hosts.line;
	int error;

	if (hosts->source.presence == MUX_ABSENT)
		*hosts = (struct mux_hosts){
			.source = {.name = hosts->source.name, .presence = MUX_PRESENT},
			.final_newline = true,
		};
	if (hosts->source.presence != MUX_PRESENT)
		return -ENOENT;
	if (line != 0) {
		error = take_out(world, line);
		if (error != 0 || change->hosts.text[0] == '\0')
			return error;
	} else {
		line = ++hosts->n_lines;
	}
	return put_in(world, line, change->hosts.text);
}
