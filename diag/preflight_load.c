/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight_load.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

enum {
	SAMPLE_NS = 100 * 1000 * 1000,
	CANNOT_RUN = 126, /* as shells say */
	NOT_FOUND = 127,
};

/* What wakes the watcher; SIGINT reaches the command from the terminal by itself. */
static sigset_t block_signals(sigset_t *ret_before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, ret_before);
	return set;
}

/* In the child; does not return. */
static void become(const struct options *options, const sigset_t *signals)
{
	int error;

	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	/* The report is the only thing on standard output. */
	if (options->format == MUX_FORMAT_JSON)
		dup2(STDERR_FILENO, STDOUT_FILENO);
	execvp(options->command[0], options->command);
	error = errno;
	fprintf(stderr, "muxdiag: cannot run the command: %s\n", strerror(error));
	_exit(error == ENOENT ? NOT_FOUND : CANNOT_RUN);
}

static int64_t microseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000000 + time->tv_usec;
}

/* Has it ended? Fills in how. */
static bool take_end(pid_t child, struct mux_run_command *ret)
{
	struct rusage usage;
	int status;

	if (wait4(child, &status, WNOHANG, &usage) != child)
		return false;
	ret->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	ret->cpu_us = microseconds(&usage.ru_utime) + microseconds(&usage.ru_stime);
	return true;
}

/* Samples until the command has ended, or, without one, a signal has come. */
static void wait_for_end(pid_t child, const sigset_t *set, struct mux_run_watch *watch,
			 struct mux_run_command *ret)
{
	const struct timespec pause = {.tv_nsec = SAMPLE_NS};

	for (;;) {
		int signal = sigtimedwait(set, NULL, &pause);

		if (child > 0 && take_end(child, ret))
			return;
		if (child == 0 && (signal == SIGINT || signal == SIGTERM))
			return;
		if (child > 0 && signal == SIGTERM)
			kill(child, SIGTERM);
		if (signal < 0)
			mux_run_watch_sample(watch);
	}
}

int preflight_load(const struct options *options, struct mux_run_watch *watch,
		   struct mux_run_command *ret)
{
	sigset_t before, set = block_signals(&before);
	pid_t child = 0;

	fflush(NULL);
	mux_run_watch_sample(watch);
	if (options->command != NULL) {
		const char *slash = strrchr(options->command[0], '/');

		child = fork();
		if (child == 0)
			become(options, &before);
		if (child < 0)
			return command_complain(COMMAND_INTERNAL, strerror(errno));
		ret->name = slash != NULL ? slash + 1 : options->command[0];
	} else {
		fputs("muxdiag: counting; start the load, and end this with Ctrl-C after it\n",
		      stderr);
	}
	wait_for_end(child, &set, watch, ret);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return 0;
}
