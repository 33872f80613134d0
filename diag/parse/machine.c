/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small sources: the machine record, the environment, one-line files and sysctls. */
#include <errno.h>
#include <string.h>

#include "base/record.h"
#include "parse/parse.h"
#include "parse/text.h"

/* Returns the value of a key as a C string; "" when the key is missing or damaged. */
static const char *record_string(struct mux_slice line, const char *key, struct arena *arena)
{
	struct mux_slice value;

	if (record_text(line, key, arena, &value) != 0)
		return "";
	return arena_copy(arena, value.data, value.len);
}

static int64_t record_between(struct mux_slice line, const char *key, int64_t largest)
{
	int64_t value;

	if (record_number(line, key, &value) != 0 || value < 0 || value > largest)
		return 0;
	return value;
}

int parse_machine(struct mux_slice bytes, struct arena *arena, struct mux_machine *ret)
{
	struct mux_machine machine = {.kernel = "", .host_name = "", .target = ""};
	struct mux_slice line, hex;
	int64_t gid;

	if (record_next(&bytes, &line)) {
		machine.kernel = record_string(line, "kernel", arena);
		machine.host_name = record_string(line, "host_name", arena);
		machine.target = record_string(line, "target", arena);
		machine.port = (uint16_t)record_between(line, "port", UINT16_MAX);
		machine.uid = (uint32_t)record_between(line, "uid", UINT32_MAX);
		machine.has_gid =
			record_number(line, "gid", &gid) == 0 && gid >= 0 && gid <= UINT32_MAX;
		machine.gid = machine.has_gid ? (uint32_t)gid : 0;
		machine.netns = (uint64_t)record_between(line, "netns", INT64_MAX);
		machine.time = record_between(line, "time", INT64_MAX);
		if (record_text(line, "capabilities", arena, &hex) == 0)
			slice_parse_u64(hex, 16, &machine.capabilities);
	}
	if (arena_failed(arena))
		return -ENOMEM;
	*ret = machine;
	return 0;
}

/* The greatest number is the last one. */
void parse_cpus(struct mux_slice bytes, struct mux_machine *ret)
{
	struct mux_slice text = slice_trim(bytes), last = text;
	uint64_t number;

	for (; text.len != 0; text.data++, text.len--)
		if (text.data[0] == ',' || text.data[0] == '-')
			last = (struct mux_slice){text.data + 1, text.len - 1};
	if (slice_parse_u64(last, 10, &number) == 0 && number < UINT16_MAX)
		ret->n_cpus = (uint32_t)number + 1;
}

/* cgroups(7): "hierarchy:controllers:path" lines. */
void parse_controllers(struct mux_slice bytes, struct mux_machine *ret)
{
	ret->net_cls = MUX_NO;
	while (bytes.len != 0) {
		struct mux_slice line = text_next_item(&bytes, '\n');
		struct mux_slice controllers, name;

		line.data += text_before(line, ':').len;
		line.len -= text_before(line, ':').len;
		if (line.len == 0)
			continue;
		line.data++;
		line.len--;
		controllers = text_before(line, ':');
		while (controllers.len != 0) {
			name = text_next_item(&controllers, ',');
			if (slice_is(name, "net_cls"))
				ret->net_cls = MUX_YES;
		}
	}
}

int parse_environment(struct mux_slice bytes, struct arena *arena, struct mux_environment *ret)
{
	struct arena_list variables = {.size = sizeof(struct mux_variable)};

	while (bytes.len != 0) {
		struct mux_slice item = text_next_item(&bytes, '\0');
		struct mux_slice name = text_before(item, '=');
		struct mux_variable *variable;

		if (name.len == 0 || name.len == item.len)
			continue;
		variable = arena_list_add(arena, &variables);
		if (variable == NULL)
			return -ENOMEM;
		variable->name = arena_copy(arena, name.data, name.len);
		variable->value.data = item.data + name.len + 1;
		variable->value.len = item.len - name.len - 1;
	}
	ret->variables = variables.items;
	ret->n_variables = variables.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}

int parse_line_file(struct mux_slice bytes, struct mux_line_file *ret)
{
	ret->text = slice_trim(text_before(bytes, '\n'));
	return 0;
}

int parse_sysctls(const struct mux_bundle *bundle, struct arena *arena,
		  struct mux_snapshot *snapshot)
{
	static const char prefix[] = "sysctl/";
	struct arena_list sysctls = {.size = sizeof(struct mux_sysctl)};
	const struct bundle_entry *entry;
	size_t i;

	for (i = 0; (entry = bundle_at(bundle, i)) != NULL; i++) {
		struct mux_sysctl *sysctl;

		if (strncmp(entry->name, prefix, strlen(prefix)) != 0)
			continue;
		sysctl = arena_list_add(arena, &sysctls);
		if (sysctl == NULL)
			return -ENOMEM;
		sysctl->text = slice_trim(bundle_source(bundle, entry->name, &sysctl->source));
		sysctl->path = entry->name + strlen(prefix);
	}
	snapshot->sysctls = sysctls.items;
	snapshot->n_sysctls = sysctls.n;
	return 0;
}
