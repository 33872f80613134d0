/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was counted while a load ran: counters that were read twice. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/record.h"
#include "parse/capacity.h"
#include "parse/text.h"

enum { UTIME = 14, STIME = 15 /* fields of proc_pid_stat(5) */ };

/* --- /proc/net/netstat, snmp --------------------------------------------------------------- */

/* "TcpExt: SyncookiesSent …" and below it "TcpExt: 0 …". */
struct columns {
	struct mux_slice group, names, values;
};

static bool next_columns(struct mux_slice *rest, struct columns *ret)
{
	while (rest->len != 0) {
		struct mux_slice names = text_next_item(rest, '\n');
		struct mux_slice values = text_next_item(rest, '\n'), again;

		if (!text_next_word(&names, &ret->group) || !text_next_word(&values, &again) ||
		    !slice_equal(ret->group, again) || ret->group.len < 2)
			continue;
		ret->group.len--;
		ret->names = names;
		ret->values = values;
		return true;
	}
	return false;
}

static const struct mux_slice no_bytes = {.data = NULL};

/* Returns the value of a counter; -1 when it is not there. */
static int64_t find_value(struct mux_slice bytes, struct mux_slice group, struct mux_slice wanted)
{
	struct columns columns;
	struct mux_slice name, value;

	while (next_columns(&bytes, &columns)) {
		if (!slice_equal(columns.group, group))
			continue;
		while (text_next_word(&columns.names, &name) &&
		       text_next_word(&columns.values, &value))
			if (slice_equal(name, wanted))
				return parse_leading_number(value);
	}
	return -1;
}

/* Of 200 counters few have changed: the others are not kept. */
static int add_changed(struct mux_slice before, struct mux_slice after, struct arena *arena,
		       struct arena_list *list)
{
	struct columns columns;
	struct mux_slice name, value;

	while (next_columns(&after, &columns))
		while (text_next_word(&columns.names, &name) &&
		       text_next_word(&columns.values, &value)) {
			int64_t now = parse_leading_number(value);
			int64_t then = find_value(before, columns.group, name);
			struct mux_counter *counter;

			if (then < 0 || now <= then)
				continue;
			counter = arena_list_add(arena, list);
			if (counter == NULL)
				return -ENOMEM;
			*counter = (struct mux_counter){columns.group, name, then, now};
		}
	return 0;
}

/* The counters of one file; what of it could not be read is what is not known of all. */
static int add_file(const struct mux_bundle *bundle, const char *const entries[2],
		    struct arena *arena, struct arena_list *list, struct mux_source *all)
{
	struct mux_source source[2];
	struct mux_slice before = bundle_source(bundle, entries[0], &source[0]);
	struct mux_slice after = bundle_source(bundle, entries[1], &source[1]);
	size_t i;

	for (i = 0; i < 2; i++)
		if (all->name == NULL || all->presence == MUX_PRESENT)
			*all = source[i];
	return add_changed(before, after, arena, list);
}

static int parse_counters(const struct mux_bundle *bundle, struct arena *arena, struct mux_run *ret)
{
	static const char *const netstat[] = {"run/before/netstat", "run/after/netstat"};
	static const char *const snmp[] = {"run/before/snmp", "run/after/snmp"};
	struct arena_list list = {.size = sizeof(struct mux_counter)};
	int error = add_file(bundle, netstat, arena, &list, &ret->counters_source);

	if (error == 0)
		error = add_file(bundle, snmp, arena, &list, &ret->counters_source);
	ret->counters = list.items;
	ret->n_counters = list.n;
	return error;
}

/* --- the others ---------------------------------------------------------------------------- */

/* A line for each processor below a line of names; numbers are hexadecimal. Returns what was
 * dropped for want of room, or -1. */
static int64_t conntrack_drops(struct mux_slice bytes)
{
	struct mux_slice head = text_next_item(&bytes, '\n');
	int64_t drops = -1;

	while (bytes.len != 0) {
		struct mux_slice line = text_next_item(&bytes, '\n'), names = head, name, value;
		uint64_t number;

		while (text_next_word(&names, &name) && text_next_word(&line, &value)) {
			if (!slice_is(name, "drop") && !slice_is(name, "early_drop") &&
			    !slice_is(name, "insert_failed"))
				continue;
			if (slice_parse_u64(value, 16, &number) == 0 && number < UINT32_MAX)
				drops = (drops < 0 ? 0 : drops) + (int64_t)number;
		}
	}
	return drops;
}

/* A line of hexadecimal numbers for each processor; the second is what was dropped
 * (softnet_seq_show()). Returns the sum, or -1. */
static int64_t backlog_drops(struct mux_slice bytes)
{
	int64_t drops = -1;

	while (bytes.len != 0) {
		struct mux_slice line = text_next_item(&bytes, '\n'), word;
		uint64_t number;

		if (text_next_word(&line, &word) && text_next_word(&line, &word) &&
		    slice_parse_u64(word, 16, &number) == 0 && number <= UINT32_MAX)
			drops = (drops < 0 ? 0 : drops) + (int64_t)number;
	}
	return drops;
}

