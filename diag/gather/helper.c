/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gather/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "gather/clock.h"

/* NSS modules are of other people's making and some are hungry; untouched pages cost nothing. */
enum { STACK_BYTES = 1024 * 1024 };

struct job {
	const struct resolvers *resolvers;
	size_t number;
	int fd;
};

static void *work(void *argument)
{
	const struct job *job = argument;

	system_ask(&job->resolvers->questions[job->number], job->number, job->fd);
	return NULL;
}

static void ask_system(const struct resolvers *resolvers, int fd)
{
	struct job jobs[MAX_QUESTIONS];
	pthread_t threads[MAX_QUESTIONS];
	bool started[MAX_QUESTIONS] = {false};
	pthread_attr_t attributes;
	size_t i;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, STACK_BYTES);
	for (i = 0; i < resolvers->n_questions; i++) {
		jobs[i] = (struct job){resolvers, i, fd};
		if (resolvers->questions[i].resolver == MUX_GETADDRINFO)
			started[i] = pthread_create(&threads[i], &attributes, work, &jobs[i]) == 0;
	}
	for (i = 0; i < resolvers->n_questions; i++)
		if (started[i])
			pthread_join(threads[i], NULL);
}

/* glibc writes what it thinks of a faulty /etc/host.conf to stderr, as it stands in the file. */
static void silence(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0)
		return;
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

noreturn void helper_run(const struct resolvers *resolvers, enum mux_resolver resolver, int fd)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	silence();
	signal(SIGPIPE, SIG_DFL);
	if (resolver == MUX_CARES)
		cares_ask_all(resolvers, fd);
	else
		ask_system(resolvers, fd);
	_exit(0);
}

void resolution_start(struct resolution *resolution, const struct resolver_question *question)
{
	static const char *const lookups[] = {
		[MUX_LOOKUP_SYSTEM] = "system",
		[MUX_LOOKUP_HOSTS] = "hosts",
		[MUX_LOOKUP_DNS] = "dns",
	};

	memset(resolution, 0, sizeof(*resolution));
	resolution->resolver = question->resolver == MUX_CARES ? "c-ares" : "getaddrinfo";
	resolution->lookup = lookups[question->lookup];
	resolution->name = question->name;
	resolution->family = question->family;
	resolution->addrconfig = question->addrconfig;
	resolution->text = "";
}

void resolvers_tell(int fd, size_t number, const struct resolution *resolution)
{
	struct arena *arena = arena_new();
	struct str line;
	ssize_t n;

	if (arena == NULL)
		return;
	str_init(&line, arena);
	str_addf(&line, "%zu", number);
	resolution_record(resolution, &line);
	if (!arena_failed(arena) && line.len <= PIPE_BUF)
		do
			n = write(fd, line.data, line.len);
		while (n < 0 && errno == EINTR);
	arena_free(arena);
}
