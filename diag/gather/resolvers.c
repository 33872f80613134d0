/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/resolvers.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/record.h"
#include "gather/clock.h"
#include "gather/helper.h"

static void add_question(struct resolvers *resolvers, const char *name, enum mux_resolver resolver,
			 enum mux_lookup lookup, int family)
{
	resolvers->questions[resolvers->n_questions++] = (struct resolver_question){
		.resolver = resolver,
		.lookup = lookup,
		.name = name,
		.family = family,
	};
}

static void add_questions(struct resolvers *resolvers, const char *name)
{
	static const int families[] = {AF_UNSPEC, AF_INET, AF_INET6};
	size_t i;

	for (i = 0; i < 6; i++) {
		add_question(resolvers, name, MUX_GETADDRINFO, MUX_LOOKUP_SYSTEM, families[i % 3]);
		resolvers->questions[resolvers->n_questions - 1].addrconfig = i >= 3;
	}
	add_question(resolvers, name, MUX_CARES, MUX_LOOKUP_SYSTEM, AF_UNSPEC);
	for (i = 1; i < 3; i++) {
		add_question(resolvers, name, MUX_CARES, MUX_LOOKUP_HOSTS, families[i]);
		add_question(resolvers, name, MUX_CARES, MUX_LOOKUP_DNS, families[i]);
	}
}

static void start_helper(struct resolvers *resolvers, enum mux_resolver resolver,
			 const int ends[static 2])
{
	pid_t helper = fork();

	if (helper == 0) {
		close(ends[0]);
		helper_run(resolvers, resolver, ends[1]);
	}
	if (helper > 0)
		resolvers->helpers[resolver] = helper;
}

void resolvers_start(struct resolvers *resolvers, const struct names *names, int64_t started_us)
{
	int ends[2];
	size_t i;

	memset(resolvers, 0, sizeof(*resolvers));
	resolvers->fd = -1;
	resolvers->started_us = started_us;
	for (i = 0; i < names->n; i++)
		add_questions(resolvers, names->list[i]);
	if (names->n == 0 || pipe2(ends, O_CLOEXEC) != 0)
		return;
	start_helper(resolvers, MUX_GETADDRINFO, ends);
	start_helper(resolvers, MUX_CARES, ends);
	close(ends[1]);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	resolvers->fd = ends[0];
}

/* localhost that begins elsewhere is as wrong as none: what the name servers say explains it. */
static bool leads_away(const struct resolver_question *question, struct mux_slice line)
{
	static const char *const right[] = {" addresses=127.", " addresses=::1"};
	size_t i;

	if (strcasecmp(question->name, "localhost") != 0)
		return false;
	for (i = 0; i < sizeof(right) / sizeof(right[0]); i++)
		if (memmem(line.data, line.len, right[i], strlen(right[i])) != NULL)
			return false;
	return true;
}

static void take_line(struct resolvers *resolvers, struct mux_slice line, struct str *records)
{
	const char *space = memchr(line.data, ' ', line.len);
	struct mux_slice number = {.data = line.data};
	struct resolver_question *question;
	int64_t status;
	uint64_t i;

	if (space == NULL)
		return;
	number.len = (size_t)(space - line.data);
	if (slice_parse_u64(number, 10, &i) != 0 || i >= resolvers->n_questions)
		return;
	question = &resolvers->questions[i];
	if (question->answered)
		return;
	line.data += number.len + 1;
	line.len -= number.len + 1;
	question->answered = true;
	question->failed = record_number(line, "status", &status) != 0 || status != 0 ||
			   leads_away(question, line);
	str_addf(records, "%.*s\n", (int)line.len, line.data);
}

static void take_lines(struct resolvers *resolvers, struct str *records)
{
	char *begin = resolvers->buffer, *end;
	size_t left = resolvers->len;

	while ((end = memchr(begin, '\n', left)) != NULL) {
		struct mux_slice line = {.data = begin, .len = (size_t)(end - begin)};

		take_line(resolvers, line, records);
		left -= line.len + 1;
		begin = end + 1;
	}
	memmove(resolvers->buffer, begin, left);
	resolvers->len = left;
}

void resolvers_take(struct resolvers *resolvers, struct str *records)
{
	while (resolvers->fd >= 0) {
		ssize_t n = read(resolvers->fd, resolvers->buffer + resolvers->len,
				 sizeof(resolvers->buffer) - resolvers->len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(resolvers->fd);
			resolvers->fd = -1;
			return;
		}
		resolvers->len += (size_t)n;
		take_lines(resolvers, records);
	}
}

const struct resolver_question *resolvers_waiting(const struct resolvers *resolvers,
						  enum mux_resolver resolver, bool dns)
{
	size_t i;

	for (i = 0; resolvers->fd >= 0 && i < resolvers->n_questions; i++) {
		const struct resolver_question *question = &resolvers->questions[i];

		if (!question->answered && question->resolver == resolver &&
		    (dns || question->lookup != MUX_LOOKUP_DNS))
			return question;
	}
	return NULL;
}

bool resolvers_failed(const struct resolvers *resolvers, const char *name)
{
	size_t i;

	for (i = 0; i < resolvers->n_questions; i++) {
		const struct resolver_question *question = &resolvers->questions[i];

		if (question->resolver == MUX_GETADDRINFO && question->family == AF_UNSPEC &&
		    !question->addrconfig && strcasecmp(question->name, name) == 0)
			return question->failed;
	}
	return false;
}

static void record_unanswered(const struct resolvers *resolvers, struct str *records)
{
	int64_t now = clock_now_us();
	size_t i;

	for (i = 0; i < resolvers->n_questions; i++) {
		const struct resolver_question *question = &resolvers->questions[i];
		struct resolution resolution;

		if (question->answered)
			continue;
		resolution_start(&resolution, question);
		resolution.elapsed_us = now - resolvers->started_us;
		if (resolvers->died[question->resolver])
			resolution.text = "the resolver crashed";
		resolution_record(&resolution, records);
	}
}

static void reap(struct resolvers *resolvers, enum mux_resolver resolver)
{
	pid_t helper = resolvers->helpers[resolver];
	int status = 0;

	if (helper == 0)
		return;
	if (waitpid(helper, &status, WNOHANG) == helper) {
		resolvers->died[resolver] = WIFSIGNALED(status);
	} else {
		kill(helper, SIGKILL);
		while (waitpid(helper, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	resolvers->helpers[resolver] = 0;
}

void resolvers_finish(struct resolvers *resolvers, struct str *records)
{
	resolvers_take(resolvers, records);
	if (resolvers->fd >= 0)
		close(resolvers->fd);
	resolvers->fd = -1;
	reap(resolvers, MUX_GETADDRINFO);
	reap(resolvers, MUX_CARES);
	record_unanswered(resolvers, records);
}
