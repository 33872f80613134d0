/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/talks.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/record.h"
#include "base/slice.h"
#include "gather/clock.h"
#include "gather/inet.h"

enum { REQUEST_BYTES = 512, MOMENT_US = 100 * 1000 };

/* Ports whose servers speak something else than HTTP; most log or count what they do not
 * understand. */
static const uint16_t other_ports[] = {
	21,   22,   23,	  25,	53,   79,   88,	  110,	111,  119,  135,  139,	143,   179,  389,
	445,  465,  512,  513,	514,  515,  543,  544,	587,  631,  636,  853,	873,   990,  993,
	995,  1194, 1433, 1521, 1883, 2049, 2379, 3268, 3306, 3389, 4222, 5044, 5432,  5433, 5671,
	5672, 5900, 5901, 6000, 6010, 6379, 6667, 8883, 9042, 9092, 9100, 9418, 11211, 27017};

/* Where TLS is what is usually spoken. */
static const uint16_t tls_ports[] = {443, 4443, 6443, 8443, 9443, 10250, 10443};

/*
 * The smallest ClientHello that is one (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2): TLS 1.2,
 * two ciphers that everybody knows, no extension. A server that would rather have others answers
 * with an alert, which tells as much.
 */
static const char client_hello[] = "\x16\x03\x01\x00\x2f"
				   "\x01\x00\x00\x2b\x03\x03"
				   "muxdiag asks if this speaks TLS?"
				   "\x00"
				   "\x00\x04\xc0\x2f\x00\x9c"
				   "\x01\x00";

static bool is_listed(uint16_t port, const uint16_t *list, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (list[i] == port)
			return true;
	return false;
}

bool talks_are_wanted(const struct mux_target *target)
{
	if (target->port == 0)
		return false;
	return target->scheme[0] != '\0' ||
	       !is_listed(target->port, other_ports, sizeof(other_ports) / sizeof(other_ports[0]));
}

static enum talk_words first_words(const struct mux_target *target)
{
	if (strcmp(target->scheme, "https") == 0)
		return TALK_TLS;
	return target->scheme[0] == '\0' && is_listed(target->port, tls_ports,
						      sizeof(tls_ports) / sizeof(tls_ports[0]))
		       ? TALK_TLS
		       : TALK_HTTP;
}

/* --- one talk ---------------------------------------------------------------------------- */

static void end(struct talk *talk, bool closed, int error)
{
	talk->finished = true;
	talk->closed = closed;
	talk->error = error;
	if (talk->len == 0)
		talk->elapsed_us = clock_now_us() - talk->started_us;
	close(talk->fd);
	talk->fd = -1;
}

/* As a client of the target would ask; a server may answer by the name. */
static int write_request(const struct talks *talks, const struct talk *talk, char *out, size_t room)
{
	const struct mux_target *target = talks->target;
	bool brackets = strchr(target->host, ':') != NULL;
	char port[8] = "";

	if (target->port != 80)
		snprintf(port, sizeof(port), ":%u", (unsigned)target->port);
	return snprintf(out, room,
			"HEAD %s HTTP/1.1\r\nHost: %s%s%s%s\r\nUser-Agent: muxdiag\r\n"
			"Accept: */*\r\nConnection: close\r\n\r\n",
			talk->words == TALK_INSTANCE ? "/healthz" : "/", brackets ? "[" : "",
			target->host, brackets ? "]" : "", port);
}

/* What is so short fits into the buffer of a new connection, or nothing does. */
static void speak(const struct talks *talks, struct talk *talk)
{
	char request[REQUEST_BYTES];
	const char *words = client_hello;
	size_t len = sizeof(client_hello) - 1;

	if (talk->words != TALK_TLS) {
		len = (size_t)write_request(talks, talk, request, sizeof(request));
		words = request;
	}
	if (send(talk->fd, words, len, MSG_NOSIGNAL) >= 0)
		talk->sent = true;
	else if (errno != EAGAIN && errno != ENOTCONN)
		end(talk, false, errno);
}

