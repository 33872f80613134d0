/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection is a descriptor at either end, and for some servers a thread. */
#include <errno.h>
#include <string.h>

#include "base/slice.h"
#include "preflight/preflight.h"

enum {
	SERVER_SPARE = 64, /* log files, libraries, connections to elsewhere */
	CLIENT_SPARE = 20,
};

static const char *limit_text(struct preflight *preflight, int64_t limit)
{
	return limit == MUX_UNLIMITED ? "unlimited"
				      : arena_printf(preflight->arena, "%lld", (long long)limit);
}

static void judge_server(struct preflight *preflight, const struct preflight_check *check,
			 const struct mux_process *server)
{
	int64_t open = server->files_source.presence == MUX_PRESENT ? server->open_files : 0;
	int64_t wanted = (int64_t)preflight->capacity->load.concurrency + SERVER_SPARE + open;
	bool enough = server->limits.open_files >= wanted;
	const char *command = preflight_escape(preflight, server->command);
	const char *path = arena_printf(preflight->arena, "/proc/%d/limits", server->pid);
	int64_t left = server->limits.open_files - open;
	struct fit *fit;

	fit = fit_add(preflight, check, enough ? MUX_FIT_OK : MUX_FIT_FAIL,
		      "the server %s may have %s descriptors", command,
		      limit_text(preflight, server->limits.open_files));
	fit_see(preflight, fit, path, "max open files %s; %lld are open",
		limit_text(preflight, server->limits.open_files), (long long)open);
	fit_want(preflight, fit,
		 "%lld: one for each connection, %lld that are open, and %d to spare",
		 (long long)wanted, (long long)open, SERVER_SPARE);
	if (enough)
		return;
	fit_expect(preflight, fit,
		   "after %lld connections accept() fails with \"Too many open files\"; the others "
		   "wait or are reset",
		   (long long)(left > 0 ? left : 0));
	fit_mend(preflight, fit, "Raise it for the running server, or start it with a higher one",
		 arena_printf(preflight->arena, "prlimit --pid %d --nofile=%lld", server->pid,
			      (long long)(wanted < 65536 ? 65536 : wanted)),
		 NULL);
}

static void run_server(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	static const struct mux_source none = {
		.name = "processes", .presence = MUX_DENIED, .error = EACCES};

	if (preflight->candidate == NULL && capacity->n_servers == 0)
		return;
	if (capacity->n_servers == 0 || capacity->servers[0].limits.source.presence != MUX_PRESENT)
		fit_add_unknown(preflight, check,
				capacity->n_servers == 0 ? &none
							 : &capacity->servers[0].limits.source,
				"how many descriptors the server may have");
	else
		judge_server(preflight, check, &capacity->servers[0]);
}

const struct preflight_check preflight_server_descriptors = {
	.id = "server-descriptors", .subject = "descriptors", .run = run_server};

static void run_client(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_limits *limits = &preflight->capacity->self.limits;
	unsigned concurrency = preflight->capacity->load.concurrency;
	int64_t wanted = (int64_t)concurrency + CLIENT_SPARE;
	bool enough = limits->open_files >= wanted;
	struct fit *fit;

	if (limits->source.presence != MUX_PRESENT) {
		fit_add_unknown(preflight, check, &limits->source,
				"how many descriptors the tool may have");
		return;
	}
	fit = fit_add(preflight, check, enough ? MUX_FIT_OK : MUX_FIT_FAIL,
		      "a tool started from this shell may have %s descriptors",
		      limit_text(preflight, limits->open_files));
	fit_see(preflight, fit, "RLIMIT_NOFILE", "%s", limit_text(preflight, limits->open_files));
	fit_want(preflight, fit, "%lld: one for each connection, and %d more", (long long)wanted,
		 CLIENT_SPARE);
	if (enough)
		return;
	fit_expect(preflight, fit, "%s",
		   preflight->tool->http10
			   ? "ab ends with \"socket: Too many open files (24)\""
			   : "the tool opens fewer connections than it is told, or ends with \"Too "
			     "many open files\"");
	fit_mend(preflight, fit, "Raise it in the shell that starts the tool",
		 arena_printf(preflight->arena, "ulimit -n %lld",
			      (long long)(wanted < 65536 ? 65536 : wanted)),
		 NULL);
}

const struct preflight_check preflight_client_descriptors = {
	.id = "client-descriptors", .subject = "descriptors", .run = run_client};

static void run_system(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	int64_t more = 2 * (int64_t)capacity->load.concurrency;
	int64_t room = capacity->files_max - capacity->files_used;
	struct fit *fit;

	if (capacity->file_nr_source.presence != MUX_PRESENT) {
		fit_add_unknown(preflight, check, &capacity->file_nr_source,
				"how many files the machine may have open");
		return;
	}
	fit = fit_add(preflight, check, room > more ? MUX_FIT_OK : MUX_FIT_FAIL,
		      "the machine has %lld of %lld files open", (long long)capacity->files_used,
		      (long long)capacity->files_max);
	fit_see(preflight, fit, "/proc/sys/fs/file-nr", "%lld of %lld",
		(long long)capacity->files_used, (long long)capacity->files_max);
	fit_want(preflight, fit, "room for %lld: two for each connection", (long long)more);
	if (room > more)
		return;
	fit_expect(preflight, fit,
		   "every program on the machine meets \"Too many open files in system\"");
	fit_mend(preflight, fit, "Raise it",
		 arena_printf(preflight->arena, "sysctl -w fs.file-max=%lld",
			      (long long)(capacity->files_used + 2 * more + 65536)),
		 NULL);
}

