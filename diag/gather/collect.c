/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything within one deadline. Resolvers and probes are started first; the files and the
 * kernel's tables, which answer at once, are read while these are out; then one loop waits for all.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/record.h"
#include "gather/clock.h"
#include "gather/gather.h"
#include "gather/mechanism.h"
#include "gather/probes.h"
#include "gather/resolvers.h"
#include "gather/talks.h"

enum {
	GRACE_US = 2 * 1000, /* for answers that nothing depends on */
	PROGRESS_US = 100 * 1000,
};

struct collection {
	const struct mux_question *question;
	struct mux_bundle *bundle;
	struct arena *arena;
	struct names names;
	struct mux_address literal; /* the target, when it is an address */
	struct resolvers resolvers;
	struct probes probes;
	struct talks talks;
	struct str resolutions, probe_records, talk_records;
	size_t n_looked; /* bytes of resolutions looked through for addresses */
	int64_t started_us, deadline_us;
	int64_t essential_us; /* when the last essential answer came; 0 = some are still out */
	int64_t told_us;
	int error;
};

/* --- what is asked ----------------------------------------------------------------------- */

static void add_name(struct names *names, const char *name)
{
	size_t i;

	if (name[0] == '\0' || strlen(name) >= NAME_BYTES)
		return;
	for (i = 0; i < names->n; i++)
		if (strcasecmp(names->list[i], name) == 0)
			return;
	strcpy(names->list[names->n++], name);
}

static void add_names(struct collection *collection)
{
	const char *target = collection->question->target.host;
	char host_name[NAME_BYTES] = "";

	gethostname(host_name, sizeof(host_name) - 1);
	if (addr_parse(slice_of(target), &collection->literal) != 0)
		add_name(&collection->names, target);
	add_name(&collection->names, "localhost");
	add_name(&collection->names, host_name);
}

/* What this machine answers for itself is answered at once or never; others may be far away. */
static int64_t probe_deadline(const struct collection *collection, bool local)
{
	int loopback_ms = collection->question->loopback_ms;
	int64_t deadline_us =
		clock_now_us() +
		(int64_t)(loopback_ms > 0 ? loopback_ms : MUX_LOOPBACK_PROBE_MS) * 1000;

	return local && deadline_us < collection->deadline_us ? deadline_us
							      : collection->deadline_us;
}

/* Sends to an address only if it is asked about or this machine's own: that localhost or the host
 * name stand for somebody else here is no reason to knock at his door. */
static void add_address(struct collection *collection, const struct mux_address *address,
			bool of_target)
{
	uint16_t port = collection->question->target.port;
	bool local;

	if (collection->error == 0)
		collection->error = gather_route_answer(address, collection->bundle);
	local = addr_is_loopback(address) || addr_is_unspecified(address) ||
		route_answer_is_local(address, collection->bundle);
	if (port != 0 && (of_target || local))
		probes_start(&collection->probes, address, port, probe_deadline(collection, local));
	if (of_target)
		probes_mark_target(&collection->probes, address);
}

/* --- what the answers bring -------------------------------------------------------------- */

static void add_answer_addresses(struct collection *collection, struct mux_slice line)
{
	struct mux_slice list, text, name;
	struct mux_address address;
	bool of_target;

	if (record_text(line, "addresses", collection->arena, &list) != 0 ||
	    record_text(line, "name", collection->arena, &name) != 0)
		return;
	of_target = slice_equal_nocase(name, slice_of(collection->question->target.host));
	while (list.len != 0) {
		const char *comma = memchr(list.data, ',', list.len);

		text = list;
		if (comma != NULL)
			text.len = (size_t)(comma - list.data);
		list.data += text.len + (comma != NULL);
		list.len -= text.len + (comma != NULL);
		/* A link-local address with its scope is no localhost: it is not probed. */
		if (addr_parse(text, &address) == 0)
			add_address(collection, &address, of_target);
	}
}

/* Takes what the resolvers said. What name servers alone say is a fact, not an address to try. */
static void take_answers(struct collection *collection)
{
	struct mux_slice rest, line, lookup;

	resolvers_take(&collection->resolvers, &collection->resolutions);
	if (collection->resolutions.data == NULL)
		return;
	rest.data = collection->resolutions.data + collection->n_looked;
	rest.len = collection->resolutions.len - collection->n_looked;
	while (record_next(&rest, &line))
		if (record_text(line, "lookup", collection->arena, &lookup) == 0 &&
		    !slice_is(lookup, "dns"))
			add_answer_addresses(collection, line);
	collection->n_looked = collection->resolutions.len;
}

/* --- waiting ----------------------------------------------------------------------------- */

/* The answers that the verdict rests on: the system's resolver, and the connections. */
static bool is_essential_out(const struct collection *collection)
{
	return resolvers_waiting(&collection->resolvers, MUX_GETADDRINFO, false) != NULL ||
	       probes_waiting(&collection->probes) || talks_waiting(&collection->talks);
}

