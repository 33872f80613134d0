/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { UNSENT_MAX = 131072 };

static bool parse_port(const char *text, uint16_t *ret_port)
{
	unsigned long port = 0;
	size_t i;

	for (i = 0; text[i] >= '0' && text[i] <= '9' && i < 5; i++)
		port = port * 10 + (unsigned long)(text[i] - '0');
	if (i == 0 || text[i] != '\0' || port > 65535)
		return false;
	*ret_port = (uint16_t)port;
	return true;
}

/* An IPv6 literal, with a zone where one is given (RFC 4007 section 11). */
static bool parse_v6(char *text, struct sockaddr_in6 *ret_address)
{
	char *zone = strchr(text, '%');

	if (zone != NULL) {
		*zone++ = '\0';
		ret_address->sin6_scope_id = if_nametoindex(zone);
		if (ret_address->sin6_scope_id == 0)
			return false;
	}
	ret_address->sin6_family = AF_INET6;
	return inet_pton(AF_INET6, text, &ret_address->sin6_addr) == 1;
}

void listener_all(uint16_t port, struct listener_address ret_addresses[static 2])
{
	memset(ret_addresses, 0, 2 * sizeof(ret_addresses[0]));
	ret_addresses[0].socket.v4.sin_family = AF_INET;
	ret_addresses[0].socket.v4.sin_port = htons(port);
	ret_addresses[1].socket.v6.sin6_family = AF_INET6;
	ret_addresses[1].socket.v6.sin6_port = htons(port);
	ret_addresses[1].socket.v6.sin6_addr = in6addr_any;
	ret_addresses[1].may_lack = true;
}

static bool parse_unix(const char *path, struct listener_address *ret_address)
{
	struct sockaddr_un *local = &ret_address->socket.local;
	size_t len = strlen(path);

	if (path[0] != '/' || len >= sizeof(local->sun_path))
		return false;
	local->sun_family = AF_UNIX;
	memcpy(local->sun_path, path, len + 1);
	ret_address->shared = ret_address->owned = true;
	return true;
}

size_t listener_parse(const char *text, struct listener_address ret_addresses[static 2])
{
	const char *colon = strrchr(text, ':');
	struct listener_address address = {0};
	char host[LISTENER_TEXT_MAX];
	size_t len = colon == NULL ? 0 : (size_t)(colon - text);
	uint16_t port;

	if (strncmp(text, "unix:", 5) == 0) {
		if (!parse_unix(text + 5, &address))
			return 0;
		ret_addresses[0] = address;
		return 1;
	}
	if (len == 0 || len >= sizeof(host) || !parse_port(colon + 1, &port))
		return 0;
	memcpy(host, text, len);
	host[len] = '\0';
	if (strcmp(host, "*") == 0) {
		listener_all(port, ret_addresses);
		return 2;
	}
	if (host[0] == '[' && host[len - 1] == ']') {
		host[len - 1] = '\0';
		if (!parse_v6(host + 1, &address.socket.v6))
			return 0;
		address.socket.v6.sin6_port = htons(port);
	} else {
		if (inet_pton(AF_INET, host, &address.socket.v4.sin_addr) != 1)
			return 0;
		address.socket.v4.sin_family = AF_INET;
		address.socket.v4.sin_port = htons(port);
	}
	ret_addresses[0] = address;
	return 1;
}

uint16_t listener_port(const struct listener_address *address)
{
	if (address->socket.any.sa_family == AF_UNIX)
		return 0;
	return ntohs(address->socket.any.sa_family == AF_INET ? address->socket.v4.sin_port
							      : address->socket.v6.sin6_port);
}

const char *listener_format(const struct listener_address *address,
			    char text[static LISTENER_TEXT_MAX])
{
	char host[INET6_ADDRSTRLEN] = "?", zone[IF_NAMESIZE] = "";
	uint32_t scope = 0;

	if (address->socket.any.sa_family == AF_UNIX) {
		snprintf(text, LISTENER_TEXT_MAX, "unix:%.*s",
			 (int)sizeof(address->socket.local.sun_path),
			 address->socket.local.sun_path);
		return text;
	}
	if (address->socket.any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->socket.v4.sin_addr, host, sizeof(host));
		snprintf(text, LISTENER_TEXT_MAX, "%s:%u", host, listener_port(address));
		return text;
	}
	inet_ntop(AF_INET6, &address->socket.v6.sin6_addr, host, sizeof(host));
	scope = address->socket.v6.sin6_scope_id;
	if (scope != 0 && if_indextoname(scope, zone) == NULL)
		snprintf(zone, sizeof(zone), "%u", scope);
	snprintf(text, LISTENER_TEXT_MAX, "[%s%s%s]:%u", host, scope == 0 ? "" : "%", zone,
		 listener_port(address));
	return text;
}

