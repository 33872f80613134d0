/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "accept.h"

#include "connection.h"

#include <errno.h>
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * EPOLLEXCLUSIVE, for sockets that workers share: one of them is woken, not all. It cannot be
 * modified (epoll_ctl(2)), so pausing is leaving the set.
 */
static int watch_all(struct worker *worker)
{
	int error = 0;
	size_t i;

	for (i = 0; i < worker->n_listeners && error == 0; i++) {
		struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.u64 = i};

		if (epoll_ctl(worker->epoll_fd, EPOLL_CTL_ADD, worker->listeners[i], &event) != 0)
			error = -errno;
	}
	return error;
}

/* Also before closing: others may have the same socket open, which would keep it in our set. */
static void unwatch_all(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->n_listeners; i++)
		(void)epoll_ctl(worker->epoll_fd, EPOLL_CTL_DEL, worker->listeners[i], NULL);
}

int accept_begin(struct worker *worker)
{
	return watch_all(worker);
}

/* Paused listeners stay open: clients wait in the queue instead of being refused. */
static void pause_accepting(struct worker *worker)
{
	unwatch_all(worker);
	worker->accept_paused = true;
	worker->paused_at = worker_load(worker);
	worker->paused_tick = worker->wheel.now;
	counter_add(&worker->counters.accept_pauses, 1);
}

/*
 * When a slot or a descriptor of ours came free, or a tick has passed in which others may have
 * given some back (the loop sees to it that we wake up).
 */
void accept_resume(struct worker *worker)
{
	if (!worker->accept_paused || worker_load(worker) == worker->n_slots)
		return;
	if (worker_load(worker) >= worker->paused_at && worker->wheel.now == worker->paused_tick)
		return;
	worker->accept_paused = false;
	if (watch_all(worker) != 0)
		pause_accepting(worker);
}

/* Errors of the connection to be accepted, not of accepting (accept(2)). */
static bool is_passing(int error)
{
	return error == EINTR || error == ECONNABORTED || error == EPERM || error == EPROTO ||
	       error == ENETDOWN || error == ENOPROTOOPT || error == EHOSTDOWN || error == ENONET ||
	       error == EHOSTUNREACH || error == ENETUNREACH;
}

void accept_some(struct worker *worker, size_t listener, unsigned most)
{
	while (most-- != 0 && !worker->accept_paused) {
		int fd;

		if (worker_load(worker) == worker->n_slots) {
			pause_accepting(worker);
			return;
		}
		fd = accept4(worker->listeners[listener], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0) {
			counter_add(&worker->counters.accepted, 1);
			connection_start(worker, fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (!is_passing(errno)) {
			/* EMFILE and its like would wake us again at once, and for ever. */
			pause_accepting(worker);
			return;
		}
	}
}

/*
 * A SYN that is dropped is sent again by the client's kernel, and refused when we are gone. Without
 * this, handshakes that end between the last accept(2) and close(2) would be reset.
 */
void accept_turn_away(struct worker *worker)
{
	/* tcp_filter() shows the segment from its TCP header on; byte 13 holds the flags. */
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 13),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0x12), /* SYN and ACK */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x02, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog program = {
		.len = sizeof(code) / sizeof(code[0]),
		.filter = code,
	};
	size_t i;

	for (i = 0; i < worker->n_listeners; i++)
		if (worker->fleet->addresses[i].socket.any.sa_family != AF_UNIX)
			(void)setsockopt(worker->listeners[i], SOL_SOCKET, SO_ATTACH_FILTER,
					 &program, sizeof(program));
}

void accept_end(struct worker *worker)
{
	size_t i;

	for (i = 0; i < worker->n_listeners; i++) {
		int off = 0;

		/* A socket that a service manager holds as well is to go on without us. */
		if (worker->fleet->addresses[i].shared)
			(void)setsockopt(worker->listeners[i], SOL_SOCKET, SO_DETACH_FILTER, &off,
					 sizeof(off));
		accept_some(worker, i, LISTENER_BACKLOG);
	}
	accept_leave(worker);
}

void accept_leave(struct worker *worker)
{
	size_t i;

	unwatch_all(worker);
	for (i = 0; i < worker->n_listeners; i++)
		close(worker->listeners[i]);
	worker->n_listeners = 0;
	worker->accept_paused = false;
}