/*
 * What the name servers alone say explains a failure of getaddrinfo; otherwise it is a side fact,
 * and a healthy machine must not wait for name servers that are out of reach.
 */
static bool is_done(struct collection *collection)
{
	const char *target = collection->question->target.host;
	int64_t now = clock_now_us();
	bool dns;

	if (now >= collection->deadline_us)
		return true;
	if (is_essential_out(collection)) {
		collection->essential_us = 0;
		return false;
	}
	if (collection->essential_us == 0)
		collection->essential_us = now;
	dns = resolvers_failed(&collection->resolvers, target);
	if (resolvers_waiting(&collection->resolvers, MUX_CARES, dns) == NULL)
		return true;
	return !dns && now - collection->essential_us >= GRACE_US;
}

static int64_t wake_us(const struct collection *collection)
{
	int64_t wake = collection->deadline_us;
	int64_t probes = probes_deadline(&collection->probes);
	int64_t talks = talks_deadline(&collection->talks);

	if (probes < wake)
		wake = probes;
	if (talks < wake)
		wake = talks;
	if (collection->essential_us != 0 && collection->essential_us + GRACE_US < wake)
		wake = collection->essential_us + GRACE_US;
	if (collection->question->progress != NULL && collection->told_us + PROGRESS_US < wake)
		wake = collection->told_us + PROGRESS_US;
	return wake;
}

static void tell_progress(struct collection *collection)
{
	const struct mux_progress *progress = collection->question->progress;
	const struct resolver_question *question =
		resolvers_waiting(&collection->resolvers, MUX_GETADDRINFO, false);
	int64_t now = clock_now_us();
	char address[ADDR_TEXT_MAX];
	struct str what;
	size_t i;

	if (progress == NULL || now < collection->told_us + PROGRESS_US)
		return;
	collection->told_us = now;
	str_init(&what, collection->arena);
	for (i = 0; i < collection->probes.n; i++) {
		const struct probe *probe = &collection->probes.list[i];

		if (!probe->udp && probe->fd >= 0)
			str_addf(&what, "%sconnect %s", what.len == 0 ? "" : ", ",
				 addr_format_port(&probe->address, probe->port, address));
	}
	if (talks_waiting(&collection->talks))
		str_add(&what, what.len == 0 ? "the server" : ", the server");
	if (question != NULL) {
		str_add(&what, what.len == 0 ? "getaddrinfo " : ", getaddrinfo ");
		str_add_escaped(&what, slice_of(question->name));
	}
	if (what.len == 0)
		str_add(&what, "name servers");
	if (str_done(&what) != NULL)
		progress->waiting(progress->context, what.data, now - collection->started_us);
}

/* Waits for what comes first, at most until until_us of clock_now_us(), and takes it. */
static void wait_once(struct collection *collection, int64_t until_us)
{
	struct pollfd fds[MAX_PROBES + MAX_TALKS + 1];
	size_t n = probes_poll(&collection->probes, fds, MAX_PROBES);
	int64_t left_us = until_us - clock_now_us();
	struct timespec patience = {0};

	if (left_us > 0) {
		patience.tv_sec = (time_t)(left_us / 1000000);
		patience.tv_nsec = (long)(left_us % 1000000) * 1000;
	}
	n += talks_poll(&collection->talks, fds + n, MAX_TALKS);
	if (collection->resolvers.fd >= 0)
		fds[n++] = (struct pollfd){collection->resolvers.fd, POLLIN, 0};
	if (ppoll(fds, n, &patience, NULL) < 0)
		n = 0;
	take_answers(collection);
	probes_take(&collection->probes, fds, n);
	talks_take(&collection->talks, fds, n);
	if (!collection->question->connect_only)
		talks_follow(&collection->talks, &collection->probes);
	tell_progress(collection);
}

/* --- start to end ------------------------------------------------------------------------ */

static void start(struct collection *collection)
{
	const struct mux_question *question = collection->question;
	int timeout_ms = question->timeout_ms > 0 ? question->timeout_ms : MUX_DEFAULT_TIMEOUT_MS;

	collection->started_us = collection->told_us = clock_now_us();
	collection->deadline_us = collection->started_us + (int64_t)timeout_ms * 1000;
	str_init(&collection->resolutions, collection->arena);
	str_init(&collection->probe_records, collection->arena);
	str_init(&collection->talk_records, collection->arena);
	collection->talks.target = &question->target;
	collection->talks.deadline_us = collection->deadline_us;
	add_names(collection);
	if (question->root_dir != NULL)
		collection->names.n = 0; /* the resolvers would answer for the other /etc */
	resolvers_start(&collection->resolvers, &collection->names, collection->started_us);
	add_address(collection, &addr_loopback4, false);
	add_address(collection, &addr_loopback6, false);
	if (collection->literal.family != 0)
		add_address(collection, &collection->literal, true);
}

