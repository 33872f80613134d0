/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "connection.h"

#include "access_log.h"
#include "balance.h"
#include "metrics.h"
#include "slots.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

/* Sent to one client before others have their turn again. */
enum { TURN_MAX = 4 * WORKER_OUT_SIZE };

/* One turn: input [next, end) of the worker's buffer, and the answers to it so far. */
struct turn {
	const char *next, *end;
	size_t out_len;
	size_t sent;
	unsigned n_answers; /* requests completed in this turn */
	bool blocked;	    /* no more may be made: output had to be kept, or it had its share */
};

/* Waits with the events and the deadline that go with it. Returns false when it had to close. */
static bool wait_for(struct worker *worker, struct connection *connection, enum wait wait)
{
	uint8_t interest = wait == WAIT_WRITE ? EPOLLOUT : EPOLLIN;
	struct epoll_event event = {.events = interest};

	if (connection->wait != wait)
		connection_set_wait(worker, connection, wait);
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
	if (sent > 0) {
		counter_add(&worker->counters.sent_bytes, (uint64_t)sent);
		turn->sent += (size_t)sent;
	}
	if (sent == (ssize_t)len) {
		turn->blocked = turn->sent >= TURN_MAX;
		return true;
	}
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

/* What only holds now: while draining, nothing is ready, and every answer is the last. */
static void adapt_answer(const struct worker *worker, struct answer *answer)
{
	unsigned flags = answer->flags;

	if (!worker_is_draining(worker))
		return;
	if ((flags & ANSWER_READY) != 0)
		*answer = answer_error(503, flags);
	answer->flags = (uint16_t)((flags & ~(unsigned)ANSWER_KEEP_ALIVE) | ANSWER_CLOSE);
}

/*
 * Metrics are long and rare: they go by way of the kept output, behind what came before, with a
 * heap of their own. Returns false when the connection is gone.
 */
static bool put_metrics(struct worker *worker, struct connection *connection, struct turn *turn,
			struct answer *answer)
{
	char *text = NULL;
	size_t len = 0, head_len;
	int error = flush(worker, connection, turn) ? 0 : -EPIPE;

	if (error != 0)
		return false;
	error = metrics_format(worker->fleet, &text, &len);
	answer->text_len = len;
	if (error == 0) {
		head_len = answer_write(answer, worker->date, NULL, worker->out, WORKER_OUT_SIZE);
		error = spill_append(&connection->out, worker->out, head_len);
	}
	if (error == 0 && (answer->flags & ANSWER_NO_CONTENT) == 0)
		error = spill_append(&connection->out, text, len);
	free(text);
	if (error != 0) {
		connection_close(worker, connection);
		return false;
	}
	turn->blocked = true;
	return true;
}

/*
 * Writes one answer, or its beginning, into the turn's output, which has room for ANSWER_MAX.
 * Returns false when the connection is gone.
 */
static bool put_answer(struct worker *worker, struct connection *connection, struct turn *turn,
		       struct answer answer)
{
	adapt_answer(worker, &answer);
	if ((answer.flags & ANSWER_METRICS) != 0) {
		if (!put_metrics(worker, connection, turn, &answer))
			return false;
	} else {
		turn->out_len +=
			answer_write(&answer, worker->date, entropy_source(worker->entropy),
				     worker->out + turn->out_len, WORKER_OUT_SIZE - turn->out_len);
	}
	counter_add(&worker->counters.requests[answer_index(answer.status)], 1);
	turn->n_answers++;
	http_head_init(&worker->head);
	connection->flags &= (uint8_t)~CONNECTION_IN_BODY;
	if (!answer_is_written(&answer)) {
		connection->answer = answer;
		connection->flags |= CONNECTION_IN_PAGE;
	}
	if ((answer.flags & ANSWER_CLOSE) != 0)
		connection->flags |= CONNECTION_LAST;
	if ((answer.flags & ANSWER_PEER_CLOSES) != 0 && turn->next == turn->end)
		connection->flags |= CONNECTION_PEER_CLOSES;
	return true;
}

/* Writes more of a page. Returns false when the connection is gone. */
static bool put_page(struct worker *worker, struct connection *connection, struct turn *turn)
{
	size_t len = answer_write_on(&connection->answer, entropy_source(worker->entropy),
				     worker->out + turn->out_len, WORKER_OUT_SIZE - turn->out_len);

	/* Its length was promised: all that can be said now is that it has not come. */
	if (len == 0) {
		connection_close(worker, connection);
		return false;
	}
	turn->out_len += len;
	if (answer_is_written(&connection->answer))
		connection->flags &= (uint8_t)~CONNECTION_IN_PAGE;
	return true;
}

/* Refuses: the status goes out and nothing after it is believed. */
static bool put_error(struct worker *worker, struct connection *connection, struct turn *turn,
		      int status)
{
	bool head = worker->head.method == METHOD_HEAD;

	if ((connection->flags & CONNECTION_IN_BODY) != 0)
		head = (connection->answer.flags & ANSWER_NO_CONTENT) != 0;
	return put_answer(worker, connection, turn,
			  answer_error(status, ANSWER_CLOSE | (head ? ANSWER_NO_CONTENT : 0)));
}

/*
 * The head announces content. Its answer is kept until that has been read, so that errors in it
 * still can be said. A client that waits to be asked for it is asked, or spared sending it where
 * the answer is a refusal anyway (RFC 9110 section 10.1.1).
 */
static bool begin_body(struct worker *worker, struct connection *connection, struct turn *turn,
		       struct answer answer)
{
	const struct http_head *head = &worker->head;
	bool waits = (head->flags & HTTP_EXPECTS_CONTINUE) != 0 && head->minor >= 1 &&
		     turn->next == turn->end;

	if (waits && answer.status >= 300) {
		answer.flags =
			(uint16_t)((answer.flags | ANSWER_CLOSE) & ~(unsigned)ANSWER_PEER_CLOSES);
		return put_answer(worker, connection, turn, answer);
	}
	body_init(&connection->body, head);
	connection->answer = answer;
	connection->flags |= CONNECTION_IN_BODY;
	if (waits) {
		memcpy(worker->out + turn->out_len, answer_continue, strlen(answer_continue));
		turn->out_len += strlen(answer_continue);
	}
	return true;
}

/* What came of taking a piece of the input. */
enum taken { TAKEN, NEEDS_MORE, GONE };

static enum taken taken_if(bool alive)
{
	return alive ? TAKEN : GONE;
}

static enum taken take_head(struct worker *worker, struct connection *connection, struct turn *turn)
{
	struct http_head *head = &worker->head;
	const char *data = turn->next;
	struct answer answer;

	switch (http_head_feed(head, data, (size_t)(turn->end - data))) {
	case HTTP_MORE:
		return NEEDS_MORE;
	case HTTP_BAD:
		if (worker->log != NULL)
			access_log_bad(worker->log, connection->fd, data,
				       (size_t)(turn->end - data), head->status);
		return taken_if(put_error(worker, connection, turn, head->status));
	case HTTP_DONE:
		break;
	}
	turn->next += head->len;
	answer = routes_answer(worker->fleet->routes, head, data);
	if (worker->log != NULL)
		access_log_request(worker->log, connection->fd, data, head->len, &answer);
	if (http_has_body(head))
		return taken_if(begin_body(worker, connection, turn, answer));
	return taken_if(put_answer(worker, connection, turn, answer));
}

static enum taken take_body(struct worker *worker, struct connection *connection, struct turn *turn)
{
	size_t used = 0;
	int status = 0;

	switch (body_feed(&connection->body, turn->next, (size_t)(turn->end - turn->next), &used,
			  &status)) {
	case HTTP_MORE:
		turn->next = turn->end;
		return NEEDS_MORE;
	case HTTP_BAD:
		return taken_if(put_error(worker, connection, turn, status));
	case HTTP_DONE:
		turn->next += used;
		return taken_if(put_answer(worker, connection, turn, connection->answer));
	}
	return NEEDS_MORE;
}

/* Is there something to answer, or the rest of an answer to write? */
static bool has_work(const struct connection *connection, const struct turn *turn)
{
	if (turn->blocked)
		return false;
	return (connection->flags & CONNECTION_IN_PAGE) != 0 ||
	       (turn->next < turn->end && (connection->flags & CONNECTION_LAST) == 0);
}

static enum taken take_one(struct worker *worker, struct connection *connection, struct turn *turn)
{
	if (WORKER_OUT_SIZE - turn->out_len < ANSWER_MAX)
		return taken_if(flush(worker, connection, turn));
	if ((connection->flags & CONNECTION_IN_PAGE) != 0)
		return taken_if(put_page(worker, connection, turn));
	if ((connection->flags & CONNECTION_IN_BODY) != 0)
		return take_body(worker, connection, turn);
	return take_head(worker, connection, turn);
}

/* Takes pieces as long as there is input and room for one more answer. False: it is gone. */
static bool take_all(struct worker *worker, struct connection *connection, struct turn *turn)
{
	enum taken taken = TAKEN;

	while (taken == TAKEN && has_work(connection, turn))
		taken = take_one(worker, connection, turn);
	return taken != GONE;
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

/* What the connection is to wait for, when its turn ended as it did. */
static enum wait next_wait(const struct connection *connection, const struct turn *turn)
{
	if (turn->blocked)
		return WAIT_WRITE;
	if ((connection->flags & CONNECTION_IN_BODY) != 0)
		return WAIT_BODY;
	return connection->in != NULL ? WAIT_HEAD : WAIT_IDLE;
}

/* How long the requests of this turn took, from the loop's seeing them to here. */
static void count_latency(struct worker *worker, const struct turn *turn)
{
	struct timespec now;

	if (turn->n_answers == 0)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	counters_latency(&worker->counters,
			 (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec -
				 worker->turn_ns,
			 turn->n_answers);
}

/* After a turn: decides what the connection waits for. */
static void end_turn(struct worker *worker, struct connection *connection, struct turn *turn)
{
	enum wait wait;

	if (!turn->blocked && !flush(worker, connection, turn))
		return;
	count_latency(worker, turn);
	if ((connection->flags & CONNECTION_LAST) != 0 && !turn->blocked) {
		finish(worker, connection);
		return;
	}
	if (!keep_input(worker, connection, turn))
		return;
	wait = next_wait(connection, turn);
	if (wait == WAIT_IDLE && worker->surplus != 0 && balance_give(worker, connection))
		return;
	if (turn->n_answers != 0 || wait == WAIT_WRITE || connection->interest == 0)
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
	if (!put_error(worker, connection, &turn, 400))
		return;
	connection->flags |= CONNECTION_PEER_CLOSES;
	end_turn(worker, connection, &turn);
}

/* Returns false when there was nothing to read. */
static bool read_once(struct worker *worker, struct connection *connection)
{
	size_t kept = load_input(worker, connection);
	ssize_t n = recv(connection->fd, worker->in + kept, WORKER_IN_SIZE - kept, 0);

	if (n > 0) {
		counter_add(&worker->counters.received_bytes, (uint64_t)n);
		serve(worker, connection, kept + (size_t)n);
	} else if (n == 0)
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

/* Sends what was kept. Returns true when all of it is out. */
static bool send_kept(struct worker *worker, struct connection *connection)
{
	struct spill *kept = connection->out;
	ssize_t sent;

	if (kept == NULL)
		return true;
	sent = send(connection->fd, kept->bytes + kept->start, kept->len - kept->start,
		    MSG_NOSIGNAL);
	if (sent < 0) {
		if (errno != EAGAIN && errno != EINTR)
			connection_close(worker, connection);
		return false;
	}
	counter_add(&worker->counters.sent_bytes, (uint64_t)sent);
	kept->start += (uint32_t)sent;
	if (kept->start < kept->len)
		return false;
	spill_free(&connection->out);
	return true;
}

/* When all is out, goes on where the turn was broken off. */
static void write_once(struct worker *worker, struct connection *connection)
{
	if (!send_kept(worker, connection))
		return;
	if ((connection->flags & (CONNECTION_LAST | CONNECTION_IN_PAGE)) == CONNECTION_LAST)
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

void connection_adopt(struct worker *worker, int fd)
{
	struct connection *connection = connection_take(worker, fd);

	(void)wait_for(worker, connection, WAIT_IDLE);
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

	counter_add(&worker->counters.timeouts[connection->wait], 1);
	switch ((enum wait)connection->wait) {
	case WAIT_HEAD:
	case WAIT_BODY:
		(void)load_input(worker, connection);
		if (put_error(worker, connection, &turn, 408))
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
