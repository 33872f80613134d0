/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "base/record.h"
#include "parse/parse.h"

static const char *const hook_names[MUX_N_CGROUP_HOOKS] = {
	[MUX_CGROUP_SOCK_CREATE] = "sock_create", [MUX_CGROUP_CONNECT4] = "connect4",
	[MUX_CGROUP_CONNECT6] = "connect6",	  [MUX_CGROUP_SENDMSG4] = "sendmsg4",
	[MUX_CGROUP_SENDMSG6] = "sendmsg6",	  [MUX_CGROUP_EGRESS] = "egress",
	[MUX_CGROUP_INGRESS] = "ingress",
};

/* Returns 0, -ENOENT for a record that is no program's, -EINVAL, -ENOMEM. */
static int parse_program(struct mux_slice line, struct arena *arena, struct mux_cgroup_program *ret)
{
	struct mux_slice hook;
	unsigned known;
	int64_t id;
	int error = record_text(line, "hook", arena, &hook);

	if (error != 0)
		return error;
	for (known = 0; known < MUX_N_CGROUP_HOOKS && !slice_is(hook, hook_names[known]);)
		known++;
	if (known == MUX_N_CGROUP_HOOKS || record_number(line, "id", &id) != 0 || id < 0 ||
	    id > UINT32_MAX)
		return -EINVAL;
	*ret = (struct mux_cgroup_program){.hook = (enum mux_cgroup_hook)known, .id = (uint32_t)id};
	error = record_text(line, "name", arena, &ret->name);
	return error == -ENOMEM ? error : 0;
}

int parse_cgroup(struct mux_slice bytes, struct arena *arena, struct mux_cgroup *ret)
{
	struct arena_list programs = {.size = sizeof(struct mux_cgroup_program)};
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_cgroup_program program, *item;
		int error = parse_program(line, arena, &program);

		if (error == -ENOENT && record_text(line, "path", arena, &ret->path) == -ENOMEM)
			return -ENOMEM;
		if (error == -EINVAL) {
			ret->source.presence = MUX_DENIED;
			ret->source.error = EBADMSG;
		}
		if (error == -ENOMEM)
			return error;
		if (error != 0)
			continue;
		item = arena_list_add(arena, &programs);
		if (item == NULL)
			return -ENOMEM;
		*item = program;
	}
	ret->programs = programs.items;
	ret->n_programs = programs.n;
	return 0;
}
