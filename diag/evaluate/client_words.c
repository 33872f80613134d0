/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "evaluate/client_words.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#include "base/addr.h"
#include "base/slice.h"
#include "base/str.h"

struct words {
	const struct ev_context *context;
	const struct client_failure *failure;
	struct str text;
};

/* --- conversions ------------------------------------------------------------------------- */

static void add_host(struct words *words)
{
	str_add_escaped(&words->text, slice_of(words->context->target->host));
}

static void add_port(struct words *words)
{
	str_addf(&words->text, "%u", (unsigned)words->context->target->port);
}

static void add_address(struct words *words)
{
	char address[ADDR_TEXT_MAX];

	if (words->failure->address != NULL)
		str_add(&words->text, addr_format(words->failure->address, address));
}

static void add_url_address(struct words *words)
{
	char address[ADDR_TEXT_MAX];

	if (words->failure->address != NULL)
		str_add(&words->text, addr_format_port(words->failure->address,
						       words->context->target->port, address));
}

static void add_tuple(struct words *words)
{
	char address[ADDR_TEXT_MAX];
	const struct mux_address *of = words->failure->address;

	if (of == NULL)
		return;
	str_addf(&words->text, "('%s', %u%s)", addr_format(of, address),
		 (unsigned)words->context->target->port, of->family == AF_INET6 ? ", 0, 0" : "");
}

static void add_ipv4(struct words *words)
{
	char address[ADDR_TEXT_MAX];
	const struct mux_address *of = words->failure->address;

	if (of != NULL && of->family == AF_INET)
		str_addf(&words->text, " (%s)", addr_format(of, address));
}

static const char *error_text(const struct words *words)
{
	const struct client_failure *failure = words->failure;
	const char *known;

	if (failure->address == NULL)
		return failure->text != NULL ? failure->text : "Name or service not known";
	known = strerrordesc_np(failure->error);
	return known != NULL ? known : "Unknown error";
}

static void add_error(struct words *words)
{
	str_add(&words->text, error_text(words));
}

static void add_lower_error(struct words *words)
{
	const char *text = error_text(words);
	char *lower = arena_copy(words->context->arena, text, strlen(text));

	for (char *at = lower; at != NULL && *at != '\0'; at++)
		if (*at >= 'A' && *at <= 'Z')
			*at = (char)(*at - 'A' + 'a');
	str_add(&words->text, lower != NULL ? lower : "");
}

/* Node translates what means that there is no such name (lib/internal/errors.js). */
static void add_error_name(struct words *words)
{
	const struct client_failure *failure = words->failure;
	const char *known = strerrorname_np(failure->error);

	if (failure->address == NULL)
		known = failure->status == EAI_AGAIN ? "EAI_AGAIN" : "ENOTFOUND";
	str_add(&words->text, known != NULL ? known : "UNKNOWN");
}

static void add_number(struct words *words)
{
	const struct client_failure *failure = words->failure;
	int status = failure->status != 0 ? failure->status : EAI_NONAME;

	str_addf(&words->text, "%d", failure->address == NULL ? status : failure->error);
}

/* handleSocketError() of sun.nio.ch. */
static void add_java(struct words *words)
{
	const char *name = "SocketException";

	switch (words->failure->error) {
	case ECONNREFUSED:
	case ETIMEDOUT:
	case ENOTCONN:
		name = "ConnectException";
		break;
	case EHOSTUNREACH:
		name = "NoRouteToHostException";
		break;
	case EADDRINUSE:
	case EADDRNOTAVAIL:
	case EACCES:
		name = "BindException";
		break;
	}
	str_addf(&words->text, "java.net.%s", name);
}

static const struct conversion {
	char letter;
	void (*add)(struct words *words);
} conversions[] = {
	{'h', add_host},       {'p', add_port},	  {'a', add_address}, {'f', add_url_address},
	{'t', add_tuple},      {'b', add_ipv4},	  {'e', add_error},   {'l', add_lower_error},
	{'E', add_error_name}, {'n', add_number}, {'j', add_java},
};

const char *client_words(const struct ev_context *context, const char *sentence,
			 const struct client_failure *failure)
{
	struct words words = {.context = context, .failure = failure};
	const char *at;
	size_t i;

	if (sentence == NULL)
		return NULL;
	str_init(&words.text, context->arena);
	for (at = sentence; *at != '\0'; at++) {
		if (*at != '%') {
			str_addf(&words.text, "%c", *at);
			continue;
		}
		at++;
		for (i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++)
			if (conversions[i].letter == *at)
				conversions[i].add(&words);
	}
	return str_done(&words.text);
}

/* --- proxies ----------------------------------------------------------------------------- */

/* One that is set to nothing is as good as not set. */
static const struct mux_variable *find_variable(const struct mux_environment *environment,
						const char *name)
{
	size_t i;

	for (i = 0; i < environment->n_variables; i++)
		if (strcmp(environment->variables[i].name, name) == 0 &&
		    environment->variables[i].value.len != 0)
			return &environment->variables[i];
	return NULL;
}

