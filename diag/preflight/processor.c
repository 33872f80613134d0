/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who may use which processors, how much of them is left, and how steadily they run. */
#include <string.h>

#include "base/slice.h"
#include "preflight/preflight.h"

static const char *command_of(struct preflight *preflight)
{
	const struct mux_capacity *capacity = preflight->capacity;

	return capacity->n_servers == 0 ? "the server"
					: preflight_escape(preflight, capacity->servers[0].command);
}

static const struct mux_process_status *server_status(const struct preflight *preflight)
{
	const struct mux_capacity *capacity = preflight->capacity;

	if (capacity->n_servers == 0 || capacity->servers[0].status.source.presence != MUX_PRESENT)
		return NULL;
	return &capacity->servers[0].status;
}

/* --- control groups ------------------------------------------------------------------------ */

/* Does the group leave less than all the processors? */
static bool is_limited(const struct preflight *preflight, const struct mux_quota *quota)
{
	size_t n = preflight->capacity->n_online;

	return quota->source.presence == MUX_PRESENT && quota->cpus > 0 &&
	       (n == 0 || quota->cpus < (double)n);
}

static void see_quota(struct preflight *preflight, struct fit *fit, const char *who,
		      const struct mux_quota *quota)
{
	if (quota->throttled >= 0)
		fit_see(preflight, fit, "control group",
			"%s, %s: %.2f processors; stopped in %lld periods so far", who,
			preflight_escape(preflight, quota->cpu_path), quota->cpus,
			(long long)quota->throttled);
	else
		fit_see(preflight, fit, "control group", "%s, %s: %.2f processors", who,
			preflight_escape(preflight, quota->cpu_path), quota->cpus);
}

static void run_quota(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	bool self = is_limited(preflight, &capacity->self_quota);
	bool server = is_limited(preflight, &capacity->server_quota);
	struct fit *fit;

	if (!self && !server && capacity->self_quota.source.presence == MUX_DENIED) {
		fit_add_unknown(preflight, check, &capacity->self_quota.source,
				"whether a control group limits the processor time");
		return;
	}
	if (!self && !server) {
		fit_add(preflight, check, MUX_FIT_OK, "no control group limits the processor time");
		return;
	}
	fit = fit_add(preflight, check, MUX_FIT_WARNING,
		      "a control group limits the processor time of %s",
		      self && server ? "the server and of this shell"
		      : self	     ? "this shell"
				     : "the server");
	if (server)
		see_quota(preflight, fit, "the server", &capacity->server_quota);
	if (self)
		see_quota(preflight, fit, "this shell", &capacity->self_quota);
	fit_want(preflight, fit, "no limit, or one that the load does not reach");
	fit_expect(preflight, fit,
		   "when its share of a period (100 ms) is used up, everything stands still until "
		   "the next: steps of up to 100 ms in the slowest percents");
	fit_mend(preflight, fit, "Run both outside of it, or write \"max\" to its cpu.max", NULL,
		 NULL);
}

const struct preflight_check preflight_processor_quota = {
	.id = "processor-quota", .subject = "processor", .run = run_quota};

/* --- how many ------------------------------------------------------------------------------ */

static bool overlaps(const struct mux_cpu_set *a, const struct mux_cpu_set *b)
{
	size_t i;

	for (i = 0; i < sizeof(a->bits) / sizeof(a->bits[0]); i++)
		if ((a->bits[i] & b->bits[i]) != 0)
			return true;
	return false;
}

static size_t count_both(const struct mux_cpu_set *a, const struct mux_cpu_set *b)
{
	size_t i, n = 0;
	uint64_t bits;

	for (i = 0; i < sizeof(a->bits) / sizeof(a->bits[0]); i++)
		/* Each turn takes the lowest bit away. */
		for (bits = a->bits[i] | b->bits[i]; bits != 0; bits &= bits - 1)
			n++;
	return n;
}

