/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	RECEIVE_BYTES = 32 * 1024, /* the kernel fills no more per datagram of a dump */
	LARGEST_DUMP = 256 * 1024 * 1024,
	MAX_TRIES = 5,
	RECEIVE_SECONDS = 5, /* the kernel answers at once, or something is very wrong */
};

struct answer {
	char *data;
	size_t len, capacity;
	bool truncated;
};

static int append(struct answer *answer, const void *data, size_t len)
{
	size_t capacity = answer->capacity == 0 ? 4096 : answer->capacity;
	char *grown;

	if (answer->len + len > LARGEST_DUMP) {
		answer->truncated = true;
		return -EFBIG;
	}
	while (capacity - answer->len < len)
		capacity *= 2;
	if (capacity != answer->capacity) {
		grown = realloc(answer->data, capacity);
		if (grown == NULL)
			return -ENOMEM;
		answer->data = grown;
		answer->capacity = capacity;
	}
	memcpy(answer->data + answer->len, data, len);
	answer->len += len;
	return 0;
}

/*
 * Takes the messages of one datagram. Returns 1 when the answer is complete, 0 when more follows,
 * or -errno, the kernel's own included.
 */
static int take(struct answer *answer, const char *buffer, size_t n, const struct nlmsghdr *request)
{
	const struct nlmsghdr *message = (const struct nlmsghdr *)(const void *)buffer;
	bool interrupted = false;
	int left = (int)n;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		int error;

		if (message->nlmsg_seq != request->nlmsg_seq)
			continue;
		interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_DONE)
			return interrupted ? -EINTR : 1;
		if (message->nlmsg_type == NLMSG_ERROR) {
			const struct nlmsgerr *reply = mnl_nlmsg_get_payload(message);

			if (mnl_nlmsg_get_payload_len(message) < sizeof(*reply))
				return -EBADMSG;
			return reply->error == 0 ? 1 : reply->error;
		}
		error = append(answer, message, message->nlmsg_len);
		if (error == 0)
			error = append(answer, "\0\0\0", -message->nlmsg_len % NLMSG_ALIGNTO);
		if (error != 0)
			return error;
		if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
			return 1;
	}
	return interrupted ? -EINTR : 0;
}

static int exchange(int bus, struct nlmsghdr *request, struct answer *answer)
{
	const struct timeval patience = {.tv_sec = RECEIVE_SECONDS};
	struct mnl_socket *socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
	char *buffer = malloc(RECEIVE_BYTES);
	int on = 1, result = 0;

	if (socket == NULL || buffer == NULL) {
		result = socket == NULL ? -errno : -ENOMEM;
		goto out;
	}
	setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Filters of dumps are obeyed, not ignored (NETLINK_GET_STRICT_CHK); older kernels lack it.
	 */
	mnl_socket_setsockopt(socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	request->nlmsg_seq = 1;
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		result = -errno;
	while (result == 0) {
		ssize_t n = mnl_socket_recvfrom(socket, buffer, RECEIVE_BYTES);

		if (n < 0)
			result = errno == EAGAIN ? -ETIMEDOUT : -errno;
		else
			result = take(answer, buffer, (size_t)n, request);
	}
out:
	if (socket != NULL)
		mnl_socket_close(socket);
	free(buffer);
	return result > 0 ? 0 : result;
}

int netlink_request(int bus, struct nlmsghdr *request, struct mux_bundle *bundle, const char *name)
{
	struct answer answer = {0};
	int tries, result = -EINTR;

	for (tries = 0; tries < MAX_TRIES && result == -EINTR; tries++) {
		answer.len = 0;
		result = exchange(bus, request, &answer);
	}
	if (result == 0 || result == -EFBIG)
		return bundle_take(bundle, name, answer.data, answer.len, answer.truncated);
	free(answer.data);
	return result == -ENOMEM ? -ENOMEM : bundle_put_error(bundle, name, -result);
}
