/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Limits, status and control groups of one process. */
#include <errno.h>
#include <string.h>

#include "base/record.h"
#include "parse/capacity.h"
#include "parse/text.h"

/* "Max open files            1024                 4096                 files     " */
static int64_t soft_limit(struct mux_slice bytes, const char *name)
{
	struct mux_slice text = slice_trim(parse_line_after(bytes, name));

	if (slice_starts_with(text, "unlimited"))
		return MUX_UNLIMITED;
	return parse_leading_number(text);
}

static struct mux_slice find_entry(const struct mux_bundle *bundle, const char *process,
				   const char *name, struct arena *arena, struct mux_source *source)
{
	const char *entry = arena_printf(arena, "process/%s/%s", process, name);

	if (entry == NULL)
		return (struct mux_slice){.data = NULL};
	return bundle_source(bundle, entry, source);
}

static void damage(struct mux_source *source)
{
	if (source->presence != MUX_PRESENT)
		return;
	source->presence = MUX_DENIED;
	source->error = EBADMSG;
}

void parse_process(const struct mux_bundle *bundle, const char *name, struct arena *arena,
		   struct mux_process *ret)
{
	struct mux_slice bytes;

	bytes = find_entry(bundle, name, "limits", arena, &ret->limits.source);
	ret->limits.open_files = soft_limit(bytes, "Max open files ");
	ret->limits.processes = soft_limit(bytes, "Max processes ");
	if (ret->limits.open_files < 0)
		damage(&ret->limits.source);
	bytes = find_entry(bundle, name, "status", arena, &ret->status.source);
	ret->status.threads = parse_leading_number(parse_line_after(bytes, "Threads:"));
	ret->status.tracer = parse_leading_number(parse_line_after(bytes, "TracerPid:"));
	ret->status.n_cpus =
		parse_cpu_list(parse_line_after(bytes, "Cpus_allowed_list:"), &ret->status.cpus);
	if (ret->status.threads < 0)
		damage(&ret->status.source);
	bytes = find_entry(bundle, name, "open-files", arena, &ret->files_source);
	ret->open_files = parse_leading_number(bytes);
	if (ret->open_files < 0)
		damage(&ret->files_source);
}

/* --- control groups ------------------------------------------------------------------------ */

/* One group, as far as its files were there. */
struct group {
	struct mux_slice path;
	int64_t quota_us, period_us; /* quota -1 = no limit */
	int64_t throttled, throttled_us;
	int64_t memory_max, memory_now;
	int64_t pids_max, pids_now;
};

static const struct group no_group = {.quota_us = -1,
				      .period_us = -1,
				      .throttled = -1,
				      .throttled_us = -1,
				      .memory_max = MUX_UNLIMITED,
				      .memory_now = -1,
				      .pids_max = MUX_UNLIMITED,
				      .pids_now = -1};

/* Version 1 writes PAGE_COUNTER_MAX, which is near INT64_MAX, for no limit. */
static int64_t memory_limit(struct mux_slice text)
{
	int64_t limit = parse_leading_number(text);

	return limit < 0 || limit >= INT64_MAX / 2 ? MUX_UNLIMITED : limit;
}

/* cpu.max: "max 100000" or "50000 100000". */
static void take_cpu_max(struct mux_slice text, struct group *group)
{
	struct mux_slice quota = text_before(text, ' '), period = text;

	period.data += quota.len;
	period.len -= quota.len;
	group->quota_us = parse_leading_number(quota);
	group->period_us = parse_leading_number(period);
}

static void take_cpu_stat(struct mux_slice text, struct group *group)
{
	int64_t ns = parse_leading_number(parse_line_after(text, "throttled_time "));

	group->throttled = parse_leading_number(parse_line_after(text, "nr_throttled "));
	group->throttled_us = parse_leading_number(parse_line_after(text, "throttled_usec "));
	if (group->throttled_us < 0 && ns >= 0)
		group->throttled_us = ns / 1000;
}

static void take_file(struct mux_slice file, struct mux_slice text, struct group *group)
{
	if (slice_is(file, "cpu.max"))
		take_cpu_max(text, group);
	else if (slice_is(file, "cpu.cfs_quota_us"))
		group->quota_us = parse_leading_number(text);
	else if (slice_is(file, "cpu.cfs_period_us"))
		group->period_us = parse_leading_number(text);
	else if (slice_is(file, "cpu.stat"))
		take_cpu_stat(text, group);
	else if (slice_is(file, "memory.max") || slice_is(file, "memory.limit_in_bytes"))
		group->memory_max = memory_limit(text);
	else if (slice_is(file, "memory.current") || slice_is(file, "memory.usage_in_bytes"))
		group->memory_now = parse_leading_number(text);
	else if (slice_is(file, "pids.max"))
		group->pids_max = memory_limit(text);
	else if (slice_is(file, "pids.current"))
		group->pids_now = parse_leading_number(text);
}

/* The least limit holds; how often it struck is that group's count. */
static void take_group(const struct group *group, struct mux_quota *quota)
{
	double cpus = group->quota_us > 0 && group->period_us > 0
			      ? (double)group->quota_us / (double)group->period_us
			      : 0;

	if (cpus > 0 && (quota->cpus == 0 || cpus < quota->cpus)) {
		quota->cpus = cpus;
		quota->cpu_path = group->path;
		quota->throttled = group->throttled;
		quota->throttled_us = group->throttled_us;
	}
	if (group->memory_max < quota->memory_max) {
		quota->memory_max = group->memory_max;
		quota->memory_now = group->memory_now;
		quota->memory_path = group->path;
	}
	if (group->pids_max != MUX_UNLIMITED && group->pids_now >= 0 &&
	    (quota->pids_max == MUX_UNLIMITED ||
	     group->pids_max - group->pids_now < quota->pids_max - quota->pids_now)) {
		quota->pids_max = group->pids_max;
		quota->pids_now = group->pids_now;
		quota->pids_path = group->path;
	}
}

void parse_quota(const struct mux_bundle *bundle, const char *entry, struct arena *arena,
		 struct mux_quota *ret)
{
	struct mux_slice bytes = bundle_source(bundle, entry, &ret->source);
	struct group group = no_group;
	struct mux_slice line;

	ret->memory_max = ret->pids_max = MUX_UNLIMITED;
	ret->memory_now = ret->throttled = ret->throttled_us = ret->pids_now = -1;
	while (record_next(&bytes, &line)) {
		struct mux_slice path, file, text;

		if (record_text(line, "path", arena, &path) != 0 ||
		    record_text(line, "file", arena, &file) != 0 ||
		    record_text(line, "text", arena, &text) != 0)
			continue;
		if (!slice_equal(path, group.path)) {
			take_group(&group, ret);
			group = no_group;
			group.path = path;
		}
		take_file(file, text, &group);
	}
	take_group(&group, ret);
}
