/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Datagrams are received straight into the answer: a large ruleset is copied once, by the kernel.
 */
#include "gather/netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum {
	DATAGRAM_BYTES = 32 * 1024, /* the kernel fills no more per datagram of a dump */
	FIRST_BYTES = 2 * DATAGRAM_BYTES,
	LARGEST_DUMP = 256 * 1024 * 1024,
	QUEUE_BYTES = 4 * 1024 * 1024,
	MAX_TRIES = 5,
	RECEIVE_SECONDS = 5, /* the kernel answers at once, or something is very wrong */
};

struct buffer {
	struct netlink_answer answer;
	size_t capacity;
};

/* Makes room for one more datagram. Doubling costs no memory: what was not written to is not
 * there, and from 128 KiB on glibc moves pages instead of bytes. */
static int make_room(struct buffer *buffer)
{
	size_t capacity = buffer->capacity == 0 ? FIRST_BYTES : buffer->capacity * 2;
	char *grown;

	if (buffer->capacity - buffer->answer.len >= DATAGRAM_BYTES)
		return 0;
	if (capacity > LARGEST_DUMP) {
		buffer->answer.truncated = true;
		return -EFBIG;
	}
	grown = realloc(buffer->answer.data, capacity);
	if (grown == NULL)
		return -ENOMEM;
	buffer->answer.data = grown;
	buffer->capacity = capacity;
	return 0;
}

/* What the end of an answer says: 1 = it is complete, or -errno, the kernel's own included. */
static int end_of(const struct nlmsghdr *message, bool interrupted)
{
	const struct nlmsgerr *reply = mnl_nlmsg_get_payload(message);
	size_t len = mnl_nlmsg_get_payload_len(message);

	if (interrupted)
		return -EINTR;
	if (message->nlmsg_type == NLMSG_DONE) {
		/* netlink_dump_done(): a dump may fail in its midst. */
		int error = 0;

		if (len >= sizeof(error))
			memcpy(&error, mnl_nlmsg_get_payload(message), sizeof(error));
		return error < 0 ? error : 1;
	}
	if (len < sizeof(*reply))
		return -EBADMSG;
	return reply->error == 0 ? 1 : reply->error;
}

/*
 * Takes the messages of the n bytes behind the answer. Returns 1 when it is complete, 0 when more
 * follows, or -errno.
 */
static int take(struct netlink_answer *answer, size_t n, const struct nlmsghdr *request)
{
	struct nlmsghdr *message = (void *)(answer->data + answer->len);
	bool interrupted = false;
	int left = (int)n;

	for (; mnl_nlmsg_ok(message, left); message = mnl_nlmsg_next(message, &left)) {
		size_t padding = -message->nlmsg_len % MNL_ALIGNTO;

		if (message->nlmsg_seq != request->nlmsg_seq)
			return -EPROTO;
		interrupted |= (message->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
		if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR)
			return end_of(message, interrupted);
		/* The last one's may be missing; DATAGRAM_BYTES has room for it. */
		memset((char *)message + message->nlmsg_len, 0, padding);
		answer->len += message->nlmsg_len + padding;
		if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP)
			return 1;
	}
	if (left > 0)
		return -EBADMSG;
	return interrupted ? -EINTR : 0;
}

static int receive(struct netlink *netlink, const struct nlmsghdr *request, struct buffer *buffer)
{
	int result = make_room(buffer);
	ssize_t n;

	if (result != 0)
		return result;
	do {
		n = mnl_socket_recvfrom(netlink->socket, buffer->answer.data + buffer->answer.len,
					DATAGRAM_BYTES);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	return take(&buffer->answer, (size_t)n, request);
}

static int open_socket(struct netlink *netlink)
{
	const struct timeval patience = {.tv_sec = RECEIVE_SECONDS};
	int fd, on = 1, queue = QUEUE_BYTES, result = 0;

	if (netlink->socket != NULL)
		return 0;
	netlink->socket = mnl_socket_open2(netlink->bus, SOCK_CLOEXEC);
	if (netlink->socket == NULL)
		return -errno;
	fd = mnl_socket_get_fd(netlink->socket);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	/* Beyond net.core.rmem_max for those who may. */
	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &queue, sizeof(queue)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &queue, sizeof(queue));
	/* Filters of dumps are obeyed, not ignored; kernels before 4.20 lack it. */
	mnl_socket_setsockopt(netlink->socket, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	if (mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
		result = -errno;
		netlink_close(netlink);
	}
	return result;
}

static int exchange(struct netlink *netlink, struct nlmsghdr *request, struct buffer *buffer)
{
	int result = open_socket(netlink);

	if (result != 0)
		return result;
	request->nlmsg_seq = ++netlink->sequence;
	if (mnl_socket_sendto(netlink->socket, request, request->nlmsg_len) < 0)
		return -errno;
	while (result == 0)
		result = receive(netlink, request, buffer);
	return result > 0 ? 0 : result;
}

/* Is the whole answer off the socket? An error message ends the answer to what is no dump. */
static bool is_clean(int result, const struct nlmsghdr *request)
{
	return result == 0 || (result == -ENOENT && (request->nlmsg_flags & NLM_F_DUMP) == 0);
}

int netlink_ask(struct netlink *netlink, struct nlmsghdr *request,
		struct netlink_answer *ret_answer)
{
	struct buffer buffer = {.capacity = 0};
	int tries, result = -EINTR;

	for (tries = 0; tries < MAX_TRIES && (result == -EINTR || result == -ENOBUFS); tries++) {
		buffer.answer.len = 0;
		result = exchange(netlink, request, &buffer);
		if (!is_clean(result, request))
			netlink_close(netlink);
	}
	if (result == 0 || buffer.answer.truncated) {
		*ret_answer = buffer.answer;
		return 0;
	}
	free(buffer.answer.data);
	return result;
}

void netlink_close(struct netlink *netlink)
{
	if (netlink->socket != NULL)
		mnl_socket_close(netlink->socket);
	netlink->socket = NULL;
}

/* A few hundred answers of a few hundred bytes are not worth a datagram's room each. */
static void trim(struct netlink_answer *answer)
{
	char *trimmed = realloc(answer->data, answer->len + 1);

	if (trimmed != NULL)
		answer->data = trimmed;
}

int netlink_store(int result, struct netlink_answer *answer, struct mux_bundle *bundle,
		  const char *name)
{
	if (result != 0)
		return result == -ENOMEM ? -ENOMEM : bundle_put_error(bundle, name, -result);
	trim(answer);
	return bundle_take(bundle, name, answer->data, answer->len, answer->truncated);
}

int netlink_request(int bus, struct nlmsghdr *request, struct mux_bundle *bundle, const char *name)
{
	struct netlink netlink = {.bus = bus};
	struct netlink_answer answer;
	int result = netlink_ask(&netlink, request, &answer);

	netlink_close(&netlink);
	return netlink_store(result, &answer, bundle, name);
}
