/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The database runs, but listens under a path only; to its own clients localhost means just that.
 */
#include <string.h>

#include "causes/listener.h"
#include "causes/nearby.h"
#include "causes/subject.h"

static const char *client_command(struct findings *findings, const struct nearby_database *database,
				  struct mux_slice path)
{
	struct str command;

	if (database->client == NULL)
		return NULL;
	if (database->directory)
		path.len -= strlen(database->path_end);
	str_init(&command, findings->arena);
	str_add(&command, database->client);
	str_add_shell(&command, path);
	return str_done(&command);
}

static int find(struct findings *findings)
{
	const struct evaluation *evaluation = findings->evaluation;
	const struct ev_candidate *candidate = listener_missing(evaluation);
	unsigned port = evaluation->target.port;
	const struct nearby_database *database = nearby_database(evaluation);
	const struct mux_unix_socket *socket = nearby_unix(evaluation);
	struct cause_finding *finding;

	if (candidate == NULL || database == NULL || socket == NULL)
		return 0;
	finding = finding_add(findings, &cause_unix_socket_only,
			      subject_severity(evaluation, candidate->name->of_target));
	finding_title(findings, finding, "%s listens on the socket %s only, not on port %u",
		      database->name, cause_escape(findings, socket->path), port);
	finding_evidence(findings, finding, "listening sockets", "none on port %u", port);
	finding_evidence(findings, finding, "/proc/net/unix", "%s",
			 cause_escape(findings, socket->path));
	subject_add_probes(findings, finding, candidate);
	finding_blocks(finding, 1u << MUX_STAGE_LISTENER, 0);
	finding_fix(findings, finding, "Let the client use the socket",
		    client_command(findings, database, socket->path), NULL);
	finding_fix(findings, finding, database->by_port, NULL, NULL);
	return finding_result(findings);
}

const struct cause cause_unix_socket_only = {
	.id = "unix-socket-only",
	.summary = "the database listens on a Unix socket only, not on its port",
	.explanation = "The database runs, but has no port: it was told to listen under a path of "
		       "the file system only (skip-networking, listen_addresses = '', port 0), or "
		       "its package does that by default. Clients of the same database often "
		       "understand \"localhost\" as that socket and work, while every other "
		       "program takes it for an address.\n\n"
		       "Programs that use TCP are refused: \"Can't connect to MySQL server on "
		       "'127.0.0.1:3306' (111)\", \"could not connect to server: Connection "
		       "refused. Is the server running on host localhost and accepting TCP/IP "
		       "connections on port 5432?\", \"connect ECONNREFUSED 127.0.0.1:6379\".\n\n"
		       "muxdiag looks for sockets with the usual names of that database in "
		       "/proc/net/unix, once nobody listens on its usual port. That needs no "
		       "privilege. A socket in a container's own file system and namespace is not "
		       "seen.\n\n"
		       "Give the client the path of the socket, or let the server listen on "
		       "127.0.0.1 and ::1 as well. When the socket is missing and the port is "
		       "there, it is the other way round: ask for 127.0.0.1 instead of localhost.",
	.find = find,
};
