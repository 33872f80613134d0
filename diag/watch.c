/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "check.h"
#include "command.h"
#include "progress.h"

enum {
	/* Servers come and go, and legacy tables change, without announcing it. */
	ANYWAY_MS = 5000,
	/* How soon a server that starts is noticed. */
	RETRY_MS = 200,
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void print_time(void)
{
	time_t now = time(NULL);
	struct tm local;
	char text[16] = "";

	if (localtime_r(&now, &local) != NULL)
		strftime(text, sizeof(text), "%H:%M:%S", &local);
	printf("%s  ", text);
}

/* A reader behind a pipe sees it now, and one that went away is noticed. */
static int flush(void)
{
	if (fflush(stdout) == 0)
		return 0;
	return command_complain(COMMAND_INTERNAL, strerror(errno));
}

/* --- what is different ------------------------------------------------------------------- */

static bool has_finding(const struct mux_report *report, const struct mux_finding *wanted)
{
	size_t i;

	for (i = 0; i < report->n_findings; i++)
		if (strcmp(report->findings[i].id, wanted->id) == 0 &&
		    strcmp(report->findings[i].title, wanted->title) == 0)
			return true;
	return false;
}

/* The findings of one report that the other has not, each after `sign`. */
static size_t print_missing(const struct mux_report *of, const struct mux_report *in,
			    const char *sign)
{
	size_t i, n = 0;

	for (i = 0; i < of->n_findings; i++) {
		if (has_finding(in, &of->findings[i]))
			continue;
		n++;
		if (sign != NULL)
			printf("          %s %s\n", sign, of->findings[i].title);
	}
	return n;
}

/* How the addresses end, whatever it took them this time. */
static bool same_endpoints(const struct mux_report *a, const struct mux_report *b)
{
	size_t i;

	if (a->n_endpoints != b->n_endpoints)
		return false;
	for (i = 0; i < a->n_endpoints; i++)
		if (memcmp(&a->endpoints[i].address, &b->endpoints[i].address,
			   sizeof(a->endpoints[i].address)) != 0 ||
		    strcmp(a->endpoints[i].name, b->endpoints[i].name) != 0 ||
		    a->endpoints[i].works != b->endpoints[i].works)
			return false;
	return true;
}

static bool is_same(const struct mux_report *a, const struct mux_report *b)
{
	return a->status == b->status && same_endpoints(a, b) && print_missing(a, b, NULL) == 0 &&
	       print_missing(b, a, NULL) == 0;
}

/* --- while it changes -------------------------------------------------------------------- */

/* `changes` is NULL when nothing was announced. */
static int print_change(const struct options *options, const struct mux_report *before,
			const struct mux_report *after, const char *changes)
{
	bool same = is_same(before, after);
	int status;

	if (options->format != MUX_FORMAT_TEXT) {
		status = same ? 0 : check_print(after, options);
		return status >= COMMAND_USAGE ? status : 0;
	}
	if (same && changes == NULL)
		return 0;
	print_time();
	printf("changed: %s\n", changes != NULL ? changes : "something that announces nothing");
	if (same)
		printf("          the answer is the same\n");
	else
		printf("          %s\n", after->headline);
	print_missing(before, after, "-");
	print_missing(after, before, "+");
	return flush();
}

/* Looks once more; *check becomes what was found. */
static int look_again(const struct options *options, const char *changes, struct check *check)
{
	struct check next;
	int status = check_make(options, &next);

	if (status == 0)
		status = print_change(options, check->report, next.report, changes);
	if (status != 0) {
		check_done(&next);
		return status;
	}
	check_done(check);
	*check = next;
	return 0;
}

static int start(const struct options *options, const struct mux_watch *watch, struct check *check)
{
	int error = mux_watch_firewall_error(watch);
	int status = check_make(options, check);

	if (status == 0 && options->format == MUX_FORMAT_TEXT)
		print_time();
	if (status == 0 && flush() != 0)
		return COMMAND_INTERNAL;
	if (status == 0)
		status = check_print(check->report, options);
	if (status >= COMMAND_USAGE)
		return status;
	if (error != 0)
		fprintf(stderr,
			"muxdiag: nftables announces its changes to root only (%s); looking every "
			"%d s\n",
			strerror(error), ANYWAY_MS / 1000);
	return 0;
}

int watch_changes(const struct options *options)
{
	struct mux_error error = {0};
	struct mux_watch *watch = mux_watch_new(options->root_dir, &error);
	struct check check = {0};
	int status, result;

	if (watch == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	status = start(options, watch, &check);
	while (status == 0) {
		char *changes = NULL;

		result = mux_watch_wait(watch, ANYWAY_MS, &changes);
		if (result != 0 && result != -EINTR)
			status = command_complain(COMMAND_INTERNAL, strerror(-result));
		else
			status = look_again(options, changes, &check);
		free(changes);
	}
	check_done(&check);
	mux_watch_free(watch);
	return status;
}

/* --- until it works ---------------------------------------------------------------------- */

static bool works(const struct mux_report *report)
{
	return report->status == MUX_STATUS_OK || report->status == MUX_STATUS_WARNING;
}

/* One line that moves on a terminal; elsewhere one for every other answer. */
struct live {
	bool terminal;
	char last[256];
};

static void tell(struct live *live, const struct mux_report *report, int64_t elapsed_ms,
		 int deadline_s)
{
	if (live->terminal) {
		fprintf(stderr, "\r\033[Kwaiting (%d of %d s): %.120s", (int)(elapsed_ms / 1000),
			deadline_s, report->headline);
		fflush(stderr);
		return;
	}
	if (strncmp(live->last, report->headline, sizeof(live->last) - 1) == 0)
		return;
	snprintf(live->last, sizeof(live->last), "%s", report->headline);
	fprintf(stderr, "waiting (%d of %d s): %s\n", (int)(elapsed_ms / 1000), deadline_s,
		report->headline);
}

/* A change is a reason to look at once. */
static void pause_before_next(struct mux_watch *watch, int64_t left_ms)
{
	char *changes = NULL;

	mux_watch_wait(watch, left_ms < RETRY_MS ? (int)left_ms : RETRY_MS, &changes);
	free(changes);
}

int watch_until(const struct options *options)
{
	int64_t started_ms = now_ms(), deadline_ms = (int64_t)options->deadline_s * 1000;
	struct live live = {.terminal = isatty(STDERR_FILENO)};
	struct mux_error error = {0};
	struct mux_watch *watch = mux_watch_new(options->root_dir, &error);
	struct check check = {0};
	bool reached = false;
	int status = 0;

	if (watch == NULL)
		return command_complain(COMMAND_INTERNAL, error.message);
	while (status == 0) {
		int64_t elapsed_ms;

		check_done(&check);
		status = check_make(options, &check);
		elapsed_ms = now_ms() - started_ms;
		reached = status == 0 && works(check.report);
		if (status != 0 || reached || elapsed_ms >= deadline_ms)
			break;
		tell(&live, check.report, elapsed_ms, options->deadline_s);
		pause_before_next(watch, deadline_ms - elapsed_ms);
	}
	if (live.terminal)
		fputs("\r\033[K", stderr);
	if (status == 0)
		status = check_print(check.report, options);
	check_done(&check);
	mux_watch_free(watch);
	return reached && status < COMMAND_USAGE ? 0 : status;
}