/* Is what came enough to know who speaks? Of HTTP the whole head is wanted. */
static bool is_enough(const struct talk *talk)
{
	static const char http[] = "HTTP/";
	size_t known = talk->len < sizeof(http) - 1 ? talk->len : sizeof(http) - 1;

	if (talk->len == TALK_BYTES || memcmp(talk->bytes, http, known) != 0)
		return true;
	return memmem(talk->bytes, talk->len, "\r\n\r\n", 4) != NULL ||
	       memmem(talk->bytes, talk->len, "\n\n", 2) != NULL;
}

static void listen_to(struct talk *talk)
{
	ssize_t n;

	do {
		n = recv(talk->fd, talk->bytes + talk->len, TALK_BYTES - talk->len, 0);
		if (n > 0 && talk->len == 0)
			talk->elapsed_us = clock_now_us() - talk->started_us;
		if (n > 0)
			talk->len += (size_t)n;
	} while (n > 0 && !is_enough(talk));
	if (n > 0)
		end(talk, false, 0);
	else if (n == 0)
		end(talk, true, 0);
	else if (errno != EAGAIN && errno != EINTR)
		end(talk, errno == ECONNRESET, errno);
}

static void start(struct talks *talks, enum talk_words words, const struct mux_address *address,
		  int64_t deadline_us)
{
	struct talk *talk;
	union inet_address to;
	socklen_t len = inet_fill(&to, address, talks->target->port);

	if (talks->n == MAX_TALKS)
		return;
	talk = &talks->list[talks->n++];
	memset(talk, 0, sizeof(*talk));
	talk->words = words;
	talk->address = *address;
	talk->deadline_us = deadline_us;
	talk->started_us = clock_now_us();
	talk->fd = socket(address->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (talk->fd < 0 || (connect(talk->fd, &to.any, len) != 0 && errno != EINPROGRESS))
		end(talk, false, errno);
	else
		speak(talks, talk);
}

/* --- all of them ------------------------------------------------------------------------- */

static bool has(const struct talks *talks, enum talk_words words, const struct mux_address *address)
{
	size_t i;

	for (i = 0; i < talks->n; i++)
		if (talks->list[i].words == words && addr_equal(&talks->list[i].address, address))
			return true;
	return false;
}

static bool has_family(const struct talks *talks, int family)
{
	size_t i;

	for (i = 0; i < talks->n; i++)
		if (talks->list[i].address.family == family)
			return true;
	return false;
}

static bool begins_with(const struct talk *talk, const char *text)
{
	size_t len = strlen(text);

	return talk->len >= len && memcmp(talk->bytes, text, len) == 0;
}

/* An end without a word, and a 400 that comes without content because HEAD asks for none, may both
 * be what a server of TLS has to say to HTTP; and an end what one of HTTP says to TLS. */
static void ask_further(struct talks *talks, const struct talk *talk)
{
	static const char server[] = "\r\nServer: muxd\r\n";
	enum talk_words other = talk->words == TALK_HTTP ? TALK_TLS : TALK_HTTP;
	struct mux_address address = talk->address;

	if (talk->words == TALK_INSTANCE)
		return;
	if (talk->words == TALK_HTTP &&
	    memmem(talk->bytes, talk->len, server, sizeof(server) - 1) != NULL)
		start(talks, TALK_INSTANCE, &address, talk->deadline_us);
	else if ((talk->len == 0 && (talk->closed || talk->error != 0)) ||
		 (talk->words == TALK_HTTP &&
		  (begins_with(talk, "HTTP/1.1 400") || begins_with(talk, "HTTP/1.0 400"))))
		if (!has(talks, other, &address))
			start(talks, other, &address, talk->deadline_us);
}

/* As long as the probe had, but a moment at least: what we read meanwhile may have taken all of
 * its time. */
static int64_t deadline_of(const struct talks *talks, const struct probe *probe)
{
	int64_t now = clock_now_us(), deadline_us = now + MUX_LOOPBACK_PROBE_MS * 1000;

	if (probe->deadline_us < deadline_us)
		deadline_us = probe->deadline_us;
	if (now + MOMENT_US > deadline_us)
		deadline_us = now + MOMENT_US;
	return deadline_us < talks->deadline_us ? deadline_us : talks->deadline_us;
}

void talks_follow(struct talks *talks, const struct probes *probes)
{
	size_t i;

	if (!talks_are_wanted(talks->target))
		return;
	for (i = 0; i < probes->n; i++) {
		const struct probe *probe = &probes->list[i];

		if (!probe->udp && probe->of_target && probe->finished && probe->connected &&
		    !has_family(talks, probe->address.family))
			start(talks, first_words(talks->target), &probe->address,
			      deadline_of(talks, probe));
	}
}

bool talks_waiting(const struct talks *talks)
{
	return talks_deadline(talks) != INT64_MAX;
}

/* Who is overdue keeps its connection, but is not waited for. */
static bool is_awaited(const struct talk *talk)
{
	return talk->fd >= 0 && clock_now_us() < talk->deadline_us;
}

int64_t talks_deadline(const struct talks *talks)
{
	int64_t earliest = INT64_MAX;
	size_t i;

	for (i = 0; i < talks->n; i++)
		if (is_awaited(&talks->list[i]) && talks->list[i].deadline_us < earliest)
			earliest = talks->list[i].deadline_us;
	return earliest;
}

size_t talks_poll(const struct talks *talks, struct pollfd *fds, size_t room)
{
	size_t i, n = 0;

	for (i = 0; i < talks->n && n < room; i++) {
		const struct talk *talk = &talks->list[i];

		if (is_awaited(talk))
			fds[n++] = (struct pollfd){talk->fd, talk->sent ? POLLIN : POLLOUT, 0};
	}
	return n;
}

void talks_take(struct talks *talks, const struct pollfd *fds, size_t n)
{
	size_t i, j;

	for (i = 0; i < talks->n; i++) {
		struct talk *talk = &talks->list[i];

		for (j = 0; j < n && talk->fd >= 0; j++) {
			if (fds[j].fd != talk->fd || fds[j].revents == 0)
				continue;
			if (!talk->sent)
				speak(talks, talk);
			if (talk->fd >= 0)
				listen_to(talk);
			if (talk->finished)
				ask_further(talks, talk);
			break;
		}
	}
}

bool talks_are_silent(const struct talks *talks)
{
	size_t i;

	for (i = 0; i < talks->n; i++)
		if (talks->list[i].fd >= 0)
			return true;
	return false;
}

static void record(const struct talks *talks, const struct talk *talk, struct str *records)
{
	static const char *const words[] = {
		[TALK_HTTP] = "http", [TALK_TLS] = "tls", [TALK_INSTANCE] = "instance"};
	char text[ADDR_TEXT_MAX];

	record_add(records, "words", slice_of(words[talk->words]));
	record_add(records, "address", slice_of(addr_format(&talk->address, text)));
	record_add_number(records, "port", talks->target->port);
	record_add_number(records, "finished", talk->finished);
	record_add_number(records, "closed", talk->closed);
	record_add_number(records, "error", talk->error);
	record_add_number(records, "us", talk->elapsed_us);
	record_add(records, "bytes", (struct mux_slice){talk->bytes, talk->len});
	record_end(records);
}

void talks_finish(struct talks *talks, struct str *records)
{
	size_t i;

	for (i = 0; i < talks->n; i++) {
		struct talk *talk = &talks->list[i];

		if (talk->fd >= 0) {
			if (talk->len == 0)
				talk->elapsed_us = clock_now_us() - talk->started_us;
			close(talk->fd);
			talk->fd = -1;
		}
		record(talks, talk, records);
	}
}