/* The command's name, in parentheses, may have anything in it. */
static int64_t process_ticks(struct mux_slice bytes)
{
	const char *end = bytes.len == 0 ? NULL : memrchr(bytes.data, ')', bytes.len);
	struct mux_slice rest = no_bytes, word;
	int64_t ticks = 0, number;
	int field;

	if (end == NULL)
		return -1;
	rest.data = end + 1;
	rest.len = bytes.len - (size_t)(end + 1 - bytes.data);
	for (field = 3; field <= STIME; field++) {
		if (!text_next_word(&rest, &word))
			return -1;
		number = parse_leading_number(word);
		if (field >= UTIME)
			ticks += number;
	}
	return ticks;
}

static void parse_server(const struct mux_bundle *bundle, struct mux_run *ret)
{
	struct mux_source source_before, source_after;
	int64_t before =
		process_ticks(bundle_source(bundle, "run/before/server-stat", &source_before));
	int64_t after =
		process_ticks(bundle_source(bundle, "run/after/server-stat", &source_after));

	ret->server_ticks = before >= 0 && after >= before ? after - before : -1;
	ret->server_ended =
		source_before.presence == MUX_PRESENT && source_after.presence == MUX_ABSENT;
}

static int64_t number_or(struct mux_slice line, const char *key, int64_t otherwise)
{
	int64_t number;

	return record_number(line, key, &number) == 0 ? number : otherwise;
}

static void parse_summary(struct mux_slice bytes, struct arena *arena, struct mux_run *ret)
{
	struct mux_slice line;

	if (!record_next(&bytes, &line))
		return;
	ret->elapsed_us = number_or(line, "us", 0);
	ret->samples = number_or(line, "samples", 0);
	ret->peak_queue = number_or(line, "queue", 0);
	ret->peak_backlog = number_or(line, "backlog", 0);
	ret->peak_us = number_or(line, "queue_us", 0);
	ret->ticks_per_s = number_or(line, "ticks", 100);
	record_text(line, "command", arena, &ret->command);
	ret->command_status = (int)(number_or(line, "status", 0) & INT_MAX);
	ret->command_cpu_us = number_or(line, "cpu_us", 0);
}

/*
 * Below a title lines like "  95%   1034" and " 100%   1534 (longest request)". More than one such
 * table, or one whose times fall, is none of ab's.
 */
static void parse_percentiles(struct mux_slice bytes, struct arena *arena, struct mux_run *ret)
{
	struct arena_list list = {.size = sizeof(struct mux_percentile)};
	struct mux_slice line, percent, time;
	bool inside = false;

	while (bytes.len != 0) {
		struct mux_percentile *last;
		int64_t ms, share;

		line = text_next_item(&bytes, '\n');
		if (slice_starts_with(line, "Percentage of the requests served within")) {
			inside = true;
			continue;
		}
		if (!inside || !text_next_word(&line, &percent) || !text_next_word(&line, &time) ||
		    percent.data[percent.len - 1] != '%')
			continue;
		share = parse_leading_number(percent);
		ms = parse_leading_number(time);
		last = list.n == 0 ? NULL : (struct mux_percentile *)list.items + (list.n - 1);
		if (share < 0 || share > 100 || ms < 0 ||
		    (last != NULL && ((double)share <= last->percent || ms < last->ms)))
			return;
		last = arena_list_add(arena, &list);
		if (last == NULL)
			return;
		*last = (struct mux_percentile){(double)share, ms};
	}
	ret->percentiles = list.items;
	ret->n_percentiles = list.n;
}

int parse_run(const struct mux_bundle *bundle, struct arena *arena, struct mux_run *ret)
{
	struct mux_source source;
	int64_t before, after;

	memset(ret, 0, sizeof(*ret));
	parse_summary(bundle_source(bundle, "run/summary", &ret->source), arena, ret);
	before = conntrack_drops(bundle_source(bundle, "run/before/nf_conntrack", &source));
	after = conntrack_drops(bundle_source(bundle, "run/after/nf_conntrack", &source));
	ret->conntrack_drops = before >= 0 && after >= before ? after - before : -1;
	before = backlog_drops(bundle_source(bundle, "run/before/softnet", &source));
	after = backlog_drops(bundle_source(bundle, "run/after/softnet", &source));
	ret->backlog_drops = before >= 0 && after >= before ? after - before : -1;
	parse_cpu_time(bundle, "run/before/stat", &ret->cpu_before);
	parse_cpu_time(bundle, "run/after/stat", &ret->cpu_after);
	parse_quota(bundle, "run/before/self/quota", arena, &ret->self_before);
	parse_quota(bundle, "run/after/self/quota", arena, &ret->self_after);
	parse_quota(bundle, "run/before/server/quota", arena, &ret->server_before);
	parse_quota(bundle, "run/after/server/quota", arena, &ret->server_after);
	parse_server(bundle, ret);
	parse_percentiles(bundle_source(bundle, "run/output", &source), arena, ret);
	return parse_counters(bundle, arena, ret) != 0 || arena_failed(arena) ? -ENOMEM : 0;
}
