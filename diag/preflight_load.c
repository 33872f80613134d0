/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "preflight_load.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "command.h"

enum {
	SAMPLE_MS = 100,
	CANNOT_RUN = 126, /* as shells say */
	NOT_FOUND = 127,
};

/* What is waited for. */
struct load {
	const struct options *options;
	struct mux_run_watch *watch;
	int signals;   /* signalfd(2) */
	int output;    /* of the command, non-blocking; -1 = it goes where ours goes */
	pid_t child;   /* 0 = the load is started elsewhere */
	FILE *forward; /* where what comes from `output` belongs */
	struct preflight_output *kept;
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

/* In the child, whose standard output is to be that one; does not return. */
static void become(const struct options *options, int output, const sigset_t *signals)
{
	int error;

	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, signals, NULL);
	dup2(output, STDOUT_FILENO);
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

/* --- the output ---------------------------------------------------------------------------- */

/* Keeps the end of all that came. */
static void keep(struct preflight_output *kept, const char *bytes, size_t n)
{
	size_t room = sizeof(kept->bytes);

	if (n > room) {
		bytes += n - room;
		n = room;
	}
	if (kept->len + n > room) {
		size_t gone = kept->len + n - room;

		memmove(kept->bytes, kept->bytes + gone, kept->len - gone);
		kept->len -= gone;
	}
	memcpy(kept->bytes + kept->len, bytes, n);
	kept->len += n;
}

/* Passes on what is there, and closes the pipe at its end. */
static void take_output(struct load *load)
{
	char bytes[4096];
	ssize_t n;

	while (load->output >= 0 && (n = read(load->output, bytes, sizeof(bytes))) >= 0) {
		if (n == 0) {
			close(load->output);
			load->output = -1;
			break;
		}
		keep(load->kept, bytes, (size_t)n);
		fwrite(bytes, 1, (size_t)n, load->forward);
	}
	fflush(load->forward);
}

/* --- waiting ------------------------------------------------------------------------------- */

/* Waits until something comes, or it is time for a sample. Returns the signal, or 0. */
static int wait_once(struct load *load)
{
	struct pollfd fds[] = {{load->signals, POLLIN, 0}, {load->output, POLLIN, 0}};
	struct signalfd_siginfo info = {0};

	if (poll(fds, 2, SAMPLE_MS) == 0)
		mux_run_watch_sample(load->watch);
	if (fds[1].revents != 0)
		take_output(load);
	if ((fds[0].revents & POLLIN) == 0 ||
	    read(load->signals, &info, sizeof(info)) != (ssize_t)sizeof(info))
		return 0;
	return (int)info.ssi_signo;
}

/* Until the command has ended, or, without one, a signal has come. */
static void wait_for_end(struct load *load, struct mux_run_command *ret)
{
	for (;;) {
		int signal = wait_once(load);

		if (load->child > 0 && take_end(load->child, ret))
			break;
		if (load->child == 0 && (signal == SIGINT || signal == SIGTERM))
			break;
		if (load->child > 0 && signal == SIGTERM)
			kill(load->child, SIGTERM);
	}
	/* What it has left to others that are still running is not waited for. */
	take_output(load);
}

/* The output of ab is seen, because its percentiles are explained; others write where they like,
 * since many behave differently when that is no terminal. */
static bool is_ab(const char *command)
{
	const char *slash = strrchr(command, '/');

	return strcmp(slash != NULL ? slash + 1 : command, "ab") == 0;
}

/* Returns 0 or -errno. */
static int start(struct load *load, const sigset_t *signals)
{
	/* The report is the only thing on standard output. */
	bool json = load->options->format == MUX_FORMAT_JSON;
	int own = json ? STDERR_FILENO : STDOUT_FILENO, pipes[2] = {-1, -1};

	if (is_ab(load->options->command[0])) {
		if (pipe2(pipes, O_CLOEXEC) != 0)
			return -errno;
		fcntl(pipes[0], F_SETFL, O_NONBLOCK);
		load->output = pipes[0];
	}
	load->forward = json ? stderr : stdout;
	load->child = fork();
	if (load->child == 0)
		become(load->options, pipes[1] >= 0 ? pipes[1] : own, signals);
	if (pipes[1] >= 0)
		close(pipes[1]);
	return load->child < 0 ? -errno : 0;
}

static void describe(const struct load *load, struct mux_run_command *ret)
{
	const char *slash = strrchr(load->options->command[0], '/');

	ret->name = slash != NULL ? slash + 1 : load->options->command[0];
	if (!is_ab(ret->name))
		return;
	ret->output = load->kept->bytes;
	ret->output_len = load->kept->len;
}

int preflight_load(const struct options *options, struct mux_run_watch *watch,
		   struct preflight_output *output, struct mux_run_command *ret)
{
	sigset_t before, set = block_signals(&before);
	struct load load = {.options = options,
			    .watch = watch,
			    .signals = signalfd(-1, &set, SFD_CLOEXEC),
			    .output = -1,
			    .forward = stdout,
			    .kept = output};
	int error = load.signals < 0 ? -errno : 0;

	fflush(NULL);
	mux_run_watch_sample(watch);
	if (error == 0 && options->command != NULL)
		error = start(&load, &before);
	else if (error == 0)
		fputs("muxdiag: counting; start the load, and end this with Ctrl-C after it\n",
		      stderr);
	if (error == 0) {
		wait_for_end(&load, ret);
		if (options->command != NULL)
			describe(&load, ret);
	}
	if (load.output >= 0)
		close(load.output);
	if (load.signals >= 0)
		close(load.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return error == 0 ? 0 : command_complain(COMMAND_INTERNAL, strerror(-error));
}