static int read_at_once(const struct collection *collection)
{
	const struct mux_question *question = collection->question;
	struct mux_bundle *bundle = collection->bundle;
	int error = gather_machine(question, bundle);

	if (error == 0)
		error = gather_environment(bundle);
	if (error == 0)
		error = gather_files(question->root_dir, bundle);
	if (error == 0 && question->root_dir == NULL)
		error = gather_host_aliases(bundle);
	if (error == 0 && question->root_dir == NULL)
		error = gather_name_services(bundle);
	if (error == 0)
		error = gather_sysctls(bundle);
	if (error == 0)
		error = gather_routing(bundle);
	if (error == 0 && question->target.port != 0)
		error = gather_listeners(question->target.port, bundle);
	if (error == 0)
		error = gather_nftables(bundle);
	if (error == 0)
		error = gather_cgroup(bundle);
	return error != 0 ? error : gather_xtables(bundle);
}

int gather_path_facts(struct mux_bundle *bundle)
{
	const struct mux_question question = {.target = {.host = "localhost"}};
	int error = gather_machine(&question, bundle);

	if (error == 0)
		error = gather_files(NULL, bundle);
	if (error == 0)
		error = gather_sysctls(bundle);
	if (error == 0)
		error = gather_routing(bundle);
	if (error == 0)
		error = gather_sockets(bundle);
	if (error == 0)
		error = gather_nftables(bundle);
	return error != 0 ? error : gather_xtables(bundle);
}

static int put_records(struct mux_bundle *bundle, const char *name, struct str *records)
{
	return bundle_put(bundle, name, slice_of(str_done(records)));
}

static int finish(struct collection *collection)
{
	int error;

	resolvers_finish(&collection->resolvers, &collection->resolutions);
	probes_finish(&collection->probes, &collection->probe_records);
	/* While the connections are open: do they wait to be accepted? */
	if (collection->error == 0 && talks_are_silent(&collection->talks))
		collection->error = gather_listeners_later(collection->question->target.port,
							   collection->bundle);
	talks_finish(&collection->talks, &collection->talk_records);
	if (collection->error != 0 || arena_failed(collection->arena))
		return collection->error != 0 ? collection->error : -ENOMEM;
	error = put_records(collection->bundle, "resolutions", &collection->resolutions);
	if (error == 0)
		error = put_records(collection->bundle, "probes", &collection->probe_records);
	if (error == 0 && collection->talks.n != 0)
		error = put_records(collection->bundle, "http", &collection->talk_records);
	return error;
}

static bool has_failed(const struct probes *probes)
{
	size_t i;

	for (i = 0; i < probes->n; i++)
		if (!probes->list[i].udp && !probes->list[i].connected)
			return true;
	return false;
}

/* Is a source address, or a free source port, what a connection lacks? */
static bool lacks_source(const struct probes *probes)
{
	size_t i;

	for (i = 0; i < probes->n; i++)
		if (!probes->list[i].udp && probes->list[i].error == EADDRNOTAVAIL)
			return true;
	return false;
}

/* Both dumps were given, and neither has a socket. */
static bool is_unserved(const struct mux_bundle *bundle)
{
	static const char *const names[] = {"netlink/diag/tcp4", "netlink/diag/tcp6"};
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct bundle_entry *entry = bundle_find(bundle, names[i]);

		if (entry == NULL || entry->error != 0 || entry->bytes.len != 0)
			return false;
	}
	return true;
}

/* What explains a failure, and costs too much to be read without one. */
static int explain_failure(const struct collection *collection)
{
	struct mux_bundle *bundle = collection->bundle;
	int error = 0;

	if (!has_failed(&collection->probes))
		return 0;
	error = gather_surroundings(bundle);
	if (error == 0)
		error = gather_packet_path(bundle);
	if (error == 0 && lacks_source(&collection->probes))
		error = gather_destinations(collection->question->target.port, bundle);
	if (error != 0 || !is_unserved(bundle))
		return error;
	error = gather_strangers(collection->question->target.port, bundle);
	if (error == 0)
		error = gather_unix_sockets(bundle);
	if (error == 0)
		error = gather_holders(collection->question->target.port, bundle);
	if (error == 0)
		error = gather_neighbours(collection->question->target.port, bundle);
	return error;
}

int gather_all(const struct mux_question *question, struct mux_bundle *bundle)
{
	struct arena *arena = arena_new();
	struct collection *collection;
	int error = -ENOMEM;

	if (arena == NULL)
		return -ENOMEM;
	collection = arena_alloc(arena, sizeof(*collection));
	if (collection == NULL)
		goto out;
	collection->question = question;
	collection->bundle = bundle;
	collection->arena = arena;
	start(collection);
	error = read_at_once(collection);
	if (collection->error == 0)
		collection->error = error;
	/* Reading may have taken all the time there is; what came meanwhile has come in time. */
	wait_once(collection, 0);
	while (collection->error == 0 && !is_done(collection))
		wait_once(collection, wake_us(collection));
	error = finish(collection);
	if (error == 0)
		error = explain_failure(collection);
out:
	arena_free(arena);
	return error;
}
