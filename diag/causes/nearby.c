/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "causes/nearby.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "causes/listener.h"
#include "causes/words.h"

enum { MAX_SHOWN = 4 };

/* How well a socket of another port fits, best last. */
enum likeness { UNLIKE, USUAL, NEXT_DOOR, SAME_PROGRAM };

/* Whose port it is, as the process is called. */
static const struct program {
	uint16_t port;
	const char *command;
} programs[] = {
	{22, "sshd"},	    {25, "master"},	{80, "nginx"},		{80, "apache2"},
	{80, "httpd"},	    {80, "caddy"},	{443, "nginx"},		{443, "apache2"},
	{443, "httpd"},	    {443, "caddy"},	{3306, "mysqld"},	{3306, "mariadbd"},
	{5432, "postgres"}, {5672, "beam.smp"}, {6379, "redis-server"}, {6379, "valkey-server"},
	{8000, "muxd"},	    {8080, "muxd"},	{11211, "memcached"},	{11434, "ollama"},
	{27017, "mongod"},
};

static bool is_program_of(uint16_t port, struct mux_slice command)
{
	size_t i;

	for (i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (programs[i].port == port && slice_is(command, programs[i].command))
			return true;
	return false;
}

/* Where servers of web pages are put when nobody says where. */
static bool is_usual(uint16_t port)
{
	static const uint16_t usual[] = {80,   443,  3000, 4200, 5000, 5173,
					 8000, 8080, 8081, 8443, 8888, 9000};
	size_t i;

	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++)
		if (usual[i] == port)
			return true;
	return false;
}

/* Would a client of localhost reach it? */
static bool serves_localhost(const struct mux_listener *listener)
{
	return addr_is_unspecified(&listener->address) || addr_is_loopback(&listener->address);
}

static enum likeness likeness_of(uint16_t port, const struct mux_listener *listener)
{
	int difference = (int)listener->port - (int)port;

	if (!serves_localhost(listener) || difference == 0)
		return UNLIKE;
	if (is_program_of(port, listener->command))
		return SAME_PROGRAM;
	if (abs(difference) == 1)
		return NEXT_DOOR;
	return is_usual(listener->port) && is_usual(port) ? USUAL : UNLIKE;
}

/* The sockets of both families that one server has are one. */
static bool is_shown(const struct mux_listener *const *shown, size_t n,
		     const struct mux_listener *listener)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (shown[i]->port == listener->port)
			return true;
	return false;
}

static size_t choose(const struct mux_listeners *neighbours, uint16_t port,
		     const struct mux_listener **ret_shown)
{
	enum likeness likeness;
	size_t i, n = 0;

	for (likeness = SAME_PROGRAM; likeness > UNLIKE; likeness--)
		for (i = 0; i < neighbours->n_sockets && n < MAX_SHOWN; i++)
			if (likeness_of(port, &neighbours->sockets[i]) == likeness &&
			    !is_shown(ret_shown, n, &neighbours->sockets[i]))
				ret_shown[n++] = &neighbours->sockets[i];
	return n;
}

static void add_udp(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_listeners *udp = &findings->evaluation->snapshot->udp_neighbours;

	if (udp->n_sockets != 0)
		finding_evidence(findings, finding, "sockets of UDP",
				 "%s: that is another port than the one of TCP",
				 listener_text(findings, &udp->sockets[0]));
}

static void add_fix(struct findings *findings, struct cause_finding *finding,
		    const struct mux_listener *listener)
{
	struct mux_target target = findings->evaluation->target;

	target.port = listener->port;
	finding_fix(findings, finding,
		    arena_printf(findings->arena, "If %s is meant, ask for %s",
				 listener->command.len != 0
					 ? cause_escape(findings, listener->command)
					 : "that server",
				 words_target(findings->arena, &target)),
		    NULL, NULL);
}

