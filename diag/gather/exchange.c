/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/exchange.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/http.h"
#include "base/slice.h"
#include "gather/clock.h"
#include "gather/inet.h"

enum { RECEIVE_BYTES = 64 * 1024, TAIL_BYTES = 5 };

/* Where a response ends (RFC 9112 section 6.3). */
struct framing {
	size_t head; /* 0 = not complete */
	bool chunked, has_length, empty;
	uint64_t length;
	char tail[TAIL_BYTES]; /* the last bytes received */
};

/* Waits for the events until `until_us`. Returns 0, or -ETIMEDOUT. */
static int wait_for(int fd, short events, int64_t until_us)
{
	struct pollfd now = {.fd = fd, .events = events};
	int64_t left_us = until_us - clock_now_us();
	struct timespec patience = {0};

	if (left_us > 0) {
		patience.tv_sec = (time_t)(left_us / 1000000);
		patience.tv_nsec = (long)(left_us % 1000000) * 1000;
	}
	return ppoll(&now, 1, &patience, NULL) > 0 ? 0 : -ETIMEDOUT;
}

int exchange_open(struct exchange *exchange, const struct mux_address *address, uint16_t port)
{
	union inet_address to;
	socklen_t len = inet_fill(&to, address, port), error_len = sizeof(int);
	int error = 0;

	exchange->fd = socket(address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (exchange->fd < 0)
		return -errno;
	if (connect(exchange->fd, &to.any, len) != 0) {
		error = errno == EINPROGRESS
				? wait_for(exchange->fd, POLLOUT, exchange->deadline_us)
				: -errno;
		if (error == 0 &&
		    getsockopt(exchange->fd, SOL_SOCKET, SO_ERROR, &error, &error_len) == 0)
			error = -error;
	}
	if (error != 0)
		exchange_close(exchange);
	return error;
}

void exchange_close(struct exchange *exchange)
{
	if (exchange->fd >= 0)
		close(exchange->fd);
	exchange->fd = -1;
}

static int send_all(struct exchange *exchange, struct mux_slice request)
{
	while (request.len != 0) {
		ssize_t n = send(exchange->fd, request.data, request.len, MSG_NOSIGNAL);
		int error;

		if (n < 0 && errno != EAGAIN)
			return -errno;
		if (n < 0) {
			error = wait_for(exchange->fd, POLLOUT, exchange->deadline_us);
			if (error != 0)
				return error;
			continue;
		}
		request.data += n;
		request.len -= (size_t)n;
	}
	return 0;
}

static void read_head(const struct exchange *exchange, struct framing *framing)
{
	struct mux_slice bytes = {exchange->first, exchange->n_first}, length;
	int status;

	framing->head = http_head_len(bytes);
	if (framing->head == 0)
		return;
	bytes.len = framing->head;
	status = http_status(bytes);
	framing->empty = status < 200 || status == 204 || status == 304;
	framing->chunked = http_field_has(bytes, "Transfer-Encoding", "chunked");
	length = http_field(bytes, "Content-Length");
	framing->has_length = !framing->chunked &&
			      slice_parse_u64(length, 10, &framing->length) == 0 &&
			      framing->length < INT64_MAX / 2;
}

static void keep(struct exchange *exchange, struct framing *framing, const char *data, size_t n)
{
	size_t room = sizeof(exchange->first) - exchange->n_first;
	size_t kept = n < room ? n : room, tail = n < TAIL_BYTES ? n : TAIL_BYTES;

	memcpy(exchange->first + exchange->n_first, data, kept);
	exchange->n_first += kept;
	exchange->n_bytes += (int64_t)n;
	memmove(framing->tail, framing->tail + tail, TAIL_BYTES - tail);
	memcpy(framing->tail + TAIL_BYTES - tail, data + n - tail, tail);
}

/* A body that ends with the connection ends there. */
static bool is_complete(const struct exchange *exchange, const struct framing *framing)
{
	if (framing->head == 0)
		return false;
	if (framing->empty)
		return true;
	if (framing->chunked)
		return memcmp(framing->tail, "0\r\n\r\n", TAIL_BYTES) == 0;
	if (framing->has_length)
		return (uint64_t)exchange->n_bytes >= framing->head + framing->length;
	return exchange->closed;
}

/* Receives what is there. Returns 0 or -errno; the end of the connection sets ->closed. */
static int receive(struct exchange *exchange, struct framing *framing)
{
	char buffer[RECEIVE_BYTES];
	ssize_t n = recv(exchange->fd, buffer, sizeof(buffer), 0);

	if (n < 0 && errno != EAGAIN)
		return -errno;
	if (n < 0)
		return wait_for(exchange->fd, POLLIN, exchange->deadline_us);
	exchange->closed = n == 0;
	if (n > 0)
		keep(exchange, framing, buffer, (size_t)n);
	if (framing->head == 0)
		read_head(exchange, framing);
	/* A head that does not end is none. */
	if (framing->head == 0 && exchange->n_first == sizeof(exchange->first))
		return -EPROTO;
	return 0;
}

int exchange_request(struct exchange *exchange, struct mux_slice request)
{
	struct framing framing = {.head = 0};
	int error = send_all(exchange, request);

	exchange->n_first = 0;
	exchange->n_bytes = 0;
	exchange->closed = false;
	while (error == 0 && !exchange->closed && !is_complete(exchange, &framing)) {
		error = receive(exchange, &framing);
		if (error == 0 && clock_now_us() >= exchange->deadline_us)
			error = -ETIMEDOUT;
	}
	if (error == 0 && !is_complete(exchange, &framing))
		error = -EPROTO;
	return error;
}

void exchange_await_close(struct exchange *exchange, int64_t patience_us)
{
	char byte;

	if (exchange->closed || exchange->fd < 0)
		return;
	if (wait_for(exchange->fd, POLLIN, clock_now_us() + patience_us) == 0)
		exchange->closed = recv(exchange->fd, &byte, 1, MSG_PEEK) == 0;
}
