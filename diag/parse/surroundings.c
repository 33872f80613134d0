/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The kind of place the asking process lives in, and who listens in other network namespaces. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "base/record.h"
#include "parse/parse.h"

static enum mux_answer answer_of(struct mux_slice line, const char *key)
{
	int64_t value;

	if (record_number(line, key, &value) != 0)
		return MUX_UNKNOWN;
	return value != 0 ? MUX_YES : MUX_NO;
}

static bool is_yes(struct mux_slice line, const char *key)
{
	return answer_of(line, key) == MUX_YES;
}

/* Empty when it is not there, or damaged. Running out of memory is remembered by the arena. */
static struct mux_slice text_of(struct mux_slice line, const char *key, struct arena *arena)
{
	struct mux_slice text = {"", 0};

	record_text(line, key, arena, &text);
	return text;
}

int parse_surroundings(struct mux_slice bytes, struct arena *arena, struct mux_surroundings *ret)
{
	struct mux_slice line = {"", 0}, module;

	ret->first_netns = ret->no_new_privs = ret->seccomp = MUX_UNKNOWN;
	if (!record_next(&bytes, &line))
		return 0;
	ret->first_netns = answer_of(line, "first_netns");
	ret->no_new_privs = answer_of(line, "no_new_privs");
	ret->seccomp = answer_of(line, "seccomp");
	ret->docker = is_yes(line, "docker");
	ret->podman = is_yes(line, "podman");
	ret->modules = text_of(line, "modules", arena);
	ret->label = text_of(line, "label", arena);
	ret->selinux_enforcing = is_yes(line, "selinux");
	ret->release = text_of(line, "release", arena);
	ret->parameter = text_of(line, "parameter", arena);
	/* A module parameter of type int in older kernels, bool in none: "0" or "1". */
	module = text_of(line, "ipv6_off", arena);
	ret->ipv6_off = module.len != 0 && !slice_is(module, "0") && !slice_is(module, "N");
	return arena_failed(arena) ? -ENOMEM : 0;
}

/* /proc/net/tcp{,6} print each 32-bit word of the address as a number of this machine's byte order
 * (get_tcp4_sock(), get_tcp6_sock()). */
static int parse_address(struct mux_slice text, struct mux_address *ret)
{
	size_t word;

	memset(ret, 0, sizeof(*ret));
	if (text.len != 8 && text.len != 32)
		return -EINVAL;
	for (word = 0; word < text.len / 8; word++) {
		struct mux_slice digits = {text.data + word * 8, 8};
		uint64_t value;
		uint32_t bytes;

		if (slice_parse_u64(digits, 16, &value) != 0)
			return -EINVAL;
		bytes = (uint32_t)value;
		memcpy(ret->bytes + word * 4, &bytes, 4);
	}
	ret->family = text.len == 8 ? AF_INET : AF_INET6;
	return 0;
}

/* Returns 0, or -EINVAL for a record that is no socket's. */
static int parse_stranger(struct mux_slice line, struct arena *arena, struct mux_stranger *ret)
{
	int64_t uid, pid;

	if (parse_address(text_of(line, "address", arena), &ret->address) != 0 ||
	    record_number(line, "uid", &uid) != 0 || uid < 0 || uid > UINT32_MAX ||
	    record_number(line, "pid", &pid) != 0 || pid <= 0 || pid > INT32_MAX)
		return -EINVAL;
	ret->uid = (uint32_t)uid;
	ret->pid = (int)pid;
	ret->holds = is_yes(line, "holds");
	ret->command = text_of(line, "command", arena);
	ret->cgroup = text_of(line, "cgroup", arena);
	ret->name = text_of(line, "name", arena);
	return 0;
}

int parse_strangers(struct mux_slice bytes, struct arena *arena, struct mux_strangers *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_stranger)};
	struct mux_slice line;
	int64_t n;

	while (record_next(&bytes, &line)) {
		struct mux_stranger stranger = {0}, *item;

		if (record_number(line, "namespaces", &n) == 0 && n > 0)
			ret->n_namespaces = (size_t)n;
		ret->cut |= is_yes(line, "cut");
		if (parse_stranger(line, arena, &stranger) != 0)
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		*item = stranger;
	}
	ret->sockets = list.items;
	ret->n_sockets = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}

int parse_unix_sockets(struct mux_slice bytes, struct arena *arena, struct mux_snapshot *snapshot)
{
	struct arena_list list = {.size = sizeof(struct mux_unix_socket)};
	struct mux_slice line;

	while (record_next(&bytes, &line)) {
		struct mux_slice path = text_of(line, "path", arena);
		struct mux_unix_socket *item;
		int64_t inode;

		if (path.len == 0)
			continue;
		item = arena_list_add(arena, &list);
		if (item == NULL)
			return -ENOMEM;
		item->path = path;
		if (record_number(line, "inode", &inode) == 0 && inode > 0)
			item->inode = (uint64_t)inode;
	}
	snapshot->unix_sockets = list.items;
	snapshot->n_unix_sockets = list.n;
	return arena_failed(arena) ? -ENOMEM : 0;
}
