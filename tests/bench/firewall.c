/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What reading and evaluating a ruleset costs, against what the kernel alone takes to dump it.
 *
 *	bench_firewall compare RUNS [COMMAND…]	interleaved medians: bare dump, muxdiag's rounds and
 *						evaluation of a connection to [::1]:8000, and a
 *command bench_firewall memory COMMAND…		the largest resident set of a command
 *	bench_firewall rate			rules evaluated per second, of the ruleset here
 */
#include "netfilter/kernel.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <muxdiag/path.h>

#include "base/addr.h"
#include "base/slice.h"
#include "gather/clock.h"
#include "netfilter/index.h"
#include "netfilter/machine.h"

enum { BUFFER_BYTES = 64 * 1024, MAX_RUNS = 1000 };

extern char **environ;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Receives every rule there is and looks at nothing but the end. */
static void dump_bare(void)
{
	static char buffer[BUFFER_BYTES];
	struct mnl_socket *socket = mnl_socket_open(NETLINK_NETFILTER);
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	const struct nlmsghdr *message;
	ssize_t n;

	header->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETRULE;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	mnl_nlmsg_put_extra_header(header, sizeof(struct nfgenmsg));
	if (socket == NULL || mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, header, header->nlmsg_len) < 0)
		die("netlink");
	do {
		n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		message = (const void *)buffer;
		if (n <= 0 || message->nlmsg_type == NLMSG_ERROR)
			die("dump");
	} while (message->nlmsg_type != NLMSG_DONE);
	mnl_socket_close(socket);
}

static struct nf_packet syn(void)
{
	struct nf_packet packet = {
		.source = addr_loopback6,
		.destination = addr_loopback6,
		.protocol = IPPROTO_TCP,
		.source_port = 45678,
		.destination_port = 8000,
		.tcp_flags = 2,
		.link = 1,
		.link_name = slice_of("lo"),
		.has_socket = true,
	};

	return packet;
}

static const struct mux_path_question question = {
	.destination = {.family = AF_INET6, .bytes = {[15] = 1}},
	.protocol = IPPROTO_TCP,
	.source_port = 45678,
	.destination_port = 8000,
};

/* Reads what the question needs. */
static struct mux_bundle *read_rules(void)
{
	struct mux_error error;
	struct mux_bundle *bundle = mux_gather_paths(&question, 1, &error);

	if (bundle == NULL)
		die("gather");
	return bundle;
}

static const struct mux_snapshot *parse(const struct mux_bundle *bundle)
{
	struct mux_error error;
	const struct mux_snapshot *snapshot = mux_snapshot_parse(bundle, &error);

	if (snapshot == NULL)
		die("parse");
	return snapshot;
}

static void read_and_evaluate(void)
{
	struct mux_bundle *bundle = read_rules();
	const struct mux_snapshot *snapshot = parse(bundle);
	struct mux_error error;
	const struct mux_paths *paths = mux_paths_evaluate(snapshot, &question, 1, false, &error);

	if (paths == NULL)
		die("evaluate");
	mux_paths_free(paths);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
}

/* Returns the largest resident set in KiB. */
static long run_command(char *const *command)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	errno = posix_spawnp(&pid, command[0], &actions, NULL, command, environ);
	if (errno != 0 || wait4(pid, &status, 0, &usage) < 0)
		die(command[0]);
	posix_spawn_file_actions_destroy(&actions);
	return usage.ru_maxrss;
}

static int compare_times(const void *a, const void *b)
{
	const int64_t *first = a, *second = b;

	return (*first > *second) - (*first < *second);
}

static double median_ms(int64_t *times_us, int n)
{
	qsort(times_us, (size_t)n, sizeof(*times_us), compare_times);
	return (double)times_us[n / 2] / 1000;
}

static void compare(int runs, char *const *command)
{
	static int64_t bare[MAX_RUNS], ours[MAX_RUNS], theirs[MAX_RUNS];
	double bare_ms, ours_ms, theirs_ms;
	int i;

	for (i = 0; i < runs; i++) {
		int64_t start = clock_now_us();

		dump_bare();
		bare[i] = clock_now_us() - start;
		start = clock_now_us();
		read_and_evaluate();
		ours[i] = clock_now_us() - start;
		start = clock_now_us();
		if (command[0] != NULL)
			run_command(command);
		theirs[i] = clock_now_us() - start;
	}
	bare_ms = median_ms(bare, runs);
	ours_ms = median_ms(ours, runs);
	theirs_ms = median_ms(theirs, runs);
	printf("bare dump %.2f ms; read and evaluate %.2f ms = %.3f x the bare dump", bare_ms,
	       ours_ms, ours_ms / bare_ms);
	if (command[0] != NULL)
		printf("; %s %.2f ms: read and evaluate = %.4f x that", command[0], theirs_ms,
		       ours_ms / theirs_ms);
	printf("\n");
}

/* Counts the rules that run. */
static void count(void *context, const struct nf_machine *machine, enum mux_answer matches)
{
	(void)machine;
	(void)matches;
	++*(size_t *)context;
}

static void run_output(const struct nf_ruleset *ruleset, const struct nf_packet *packet)
{
	struct arena *arena = arena_new();
	struct nf_decision decision;
	struct nf_live live;

	nf_live_init(&live, packet);
	if (arena == NULL || nf_run_hook_on(ruleset, &live, NF_HOOK_OUTPUT, arena, &decision) != 0)
		die("evaluate");
	arena_free(arena);
}

static void rate(void)
{
	static int64_t times[MAX_RUNS];
	const struct nf_packet packet = syn();
	struct mux_bundle *bundle = read_rules();
	const struct mux_snapshot *snapshot = parse(bundle);
	struct arena *arena = arena_new();
	struct nf_ruleset ruleset;
	size_t n_rules = 0;
	const struct nf_observer observer = {count, &n_rules};
	double median;
	int i;

	if (arena == NULL || nf_ruleset_init(snapshot, arena, &ruleset) != 0)
		die("parse");
	ruleset.observer = &observer;
	run_output(&ruleset, &packet);
	ruleset.observer = NULL;
	for (i = 0; i < MAX_RUNS; i++) {
		int64_t start = clock_now_us();

		run_output(&ruleset, &packet);
		times[i] = clock_now_us() - start;
	}
	median = median_ms(times, MAX_RUNS);
	printf("%zu rules, %.1f million rules per second (median of %d passes; the best: %.1f)\n",
	       n_rules, (double)n_rules / median / 1000, MAX_RUNS,
	       (double)n_rules / (double)times[0]);
	arena_free(arena);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
}

int main(int argc, char **argv)
{
	if (argc >= 3 && strcmp(argv[1], "compare") == 0 && atoi(argv[2]) > 0 &&
	    atoi(argv[2]) <= MAX_RUNS)
		compare(atoi(argv[2]), argv + 3);
	else if (argc >= 3 && strcmp(argv[1], "memory") == 0)
		printf("%ld\n", run_command(argv + 2));
	else if (argc == 2 && strcmp(argv[1], "rate") == 0)
		rate();
	else
		return 64;
	return 0;
}
