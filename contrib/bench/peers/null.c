/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The smallest epoll server there can be: reads, parses nothing, sends a constant page of the size
 * of ours for each empty line. What a server costs above it is what its work costs. Behind the port
 * may come "defer", to set TCP_DEFER_ACCEPT, and "keep-alive", to say so as ab -k needs it.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PAGE = 1301, PIPELINED = 32, EVENTS = 256 };

static char answers[PIPELINED * 2048];
static size_t answer_len;
static int epoll_fd;

static void make_answers(int keep_alive)
{
	char body[PAGE + 1];
	int i;

	memset(body, 'x', PAGE);
	body[PAGE] = '\0';
	answer_len = (size_t)sprintf(answers,
				     "HTTP/1.1 200 OK\r\nServer: null\r\n"
				     "Date: Mon, 23 Nov 2026 08:46:31 GMT\r\n"
				     "Content-Type: text/plain; charset=utf-8\r\n"
				     "Cache-Control: no-store\r\nContent-Length: %d\r\n%s\r\n%s",
				     PAGE, keep_alive ? "Connection: keep-alive\r\n" : "", body);
	for (i = 1; i < PIPELINED; i++)
		memcpy(answers + (size_t)i * answer_len, answers, answer_len);
}

static int listen_on(int port, int defer)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (defer)
		setsockopt(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0 || listen(fd, 4096) != 0) {
		perror("null");
		exit(1);
	}
	return fd;
}

/* Returns 0 when the connection is over. */
static int serve(int fd)
{
	static char in[32768];
	ssize_t n = recv(fd, in, sizeof(in), 0), i;
	size_t count = 0;

	if (n <= 0)
		return n < 0;
	for (i = 3; i < n; i++)
		count += memcmp(in + i - 3, "\r\n\r\n", 4) == 0;
	if (count != 0 && send(fd, answers, count % (PIPELINED + 1) * answer_len, MSG_NOSIGNAL) < 0)
		return 0;
	/* Requests of HTTP/1.0, as ab's, end the connection unless they say otherwise. */
	return memmem(in, (size_t)n, "HTTP/1.0", 8) == NULL ||
	       memmem(in, (size_t)n, "Keep-Alive", 10) != NULL;
}

static void accept_all(int listener)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};

		/* With the request there already it is served without epoll, as muxd does it. */
		if (serve(fd))
			epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
		else
			close(fd);
	}
}

/* Is the word among the arguments? */
static int has(int argc, char *argv[], const char *word)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], word) == 0)
			return 1;
	return 0;
}

int main(int argc, char *argv[])
{
	int listener = listen_on(argc > 1 ? atoi(argv[1]) : 9000, has(argc, argv, "defer"));
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[EVENTS];

	make_answers(has(argc, argv, "keep-alive"));
	epoll_fd = epoll_create1(0);
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
	for (;;) {
		int n = epoll_wait(epoll_fd, events, EVENTS, -1), i;

		for (i = 0; i < n; i++) {
			if (events[i].data.fd == listener)
				accept_all(listener);
			else if (!serve(events[i].data.fd))
				close(events[i].data.fd);
		}
	}
}
