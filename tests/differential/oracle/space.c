/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "space.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <net/if.h>
#include <sched.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static int write_file(const char *path, const char *text)
{
	size_t len = strlen(text);
	ssize_t n;
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	close(fd);
	return n == (ssize_t)len ? 0 : -EIO;
}

int space_prepare(struct failure *failure)
{
	char map[64];
	unsigned uid = geteuid(), gid = getegid();

	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return fail(failure, errno, "cannot make a network namespace");
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map) != 0)
		return fail(failure, EPERM, "cannot become root of a user namespace");
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	if (write_file("/proc/self/gid_map", map) != 0)
		return fail(failure, EPERM, "cannot map the group of a user namespace");
	return 0;
}

static int raise_loopback(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING};
	int error = 0;
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return errno;
	if (ioctl(fd, SIOCSIFFLAGS, &request) != 0)
		error = errno;
	close(fd);
	return error;
}

int space_enter(struct failure *failure)
{
	/* Thousands of probes a second would meet the limits on ICMP errors, which are about
	 * floods and not about rulesets. A lost SYN/ACK is not to come again in a later probe. */
	static const char *const settings[][2] = {
		{"/proc/sys/net/ipv4/icmp_ratelimit", "0"},
		{"/proc/sys/net/ipv4/icmp_ratemask", "0"},
		{"/proc/sys/net/ipv6/icmp/ratelimit", "0"},
		{"/proc/sys/net/ipv6/icmp/ratemask", "\n"},
		{"/proc/sys/net/ipv4/tcp_synack_retries", "0"},
		{"/proc/sys/net/core/somaxconn", "4096"},
	};
	int error;

	if (unshare(CLONE_NEWNET) != 0)
		return fail(failure, errno, "cannot make a network namespace");
	error = raise_loopback();
	if (error != 0)
		return fail(failure, error, "cannot raise lo");
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		(void)write_file(settings[i][0], settings[i][1]);
	return 0;
}

int space_forget_flows(struct failure *failure)
{
	char buffer[1024];
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct nfgenmsg *message;
	ssize_t len;
	int status = -1;
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_NETFILTER, SOCK_CLOEXEC);

	if (socket == NULL)
		return fail(failure, errno, "cannot open netlink");
	header->nlmsg_type = (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	header->nlmsg_seq = 1;
	message = mnl_nlmsg_put_extra_header(header, sizeof(*message));
	message->nfgen_family = AF_UNSPEC;
	message->version = NFNETLINK_V0;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    mnl_socket_sendto(socket, header, header->nlmsg_len) > 0) {
		len = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
		if (len > 0)
			status = mnl_cb_run(buffer, (size_t)len, 1, mnl_socket_get_portid(socket),
					    NULL, NULL);
	}
	if (status < 0)
		status = fail(failure, errno, "cannot flush conntrack");
	mnl_socket_close(socket);
	return status < 0 ? status : 0;
}

static bool is_nonempty(const char *path)
{
	char byte;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	n = read(fd, &byte, 1);
	close(fd);
	return n == 1;
}

bool space_has_legacy(void)
{
	return is_nonempty("/proc/self/net/ip_tables_names") ||
	       is_nonempty("/proc/self/net/ip6_tables_names");
}

int space_run(char *const *argv, const char *in, const char *out, const char *err)
{
	const int create = O_WRONLY | O_CREAT | O_TRUNC;
	posix_spawn_file_actions_t actions;
	pid_t pid;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, in ? in : "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 1, out ? out : "/dev/null", create, 0600);
	posix_spawn_file_actions_addopen(&actions, 2, err ? err : "/dev/null", create, 0600);
	status = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (status != 0)
		return -status;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