static void judge_processors(struct preflight *preflight, const struct preflight_check *check,
			     const struct mux_process_status *self,
			     const struct mux_process_status *server)
{
	size_t n = server != NULL ? count_both(&self->cpus, &server->cpus) : self->n_cpus;
	bool shared = server == NULL || overlaps(&self->cpus, &server->cpus);
	struct fit *fit;

	fit = fit_add(preflight, check,
		      n <= 1   ? MUX_FIT_WARNING
		      : shared ? MUX_FIT_INFO
			       : MUX_FIT_OK,
		      n <= 1   ? "tool and server share one processor"
		      : shared ? "tool and server may run on the same processors"
			       : "tool and server have processors of their own");
	fit_see(preflight, fit, "Cpus_allowed_list", "a tool from this shell may use %zu",
		self->n_cpus);
	if (server != NULL)
		fit_see(preflight, fit, "Cpus_allowed_list", "%s may use %zu",
			command_of(preflight), server->n_cpus);
	fit_want(preflight, fit,
		 "one of its own for each: else every microsecond of the tool is "
		 "taken from the server");
	if (n <= 1)
		fit_expect(preflight, fit,
			   "the result is that of tool and server together, about half of what the "
			   "server can do");
	if (shared)
		fit_mend(preflight, fit, "Keep them apart, on a machine with more processors",
			 "taskset -c 0 SERVER", "taskset -c 1 TOOL");
}

static void run_processors(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_process_status *self = &preflight->capacity->self.status;

	if (self->source.presence != MUX_PRESENT || self->n_cpus == 0) {
		fit_add_unknown(preflight, check, &self->source, "which processors may be used");
		return;
	}
	judge_processors(preflight, check, self, server_status(preflight));
}

const struct preflight_check preflight_processors = {
	.id = "processors", .subject = "processor", .run = run_processors};

static void run_server_threads(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_process_status *server = server_status(preflight);
	struct fit *fit;

	if (server == NULL)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "%s has %lld thread%s", command_of(preflight),
		      (long long)server->threads, server->threads == 1 ? "" : "s");
	fit_see(preflight, fit, "Threads", "%lld", (long long)server->threads);
	if (server->threads == 1)
		fit_expect(preflight, fit,
			   "it can use one processor, and one slow request delays all others");
}

const struct preflight_check preflight_server_threads = {
	.id = "server-threads", .subject = "processor", .run = run_server_threads};

static void run_client_threads(struct preflight *preflight, const struct preflight_check *check)
{
	const struct preflight_tool *tool = preflight->tool;
	struct fit *fit;

	if (!tool->one_thread)
		return;
	fit = fit_add(preflight, check, MUX_FIT_INFO, "%s has one thread", tool->name);
	fit_see(preflight, fit, tool->name,
		"measured: about %u µs of its own for a request on a "
		"new connection",
		tool->request_us);
	fit_expect(preflight, fit,
		   "near %u requests a second the result is the tool's, not the server's: watch "
		   "whether it uses a whole processor",
		   1000000 / tool->request_us / 1000 * 1000);
	fit_mend(preflight, fit, "Ask a tool with more threads, too", "wrk -t 2", NULL);
}

const struct preflight_check preflight_client_threads = {
	.id = "client-threads", .subject = "processor", .run = run_client_threads};

/* --- how much of them ---------------------------------------------------------------------- */

static void run_busy(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_capacity *capacity = preflight->capacity;
	const struct mux_pressure *pressure = &capacity->cpu_pressure;
	bool has_pressure = pressure->source.presence == MUX_PRESENT, busy;
	size_t n = capacity->n_online != 0 ? capacity->n_online : 1;
	struct fit *fit;

	if (!has_pressure && capacity->load_source.presence != MUX_PRESENT) {
		fit_add_unknown(preflight, check, &capacity->load_source,
				"how busy the processors are");
		return;
	}
	busy = has_pressure ? pressure->some10 >= 5 : capacity->load1 > 0.25 * (double)n;
	fit = fit_add(preflight, check, busy ? MUX_FIT_WARNING : MUX_FIT_OK,
		      busy ? "other programs keep the processors busy" : "the processors are idle");
	if (has_pressure)
		fit_see(preflight, fit, "/proc/pressure/cpu",
			"somebody waited for a processor in %.1f %% of the last 10 s",
			pressure->some10);
	fit_see(preflight, fit, "/proc/loadavg", "%.2f in the last minute, %zu processors",
		capacity->load1, n);
	fit_want(preflight, fit, "less than 5 %% of the time with somebody waiting");
	if (busy)
		fit_expect(preflight, fit,
			   "results vary from run to run by more than what is to be measured");
}

