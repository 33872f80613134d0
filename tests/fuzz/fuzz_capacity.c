/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a preflight reads: files of /proc and /sys, control groups, responses, counters. */
#include "fuzz.h"

#include "parse/capacity.h"

static const char *const names[] = {
	"preflight/load",
	"file/proc/sys/fs/file-nr",
	"file/proc/self/net/sockstat",
	"file/proc/self/net/packet",
	"file/proc/loadavg",
	"file/proc/stat",
	"file/proc/meminfo",
	"file/proc/pressure/cpu",
	"file/sys/devices/system/cpu/online",
	"netlink/route/links",
	"process/self/limits",
	"process/self/status",
	"process/self/open-files",
	"process/self/quota",
	"destinations",
	"preflight/reach",
	"run/summary",
	"run/before/netstat",
	"run/after/netstat",
	"run/before/nf_conntrack",
	"run/after/nf_conntrack",
	"run/before/softnet",
	"run/after/softnet",
	"run/before/server-stat",
	"run/after/server-stat",
	"run/output",
	"preflight/hardware",
	"process/7/build",
};

static void touch_capacity(const struct mux_capacity *capacity)
{
	size_t i;

	fuzz_touch(capacity->lo_qdisc);
	fuzz_touch(capacity->self_quota.cpu_path);
	fuzz_touch(capacity->self_quota.memory_path);
	fuzz_check(memchr(capacity->load.tool, '\0', sizeof(capacity->load.tool)) != NULL);
	fuzz_check(capacity->n_online <= MUX_MAX_CPUS);
	for (i = 0; i < capacity->reach.n_requests; i++) {
		fuzz_touch(capacity->reach.requests[i].server);
		fuzz_check(capacity->reach.requests[i].error >= 0);
	}
	for (i = 0; i < capacity->hardware.n_weaknesses; i++)
		fuzz_touch(capacity->hardware.weaknesses[i].text);
	for (i = 0; i < capacity->destinations.n; i++)
		fuzz_check(capacity->destinations.list[i].address.family != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mux_bundle *bundle =
		fuzz_bundle(data, size, names, sizeof(names) / sizeof(names[0]));
	const struct mux_listeners listeners = {.n_sockets = 0};
	struct arena *arena = arena_new();
	struct mux_capacity capacity;
	struct mux_build build = {.n_words = 0};
	struct mux_source source;
	struct mux_run run;
	size_t i;

	if (bundle != NULL && arena != NULL &&
	    parse_capacity(bundle, &listeners, arena, &capacity) == 0)
		touch_capacity(&capacity);
	if (bundle != NULL && arena != NULL && parse_run(bundle, arena, &run) == 0) {
		fuzz_touch(run.command);
		for (i = 1; i < run.n_percentiles; i++)
			fuzz_check(run.percentiles[i].percent > run.percentiles[i - 1].percent);
		for (i = 0; i < run.n_counters; i++)
			fuzz_check(run.counters[i].after > run.counters[i].before);
	}
	if (bundle != NULL && arena != NULL) {
		parse_build(bundle_source(bundle, "process/7/build", &source), arena, &build);
		for (i = 0; i < build.n_words; i++)
			fuzz_touch(build.words[i].word);
	}
	arena_free(arena);
	mux_bundle_free(bundle);
	return 0;
}
