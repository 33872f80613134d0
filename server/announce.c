/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A child, because the diagnosis waits for name services and probes while we serve already, and
 * because its memory should not stay ours.
 */
#include "announce.h"

#include <muxdiag/muxdiag.h>

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Local addresses are reached by a name; "localhost" stands for all of them. */
static bool is_local(const struct listener_address *address)
{
	if (address->socket.any.sa_family == AF_INET) {
		uint32_t host = ntohl(address->socket.v4.sin_addr.s_addr);

		return host == INADDR_ANY || host >> 24 == 127;
	}
	return IN6_IS_ADDR_UNSPECIFIED(&address->socket.v6.sin6_addr) ||
	       IN6_IS_ADDR_LOOPBACK(&address->socket.v6.sin6_addr);
}

static void set_target(const struct listener_address *address, struct mux_target *target)
{
	const void *bytes = address->socket.any.sa_family == AF_INET
				    ? (const void *)&address->socket.v4.sin_addr
				    : (const void *)&address->socket.v6.sin6_addr;

	memset(target, 0, sizeof(*target));
	target->port = listener_port(address);
	if (is_local(address))
		memcpy(target->host, "localhost", sizeof("localhost"));
	else
		inet_ntop(address->socket.any.sa_family, bytes, target->host, sizeof(target->host));
}

/* Was the same question asked for an earlier address? */
static bool is_repeated(const struct listener_address *addresses, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (is_local(&addresses[i]) && is_local(&addresses[j]) &&
		    listener_port(&addresses[i]) == listener_port(&addresses[j]))
			return true;
	return false;
}

/* What the addresses of one name came to. */
struct verdict {
	const struct mux_endpoint *first; /* NULL = it has none */
	bool works;			  /* over every one of them */
	bool literal;			  /* the name is the address itself */
};

static struct verdict judge(const struct mux_report *report, const char *name)
{
	struct verdict verdict = {.first = NULL, .works = true};
	char text[INET6_ADDRSTRLEN] = "";
	size_t i;

	for (i = 0; i < report->n_endpoints; i++) {
		const struct mux_endpoint *endpoint = &report->endpoints[i];

		if (strcmp(endpoint->name, name) != 0)
			continue;
		if (verdict.first == NULL)
			verdict.first = endpoint;
		verdict.works = verdict.works && endpoint->works == MUX_YES;
	}
	if (verdict.first == NULL) {
		verdict.works = false;
		return verdict;
	}
	inet_ntop(verdict.first->address.family, verdict.first->address.bytes, text, sizeof(text));
	verdict.literal = strcmp(text, name) == 0;
	return verdict;
}

/* The order of the URLs: the host's own name, then other names, then IPv4, then IPv6. */
enum rank { RANK_HOST_NAME, RANK_NAME, RANK_IPV4, RANK_IPV6, N_RANKS };

static enum rank rank_of(const struct mux_report *report, const char *name,
			 const struct verdict *verdict)
{
	if (verdict->literal)
		return verdict->first->address.family == AF_INET ? RANK_IPV4 : RANK_IPV6;
	return strcmp(name, report->machine->host_name) == 0 ? RANK_HOST_NAME : RANK_NAME;
}

static void print_url(const char *name, const struct verdict *verdict)
{
	bool brackets = verdict->literal && verdict->first->address.family == AF_INET6;

	printf("muxd: use http://%s%s%s:%u/ (%s)\n", brackets ? "[" : "", name, brackets ? "]" : "",
	       verdict->first->port, verdict->first->text);
}

/* Returns false when there is none. */
static bool print_urls(const struct mux_report *report)
{
	bool found = false;
	enum rank rank;
	size_t i;

	for (rank = 0; rank < N_RANKS; rank++)
		for (i = 0; i < report->n_names; i++) {
			const char *name = report->names[i].name;
			struct verdict verdict = judge(report, name);

			if (!verdict.works || rank_of(report, name, &verdict) != rank)
				continue;
			print_url(name, &verdict);
			found = true;
		}
	return found;
}

