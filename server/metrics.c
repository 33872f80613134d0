/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names follow Prometheus' conventions: base units, _total for counters, process_* as its client
 * libraries have them.
 */
#include "metrics.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const wait_names[WAIT_N] = {
	[WAIT_FIRST] = "new", [WAIT_IDLE] = "idle",   [WAIT_HEAD] = "head",
	[WAIT_BODY] = "body", [WAIT_WRITE] = "write", [WAIT_LINGER] = "linger",
};

static void begin(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* One counter of every worker, found by its offset. */
static void put_counter(FILE *out, const struct fleet *fleet, const char *name, size_t offset,
			const char *help)
{
	unsigned i;

	begin(out, name, "counter", help);
	for (i = 0; i < fleet->n; i++) {
		const char *counters = (const char *)&fleet->workers[i]->counters;
		uint64_t value = counter_get((const struct counter *)(counters + offset));

		fprintf(out, "%s{worker=\"%u\"} %llu\n", name, i, (unsigned long long)value);
	}
}

static void put_requests(FILE *out, const struct fleet *fleet)
{
	unsigned i;
	size_t j;

	begin(out, "muxd_requests_total", "counter", "Requests answered, by status code.");
	for (i = 0; i < fleet->n; i++)
		for (j = 0; j < ANSWER_N_STATUSES; j++)
			fprintf(out, "muxd_requests_total{worker=\"%u\",code=\"%u\"} %llu\n", i,
				answer_status(j),
				(unsigned long long)counter_get(
					&fleet->workers[i]->counters.requests[j]));
}

static void put_latency(FILE *out, unsigned number, const struct counters *counters)
{
	const char *name = "muxd_request_duration_seconds";
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < COUNTERS_BUCKETS; i++) {
		sum += counter_get(&counters->latency[i]);
		fprintf(out, "%s_bucket{worker=\"%u\",le=\"%g\"} %llu\n", name, number,
			(double)counters_bounds_ns[i] / 1e9, (unsigned long long)sum);
	}
	sum += counter_get(&counters->latency[i]);
	fprintf(out, "%s_bucket{worker=\"%u\",le=\"+Inf\"} %llu\n", name, number,
		(unsigned long long)sum);
	fprintf(out, "%s_sum{worker=\"%u\"} %.9f\n", name, number,
		(double)counter_get(&counters->latency_ns) / 1e9);
	fprintf(out, "%s_count{worker=\"%u\"} %llu\n", name, number, (unsigned long long)sum);
}

/* One value for each state of connections, of every worker. */
static void put_states(FILE *out, const struct fleet *fleet, const char *name, size_t offset)
{
	unsigned i, j;

	for (i = 0; i < fleet->n; i++) {
		const char *counters = (const char *)&fleet->workers[i]->counters;
		const struct counter *values = (const struct counter *)(counters + offset);

		for (j = 0; j < WAIT_N; j++)
			fprintf(out, "%s{worker=\"%u\",state=\"%s\"} %llu\n", name, i,
				wait_names[j], (unsigned long long)counter_get(&values[j]));
	}
}

/*
 * Finds a counter of /proc/net/netstat, whose lines come in pairs: names, then values. Returns -1
 * when it is not there.
 */
static long long read_netstat(const char *name)
{
	FILE *file = fopen("/proc/net/netstat", "re");
	char names[4096], values[4096];
	long long found = -1;

	while (file != NULL && found < 0 && fgets(names, sizeof(names), file) != NULL &&
	       fgets(values, sizeof(values), file) != NULL) {
		char *rest_n, *rest_v, *value = strtok_r(values, " \n", &rest_v);
		char *word = strtok_r(names, " \n", &rest_n);

		while (word != NULL && value != NULL && strcmp(word, name) != 0) {
			word = strtok_r(NULL, " \n", &rest_n);
			value = strtok_r(NULL, " \n", &rest_v);
		}
		if (word != NULL && value != NULL)
			found = strtoll(value, NULL, 10);
	}
	if (file != NULL)
		fclose(file);
	return found;
}

/*
 * The kernel's count, of the whole network namespace. A socket's own sk_drops would be closer, but
 * also counts the bare ACKs that TCP_DEFER_ACCEPT drops on purpose.
 */