static int set_option(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : -errno;
}

/*
 * bind(2). SO_REUSEPORT is set on the first socket only after it has the port: before, it would
 * silently share it with any other server of the same user (inet_csk_bind_conflict()).
 */
static int bind_port(int fd, const struct listener_address *address, bool first)
{
	bool v6 = address->socket.any.sa_family == AF_INET6;
	socklen_t len = v6 ? sizeof(address->socket.v6) : sizeof(address->socket.v4);
	int error = set_option(fd, SOL_SOCKET, SO_REUSEADDR, 1);

	if (error == 0 && v6)
		error = set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	if (error == 0 && !first)
		error = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (error == 0 && bind(fd, &address->socket.any, len) != 0)
		error = -errno;
	if (error == 0 && first)
		error = set_option(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	return error;
}

/*
 * A socket that a dead server left behind is replaced; one that somebody listens on is not, nor is
 * any other kind of file.
 */
static int clear_path(const struct sockaddr_un *address)
{
	struct stat status;
	int fd, error;

	if (lstat(address->sun_path, &status) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(status.st_mode))
		return -EADDRINUSE;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	error = connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0 ? 0 : errno;
	close(fd);
	if (error != ECONNREFUSED)
		return -EADDRINUSE;
	return unlink(address->sun_path) == 0 ? 0 : -errno;
}

static int bind_path(int fd, const struct sockaddr_un *address)
{
	int error = clear_path(address);

	if (error == 0 && bind(fd, (const struct sockaddr *)address, sizeof(*address)) != 0)
		error = -errno;
	if (error == 0 && listen(fd, LISTENER_BACKLOG) != 0)
		error = -errno;
	return error;
}

/* What accepted sockets inherit, and so costs nothing per connection. */
static int set_inherited(int fd)
{
	/* Answers leave as they are written: two batches must not wait for an ACK in between. */
	int error = set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);

	/* What the client's window does not take waits with us, not in megabytes of kernel memory.
	 */
	if (error == 0)
		error = set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_MAX);
	return error;
}

static int start_listening(int fd)
{
	int error = set_inherited(fd);

	/* Wakes us with the request instead of with the bare handshake. */
	if (error == 0)
		error = set_option(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT, 1);
	if (error == 0 && listen(fd, LISTENER_BACKLOG) != 0)
		error = -errno;
	return error;
}

static int read_port(int fd, struct listener_address *address)
{
	socklen_t len = sizeof(address->socket);

	return getsockname(fd, &address->socket.any, &len) == 0 ? 0 : -errno;
}

static int open_tcp(int fd, struct listener_address *address, bool first)
{
	int error = bind_port(fd, address, first);

	if (error == 0)
		error = start_listening(fd);
	if (error == 0 && first)
		error = read_port(fd, address);
	return error;
}

int listener_open(struct listener_address *address, bool first)
{
	int family = address->socket.any.sa_family, error;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (family == AF_UNIX)
		error = bind_path(fd, &address->socket.local);
	else
		error = open_tcp(fd, address, first);
	if (error == 0)
		return fd;
	close(fd);
	return error;
}

/* Is it a stream socket that listens? */
static bool is_listening(int fd)
{
	int type = 0, accepts = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM)
		return false;
	len = sizeof(accepts);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &accepts, &len) == 0 && accepts != 0;
}

int listener_inherit(int fd, struct listener_address *ret_address)
{
	struct listener_address address = {.shared = true};
	socklen_t len = sizeof(address.socket);
	int flags = fcntl(fd, F_GETFL), family;

	if (flags < 0)
		return -errno;
	if (!is_listening(fd) || getsockname(fd, &address.socket.any, &len) != 0)
		return -EINVAL;
	family = address.socket.any.sa_family;
	if (family != AF_INET && family != AF_INET6 && family != AF_UNIX)
		return -EINVAL;
	if (fcntl(fd, F_SETFL, flags | O_NONBLOCK) != 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
		return -errno;
	if (family != AF_UNIX)
		(void)set_inherited(fd);
	*ret_address = address;
	return 0;
}

bool listener_is_own(int fd)
{
	socklen_t len = sizeof(int);
	int value = 0;

	return getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &value, &len) == 0 && value != 0;
}

bool listener_equal(const struct listener_address *a, const struct listener_address *b)
{
	char text_a[LISTENER_TEXT_MAX], text_b[LISTENER_TEXT_MAX];

	return strcmp(listener_format(a, text_a), listener_format(b, text_b)) == 0;
}