void nearby_add(struct findings *findings, struct cause_finding *finding)
{
	const struct mux_snapshot *snapshot = findings->evaluation->snapshot;
	const struct mux_listener *shown[MAX_SHOWN];
	size_t i, n;

	if (snapshot->neighbours.source4.presence != MUX_PRESENT ||
	    !findings->evaluation->live_target)
		return;
	n = choose(&snapshot->neighbours, findings->evaluation->target.port, shown);
	for (i = 0; i < n; i++)
		finding_evidence(findings, finding, "listening nearby", "%s",
				 listener_text(findings, shown[i]));
	if (snapshot->neighbours.n_sockets == 0 &&
	    snapshot->neighbours.source6.presence == MUX_PRESENT)
		finding_evidence(findings, finding, "listening sockets",
				 "none on any other port either");
	add_udp(findings, finding);
	if (n != 0)
		add_fix(findings, finding, shown[0]);
}

/* --- databases --------------------------------------------------------------------------- */

static const struct nearby_database databases[] = {
	{3306, "MySQL", "/mysqld.sock", "mysql --socket ", false,
	 "Let it listen on its port: no skip-networking, and bind-address = 127.0.0.1"},
	{3306, "MySQL", "/mysql.sock", "mysql --socket ", false,
	 "Let it listen on its port: no skip-networking, and bind-address = 127.0.0.1"},
	{5432, "PostgreSQL", "/.s.PGSQL.5432", "psql --host ", true,
	 "Let it listen on its port: listen_addresses = 'localhost' in postgresql.conf"},
	{6379, "Redis", "/redis.sock", "redis-cli -s ", false,
	 "Let it listen on its port: port 6379 and bind 127.0.0.1 ::1 in redis.conf"},
	{6379, "Redis", "/redis-server.sock", "redis-cli -s ", false,
	 "Let it listen on its port: port 6379 and bind 127.0.0.1 ::1 in redis.conf"},
	{27017, "MongoDB", "/mongodb-27017.sock", NULL, false,
	 "Let it listen on its port: net.bindIp: localhost in mongod.conf"},
	{11211, "memcached", "/memcached.sock", NULL, false,
	 "Start it without -s, and it takes the port"},
};

static bool ends_with(struct mux_slice text, const char *end)
{
	size_t len = strlen(end);

	return text.len >= len && memcmp(text.data + text.len - len, end, len) == 0;
}

static const struct mux_unix_socket *find_socket(const struct evaluation *evaluation,
						 const struct nearby_database *database)
{
	const struct mux_snapshot *snapshot = evaluation->snapshot;
	size_t i;

	for (i = 0; i < snapshot->n_unix_sockets; i++)
		if (ends_with(snapshot->unix_sockets[i].path, database->path_end))
			return &snapshot->unix_sockets[i];
	return NULL;
}

const struct nearby_database *nearby_database(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < sizeof(databases) / sizeof(databases[0]); i++)
		if (databases[i].port == evaluation->target.port &&
		    find_socket(evaluation, &databases[i]) != NULL)
			return &databases[i];
	return NULL;
}

const struct mux_unix_socket *nearby_unix(const struct evaluation *evaluation)
{
	const struct nearby_database *database = nearby_database(evaluation);

	return database != NULL && evaluation->live_target ? find_socket(evaluation, database)
							   : NULL;
}

/* --- who meets himself ------------------------------------------------------------------- */

const struct mux_listener *nearby_self(const struct evaluation *evaluation)
{
	const struct mux_listeners *selves = &evaluation->snapshot->selves;
	size_t i;

	for (i = 0; i < selves->n_sockets; i++)
		if (selves->sockets[i].port == evaluation->target.port)
			return &selves->sockets[i];
	return NULL;
}

bool nearby_meets_itself(const struct evaluation *evaluation)
{
	size_t i;

	for (i = 0; i < evaluation->n_candidates; i++)
		if (evaluation->candidates[i].tcp != NULL && evaluation->candidates[i].tcp->self)
			return true;
	return nearby_self(evaluation) != NULL;
}