const struct preflight_check preflight_busy = {
	.id = "busy", .subject = "processor", .run = run_busy};

static void run_steal(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_cpu_time *time = &preflight->capacity->cpu_time;
	double used, share;
	struct fit *fit;

	if (time->source.presence != MUX_PRESENT || time->total == 0)
		return;
	used = (double)(time->total - time->idle);
	share = used > 0 ? 100 * (double)time->steal / used : 0;
	fit = fit_add(preflight, check, share >= 1 ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "the host took %.1f %% of the processor time that this machine wanted",
		      share);
	fit_see(preflight, fit, "/proc/stat", "%lld of %lld busy ticks were stolen since the start",
		(long long)time->steal, (long long)(time->total - time->idle));
	fit_want(preflight, fit, "less than 1 %%: other guests of the host are measured, too");
	if (share >= 1)
		fit_expect(preflight, fit,
			   "runs in turns and medians help; compare ratios, not figures");
}

const struct preflight_check preflight_steal = {
	.id = "steal", .subject = "processor", .run = run_steal};

/* --- how steadily -------------------------------------------------------------------------- */

static void run_governor(struct preflight *preflight, const struct preflight_check *check)
{
	const struct mux_line_file *governor = &preflight->capacity->governor;
	const struct mux_line_file *preference = &preflight->capacity->preference;
	const struct mux_line_file *boost = &preflight->capacity->boost;
	const struct mux_line_file *no_turbo = &preflight->capacity->no_turbo;
	bool steady;
	struct fit *fit;

	/* A virtual machine has none. */
	if (governor->source.presence != MUX_PRESENT)
		return;
	steady = slice_is(governor->text, "performance");
	fit = fit_add(preflight, check, steady ? MUX_FIT_OK : MUX_FIT_WARNING,
		      "the processors' frequency is governed by \"%s\"",
		      preflight_escape(preflight, governor->text));
	fit_see(preflight, fit, "scaling_governor", "%s",
		preflight_escape(preflight, governor->text));
	if (preference->source.presence == MUX_PRESENT)
		fit_see(preflight, fit, "energy_performance_preference", "%s",
			preflight_escape(preflight, preference->text));
	if (boost->source.presence == MUX_PRESENT)
		fit_see(preflight, fit, "cpufreq/boost", "%s",
			preflight_escape(preflight, boost->text));
	if (no_turbo->source.presence == MUX_PRESENT)
		fit_see(preflight, fit, "intel_pstate/no_turbo", "%s",
			preflight_escape(preflight, no_turbo->text));
	fit_want(preflight, fit,
		 "performance: a frequency that rises during the run rises the "
		 "result");
	if (steady)
		return;
	fit_expect(preflight, fit, "short runs measure the way up");
	fit_mend(preflight, fit, "Set it for the run", "cpupower frequency-set -g performance",
		 NULL);
}

const struct preflight_check preflight_governor = {
	.id = "governor", .subject = "processor", .run = run_governor};

static void run_clock_source(struct preflight *preflight, const struct preflight_check *check)
{
	static const char *const slow[] = {"hpet", "acpi_pm", "jiffies", "pit", NULL};
	const struct mux_line_file *source = &preflight->capacity->clocksource;
	struct fit *fit;
	size_t i;

	if (source->source.presence != MUX_PRESENT)
		return;
	for (i = 0; slow[i] != NULL && !slice_is(source->text, slow[i]); i++)
		;
	fit = fit_add(preflight, check, slow[i] != NULL ? MUX_FIT_WARNING : MUX_FIT_OK,
		      "the clock is %s", preflight_escape(preflight, source->text));
	fit_see(preflight, fit, "current_clocksource", "%s",
		preflight_escape(preflight, source->text));
	fit_want(preflight, fit,
		 "tsc, or a hypervisor's: reading the time takes a system call "
		 "with the others");
	if (slow[i] != NULL)
		fit_expect(preflight, fit,
			   "tools that take the time of each request slow down by a microsecond or "
			   "more each");
}

const struct preflight_check preflight_clock_source = {
	.id = "clock-source", .subject = "processor", .run = run_clock_source};
