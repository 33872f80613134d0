/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "routes.h"
#include "slots.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/* One turn: input [next, end) of the worker's buffer, and the answers to it so far. */
struct turn {
	const char *next, *end;
	size_t out_len;
	bool answered; /* a request was completed in this turn */
	bool blocked;  /* output had to be kept: no more may be made */
};

/* Waits with the events and the deadline that go with it. Returns false when it had to close. */
static bool wait_for(struct worker *worker, struct connection *connection, enum wait wait)
{
	uint8_t interest = wait == WAIT_WRITE ? EPOLLOUT : EPOLLIN;
	struct epoll_event event = {.events = interest};

	connection->wait = (uint8_t)wait;
	wheel_set(&worker->wheel, &connection->timer, worker->wait_ticks[wait]);
	if (connection->interest == interest)
		return true;
	event.data.u64 = connection_data(worker, connection);
	if (epoll_ctl(worker->epoll_fd, connection->interest == 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD,
		      connection->fd, &event) != 0) {
		connection_close(worker, connection);
		return false;
	}
	connection->interest = interest;
	return true;
}

/* Waits on, with the deadline it has: a trickle of bytes must not put it off. */
static void keep_waiting(struct worker *worker, struct connection *connection, enum wait wait)
{
	if (connection->wait != wait)
		wait_for(worker, connection, wait);
}

/*
 * Everything was sent. A close with unread input would reset the connection and take the answer
 * from under the client's feet, so ours goes first and what still comes is read away (RFC 9112
 * section 9.6). Only a client that asked for the end, and keeps to it, is spared the round trip.
 */
static void finish(struct worker *worker, struct connection *connection)
{
	if ((connection->flags & CONNECTION_PEER_CLOSES) != 0 ||
	    shutdown(connection->fd, SHUT_WR) != 0) {
		connection_close(worker, connection);
		return;
	}
	spill_free(&connection->in);
	spill_free(&connection->out);
	wait_for(worker, connection, WAIT_LINGER);
}

/*
 * Sends the turn's output. Returns false when the connection is gone; else either all was sent, or
 * the rest is kept and turn->blocked set.
 */
static bool flush(struct worker *worker, struct connection *connection, struct turn *turn)
{
	size_t len = turn->out_len;
	ssize_t sent;

	if (len == 0)
		return true;
	turn->out_len = 0;
	sent = send(connection->fd, worker->out, len, MSG_NOSIGNAL);
	if (sent == (ssize_t)len)
		return true;
	if (sent < 0 && errno != EAGAIN && errno != EINTR) {
		connection_close(worker, connection);
		return false;
	}
	if (sent < 0)
		sent = 0;
	if (spill_set(&connection->out, worker->out + sent, len - (size_t)sent) != 0) {
		connection_close(worker, connection);
		return false;
	}
	turn->blocked = true;
	return true;
}

/* Writes one answer into the turn's output, which has room for it. */
static void put_answer(struct worker *worker, struct connection *connection, struct turn *turn,
		       struct answer answer)
{
	if (worker_is_draining(worker))
		answer.flags = (uint8_t)((answer.flags & ~ANSWER_KEEP_ALIVE) | ANSWER_CLOSE);
	turn->out_len += answer_write(&answer, worker->date, entropy_source(worker->entropy),
				      worker->out + turn->out_len);
	turn->answered = true;
	http_head_init(&worker->head);
	connection->flags &= (uint8_t)~CONNECTION_IN_BODY;
	if ((answer.flags & ANSWER_CLOSE) != 0)
		connection->flags |= CONNECTION_LAST;
	if ((answer.flags & ANSWER_PEER_CLOSES) != 0 && turn->next == turn->end)
		connection->flags |= CONNECTION_PEER_CLOSES;
}

/* Refuses: the status goes out and nothing after it is believed. */
static void put_error(struct worker *worker, struct connection *connection, struct turn *turn,
		      int status)
{
	bool head = worker->head.method == METHOD_HEAD;

	if ((connection->flags & CONNECTION_IN_BODY) != 0)
		head = (connection->answer.flags & ANSWER_NO_CONTENT) != 0;
	put_answer(worker, connection, turn,
		   answer_error(status, ANSWER_CLOSE | (head ? ANSWER_NO_CONTENT : 0)));
}

/*
 * The head announces content. Its answer is kept until that has been read, so that errors in it
 * still can be said. A client that waits to be asked for it is asked, or spared sending it where
 * the answer is a refusal anyway (RFC 9110 section 10.1.1).
 */