const struct preflight_check preflight_system_descriptors = {
	.id = "system-descriptors", .subject = "descriptors", .run = run_system};

/* The limit counts the threads of all processes of the user, and root is not held to it. */
static void run_processes(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	const struct mux_process *server = capacity->servers;
	unsigned concurrency = capacity->load.concurrency;
	struct fit *fit;
	bool enough;

	if (capacity->n_servers == 0 || server->limits.source.presence != MUX_PRESENT ||
	    server->status.source.presence != MUX_PRESENT || server->limits.processes < 0)
		return;
	enough = server->limits.processes > (int64_t)concurrency + server->status.threads;
	fit = fit_add(preflight, check, enough ? MUX_FIT_OK : MUX_FIT_INFO,
		      "the server's user may have %s threads",
		      limit_text(preflight, server->limits.processes));
	fit_see(preflight, fit, arena_printf(preflight->arena, "/proc/%d/limits", server->pid),
		"max processes %s; the server has %lld threads",
		limit_text(preflight, server->limits.processes), (long long)server->status.threads);
	fit_want(preflight, fit, "more than %u, for a server with a thread for each connection",
		 concurrency);
	if (!enough)
		fit_expect(preflight, fit, "such a server cannot start threads for all of them");
}

const struct preflight_check preflight_server_processes = {
	.id = "server-processes", .subject = "descriptors", .run = run_processes};

/* Whoever leaves the fewest threads. */
struct room_for_threads {
	const char *source;
	int64_t most, now;
};

static void take_least(struct room_for_threads *least, const char *source, int64_t most,
		       int64_t now)
{
	if (most < 0 || most == MUX_UNLIMITED || now < 0 ||
	    (least->source != NULL && most - now >= least->most - least->now))
		return;
	*least = (struct room_for_threads){source, most, now};
}

/* Development servers whose threads are as many as their connections. */
static bool has_thread_each(const struct mux_reach *reach)
{
	size_t i;

	for (i = 0; i < reach->n_requests; i++)
		if (slice_starts_with(reach->requests[i].server, "Werkzeug/") ||
		    slice_starts_with(reach->requests[i].server, "SimpleHTTP/"))
			return true;
	return false;
}

static void run_process_quota(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	const struct mux_quota *quota = &capacity->server_quota;
	unsigned concurrency = capacity->load.concurrency;
	struct room_for_threads least = {.source = NULL};
	bool enough, each = has_thread_each(&capacity->reach);
	struct fit *fit;

	if (quota->source.presence == MUX_PRESENT)
		take_least(&least, "pids.max", quota->pids_max, quota->pids_now);
	if (capacity->load_source.presence == MUX_PRESENT) {
		take_least(&least, "kernel.threads-max",
			   preflight_sysctl(preflight, "kernel/threads-max"), capacity->threads);
		take_least(&least, "kernel.pid_max", preflight_sysctl(preflight, "kernel/pid_max"),
			   capacity->threads);
	}
	if (least.source == NULL)
		return;
	enough = least.most - least.now > (int64_t)concurrency;
	fit = fit_add(preflight, check,
		      enough ? MUX_FIT_OK
		      : each ? MUX_FIT_WARNING
			     : MUX_FIT_INFO,
		      "%s leaves room for %lld more threads", least.source,
		      (long long)(least.most > least.now ? least.most - least.now : 0));
	fit_see(preflight, fit, least.source, "%lld of %lld", (long long)least.now,
		(long long)least.most);
	fit_want(preflight, fit, "more than %u, for a server with a thread for each connection",
		 concurrency);
	if (enough)
		return;
	fit_expect(preflight, fit, "%s",
		   each ? "this server has a thread for each connection: \"can't start new "
			  "thread\", and the connection ends"
			: "a server with a thread for each connection cannot start all of them");
	if (strcmp(least.source, "pids.max") != 0)
		fit_mend(preflight, fit, "Raise it",
			 arena_printf(preflight->arena, "sysctl -w %s=%lld", least.source,
				      (long long)(least.now + 2 * (int64_t)concurrency + 1024)),
			 NULL);
	else
		fit_mend(preflight, fit,
			 arena_printf(preflight->arena,
				      "Write \"max\" to the pids.max of the control group %s",
				      preflight_escape(preflight, quota->pids_path)),
			 NULL, NULL);
}

const struct preflight_check preflight_process_quota = {
	.id = "process-quota", .subject = "descriptors", .run = run_process_quota};
