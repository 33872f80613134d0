/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who and where we are, and the variables that change how names resolve or where clients connect.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/mechanism.h"

enum { LARGEST_HOST_ALIASES = 64 << 10 };

static const char *const variables[] = {
	"http_proxy",
	"HTTP_PROXY",
	"https_proxy",
	"HTTPS_PROXY",
	"all_proxy",
	"ALL_PROXY",
	"no_proxy",
	"NO_PROXY",
	"HOSTALIASES",
	"RES_OPTIONS",
	"LOCALDOMAIN",
	"CARES_HOSTS",
	/* What containers and sandboxes tell those inside. */
	"container",
	"KUBERNETES_SERVICE_HOST",
	"CODEX_SANDBOX",
	"CODEX_SANDBOX_NETWORK_DISABLED",
};

int gather_environment(struct mux_bundle *bundle)
{
	static const struct mux_slice equals = {"=", 1}, end = {"", 1};
	struct mux_slice none = {"", 0};
	int error = bundle_put(bundle, "environment", none);
	size_t i;

	for (i = 0; error == 0 && i < sizeof(variables) / sizeof(variables[0]); i++) {
		const char *value = getenv(variables[i]);

		if (value == NULL)
			continue;
		error = bundle_append(bundle, "environment", slice_of(variables[i]));
		if (error == 0)
			error = bundle_append(bundle, "environment", equals);
		if (error == 0)
			error = bundle_append(bundle, "environment", slice_of(value));
		if (error == 0)
			error = bundle_append(bundle, "environment", end);
	}
	return error;
}

int gather_host_aliases(struct mux_bundle *bundle)
{
	const char *path = getenv("HOSTALIASES");

	if (path == NULL || path[0] != '/')
		return 0;
	return gather_system_file(path + 1, "host-aliases", LARGEST_HOST_ALIASES, bundle);
}

/* Copies the hexadecimal digits of CapEff from /proc/self/status; "" when it cannot be read. */
static void read_capabilities(char digits[static 17])
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];

	digits[0] = '\0';
	while (status != NULL && fgets(line, sizeof(line), status) != NULL)
		if (sscanf(line, "CapEff: %16[0-9a-f]", digits) == 1)
			break;
	if (status != NULL)
		fclose(status);
}

int gather_machine(const struct mux_question *question, struct mux_bundle *bundle)
{
	char host_name[256] = "", capabilities[17];
	struct arena *arena = arena_new();
	struct utsname system = {0};
	struct stat netns = {0};
	struct mux_slice bytes;
	struct str line;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	uname(&system);
	gethostname(host_name, sizeof(host_name) - 1);
	read_capabilities(capabilities);
	stat("/proc/self/ns/net", &netns);
	str_init(&line, arena);
	record_add(&line, "kernel", slice_of(system.release));
	record_add(&line, "host_name", slice_of(host_name));
	record_add_number(&line, "uid", geteuid());
	record_add_number(&line, "gid", getegid());
	record_add(&line, "capabilities", slice_of(capabilities));
	record_add_number(&line, "netns", (int64_t)netns.st_ino);
	record_add_number(&line, "time", time(NULL));
	record_add(&line, "target", slice_of(question->target.host));
	record_add_number(&line, "port", question->target.port);
	record_add(&line, "root_dir",
		   slice_of(question->root_dir == NULL ? "" : question->root_dir));
	record_end(&line);
	bytes = slice_of(str_done(&line));
	if (!arena_failed(arena))
		error = bundle_put(bundle, "machine", bytes);
	arena_free(arena);
	return error;
}