static void begin_body(struct worker *worker, struct connection *connection, struct turn *turn,
		       struct answer answer)
{
	const struct http_head *head = &worker->head;
	bool waits = (head->flags & HTTP_EXPECTS_CONTINUE) != 0 && head->minor >= 1 &&
		     turn->next == turn->end;

	if (waits && answer.status >= 300) {
		answer.flags = (uint8_t)((answer.flags | ANSWER_CLOSE) & ~ANSWER_PEER_CLOSES);
		put_answer(worker, connection, turn, answer);
		return;
	}
	body_init(&connection->body, head);
	connection->answer = answer;
	connection->flags |= CONNECTION_IN_BODY;
	if (waits) {
		memcpy(worker->out + turn->out_len, answer_continue, strlen(answer_continue));
		turn->out_len += strlen(answer_continue);
	}
}

/* Each takes a piece of the input. Returns false when more must come first. */

static bool take_head(struct worker *worker, struct connection *connection, struct turn *turn)
{
	struct http_head *head = &worker->head;
	const char *data = turn->next;
	struct answer answer;

	switch (http_head_feed(head, data, (size_t)(turn->end - data))) {
	case HTTP_MORE:
		return false;
	case HTTP_BAD:
		put_error(worker, connection, turn, head->status);
		return true;
	case HTTP_DONE:
		break;
	}
	turn->next += head->len;
	answer = routes_answer(head, data);
	if (http_has_body(head))
		begin_body(worker, connection, turn, answer);
	else
		put_answer(worker, connection, turn, answer);
	return true;
}

static bool take_body(struct worker *worker, struct connection *connection, struct turn *turn)
{
	size_t used = 0;
	int status = 0;

	switch (body_feed(&connection->body, turn->next, (size_t)(turn->end - turn->next), &used,
			  &status)) {
	case HTTP_MORE:
		turn->next = turn->end;
		return false;
	case HTTP_BAD:
		put_error(worker, connection, turn, status);
		return true;
	case HTTP_DONE:
		turn->next += used;
		put_answer(worker, connection, turn, connection->answer);
		return true;
	}
	return false;
}

/* Takes pieces as long as there is input and room for one more answer. False: it is gone. */
static bool take_all(struct worker *worker, struct connection *connection, struct turn *turn)
{
	bool more = true;

	while (more && turn->next < turn->end && !turn->blocked &&
	       (connection->flags & CONNECTION_LAST) == 0) {
		if (WORKER_OUT_SIZE - turn->out_len < ANSWER_MAX) {
			if (!flush(worker, connection, turn))
				return false;
			continue;
		}
		if ((connection->flags & CONNECTION_IN_BODY) != 0)
			more = take_body(worker, connection, turn);
		else
			more = take_head(worker, connection, turn);
	}
	return true;
}

/* Keeps the input that is left, and what the parser knows of it. */
static bool keep_input(struct worker *worker, struct connection *connection,
		       const struct turn *turn)
{
	size_t len = (size_t)(turn->end - turn->next);

	if (len == 0) {
		spill_free(&connection->in);
		return true;
	}
	if (spill_set(&connection->in, turn->next, len) != 0) {
		connection_close(worker, connection);
		return false;
	}
	connection->in->head = worker->head;
	return true;
}

/* After a turn: decides what the connection waits for. */
static void end_turn(struct worker *worker, struct connection *connection, struct turn *turn)
{
	enum wait wait = WAIT_IDLE;

	if (!flush(worker, connection, turn))
		return;
	if ((connection->flags & CONNECTION_LAST) != 0 && !turn->blocked) {
		finish(worker, connection);
		return;
	}
	if (!keep_input(worker, connection, turn))
		return;
	if (turn->blocked)
		wait = WAIT_WRITE;
	else if ((connection->flags & CONNECTION_IN_BODY) != 0)
		wait = WAIT_BODY;
	else if (connection->in != NULL)
		wait = WAIT_HEAD;
	if (turn->answered || wait == WAIT_WRITE)
		wait_for(worker, connection, wait);
	else
		keep_waiting(worker, connection, wait);
}

/* Serves the first len bytes of the worker's input buffer. */
static void serve(struct worker *worker, struct connection *connection, size_t len)
{
	struct turn turn = {.next = worker->in, .end = worker->in + len};

	if (take_all(worker, connection, &turn))
		end_turn(worker, connection, &turn);
	entropy_forget(worker->entropy);
}