/* Does one entry of no_proxy cover the host? "localhost", ".example", "*". */
static bool covers(struct mux_slice entry, struct mux_slice host)
{
	entry = slice_trim(entry);
	if (slice_is(entry, "*"))
		return true;
	while (entry.len != 0 && entry.data[0] == '.') {
		entry.data++;
		entry.len--;
	}
	if (entry.len == 0 || entry.len > host.len)
		return false;
	if (host.len > entry.len && host.data[host.len - entry.len - 1] != '.')
		return false;
	host.data += host.len - entry.len;
	host.len = entry.len;
	return slice_equal_nocase(entry, host);
}

/* Is the entry a network, and the host an address in it? */
static bool covers_network(struct mux_slice entry, struct mux_slice host)
{
	struct mux_slice prefix = slice_trim(entry), length = {0};
	const char *slash = prefix.len == 0 ? NULL : memchr(prefix.data, '/', prefix.len);
	struct mux_address network, address;
	uint64_t bits;

	if (slash == NULL)
		return false;
	length.data = slash + 1;
	length.len = prefix.len - (size_t)(slash - prefix.data) - 1;
	prefix.len -= length.len + 1;
	return addr_parse(prefix, &network) == 0 && addr_parse(host, &address) == 0 &&
	       slice_parse_u64(length, 10, &bits) == 0 &&
	       bits <= (network.family == AF_INET ? 32 : 128) && network.family == address.family &&
	       addr_in_prefix(&address, &network, (unsigned)bits);
}

static bool is_excepted(const struct ev_context *context, const struct mux_variable *except,
			bool networks)
{
	struct mux_slice host = slice_of(context->target->host);
	struct mux_slice rest = except != NULL ? except->value : (struct mux_slice){0};

	while (rest.len != 0) {
		const char *comma = memchr(rest.data, ',', rest.len);
		struct mux_slice entry = rest;

		if (comma != NULL)
			entry.len = (size_t)(comma - rest.data);
		if (covers(entry, host) || (networks && covers_network(entry, host)))
			return true;
		rest.data += entry.len + (comma != NULL);
		rest.len -= entry.len + (comma != NULL);
	}
	return false;
}

static bool is_loopback(const struct ev_context *context)
{
	struct mux_slice host = slice_of(context->target->host);
	struct mux_address address;

	if (addr_parse(host, &address) == 0)
		return addr_is_loopback(&address);
	return slice_equal_nocase(host, slice_of("localhost"));
}

/* HTTP_PROXY in capitals is only obeyed for http where a program was not told of the CGI attack
 * (CVE-2016-5385); for https nobody minds. */
static const struct mux_variable *find_proxy(const struct ev_context *context,
					     const struct ev_client *client)
{
	const struct mux_environment *environment = &context->snapshot->environment;
	bool capitals = client->proxy == EV_PROXY_BOTH || client->proxy == EV_PROXY_ELSEWHERE;
	bool https = strcmp(context->target->scheme, "https") == 0;
	const struct mux_variable *found =
		find_variable(environment, https ? "https_proxy" : "http_proxy");

	if (found == NULL && (capitals || https))
		found = find_variable(environment, https ? "HTTPS_PROXY" : "HTTP_PROXY");
	if (found == NULL && client->all_proxy)
		found = find_variable(environment, "all_proxy");
	if (found == NULL && client->all_proxy && !client->all_lower)
		found = find_variable(environment, "ALL_PROXY");
	return found;
}

const struct mux_variable *client_no_proxy(const struct mux_environment *environment)
{
	const struct mux_variable *except = find_variable(environment, "no_proxy");

	return except != NULL ? except : find_variable(environment, "NO_PROXY");
}

const struct mux_variable *client_proxy(const struct ev_context *context,
					const struct ev_client *client)
{
	if (client->proxy == EV_PROXY_NONE ||
	    (client->proxy == EV_PROXY_ELSEWHERE && is_loopback(context)))
		return NULL;
	if (client->proxy != EV_PROXY_ALWAYS &&
	    is_excepted(context, client_no_proxy(&context->snapshot->environment),
			client->networks))
		return NULL;
	return find_proxy(context, client);
}

/* --- one line ---------------------------------------------------------------------------- */

const char *ev_client_duration(struct arena *arena, int64_t ms)
{
	if (ms < 1000)
		return arena_printf(arena, "%lld ms", (long long)ms);
	return arena_printf(arena, "%lld s", (long long)((ms + 500) / 1000));
}

void client_describe(const struct ev_context *context, struct ev_client_result *result)
{
	struct arena *arena = context->arena;
	char address[ADDR_TEXT_MAX];
	struct str text;

	if (result->proxy != NULL)
		return;
	str_init(&text, arena);
	switch (result->works) {
	case MUX_YES:
		str_add(&text, "works");
		break;
	case MUX_NO:
		str_add(&text, "fails");
		break;
	case MUX_UNKNOWN:
		str_addf(&text, "not known: %s",
			 result->text != NULL ? result->text : "too little could be read");
		result->text = str_done(&text);
		return;
	}
	if (result->after_ms != 0)
		str_addf(&text, " after %s", ev_client_duration(arena, result->after_ms));
	if (result->works == MUX_YES)
		str_addf(&text, " over %s", addr_format(&result->address, address));
	if (result->useless)
		str_addf(&text, ": connects to %s, but gets nothing of use",
			 addr_format(&result->address, address));
	result->text = str_done(&text);
}
