/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who used the processors while a load ran, and how it ended. */
#include "base/slice.h"
#include "preflight/preflight.h"

enum { MANY_PERCENT = 90 };

static double seconds(const struct mux_run *run)
{
	return (double)run->elapsed_us / 1000000;
}

/* The lower eight bits of the error that APR gave. */
static const char *ab_status(int status)
{
	static const struct {
		int status;
		const char *meaning;
	} known[] = {
		{104, "104 is ECONNRESET: ab ends at the first \"Connection reset by peer\""},
		{111, "111 is ECONNREFUSED: nobody listened"},
		{119, "119 is 70007, \"The timeout specified has expired\": ab ends when a "
		      "connection hangs for 30 s"},
		{99, "99 is EADDRNOTAVAIL: no source port was left"},
		{24, "24 is EMFILE: the shell's limit of descriptors"},
	};
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].status == status)
			return known[i].meaning;
	return "";
}

static void run_command(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	bool failed = run->command_status != 0;
	const char *name;
	struct fit *fit;

	if (run->command.len == 0)
		return;
	name = preflight_escape(preflight, run->command);
	fit = fit_add(preflight, check, failed ? MUX_FIT_FAIL : MUX_FIT_OK,
		      "%s ended with status %d after %.1f s", name, run->command_status,
		      seconds(run));
	fit_see(preflight, fit, name, "status %d, %.2f s of processor time", run->command_status,
		(double)run->command_cpu_us / 1000000);
	if (failed && preflight->tool->ends_at_errors)
		fit_expect(preflight, fit, "%s", ab_status(run->command_status));
}

const struct preflight_check preflight_run_command = {
	.id = "run-command", .subject = "method", .run = run_command};

static void run_server(struct preflight *preflight, const struct preflight_check *check)
{
	if (preflight->run->server_ended)
		fit_add(preflight, check, MUX_FIT_FAIL, "the server ended during the run");
}

const struct preflight_check preflight_run_server = {
	.id = "run-server", .subject = "method", .run = run_server};

static void run_client(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	const char *name;
	struct fit *fit;
	double percent;

	if (run->command.len == 0 || run->elapsed_us <= 0)
		return;
	percent = 100 * (double)run->command_cpu_us / (double)run->elapsed_us;
	name = preflight_escape(preflight, run->command);
	fit = fit_add(preflight, check, percent >= MANY_PERCENT ? MUX_FIT_WARNING : MUX_FIT_OK,
		      percent >= MANY_PERCENT ? "%s used a whole processor: it was the limit"
					      : "%s was not the limit",
		      name);
	fit_see(preflight, fit, "getrusage(2)", "%.0f %% of one processor", percent);
	fit_want(preflight, fit, "less than %d %%: else the result is the tool's", MANY_PERCENT);
	if (percent >= MANY_PERCENT)
		fit_mend(preflight, fit, "Use a tool with more threads, or several at once",
			 "wrk -t 2", NULL);
}

const struct preflight_check preflight_run_client = {
	.id = "run-client", .subject = "processor", .run = run_client};

static bool was_throttled(const struct mux_quota *before, const struct mux_quota *after)
{
	return before->throttled >= 0 && after->throttled > before->throttled;
}

static void see_throttled(struct preflight *preflight, struct fit *fit, const char *who,
			  const struct mux_quota *before, const struct mux_quota *after)
{
	if (was_throttled(before, after))
		fit_see(preflight, fit, "control group", "%s: stopped in %lld periods, for %.2f s",
			who, (long long)(after->throttled - before->throttled),
			(double)(after->throttled_us - before->throttled_us) / 1000000);
}

static void run_throttled(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	bool self = was_throttled(&run->self_before, &run->self_after);
	bool server = was_throttled(&run->server_before, &run->server_after);
	struct fit *fit;

	if (run->self_after.cpus == 0 && run->server_after.cpus == 0)
		return;
	fit = fit_add(preflight, check, self || server ? MUX_FIT_WARNING : MUX_FIT_OK,
		      self || server ? "a control group stopped %s"
				     : "no control group stopped anybody%s",
		      self && server ? "the server and the tool"
		      : server	     ? "the server"
		      : self	     ? "the tool"
				     : "");
	see_throttled(preflight, fit, "the server", &run->server_before, &run->server_after);
	see_throttled(preflight, fit, "the tool", &run->self_before, &run->self_after);
	if (self || server)
		fit_expect(preflight, fit, "steps of up to 100 ms among the slowest");
}

const struct preflight_check preflight_run_throttled = {
	.id = "run-throttled", .subject = "processor", .run = run_throttled};

static void run_steal(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	int64_t total = run->cpu_after.total - run->cpu_before.total;
	int64_t stolen = run->cpu_after.steal - run->cpu_before.steal;
	struct fit *fit;
	double share;

	if (run->cpu_before.source.presence != MUX_PRESENT ||
	    run->cpu_after.source.presence != MUX_PRESENT || total <= 0)
		return;
	share = 100 * (double)stolen / (double)total;
	fit = fit_add(preflight, check, share >= 1 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "the host took %.1f %% of the processor time", share);
	fit_see(preflight, fit, "/proc/stat", "%lld of %lld ticks were stolen", (long long)stolen,
		(long long)total);
	if (share >= 1)
		fit_expect(preflight, fit, "a part of the slowest requests waited for the host");
}

const struct preflight_check preflight_run_steal = {
	.id = "run-steal", .subject = "processor", .run = run_steal};

static void run_processors(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_run *run = preflight->run;
	int64_t total = run->cpu_after.total - run->cpu_before.total;
	int64_t idle = run->cpu_after.idle - run->cpu_before.idle;
	struct fit *fit;

	if (total <= 0 || run->elapsed_us <= 0)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO,
		      "the processors of the machine were busy %.0f %% of the time",
		      100 * (double)(total - idle) / (double)total);
	if (run->server_ticks >= 0 && run->ticks_per_s > 0)
		fit_see(preflight, fit, "the server", "%.2f processors",
			(double)run->server_ticks / (double)run->ticks_per_s / seconds(run));
	if (run->command.len != 0)
		fit_see(preflight, fit, preflight_escape(preflight, run->command),
			"%.2f processors", (double)run->command_cpu_us / (double)run->elapsed_us);
}

const struct preflight_check preflight_run_processors = {
	.id = "run-processors", .subject = "processor", .run = run_processors};