/* Puts the kept input at the front of the worker's buffer; returns how much that is. */
static size_t load_input(struct worker *worker, const struct connection *connection)
{
	const struct spill *kept = connection->in;

	if (kept == NULL) {
		http_head_init(&worker->head);
		return 0;
	}
	memcpy(worker->in, kept->bytes, kept->len);
	worker->head = kept->head;
	return kept->len;
}

/* The client will send no more. What it left unfinished is refused; it may still be listening. */
static void end_of_input(struct worker *worker, struct connection *connection, size_t kept)
{
	struct turn turn = {.next = worker->in, .end = worker->in};

	if (kept == 0 && (connection->flags & CONNECTION_IN_BODY) == 0) {
		connection_close(worker, connection);
		return;
	}
	put_error(worker, connection, &turn, 400);
	connection->flags |= CONNECTION_PEER_CLOSES;
	end_turn(worker, connection, &turn);
}

/* Returns false when there was nothing to read. */
static bool read_once(struct worker *worker, struct connection *connection)
{
	size_t kept = load_input(worker, connection);
	ssize_t n = recv(connection->fd, worker->in + kept, WORKER_IN_SIZE - kept, 0);

	if (n > 0)
		serve(worker, connection, kept + (size_t)n);
	else if (n == 0)
		end_of_input(worker, connection, kept);
	else if (errno != EAGAIN && errno != EINTR)
		connection_close(worker, connection);
	else
		return false;
	return true;
}

/* Reads away what comes after our end; the deadline bounds it. */
static void linger(struct worker *worker, struct connection *connection)
{
	ssize_t n = recv(connection->fd, worker->in, WORKER_IN_SIZE, 0);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		connection_close(worker, connection);
}

/* Sends what was kept; when all is out, goes on where the turn was broken off. */
static void write_once(struct worker *worker, struct connection *connection)
{
	struct spill *kept = connection->out;
	ssize_t sent = send(connection->fd, kept->bytes + kept->start, kept->len - kept->start,
			    MSG_NOSIGNAL);

	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_close(worker, connection);
		return;
	}
	kept->start += (uint32_t)sent;
	if (kept->start < kept->len)
		return;
	spill_free(&connection->out);
	if ((connection->flags & CONNECTION_LAST) != 0)
		finish(worker, connection);
	else
		serve(worker, connection, load_input(worker, connection));
}

void connection_event(struct worker *worker, struct connection *connection, uint32_t events)
{
	/* A reset while an answer waits: nobody is left to take it. */
	if (connection->wait == WAIT_WRITE && (events & (EPOLLERR | EPOLLHUP)) != 0)
		connection_close(worker, connection);
	else if (connection->wait == WAIT_WRITE)
		write_once(worker, connection);
	else if (connection->wait == WAIT_LINGER)
		linger(worker, connection);
	else
		(void)read_once(worker, connection);
}

void connection_start(struct worker *worker, int fd)
{
	struct connection *connection = connection_take(worker, fd);

	if (!read_once(worker, connection))
		wait_for(worker, connection, WAIT_FIRST);
}

/* Drops the answer that nobody takes instead of leaving it to the kernel for minutes. */
static void abort_connection(struct worker *worker, struct connection *connection)
{
	struct linger reset = {.l_onoff = 1, .l_linger = 0};

	(void)setsockopt(connection->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	connection_close(worker, connection);
}

void connection_expire(struct worker *worker, struct connection *connection)
{
	struct turn turn = {.next = worker->in, .end = worker->in};

	switch ((enum wait)connection->wait) {
	case WAIT_HEAD:
	case WAIT_BODY:
		(void)load_input(worker, connection);
		put_error(worker, connection, &turn, 408);
		end_turn(worker, connection, &turn);
		break;
	case WAIT_WRITE:
		abort_connection(worker, connection);
		break;
	case WAIT_FIRST:
	case WAIT_IDLE:
		/* If we were the ones who slept, a request may be there, and a reset its answer. */
		if (!read_once(worker, connection))
			connection_close(worker, connection);
		break;
	default:
		connection_close(worker, connection);
	}
}

void connections_hurry(struct worker *worker, uint32_t ticks)
{
	uint32_t i;

	for (i = 0; i < worker->n_touched; i++) {
		struct connection *connection = &worker->slots[i];

		if ((connection->flags & CONNECTION_IN_USE) != 0 &&
		    (connection->wait == WAIT_IDLE || connection->wait == WAIT_FIRST))
			wheel_set(&worker->wheel, &connection->timer, ticks);
	}
}