static void put_overflows(FILE *out)
{
	const char *name = "muxd_accept_queue_overflows_total";
	long long overflows = read_netstat("ListenOverflows");

	if (overflows < 0)
		return;
	begin(out, name, "counter",
	      "Handshakes dropped for a full accept queue, of any server in this network "
	      "namespace.");
	fprintf(out, "%s %lld\n", name, overflows);
}

/*
 * Descriptors in use: what /proc/self/fd is said to hold (Linux 6.2), without reading it, which
 * would take milliseconds with thousands. Returns -1 where the kernel does not say.
 */
static long long count_descriptors(void)
{
	struct stat fds;

	return stat("/proc/self/fd", &fds) == 0 && fds.st_size > 0 ? (long long)fds.st_size : -1;
}

static long long resident_bytes(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long long total, resident = -1;

	if (file == NULL)
		return -1;
	if (fscanf(file, "%lld %lld", &total, &resident) != 2)
		resident = -1;
	fclose(file);
	return resident < 0 ? -1 : resident * sysconf(_SC_PAGESIZE);
}

static void put_gauge(FILE *out, const char *name, long long value, const char *help)
{
	/* What cannot be found out is left out. */
	if (value < 0)
		return;
	begin(out, name, "gauge", help);
	fprintf(out, "%s %lld\n", name, value);
}

static void put_process(FILE *out)
{
	struct rusage usage;
	struct rlimit limit;

	if (getrusage(RUSAGE_SELF, &usage) == 0) {
		begin(out, "process_cpu_seconds_total", "counter",
		      "Total user and system CPU time spent in seconds.");
		fprintf(out, "process_cpu_seconds_total %.6f\n",
			(double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
				(double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6);
	}
	put_gauge(out, "process_open_fds", count_descriptors(), "Number of open file descriptors.");
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
		put_gauge(out, "process_max_fds", (long long)limit.rlim_cur,
			  "Maximum number of open file descriptors.");
	put_gauge(out, "process_resident_memory_bytes", resident_bytes(),
		  "Resident memory size in bytes.");
}

#define COUNTER(field) offsetof(struct counters, field)

static void put_all(FILE *out, const struct fleet *fleet)
{
	unsigned i;

	begin(out, "muxd_build_info", "gauge", "The version that runs.");
	fprintf(out, "muxd_build_info{version=\"%s\"} 1\n", MUX_VERSION);
	put_requests(out, fleet);
	begin(out, "muxd_request_duration_seconds", "histogram",
	      "From the loop's seeing a request to its answer being handed to the kernel.");
	for (i = 0; i < fleet->n; i++)
		put_latency(out, i, &fleet->workers[i]->counters);
	begin(out, "muxd_connections", "gauge", "Open connections, by what they wait for.");
	put_states(out, fleet, "muxd_connections", COUNTER(connections));
	begin(out, "muxd_timeouts_total", "counter",
	      "Deadlines that passed, by what the connection waited for.");
	put_states(out, fleet, "muxd_timeouts_total", COUNTER(timeouts));
	put_counter(out, fleet, "muxd_connections_accepted_total", COUNTER(accepted),
		    "Connections accepted.");
	put_counter(out, fleet, "muxd_connections_handed_over_total", COUNTER(handed_over),
		    "Connections given to a worker with fewer.");
	put_counter(out, fleet, "muxd_received_bytes_total", COUNTER(received_bytes),
		    "Bytes received.");
	put_counter(out, fleet, "muxd_sent_bytes_total", COUNTER(sent_bytes), "Bytes sent.");
	put_counter(out, fleet, "muxd_accept_pauses_total", COUNTER(accept_pauses),
		    "Times that accepting paused for want of a slot or a descriptor.");
	put_counter(out, fleet, "muxd_access_log_dropped_lines_total", COUNTER(log_dropped),
		    "Lines of the access log that could not be written.");
	put_overflows(out);
	put_process(out);
}

int metrics_format(const struct fleet *fleet, char **ret_text, size_t *ret_len)
{
	FILE *out = open_memstream(ret_text, ret_len);
	bool failed;

	if (out == NULL)
		return -ENOMEM;
	put_all(out, fleet);
	failed = ferror(out) != 0;
	if (fclose(out) == 0 && !failed)
		return 0;
	free(*ret_text);
	*ret_text = NULL;
	return -ENOMEM;
}