static void print_warning(const struct mux_endpoint *endpoint)
{
	char text[INET6_ADDRSTRLEN] = "?";
	const char *verdict = endpoint->works == MUX_NO ? "will not work" : "may not work";

	inet_ntop(endpoint->address.family, endpoint->address.bytes, text, sizeof(text));
	if (strcmp(endpoint->name, text) == 0)
		printf("muxd: warning: %s port %u %s: %s\n", text, endpoint->port, verdict,
		       endpoint->text);
	else
		printf("muxd: warning: %s port %u over %s %s: %s\n", endpoint->name, endpoint->port,
		       text, verdict, endpoint->text);
}

static void print_warnings(const struct mux_report *report)
{
	size_t i;

	for (i = 0; i < report->n_names; i++)
		if (report->names[i].resolves == MUX_NO)
			printf("muxd: warning: the name %s will not work: %s\n",
			       report->names[i].name, report->names[i].text);
	for (i = 0; i < report->n_endpoints; i++)
		if (report->endpoints[i].works != MUX_YES)
			print_warning(&report->endpoints[i]);
	for (i = 0; i < report->n_findings; i++)
		if (report->findings[i].severity >= MUX_SEVERITY_WARNING)
			printf("muxd: warning: %s\n", report->findings[i].title);
}

/* Returns false when no URL works, or that cannot be told. */
static bool diagnose(const struct listener_address *address)
{
	struct mux_question question = {0};
	struct mux_error error = {.message = "out of memory"};
	const struct mux_snapshot *snapshot = NULL;
	struct mux_report *report = NULL;
	struct mux_bundle *bundle;
	bool works = false;

	set_target(address, &question.target);
	question.connect_only = true;
	bundle = mux_gather(&question, &error);
	if (bundle != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	if (snapshot != NULL)
		report = mux_diagnose(snapshot, NULL, &error);
	if (report != NULL)
		works = print_urls(report);
	if (report != NULL)
		print_warnings(report);
	else
		printf("muxd: cannot tell which URLs work: %s\n", error.message);
	mux_report_free(report);
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
	return works;
}

/* Could a socket there be what keeps us from the address? */
static bool is_in_the_way(const struct mux_listener *socket, const struct listener_address *address)
{
	return socket->port == listener_port(address) &&
	       (socket->family == address->socket.any.sa_family || socket->v6only != MUX_YES);
}

/* Copies a program's name, which its owner chose, so that it is harmless. */
static void copy_name(struct mux_slice name, char out[static 32])
{
	size_t i;

	for (i = 0; i < name.len && i < 31; i++)
		out[i] = (char)(name.data[i] > ' ' && name.data[i] <= '~' ? name.data[i] : '?');
	out[i] = '\0';
}

bool announce_holder(const struct listener_address *address, char text[static ANNOUNCE_HOLDER_MAX])
{
	struct mux_question question = {0};
	const struct mux_snapshot *snapshot = NULL;
	struct mux_bundle *bundle;
	struct mux_error error;
	bool found = false;
	size_t i;

	set_target(address, &question.target);
	question.connect_only = true;
	bundle = mux_gather(&question, &error);
	if (bundle != NULL)
		snapshot = mux_snapshot_parse(bundle, &error);
	for (i = 0; snapshot != NULL && i < snapshot->listeners.n_sockets && !found; i++) {
		const struct mux_listener *socket = &snapshot->listeners.sockets[i];
		char name[32];

		if (socket->pid == 0 || !is_in_the_way(socket, address))
			continue;
		copy_name(socket->command, name);
		snprintf(text, ANNOUNCE_HOLDER_MAX, "%s (pid %d)", name, socket->pid);
		found = true;
	}
	mux_snapshot_free(snapshot);
	mux_bundle_free(bundle);
	return found;
}

/* Undoes what a child should not have of its parent's: blocked signals, and its sockets. */
static void become_ordinary(pid_t parent)
{
	sigset_t none;

	/* Also when the parent is killed: nobody else would end us. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Else the port stays taken when the server ends before us. */
	close_range(STDERR_FILENO + 1, ~0U, 0);
}

pid_t announce_start(const struct listener_address *addresses, size_t n)
{
	pid_t parent = getpid(), pid;
	bool works = true;
	size_t i;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0)
		return pid;
	become_ordinary(parent);
	for (i = 0; i < n; i++)
		/* No URL leads to a unix socket. */
		if (addresses[i].socket.any.sa_family != AF_UNIX && !is_repeated(addresses, i))
			works = diagnose(&addresses[i]) && works;
	fflush(stdout);
	_exit(works ? 0 : 1);
}
